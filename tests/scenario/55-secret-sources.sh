# Goal: a passphrase comes from the descriptor, the credentials, the password
# command or askpass, in this order; -v says which; each failure ends at once
# and names what was tried; the passphrase itself shows up nowhere.
. tests/scenario/lib.sh
command -v setsid >/dev/null || skip 'no setsid: util-linux'
small_site

# Of this run alone: others may be asking ssh-keygen for the like.
canary="canary Kw7 ${tmp##*.}"
ssh-keygen -q -t ed25519 -a 1 -N "$canary" -f "$key"
printf '%s\n' "$canary" >"$tmp/canary"
chmod 600 "$tmp/canary"

# While the session is open, who shows the passphrase?
cat >"$tmp/subsystem" <<END
#!/bin/sh
grep -slF -f $tmp/canary /proc/[0-9]*/cmdline /proc/[0-9]*/environ \
    >>$tmp/exposed
exec $SFTP_SERVER
END
chmod 755 "$tmp/subsystem"
subsystem=$tmp/subsystem
start_sshd
trust

mkdir -p "$HOME/.config/sandferry" "$tmp/credentials"
access=$HOME/.config/sandferry/access.ini
printf '%s\n' "source = $site" '[production]' "url = $url" >"$tmp/site.ini"

plan() {
	ferry plan production -c "$tmp/site.ini" --key "$key" -v "$@"
}

# A login that can be asked about, but nobody is at a terminal.
ask() {
	rm -f "$tmp/calls"
	setsid -w "$FERRY" plan production -c "$tmp/site.ini" --key "$key" -v \
	    --fallback-known-hosts none "$@" >"$tmp/out" 2>"$tmp/err" \
	    </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

calls() {
	[ "$(cat "$tmp/calls" 2>/dev/null | wc -l)" -eq "$1" ] ||
	    fail "askpass was called $(wc -l <"$tmp/calls") times, not $1"
}

came_from() {
	expect_exit 0
	expect_text "a passphrase comes from $1"
	expect_no_match Kw7
}

missing() {
	expect_exit 13
	expect_match "$1"
	expect_no_match Kw7
}

# Nothing at all.
plan
missing 'a passphrase is needed, and nobody can be asked: Passphrase of'

# Credentials, as systemd's LoadCredential hands them over.
export CREDENTIALS_DIRECTORY="$tmp/credentials"
plan
missing 'nobody can be asked, after the credentials:'
cp "$tmp/canary" "$CREDENTIALS_DIRECTORY/passphrase"
plan
came_from 'the credentials'
echo wrong >"$CREDENTIALS_DIRECTORY/passphrase"
cp "$tmp/canary" "$CREDENTIALS_DIRECTORY/passphrase.production"
plan
came_from 'the credentials'
rm "$CREDENTIALS_DIRECTORY/passphrase.production"
plan
missing 'the passphrase was not accepted, and nobody can be asked, after'
rm "$CREDENTIALS_DIRECTORY/passphrase"
mkfifo "$CREDENTIALS_DIRECTORY/passphrase"
plan
missing 'credentials/passphrase, which is not a regular file'
rm "$CREDENTIALS_DIRECTORY/passphrase"
CREDENTIALS_DIRECTORY=credentials plan
missing 'nobody can be asked: Passphrase of'

# The password command; what was wrong before it is no hindrance.
command_is() {
	(umask 077 && printf '%s\n' "[$url]" "password-command = $1" >"$access")
}
cp "$tmp/canary" "$tmp/pass word"
command_is "cat \"$tmp/pass word\""
plan
came_from 'the password command'
echo wrong >"$tmp/wrong"
plan --password-fd 3 3<"$tmp/wrong"
came_from '--password-fd'
came_from 'the password command'
plan --password-fd 3 3<"$tmp/canary"
came_from '--password-fd'
expect_no_match 'the password command'
command_is "cat $tmp/wrong"
plan --password-fd 3 3<"$tmp/wrong"
missing 'after --password-fd, the credentials, the password command:'
command_is "sh -c \"cat $tmp/canary; exit 7\""
plan
missing 'the password command sh ended with status 7'
command_is "$tmp/nothing here"
plan
missing "cannot start the password command $tmp/nothing:"
command_is 'cat "open'
plan
expect_exit 2
expect_match 'access.ini:2: .*is not a program and its arguments'
rm "$access"

# Askpass: with the words of ssh(1), and at most three times.
cat >"$tmp/askpass" <<END
#!/bin/sh
printf '%s\n' "\$*" >>$tmp/calls
cat $tmp/answer
END
chmod 755 "$tmp/askpass"
cp "$tmp/canary" "$tmp/answer"
export SSH_ASKPASS="$tmp/askpass"
unset DISPLAY WAYLAND_DISPLAY SSH_ASKPASS_REQUIRE
ask
missing 'nobody can be asked'
calls 0
SSH_ASKPASS_REQUIRE=force ask
came_from askpass
calls 1
expect_match "^Passphrase of $key\$" "$tmp/calls"
DISPLAY=:99 ask
came_from askpass
DISPLAY=:99 SSH_ASKPASS_REQUIRE=never ask
missing 'nobody can be asked'
SSH_ASKPASS_REQUIRE=prefer ask
missing 'nobody can be asked'
SSH_ASKPASS_REQUIRE=force SANDFERRY_ASKPASS_REQUIRE=never ask
missing 'nobody can be asked'
calls 0
SSH_ASKPASS_REQUIRE=force ask --no-input
missing 'nobody can be asked'
calls 0
unset SSH_ASKPASS
export SANDFERRY_ASKPASS="$tmp/askpass"
ask
came_from askpass
# a host key is nothing that it is asked about
rm -rf "$HOME/.local/share/sandferry"
ask
expect_exit 11
calls 0
trust
echo wrong >"$tmp/answer"
ask
missing 'the passphrase does not open the key file'
calls 3
: >"$tmp/answer"
ask
missing "the askpass program $tmp/askpass printed nothing"
calls 1

# It may wait for ever, until somebody stops the run.
printf '#!/bin/sh\necho $$ >%s\nexec sleep 600\n' "$tmp/calls" >"$tmp/askpass"
rm -f "$tmp/calls"
setsid "$FERRY" plan production -c "$tmp/site.ini" --key "$key" \
    --fallback-known-hosts none >"$tmp/all" 2>&1 </dev/null &
pid=$!
started="$started $pid"
wait_for test -s "$tmp/calls" || fail 'askpass is not called'
kill -TERM "$pid"
wait "$pid"
rc=$?
expect_exit 143
! kill -0 "$(cat "$tmp/calls")" 2>/dev/null || fail 'askpass is left behind'

[ -e "$tmp/exposed" ] || fail 'nobody looked'
[ ! -s "$tmp/exposed" ] || fail "exposed in $(cat "$tmp/exposed")"
! grep -rqF "$canary" "$HOME" "$htdocs" "$site" "$tmp/server/log" ||
    fail 'the passphrase was written down'
