# Goal: over a slow line nothing is taken for a lost connection: what takes
# longer than a server may be silent is done, progress is told, and the lock
# stays young.  100 KB/s for more than a minute with SANDFERRY_LONG=1, else
# three times as fast, and short.
. tests/scenario/lib.sh
rate=300000 size=1500 silent=3
[ "${SANDFERRY_LONG:-}" != 1 ] || rate=100000 size=14000 silent=30
small_site
start_sshd
python3 tests/scenario/slow_line.py $port $rate >"$tmp/slow.port" &
started="$started $!"
wait_for test -s "$tmp/slow.port" || fail 'no slow line'
url=sftp://$user@127.0.0.1:$(cat "$tmp/slow.port")$htdocs
trust
published

lock=$htdocs/.sandferry/lock
watch_lock() {
	while [ ! -e "$tmp/over" ]; do
		stat -c %Y "$lock" 2>/dev/null
		sleep 1
	done >"$tmp/ages"
}

big_file "$site/large.bin" $size 2
watch_lock &
started="$started $!"
published --stall-timeout $silent
: >"$tmp/over"
same_tree "$site" "$htdocs"
expect_no_match 'lost|silent'

# what was told never went back, and ended where it should
sed -n 's/.*"phase":"stage".*"bytes_done":\([0-9]*\).*/\1/p' "$tmp/out" \
    >"$tmp/progress"
[ "$(wc -l <"$tmp/progress")" -ge 3 ] || fail 'no progress'
sort -nc "$tmp/progress" || fail 'progress went back'
[ "$(tail -n 1 "$tmp/progress")" -eq $((size * 1024)) ] ||
    fail 'progress ended elsewhere'
grep '"phase":"stage".*"bytes_done"' "$tmp/out" >"$tmp/progress"
[ -z "$(grep -v '"path":"large.bin"' "$tmp/progress")" ] ||
    fail 'nobody is told what travels'
if [ "${SANDFERRY_LONG:-}" = 1 ]; then
	[ "$(sort -u "$tmp/ages" | wc -l)" -ge 2 ] ||
	    fail 'the lock was not refreshed'
fi
