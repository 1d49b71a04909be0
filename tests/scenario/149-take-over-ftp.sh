# Goal: what git-ftp or sitecopy has uploaded by FTP becomes ours without an
# upload, as sandferry-migrating(7) says; so does a job of FTP-Deploy-Action.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
. tests/scenario/take_over.sh
tool_site
ftp_start vsftpd
ftp_url
mkdir "$live"
chown 54321:54321 "$live"

ours() {
	send "$@" --source "$site" --url "$url" --exclude '*.map' --json
}

if may git-ftp; then
	# its curl cannot
	mv "$site/name with blank.txt" "$site/name.txt"
	cp -r "$site" "$tmp/repository"
	(
		cd "$tmp/repository" && git init -q &&
		    git config user.name x && git config user.email x@y &&
		    printf '*.map\n.git-ftp-ignore\n' >.git-ftp-ignore &&
		    git add -A && git commit -qm site
	) || fail 'no repository'
	cd "$tmp/repository" || exit 1
	theirs git ftp init --user "$ftp_user" --passwd "$ftp_password" \
	    "ftp://localhost:$ftp_port/www"
	cd "$OLDPWD" || exit 1
	took_over
	[ -e "$live/.git-ftp.log" ] || fail 'its log has gone'
fi
if may sitecopy; then
	(
		umask 077
		mkdir "$HOME/.sitecopy"
		cat >"$HOME/.sitecopyrc" <<-END
		site mine
		  server localhost
		  port $ftp_port
		  username $ftp_user
		  password "$ftp_password"
		  protocol ftp
		  local $site
		  remote /www
		  exclude *.map
		END
	)
	theirs sitecopy --init mine
	theirs sitecopy --update mine
	took_over
fi

# What FTP-Deploy-Action leaves behind, and the job in its place: with a site
# file, on a machine that knows nothing.
tool=FTP-Deploy-Action
comma=
find "$live" -mindepth 1 -delete
new_machine
(cd "$site" && find . -type f ! -name '*.map' | tar -cT - | tar -xC "$live")
chown -R 54321:54321 "$live"
{
	printf '{"version":"1.0.0","generatedTime":1,"data":['
	(cd "$live" && find . -type f -printf '%P\n') | while read -r file; do
		printf '%s{"type":"file","name":"%s","size":%s,"hash":"%s"}' \
		    "$comma" "$file" "$(stat -c %s "$live/$file")" \
		    "$(sha256sum <"$live/$file" | cut -d ' ' -f 1)"
		comma=,
	done
	printf ']}\n'
} >"$live/.ftp-deploy-sync-state.json"
cp "$live/.ftp-deploy-sync-state.json" "$tmp/state.json"
cat >"$tmp/sandferry.ini" <<END
source  = site
url     = $url
exclude = *.map
END
# job VERB...
job() {
	(
		cd "$tmp" && printf %s "$ftp_password" | "$FERRY" "$@" \
		    --plain-ftp --no-input --password-fd 0 \
		    --account "ftp://$ftp_user@localhost:$ftp_port" --json
	) >"$tmp/out" 2>"$tmp/err"
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}
job adopt --import state.json
expect_exit 0
expect_count unchanged 7
job plan --exit-code
expect_exit 0
echo more >>"$site/about.html"
job publish
expect_exit 0
expect_count sent 1
cmp -s "$site/about.html" "$live/about.html" || fail 'the job did not publish'
all_were_there
