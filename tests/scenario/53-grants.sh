# Goal: the life of a grant.  Added, used without --key, listed; refused when
# the key is replaced or moved, the file edited or the server another one;
# confirmed, taken back, imported from an ssh_config.
. tests/scenario/lib.sh
small_site
start_sshd
trust
export XDG_CONFIG_HOME="$tmp/config" XDG_DATA_HOME="$tmp/data"
mkdir -m 700 "$XDG_DATA_HOME"
cp -r "$HOME/.local/share/sandferry" "$XDG_DATA_HOME"
cat >"$tmp/sandferry.ini" <<-END
	source = site
	[production]
	url = $url
END
granted=$XDG_CONFIG_HOME/sandferry/access.ini

plan() {
	ferry plan -c "$tmp/sandferry.ini" --json "$@"
}

access() {
	verb=$1
	shift
	ferry access "$verb" -c "$tmp/sandferry.ini" "$@"
}

# value KEY: of the one grant in the access file
value() {
	sed -n "s/^$1 = //p" "$granted"
}

refused() {
	expect_exit 14
	expect_outcome "$1"
	expect_words
}

# logged_in_by KEY: so did the last who did.
logged_in_by() {
	sed -n '/Accepted publickey/h; ${g;p;}' "$tmp/server/log" |
	    grep -Fq "$(fingerprint "$1")" || fail "not logged in by $1"
}

state() {
	ferry access list --json
	expect_exit 0
	expect_match "\"type\":\"grant\".*\"state\":\"$1\".*\"url\":\"$url\""
}

# none: the hint can be typed
plan
refused key_not_granted
expect_text "access add --config $tmp/sandferry.ini --target production"

# added: shown, stored for us alone, bound to the host key that is known
access add --key "$key" --json
expect_exit 0
expect_text "\"fingerprint\":\"$(fingerprint "$key")\""
expect_match "\"comment\":\"[^\"]"
[ "$(stat -c %a "$granted" "$XDG_DATA_HOME/sandferry/app-secret")" = '600
600' ] || fail 'others may read what is ours'
[ "$(value host-key)" = "$(fingerprint "$host_key")" ] ||
    fail 'not bound to the host key'
ferry access list
expect_exit 0
expect_match 'last used +never'
expect_match 'state +good'

# used; by a relative site folder too; and a name for one run changes nothing
ferry publish -c "$tmp/sandferry.ini"
expect_exit 0
same_tree "$site" "$htdocs"
expect_match '^used = 20' "$granted"
state good
cp "$granted" "$tmp/before"
make_key "$tmp/other" ed25519
cat "$tmp/other.pub" >>"$tmp/server/authorized_keys"
plan --key "$tmp/other"
expect_exit 0
cmp -s "$tmp/before" "$granted" || fail '--key has written a grant'
logged_in_by "$tmp/other"

# the service manager's key is chosen for this run, too
mkdir "$tmp/credentials"
cp "$tmp/other" "$tmp/credentials/key"
chmod 400 "$tmp/credentials/key"
plan
expect_exit 0
logged_in_by "$key"
CREDENTIALS_DIRECTORY=$tmp/credentials plan --access-file none
expect_exit 0
logged_in_by "$tmp/other"

# edited in any way
sed "s|^key = .*|key = $tmp/other|" "$tmp/before" >"$granted"
plan
refused grant_forged
state forged
sed "s|^fingerprint = .*|fingerprint = $(fingerprint "$tmp/other")|" \
    "$tmp/before" >"$granted"
plan
refused grant_forged
sed '/^mac/d' "$tmp/before" >"$granted"
plan
refused grant_forged

# another key in the file, or none: before anything is asked
cp "$tmp/before" "$granted"
cp "$key" "$tmp/kept"
cp "$tmp/other" "$key"
plan
refused grant_stale
expect_text "$(fingerprint "$tmp/other")"
state replaced
rm "$key"
plan
refused grant_moved
state moved

# granted again, elsewhere, by a relative path: what was there is said
mkdir "$tmp/keys"
mv "$tmp/kept" "$tmp/keys/key"
# shellcheck disable=SC2164
(cd "$tmp/keys" && ln -s key link && cd "$tmp" &&
    exec "$FERRY" access add --key keys/../keys/link --no-input) \
    >"$tmp/all" 2>&1 || fail 'access add in the folder'
expect_text "replaces the grant of $(fingerprint "$tmp/key"), $tmp/key"
[ "$(value key)" = "$tmp/keys/link" ] || fail "not absolute: $(value key)"
plan
expect_exit 0

# the server is another one: trusted by its name, and yet
stop_sshd
mv "$host_key" "$host_key.old"
make_key "$host_key" ed25519
start_sshd
ferry host trust --url "$url" --fingerprint "$(fingerprint "$host_key")"
expect_exit 0
plan
refused grant_host
expect_text "$(fingerprint "$host_key")"
expect_text "$(value host-key)"
access add --key "$tmp/keys/key"
expect_exit 0
plan
expect_exit 0

# of a host that nothing knows: bound when it has logged in
access add --key "$tmp/keys/key" --known-hosts "$tmp/nothing"
expect_exit 0
expect_match 'that of the next login'
plan
expect_exit 0
[ "$(value host-key)" = "$(fingerprint "$host_key")" ] ||
    fail 'not bound by the login'
state good

# encrypted: an OpenSSH file shows which key it is, PEM to its passphrase only
ssh-keygen -q -p -P '' -N 'open sesame' -f "$tmp/keys/key" >"$tmp/out"
access add --key "$tmp/keys/key"
expect_exit 0
ssh-keygen -q -p -m PEM -P 'open sesame' -N '' -f "$tmp/keys/key" >"$tmp/out"
make_key "$tmp/pem" rsa 2048
ssh-keygen -q -p -m PEM -P '' -N 'open sesame' -f "$tmp/pem" >"$tmp/out"
access add --key "$tmp/pem"
expect_exit 13
printf 'open sesame\n' >"$tmp/passphrase"
ferry access add -c "$tmp/sandferry.ini" --key "$tmp/pem" \
    --password-fd 3 3<"$tmp/passphrase"
expect_exit 0
[ "$(value fingerprint)" = "$(fingerprint "$tmp/pem")" ] || fail 'which key?'
state sealed

# taken back: the section goes, what else is in the file stays
printf '# mine\nfallback-known-hosts = none\n' |
    cat - "$granted" >"$tmp/edited" && cp "$tmp/edited" "$granted"
access remove
expect_exit 0
expect_match 'taken back'
[ "$(grep -v '^$' "$granted")" = '# mine
fallback-known-hosts = none' ] || fail "left: $(cat "$granted")"
plan
refused key_not_granted
access remove
expect_exit 0

# imported: the first key that ssh would use, if it is there
cat >"$tmp/ssh_config" <<-END
	Host elsewhere
	    IdentityFile $tmp/other
	Host www
	    HostName 127.0.0.1
	    Port $port
	    IdentityFile $tmp/not-there
	    IdentityFile "$tmp/keys/key"
	    IdentityFile $tmp/other
	Match all
	    IdentityFile $tmp/other
END
ferry access import "$tmp/ssh_config" -c "$tmp/sandferry.ini"
expect_exit 2
expect_text "$tmp/keys/key"
expect_text 'Match is not followed'
ferry access import "$tmp/ssh_config" -c "$tmp/sandferry.ini" --yes --json
expect_exit 0
[ "$(value key)" = "$tmp/keys/key" ] || fail "imported: $(value key)"
plan
expect_exit 0
# unasked, it is shown once: as it was granted
ferry access import "$tmp/ssh_config" -c "$tmp/sandferry.ini" --yes
expect_exit 0
[ "$(grep -c ' state ' "$tmp/all")" -eq 1 ] || fail 'it is shown twice'
expect_match '^  state +good$'
printf 'Host elsewhere\nIdentityFile %s\n' "$tmp/other" >"$tmp/ssh_config"
ferry access import "$tmp/ssh_config" -c "$tmp/sandferry.ini" --yes --json
refused import_none

# asked about each in turn, at a terminal: only `yes' is one
command -v script >/dev/null || skip 'no script: bsdutils'
ferry access remove --url "$url"
expect_exit 0
printf 'Port %s\nIdentityFile %s\nIdentityFile %s\n' "$port" "$tmp/keys/key" \
    "$tmp/other" >"$tmp/ssh_config"
printf 'exec "%s" access import "%s" --url "%s"\n' "$FERRY" "$tmp/ssh_config" \
    "$url" >"$tmp/command"
# asked ANSWERS: the keyboard stays open, for script(1) wants one.
asked() {
	rm -f "$tmp/keyboard"
	mkfifo "$tmp/keyboard"
	exec 7<>"$tmp/keyboard"
	# shellcheck disable=SC2059
	printf "$1" >&7
	timeout 20 script -qec "sh '$tmp/command'" /dev/null \
	    <"$tmp/keyboard" >"$tmp/all" 7<&-
	rc=$?
	exec 7<&-
	: >"$tmp/out"
	: >"$tmp/err"
}
asked 'y\nno\n'
expect_exit 0
expect_text 'nothing is granted'
ferry access list
expect_no_match 'fingerprint'
asked '\nyes\n'
expect_exit 0
[ "$(value key)" = "$tmp/other" ] || fail "granted: $(value key)"
