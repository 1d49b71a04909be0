# Goal: who cancels while the server says nothing does not wait for it, however
# long it may be silent; the lock that stays there is no obstacle to the next
# publish.
. tests/scenario/lib.sh
small_site
start_proxy
trust
published
cp -r "$htdocs" "$tmp/before"
big_file "$site/large.bin" 4000
rules 'silent WRITE:stage 5'

# a shell makes its background jobs ignore SIGINT; this undoes it
env --default-signal=INT "$FERRY" publish --source "$site" --url "$url" \
    --key "$key" --no-input --fallback-known-hosts none --json \
    --stall-timeout 600 >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
started="$started $pid"
is_silent() {
	[ "$(grep -c '^WRITE' "$tmp/requests")" -ge 5 ]
}
has_ended() {
	! kill -0 $pid 2>/dev/null
}
wait_for is_silent || fail 'nothing is sent'
kill -INT $pid
wait_for has_ended || fail 'it waits for the server'
wait $pid
rc=$?
expect_exit 130
expect_outcome cancelled
same_tree "$tmp/before" "$htdocs"
rules
published
same_tree "$site" "$htdocs"
