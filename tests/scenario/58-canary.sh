# Goal: a passphrase, a password and a private key are nowhere but in the hub,
# and there only until the login is done: not in any file, log, command line,
# environment or core, nor in the worker, except for the password that it sends.
. tests/scenario/lib.sh
. tests/scenario/account.sh
command -v python3 >/dev/null || skip 'no python3'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer keeps what was freed' ;;
esac
small_site
# the server's side of it runs as the account, and has to look everywhere
sed -i "/^$user:/s/54321:54321/0:0/" "$tmp/passwd"
chown 0:0 "$htdocs"
needles=$tmp/needles
private=$tmp/private
mkdir "$tmp/found" "$tmp/cwd" "$private"

passphrase='a canary Kw7, passphrase'
python3 tests/scenario/needles.py make "$needles" "passphrase=$passphrase"
# keep_key NAME: it is looked for, and sealed by the passphrase from then on.
keep_key() {
	python3 tests/scenario/needles.py make "$tmp/needles.$1" "$tmp/$1" ||
	    fail "nothing to look for: $1"
	cat "$tmp/needles.$1" >>"$needles"
	cat "$tmp/$1.pub" >>"$tmp/server/authorized_keys"
}
make_key "$tmp/ed25519" ed25519
keep_key ed25519
ssh-keygen -q -p -a 1 -P '' -N "$passphrase" -f "$tmp/ed25519" >/dev/null
make_key "$tmp/rsa" rsa 2048
ssh-keygen -q -p -m PEM -P '' -N '' -f "$tmp/rsa" >/dev/null
keep_key rsa
openssl pkcs8 -topk8 -in "$tmp/rsa" -out "$tmp/rsa.sealed" \
    -passout "pass:$passphrase"
mv "$tmp/rsa.sealed" "$tmp/rsa"
chmod 600 "$tmp/rsa"
python3 tests/scenario/needles.py make "$tmp/needles.words" \
    "password=$password"
cat "$tmp/needles.words" >>"$needles"
printf '%s\n' "$passphrase" >"$private/passphrase"
printf '%s\n' "$password" >"$private/password"

# look MOMENT: from the server's side, what our processes have now: the hub, the
# worker, and whom the hub may have left outside its walls to ask somebody.
cat >"$tmp/look" <<END
cd $PWD || exit 1
hub=\$(cat $tmp/pid)
all="\$hub \$(cat /proc/\$hub/task/*/children)"
[ ! -e $tmp/abort ] || exec kill -ABRT \$all
for pid in \$all; do
	case \$pid,\$(tr '\\0' ' ' </proc/\$pid/cmdline) in
	\$hub,*) name=hub ;;
	*,sandferry-worker*) name=worker ;;
	*) name=helper ;;
	esac
	grep '^Max core file size *0 *0 ' /proc/\$pid/limits >/dev/null ||
	    echo "core \$name"
	python3 tests/scenario/needles.py find $needles \$pid |
	    sed "s/ .*/ \$name/"
	python3 tests/scenario/needles.py find $needles /proc/\$pid/cmdline \
	    /proc/\$pid/environ
	echo "looked at \$name"
done >$tmp/found/\$1 2>&1
exit 0
END
# what PAM asks for is looked for while it is being judged
echo "auth optional pam_exec.so quiet /bin/sh $tmp/look asked" >>"$tmp/pam"
start_proxy 'PermitRootLogin yes' 'PasswordAuthentication yes' \
    'KbdInteractiveAuthentication yes'
trust
rules "run INIT 1 sh $tmp/look opened" "run WRITE:stage 1 sh $tmp/look after"

# expect_found MOMENT [LINE...]: these and no others.
expect_found() {
	moment=$tmp/found/$1
	for name in hub worker; do
		grep -q "^looked at $name\$" "$moment" ||
		    fail "nobody looked at the $name: $(cat "$moment")"
	done
	grep -v '^looked at ' "$moment" | sort >"$tmp/was"
	shift
	printf '%s\n' "$@" | grep . | sort >"$tmp/should"
	diff "$tmp/should" "$tmp/was" >"$tmp/diff" ||
	    fail "${moment##*/}: $(cat "$tmp/diff")"
}

# Whatever stays behind.
expect_clean() {
	python3 tests/scenario/needles.py find "$needles" "$site" "$htdocs" \
	    "$HOME" "$tmp/out" "$tmp/err" "$tmp/transcript" "$tmp/cwd" \
	    "$tmp/requests" "$tmp/server" >"$tmp/was"
	[ ! -s "$tmp/was" ] || fail "left behind: $(cat "$tmp/was")"
}

# run_publish HOW...: with something new to say.
turn=0
terminal=
run_publish() {
	turn=$((turn + 1))
	echo "$turn" >"$site/turn.html"
	rm -f "$tmp/found"/*
	(
		cd "$tmp/cwd" && ulimit -c unlimited && exec \
		    $terminal sh -c 'echo $$ >"$0"; exec "$@"' "$tmp/pid" \
		    "$FERRY" publish --source "$site" --url "$url" -vvv \
		    --fallback-known-hosts none "$@" \
		    >"$tmp/out" 2>"$tmp/err" </dev/null
	)
	rc=$?
}

# ---- Keys ----
run_publish --json --no-input --key "$tmp/ed25519" --password-fd 3 \
    3<"$private/passphrase"
expect_exit 0
# that it is found in the hub shows that a search finds
expect_found opened 'ed25519-bytes hub'
expect_found after
expect_clean

printf '#!/bin/sh\ncat %s\n' "$private/passphrase" >"$tmp/askpass"
chmod 700 "$tmp/askpass"
SANDFERRY_ASKPASS=$tmp/askpass SANDFERRY_ASKPASS_REQUIRE=force \
    run_publish --json --key "$tmp/rsa"
expect_exit 0
grep -q '^rsa-prime1.* hub' "$tmp/found/opened" || fail 'no key was found'
sed -i '/^rsa-.* hub$/d' "$tmp/found/opened"
expect_found opened
expect_found after
expect_clean

# ---- A password ----
run_publish --json --no-input --password --password-fd 3 3<"$private/password"
expect_exit 0
expect_found asked 'password hub' 'password worker'
expect_found opened 'password hub' # it has not heard yet that it is in
expect_found after
expect_clean

# both end by a signal that asks for a core, while they have it
touch "$tmp/abort"
run_publish --json --no-input --password --password-fd 3 3<"$private/password"
expect_exit 134
rm "$tmp/abort"
[ -z "$(ls "$tmp/cwd")" ] || fail 'there is a core'
expect_clean
(cd "$tmp/cwd" && ulimit -c unlimited && exec sh -c 'kill -ABRT $$') 2>/dev/null
[ -n "$(ls "$tmp/cwd")" ] || echo 'nobody dumps core here: not tested'
rm -f "$tmp/cwd"/*

# Typed at a terminal, as the answer to a question.  Events would show that
# question before the terminal is ready for the answer.
stop_sshd
start_sshd 'PermitRootLogin yes' 'KbdInteractiveAuthentication yes'
printf '#!/bin/sh\nexec python3 %s %s Password: "%s" -- "$@"\n' \
    "$PWD/tests/scenario/answer.py" "$tmp/transcript" "$password" \
    >"$tmp/terminal"
chmod 700 "$tmp/terminal"
terminal=$tmp/terminal
run_publish --password
expect_exit 0
# the worker may be about to forget it, for it was sent
sed -i '/^password worker$/d' "$tmp/found/asked"
expect_found asked 'password hub'
expect_found opened 'password hub'
expect_found after
expect_clean
