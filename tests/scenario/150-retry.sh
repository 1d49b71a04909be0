# Goal: --retry tries again what failed by a server that is out of reach, lost,
# busy or locked, says so in one line each, asks for a secret once, stops at
# once when it is told to, and never repeats what another try cannot mend.
. tests/scenario/lib.sh
small_site
start_proxy
trust
mkdir "$tmp/first"
lock=$htdocs/.sandferry/lock

# again OPTION...: a publish in the background, as JSON in $tmp/first/out
again() {
	: >"$tmp/first/out"
	(
		tmp=$tmp/first
		publish "$@"
		exit "$rc"
	) &
	pid=$!
}

# retried [N]: so many further attempts were announced
retried() {
	[ "$(grep -c '"type":"retry"' "$tmp/first/out")" -ge "${1:-1}" ]
}

ended() {
	wait "$pid"
	rc=$?
	cp "$tmp/first/out" "$tmp/out"
	cat "$tmp/first/out" "$tmp/first/err" >"$tmp/all"
}

held() {
	echo 'eve@elsewhere 12 2026-01-01T00:00:00Z 0123456789abcdef' >"$lock"
}

# failed_by CODE: at first
failed_by() {
	expect_match "^\\{\"v\":1,\"type\":\"retry\",\"id\":\"[a-z_]*\",\"code\":$1,\"text\":\"[^\"]*\",\"attempt\":1,\"attempts\":[0-9]*,\"seconds\":[0-9]*\\}\$" \
	    "$tmp/out"
	[ "$(grep -c '"type":"summary"' "$tmp/out")" -eq 1 ] ||
	    fail 'there is not exactly one summary'
	tail -n 1 "$tmp/out" | grep -q '"type":"summary"' ||
	    fail 'the summary does not come last'
}

# ---- 20: the server is started late

stop_sshd
again --retry 1000:0 --connect-timeout 5
wait_for retried || fail 'it does not try again'
try_sshd || fail 'sshd does not start'
ended
expect_exit 0
failed_by 20
same_tree "$site" "$htdocs"

# ---- 21: it is killed in the middle

big_file "$site/new.bin" 600
rules "run WRITE:stage 2 : >$tmp/rules; kill -9 \$PPID"
publish --retry 2:0
expect_exit 0
failed_by 21
same_tree "$site" "$htdocs"

# ---- 33: somebody else publishes, and ends; the passphrase is given once

ssh-keygen -q -p -N 'a pass phrase' -f "$key" >/dev/null
echo '<p>late' >>"$site/about.html"
held
printf 'a pass phrase\n' >"$tmp/pass"
again --retry 1000:0 --password-fd 3 3<"$tmp/pass"
wait_for retried 2 || fail 'it does not try again'
rm "$lock"
ended
expect_exit 0
failed_by 33
same_tree "$site" "$htdocs"

# typed, it is asked for once
echo '<p>later' >>"$site/about.html"
rules "run WRITE:stage 1 : >$tmp/rules; kill -9 \$PPID"
python3 tests/scenario/answer.py "$tmp/transcript" \
    'Passphrase of' 'a pass phrase' 'attempt 2 of 2 in' '' Published '' \
    -- "$FERRY" publish --source "$site" --url "$url" --key "$key" \
    --fallback-known-hosts "$fallback" --retry 1:0 ||
	fail "the dialogue is another one: $(cat "$tmp/transcript")"
[ "$(grep -c 'Passphrase of' "$tmp/transcript")" -eq 1 ] ||
    fail 'it is asked for again'
same_tree "$site" "$htdocs"
ssh-keygen -q -p -P 'a pass phrase' -N '' -f "$key" >/dev/null

# and a key out of a pipe is there for each attempt
echo '<p>latest' >>"$site/about.html"
rules "run WRITE:stage 1 : >$tmp/rules; kill -9 \$PPID"
cat "$key" | "$FERRY" publish --source "$site" --url "$url" --key-fd 0 \
    --fallback-known-hosts "$fallback" --no-input --json --retry 1:0 \
    >"$tmp/out" 2>"$tmp/err" || fail 'the key is read once only'
failed_by 21
same_tree "$site" "$htdocs"

# ---- 22: it has too much to do

stop_sshd
start_sshd 'MaxStartups 1'
python3 - "$port" "$tmp/held" "$tmp/over" <<'END' &
import os, socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.recv(10)
open(sys.argv[2], "w").close()
while not os.path.exists(sys.argv[3]):
    time.sleep(.05)
END
started="$started $!"
wait_for test -e "$tmp/held" || fail 'nobody is in the way'
publish
expect_exit 22
expect_outcome server_busy
expect_words
again --retry 1000:0
wait_for retried || fail 'it does not try again'
: >"$tmp/over"
ended
expect_exit 0
failed_by 22
stop_sshd
start_sshd

# ---- In words, and the last failure is the one that counts

held
echo '<p>locked' >>"$site/about.html"
ferry publish --source "$site" --url "$url" --key "$key" --retry 1:1
expect_exit 33
[ "$(grep -c 'attempt 2 of 2 in 1 s$' "$tmp/err")" -eq 1 ] ||
    fail 'the second attempt is not announced, once'
[ "$(grep -c '^sandferry: ' "$tmp/err")" -eq 2 ] || fail 'too many words'

# ---- What another try cannot mend

publish --retry 5:0 --known-hosts "$tmp/none"
expect_exit 11
! grep -q '"type":"retry"' "$tmp/out" || fail 'it tried again'
publish --retry 5:0 --hostkey "SHA256:$(printf '%043d' 0)"
expect_exit 12 11
! grep -q '"type":"retry"' "$tmp/out" || fail 'it tried again'
for value in x 1: 1:301 1001 -1 :3 1:2:3; do
	publish --retry="$value"
	expect_exit 2
done

# ---- Stopped: between two attempts, in one, and by the death of who waits

stopped() {
	wait_for "$@" || fail 'it does not get there'
	waiting=$(ps -o pid= --ppid "$pid" | tr -d ' ')
	attempt=$(ps -o pid= --ppid "$waiting" | tr -d ' ')
	kill "-$signal" "$waiting"
	ended
	expect_exit "$status"
	[ -z "$attempt" ] || wait_for gone "$attempt" || fail 'it goes on'
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

waits() {
	grep -q ': waiting"' "$tmp/first/out"
}

signal=TERM status=143
again --retry 5:300
stopped retried
again --retry 5:300 --wait 100
stopped waits
signal=HUP status=129
again --retry 5:300 --wait 100
stopped waits
signal=KILL status=1 # lib.sh calls that a crash
again --retry 5:300 --wait 100
stopped waits
rm "$lock"

# ---- Who wants to hear of problems hears nothing of what went well

echo '<p>quiet' >>"$site/about.html"
for verb in publish 'verify --content' 'status --exit-code' \
    'plan --exit-code'; do
	# shellcheck disable=SC2086 # words
	case $verb in
	p*) set -- $verb --source "$site" ;;
	*) set -- $verb ;;
	esac
	ferry "$@" --url "$url" --key "$key" -q --retry 2:0
	expect_exit 0
	[ ! -s "$tmp/all" ] || fail "$verb is not silent"
done
rules "run posix-rename 1 : >$tmp/rules; kill -9 \$PPID"
echo '<p>quieter' >>"$site/about.html"
ferry publish --source "$site" --url "$url" --key "$key" -q --retry 2:0
expect_exit 0
[ ! -s "$tmp/all" ] || fail 'what the second attempt mended is a problem'
same_tree "$site" "$htdocs"
chmod 644 "$key"
ferry publish --source "$site" --url "$url" --key "$key" -q
expect_exit 0
expect_match 'warning: .*: others on this machine can read' "$tmp/err"
chmod 600 "$key"
rm "$htdocs/about.html"
ferry verify --url "$url" --key "$key" -q --retry 2:0
expect_exit 50
[ -s "$tmp/err" ] || fail 'a problem is not told'
