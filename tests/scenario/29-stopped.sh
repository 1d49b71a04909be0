# Goal: while we are stopped, as by ^Z, the server has to wait: that is no
# silence of the server's.
. tests/scenario/lib.sh
start_sshd
trust
many_files 4000
(
	exec "$FERRY" publish --source "$site" --url "$url" --key "$key" \
	    --no-input --fallback-known-hosts none --stall-timeout 2 --json \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
) &
pid=$!
started="$started $pid"
wait_for test -d "$htdocs/.sandferry/stage"
sleep 0.2
kill -STOP $pid
sleep 3
kill -CONT $pid
wait $pid
rc=$?
expect_exit 0
same_tree "$site" "$htdocs"
