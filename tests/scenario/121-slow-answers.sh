# Goal: a question may stay open for longer than the server waits for a login:
# the next connection goes on with what was answered, and nothing is asked
# twice.
. tests/scenario/lib.sh
embedder=$PEERS/embedder
[ -x "$embedder" ] || skip 'no embedder: make peers'
printf '<h1>Home</h1>\n' >"$site/index.html"
key=$tmp/sealed
make_key "$key" ed25519 '' 'open sesame'
start_sshd 'LoginGraceTime 3'
mkfifo "$tmp/answers"

# app NAME=VALUE...: an application's job, whose user answers later.
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
	! grep -q 'Sanitizer' "$tmp/all" || fail 'a sanitizer speaks'
}

count() {
	grep -c "$1" "$2"
}

asks() {
	[ "$(count '"type":"question"' "$tmp/out")" -ge "$1" ] ||
	    ! kill -0 $app 2>/dev/null
}

# The server has ended every session.
has_left() {
	! grep -q . "/proc/$sshd_pid/task/$sshd_pid/children"
}

app key_file="$key"
for n in 1 2; do
	wait_for asks $n && kill -0 $app || fail "question $n does not come"
	wait_for has_left || fail "the server waits"
	case $n in
	1) echo yes >&4 ;;
	2) echo 'secret open sesame' >&4 ;;
	esac
done
app_ends
expect_exit 0
same_tree "$site" "$htdocs"
[ "$(count '"ask":"host_key"' "$tmp/out")" = 1 ] || fail 'host key: asked twice'
[ "$(count '"ask":"passphrase"' "$tmp/out")" = 1 ] || fail 'passphrase: twice'
[ "$(count '^Connection from' "$tmp/server/log")" = 3 ] ||
    fail 'another number of connections'

# For an application's own words: which key it is.
expect_text "\"path\":\"$key\",\"fingerprint\":\"$(fingerprint "$key")\""

# Without a question there is no second connection.
stop_sshd
app key_file="$key"
app_ends
expect_exit 20
