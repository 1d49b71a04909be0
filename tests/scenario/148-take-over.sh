# Goal: what lftp, rclone or rsync has uploaded by SFTP or SSH becomes ours
# without an upload, as sandferry-migrating(7) says; then there is nothing to do.
. tests/scenario/lib.sh
. tests/scenario/take_over.sh
live=$htdocs
tool_site
start_sshd
trust
ssh="ssh -p $port -i $key -F none -o UserKnownHostsFile=/dev/null \
-o StrictHostKeyChecking=no -o IdentitiesOnly=yes -o LogLevel=ERROR"

ours() {
	ferry "$@" --source "$site" --url "$url" --key "$key" \
	    --exclude '*.map' --json
}

if may lftp; then
	theirs lftp -c "set sftp:connect-program \"$ssh -a -x\";
	    open sftp://$user:@127.0.0.1;
	    mirror -R --delete -X *.map $site $htdocs"
	took_over
fi
if may rclone; then
	theirs rclone --config /dev/null sync --exclude '*.map' "$site" \
	    ":sftp,host=127.0.0.1,port=$port,user=$user,key_file=$key:$htdocs"
	took_over
fi
if may rsync; then
	theirs rsync -avz --delete --exclude='*.map' -e "$ssh" "$site/" \
	    "$user@127.0.0.1:$htdocs/"
	took_over
fi
all_were_there
