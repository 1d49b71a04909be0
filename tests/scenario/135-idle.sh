# Goal: while an application thinks, its session lives.  The server's questions
# whether we are there are answered; where nothing else goes over the line we
# ask it, and a server that does not answer is noticed.
. tests/scenario/lib.sh
idler=$PEERS/idler
[ -x "$idler" ] || skip 'no idler: make peers'
mkfifo "$tmp/thought"

# idle KEEPALIVE_MS SILENCE_MS: until `goes_on'.
idle() {
	: >"$tmp/out"
	: >"$tmp/err"
	"$idler" "$BIN/sandferry-worker" "$port" "$user" "$key" "$@" \
	    <"$tmp/thought" >"$tmp/out" 2>"$tmp/err" &
	idler_pid=$!
	started="$started $idler_pid"
	exec 4>"$tmp/thought"
	wait_for grep -q ready "$tmp/out" || fail 'it is not logged in'
}

goes_on() {
	exec 4>&-
	wait "$idler_pid"
	rc=$?
}

# asked N: so many signs of life were asked for.
asked() {
	[ "$(grep -c '^STAT \.$' "$tmp/requests")" -ge "$1" ]
}

start_proxy
idle 200 30000
wait_for asked 2 || fail 'the line is left alone'
goes_on
expect_exit 0
expect_match '^done$' "$tmp/out"

# It takes what comes and says nothing: the session is over before anybody wants
# something of it.
worker_ended() {
	read -r worker <"/proc/$idler_pid/task/$idler_pid/children"
	grep -q '^State:.Z' "/proc/$worker/status"
}
rules 'silent STAT 1'
idle 200 1000
wait_for worker_ended || fail 'nobody misses the server'
goes_on
expect_exit 21
expect_match '^server_silent: ' "$tmp/out"
stop_sshd

# The server's own questions, while we have none.
start_sshd 'LogLevel DEBUG1' 'ClientAliveInterval 1' 'ClientAliveCountMax 2'
answered() {
	[ "$(grep -c 'Got [0-9/]* for keepalive' "$tmp/server/log")" -ge 2 ]
}
idle 0 30000
wait_for answered || fail 'the server asks in vain'
goes_on
expect_exit 0
expect_match '^done$' "$tmp/out"
