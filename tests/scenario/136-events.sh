# Goal: an application is woken at most thirty times a second, however many
# files there are; and the end is told exactly once, whatever happens.
. tests/scenario/lib.sh
[ -x "$PEERS/listener" ] || skip 'no listener: make peers'
many_files 600
big_file "$site/large.bin" 3000
start_sshd
pin=$(fingerprint "$host_key")

# listen HOW FINISHED OUTCOME [HOSTKEY [KEY]]
listen() {
	"$PEERS/listener" "$1" "$BIN/sandferry-worker" "$site" "$url" \
	    "${5:-$key}" "${4:-$pin}" "$tmp/state" "$tmp/known_hosts" \
	    >"$tmp/out" 2>&1
	rc=$?
	expect_exit 0
	grep -v '^no_[a-z]*: ' "$tmp/out" >"$tmp/all"
	read -r _ wakes _ most told <"$tmp/all"
	[ "$told" = "finished $2 outcome $3" ] || fail "$1: $(cat "$tmp/all")"
	[ "$wakes" -le "$most" ] || fail "woken $wakes times, not $most"
}

listen all 1 0
same_tree "$site" "$htdocs"
listen all 1 0 # nothing to do
listen all 1 14 "$pin" "$tmp/none"
listen all 1 0 ask
rm "$tmp/known_hosts"
listen left 0 0 ask
listen amid 1 128 ask
date >"$site/new.html"
listen cancelled 1 128
listen twice 1 0
listen unstarted 0 0
listen poor 0 0
expect_match '^no_descriptor: ' "$tmp/out"
