# Goal: with a real keyring, a passphrase or password is looked up, stored only
# when that is wanted and it has worked, and replaced when it was wrong; a
# keyring that is locked, absent or mad is said, and never waited for.
. tests/scenario/lib.sh
. tests/scenario/bus.sh
for part in gnome-keyring-daemon secret-tool setsid; do
	command -v $part >/dev/null || skip "no $part"
done
[ -x "$BIN/sandferry-keyring" ] || skip 'no sandferry-keyring: libsecret-1-dev'

canary='canary Kw7 horse'
ssh-keygen -q -t ed25519 -a 1 -N "$canary" -f "$key"
printf '%s\n' "$canary" >"$tmp/canary"
echo 'wrong Kw7' >"$tmp/wrong"
. tests/scenario/account.sh
small_site
start_sshd 'PasswordAuthentication yes'
trust

# A copy of the programs, whose helper is looked at before it runs.
mkdir "$tmp/bin"
cp "$BIN/sandferry" "$BIN/sandferry-worker" "$tmp/bin"
FERRY=$tmp/bin/sandferry
helper_is() {
	printf '#!/bin/sh\n%s\n' "$1" >"$tmp/bin/sandferry-keyring"
	chmod 755 "$tmp/bin/sandferry-keyring"
}
real="tr '\\0' '\\n' </proc/\$\$/environ >>$tmp/helper-saw
tr '\\0' '\\n' </proc/\$\$/cmdline >>$tmp/helper-saw
exec $BIN/sandferry-keyring"
helper_is "$real"

mkdir -m 700 "$runtime"
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS SSH_ASKPASS \
    SANDFERRY_ASKPASS SSH_ASKPASS_REQUIRE CREDENTIALS_DIRECTORY
export XDG_RUNTIME_DIR="$runtime"

plan() {
	ferry plan --source "$site" --url "$url" --key "$key" -v "$@"
}

# Somebody answers with what is in this file.
answered_with() {
	cp "$1" "$tmp/answer"
	shift
	printf '#!/bin/sh\necho call >>%s\ncat %s\n' "$tmp/calls" \
	    "$tmp/answer" >"$tmp/askpass"
	chmod 755 "$tmp/askpass"
	: >"$tmp/calls"
	SANDFERRY_ASKPASS=$tmp/askpass setsid -w "$FERRY" plan \
	    --source "$site" --url "$url" -v --fallback-known-hosts none "$@" \
	    >"$tmp/all" 2>&1 </dev/null
	rc=$?
}

calls() {
	[ "$(wc -l <"$tmp/calls")" -eq "$1" ] ||
	    fail "$(wc -l <"$tmp/calls") questions instead of $1"
}

missing() {
	expect_exit 13
	expect_match "$1"
	expect_no_match 'Kw7|right horse'
}

# stored KIND WHOSE FILE: the keyring has it; FILE /dev/null: has not.
stored() {
	secret-tool lookup application sandferry kind "$1" url "$2" \
	    >"$tmp/stored" 2>/dev/null
	[ ! -s "$tmp/stored" ] || echo >>"$tmp/stored"
	cmp -s "$tmp/stored" "$3" || fail "the keyring has: $(cat "$tmp/stored")"
}

# No bus, then one without a keyring.
plan
missing 'nobody can be asked: Passphrase'
plan --keyring
missing 'after the keyring \(there is none here\): Passphrase'
start_bus
plan --keyring
missing 'after the keyring \(there is none here\)'

start_keyring

# Stored when it is wanted, and worked; found by the key that it opens.
whose=$(fingerprint "$key")
plan --keyring
missing 'after the keyring \(it has none\)'
plan --keyring --password-fd 3 3<"$tmp/canary"
expect_exit 0
stored passphrase "$whose" /dev/null
plan --save-secret --password-fd 3 3<"$tmp/wrong"
missing 'the passphrase was not accepted'
stored passphrase "$whose" /dev/null
plan --save-secret --password-fd 3 3<"$tmp/canary"
expect_exit 0
expect_text 'the keyring has the passphrase now'
stored passphrase "$whose" "$tmp/canary"
secret-tool search application sandferry >"$tmp/all" 2>&1
expect_text "label = Passphrase of $key"
plan
missing 'nobody can be asked: Passphrase'
plan --keyring
expect_exit 0
expect_text 'a passphrase comes from the keyring'
expect_no_match Kw7
(
	umask 077
	mkdir -p "$HOME/.config/sandferry"
	printf '[%s]\nkeyring = yes\n' "$url" \
	    >"$HOME/.config/sandferry/access.ini"
)
cp "$key" "$tmp/moved"
ferry plan --source "$site" --url "$url" --key "$tmp/moved" -v
expect_exit 0
expect_text 'a passphrase comes from the keyring'

# What it has is wrong: asked again, once, and replaced.
echo 'another Kw7' >"$tmp/another"
ssh-keygen -q -p -a 1 -P "$canary" -N 'another Kw7' -f "$key" >/dev/null
plan
missing 'after the keyring \(what it has was not accepted\)'
answered_with "$tmp/wrong" --key "$key"
expect_exit 13
stored passphrase "$whose" "$tmp/canary"
answered_with "$tmp/another" --key "$key"
expect_exit 0
calls 1
stored passphrase "$whose" "$tmp/another"
plan
expect_exit 0

# A password belongs to an account, whichever of its folders is published.
whose=${url%"$htdocs"}
echo "$password" >"$tmp/right"
ferry plan --source "$site" --url "$url" --password -v --password-fd 3 \
    --save-secret 3<"$tmp/wrong"
expect_exit 10
stored password "$whose" /dev/null
ferry plan --source "$site" --url "$url" --password -v --password-fd 3 \
    --save-secret 3<"$tmp/right"
expect_exit 0
stored password "$whose" "$tmp/right"
ferry plan --source "$site" --url "$url/below" --password -v --keyring
expect_exit 0
expect_text 'a password comes from the keyring'
expect_no_match "$password"
printf 'wrong Kw7' | secret-tool store --label=old application sandferry \
    kind password url "$whose" xdg:schema org.sandferry.Secret
answered_with "$tmp/right" --password
expect_exit 0
calls 1
expect_text "the keyring's password was not accepted"
stored password "$whose" "$tmp/right"

# Locked, and nobody to unlock it: said, and not waited for.
dbus-send --session --print-reply --dest=org.freedesktop.secrets \
    /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock \
    array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
plan
missing 'after the keyring \(it is locked\)'
expect_text 'Unlock the keyring'
ferry plan --source "$site" --url "$url" --password --keyring
missing 'a password is needed.*\(it is locked\)'
plan --save-secret --password-fd 3 3<"$tmp/another"
expect_exit 0
expect_text 'warning: the passphrase is not in the keyring: it is locked'

# Somebody could unlock it, but no dialogue comes up: then they are asked.
answered_with "$tmp/another" --key "$key"
expect_exit 0
calls 1
expect_text 'the keyring gives no passphrase: it is locked'

# The helper lies, or is not there: no more than a keyring that fails.
helper_is 'echo Kw7'
plan
missing 'after the keyring \(its helper gave no answer\)'
helper_is 'cat; printf "\0\0\0\06\01\01"'
plan
missing 'after the keyring \(its helper gave no answer\)'
helper_is 'kill -9 $$'
plan
missing 'after the keyring \(its helper was ended by signal 9\)'
rm "$tmp/bin/sandferry-keyring"
plan
missing 'after the keyring \(sandferry-keyring is not installed\)'

[ -s "$tmp/helper-saw" ] || fail 'nobody looked at the helper'
expect_no_match 'Kw7|right horse|DISPLAY=|SSH_' "$tmp/helper-saw"
! grep -rqE 'Kw7|right horse' "$HOME" "$htdocs" "$tmp/server/log" ||
    fail 'a secret was written down'
