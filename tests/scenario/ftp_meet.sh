# ftp_meet.sh: our FTP worker and a server that is no good, tests/peers/ftp_peer.py;
# sourced after lib.sh.
#
#   steps STEP... | meet HOW [OPTION...]   steps and options of ftp_door; what
#       the worker has said is in $tmp/said, what the server heard in $tmp/heard
#   said PATTERN       heard COMMAND TIMES
# shellcheck shell=sh
meet() {
	how=$1
	shift
	: >"$tmp/port"
	python3 tests/peers/ftp_peer.py "$how" >"$tmp/port" 2>"$tmp/heard" &
	peer=$!
	started="$started $peer"
	wait_for test -s "$tmp/port" || fail "no peer $how"
	"$PEERS/ftp_door" "$BIN/sandferry-worker" "$(cat "$tmp/port")" \
	    "$@" >"$tmp/said" 2>&1
	kill "$peer"
	wait "$peer" 2>/dev/null
	! grep -q '^PORT\|^EPRT' "$tmp/heard" || fail "$how: not passive"
}

said() {
	grep -q -a -e "$1" "$tmp/said" || {
		cat "$tmp/said" "$tmp/heard" >&2
		fail "$how: not said: $1"
	}
}

heard() {
	[ "$(grep -c "^$1" "$tmp/heard")" -eq "$2" ] || {
		cat "$tmp/said" "$tmp/heard" >&2
		fail "$how: $1 came another number of times than $2"
	}
}

steps() {
	printf '%b\n' "$@"
}
