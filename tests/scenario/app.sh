# app.sh: an application that embeds the library, and its user, who answers
# when he likes; sourced after lib.sh.
# shellcheck shell=sh
embedder=$PEERS/embedder
[ -x "$embedder" ] || skip 'no embedder: make peers'
mkfifo "$tmp/answers"

# app NAME=VALUE...: its job; descriptor 4 is its user.
app() {
	: >"$tmp/out"
	"$embedder" url="$url" state="$tmp/state" source="$site" \
	    worker="$BIN/sandferry-worker" known_hosts="$tmp/known_hosts" \
	    "$@" <"$tmp/answers" >"$tmp/out" 2>"$tmp/err" &
	app=$!
	started="$started $app"
	exec 4>"$tmp/answers"
}

app_ends() {
	exec 4>&-
	wait $app
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	keep_events
	! grep -q 'Sanitizer' "$tmp/all" || fail 'a sanitizer speaks'
}

# tells N PATTERN: so many of its lines are like that, or it has ended.
tells() {
	[ "$(grep -c "$2" "$tmp/out")" -ge "$1" ] || ! kill -0 $app 2>/dev/null
}

# asks N: the Nth question is open.
asks() {
	wait_for tells "$1" '"type":"question"' && kill -0 $app ||
	    fail "question $1 does not come"
}

# asked KIND N: so many times in all.
asked() {
	[ "$(grep -c '"ask":"'"$1"'"' "$tmp/out")" = "$2" ] ||
	    fail "$1 was not asked $2 times"
}

# Every session that this server had is over.
nobody_served() {
	! grep -q . "/proc/$1/task/$1/children"
}

is_left() {
	wait_for nobody_served "$1" || fail 'the server waits'
}
