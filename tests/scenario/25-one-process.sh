# Goal: an application that publishes again and again in one process holds no
# more afterwards: no descriptor, no child, no memory.  2,000 times with
# SANDFERRY_LONG=1.
. tests/scenario/lib.sh
many=$PEERS/many_publishes
[ -x "$many" ] || skip 'no many_publishes: make peers'
small_site
start_sshd
times=40
[ "${SANDFERRY_LONG:-}" != 1 ] || times=2000
"$many" $times "$BIN/sandferry-worker" "$site" "$url" "$key" \
    "$(fingerprint "$host_key")" "$tmp/state" "$tmp/data/known_hosts" \
    >"$tmp/out" 2>"$tmp/err"
rc=$?
cat "$tmp/out" "$tmp/err" >"$tmp/all"
expect_exit 0

# runs N sent N fds A B children N kilobytes A B
read -r _ runs _ sent _ fds_before fds_after _ children _ kb_before kb_after \
    <"$tmp/out"
[ "$runs" -eq $times ] || fail "$runs runs"
# the first run sends all, each other one its one page
[ "$sent" -eq $((times + $(find "$site" -type f | wc -l) - 1)) ] ||
    fail "$sent files sent"
[ "$fds_after" -eq "$fds_before" ] || fail 'descriptors are left open'
[ "$children" -eq 0 ] || fail 'a child is left'
case $BIN in
*asan*) ;; # keeps what is freed
*)
	[ $((kb_after - kb_before)) -lt 2048 ] ||
	    fail "memory grew from $kb_before kB to $kb_after kB"
	;;
esac
same_tree "$site" "$htdocs"
# what is left on the server is bounded too
[ -z "$(ls -A "$htdocs/.sandferry/stage")" ] || fail 'a full stage'
[ "$(wc -c <"$htdocs/.sandferry/ledger")" -lt 200000 ] ||
    fail 'the ledger only grows'
