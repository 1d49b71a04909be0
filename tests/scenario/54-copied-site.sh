# Goal: a copied or edited site gets no key.  In another account, another
# configuration folder, with another host, port or user: exit 14, and the file
# of the key is not even looked at.
. tests/scenario/lib.sh
command -v strace >/dev/null || skip 'no strace'
strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer opens files of its own' ;;
esac
small_site
start_sshd
trust
config=$HOME/.config/sandferry/access.ini
secret=$HOME/.local/share/sandferry/app-secret
# A folder that can be told from all others in a trace.
mkdir "$tmp/keys"
mv "$key" "$key.pub" "$tmp/keys"
key=$tmp/keys/key

# write_site URL
write_site() {
	printf 'source = site\n[production]\nurl = %s\n' "$1" \
	    >"$tmp/sandferry.ini"
}

# traced COMMAND...: the files that it names are in $tmp/calls
traced() {
	strace -f -s 4096 -e trace=%file -o "$tmp/calls" \
	    "$@" --json --no-input --fallback-known-hosts none \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

# plan_in FOLDER [COMMAND...]: plan that site
plan_in() {
	folder=$1
	shift
	traced "$@" "$FERRY" plan -C "$folder"
}

unseen() {
	! grep -F "$tmp/keys" "$tmp/calls" || fail 'it looked at the key'
}

# refused ID...: as one of these, with a hint and no look at the key
refused() {
	expect_exit 14
	expect_outcome "$@"
	expect_words
	expect_match "\"$folder" "$tmp/calls"
	unseen
}

write_site "$url"
ferry access add -c "$tmp/sandferry.ini" --key "$key"
expect_exit 0
plan_in "$tmp"
expect_exit 0
expect_match "open[^(]*\(.*\"$key\"" "$tmp/calls"

# the site as it stands, with another folder for configuration: as for any
# other application in a sandbox
cp -r "$tmp/site" "$tmp/sandferry.ini" "$tmp/keys" "$tmp/server"
XDG_CONFIG_HOME=$tmp/other plan_in "$tmp/server"
refused key_not_granted

# ... that has a copy of the access file, or of an edited one
XDG_DATA_HOME=$tmp/other plan_in "$tmp/server"
refused app_secret_missing
mkdir -p "$tmp/other/sandferry"
head -c 32 /dev/urandom >"$tmp/other/sandferry/app-secret"
chmod 600 "$tmp/other/sandferry/app-secret"
XDG_DATA_HOME=$tmp/other plan_in "$tmp/server"
refused grant_forged

# another host, port, user, and folder of the server
path=${url#*"127.0.0.1:$port"}
for other in "sftp://$user@localhost:$port$path" \
    "sftp://$user@127.0.0.1:$((port + 1))$path" \
    "sftp://$user@127.0.0.1$path" \
    "sftp://somebody@127.0.0.1:$port$path" \
    "sftp://$user@127.0.0.1:$port$path/below"; do
	write_site "$other"
	plan_in "$tmp"
	refused key_not_granted
	expect_text "$other"
	# the grant edited to fit
	cp "$config" "$tmp/kept"
	sed "s|^\[.*|[$other]|" "$tmp/kept" >"$config"
	plan_in "$tmp"
	refused grant_forged
	# nor to say what it is
	traced "$FERRY" access list
	expect_exit 0
	expect_match '"state":"forged"'
	unseen
	cp "$tmp/kept" "$config"
done

# The same place, written in another way, is the same place.
write_site "SFTP://$user@127.0.0.1:0$port/$path/./"
plan_in "$tmp"
expect_exit 0

# another account, with all that it can copy
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null &&
    setpriv --reuid=65534 --clear-groups "$FERRY" version >"$tmp/all" 2>&1
then
	write_site "$url"
	mkdir -p "$tmp/guest/.config" "$tmp/guest/.local/share/sandferry"
	cp -r "$tmp/site" "$tmp/sandferry.ini" "$tmp/guest"
	chown -R 65534 "$tmp/guest"
	guest() {
		HOME=$tmp/guest plan_in "$tmp/guest" \
		    setpriv --reuid=65534 --clear-groups
	}
	guest
	refused key_not_granted
	cp -r "${config%/*}" "$tmp/guest/.config"
	chown -R 65534 "$tmp/guest"
	guest
	refused app_secret_missing
	cp "$secret" "$tmp/guest/.local/share/sandferry"
	guest
	refused app_secret_file app_secret_unsafe
fi
