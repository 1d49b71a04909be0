# Goal: a publish to a folder that is killed at any moment, hub or worker,
# leaves each file whole, and the next run finishes it; nobody is in the way of
# another machine for longer than a lock lasts.
. tests/scenario/lib.sh
small_site
many_files 60
big_file "$site/large.bin" 8000
url=file://$htdocs

publish() {
	ferry publish --source "$site" --url "$url" --json "$@"
}

published
command -v strace >/dev/null || skip 'no strace'
round=0

# killed WHO CALL N: at its N-th call of this kind
killed() {
	round=$((round + 1))
	rm -rf "$tmp/old"
	cp -a "$site" "$tmp/old"
	find "$site" -name 'page*' -exec sh -c \
	    'for f; do echo "<p>'$round'" >>"$f"; done' sh {} +
	echo $round >>"$site/large.bin"
	rm -f "$site/new $((round - 1)).html"
	echo $round >"$site/new $round.html"
	# the hub makes none of these calls: it is the worker that ends
	strace -f -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" \
	    "$FERRY" publish --source "$site" --url "$url" --json --no-input \
	    --fallback-known-hosts none >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	expect_exit 60
	expect_whole "$tmp/old"
	published
	same_tree "$site" "$htdocs"
	[ -z "$(ls -A "$htdocs/.sandferry/stage")" ] || fail 'a full stage'
	[ ! -e "$htdocs/.sandferry/lock" ] || fail 'the lock was left behind'
}

killed pwrite64 5
killed pwrite64 30
killed fchmod 10
killed linkat 3
killed renameat2 1
killed renameat2 40
killed unlinkat 2

# the hub itself, by the clock: its worker must not go on without it
for seconds in 0.05 0.12; do
	round=$((round + 1))
	rm -rf "$tmp/old"
	cp -a "$site" "$tmp/old"
	find "$site" -name 'page*' -exec sh -c \
	    'for f; do echo "<p>'$round'" >>"$f"; done' sh {} +
	"$FERRY" publish --source "$site" --url "$url" --json --no-input \
	    >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	sleep $seconds
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	published --wait 60
	same_tree "$site" "$htdocs"
done
