# Goal: log shows what the last fifty runs did, one that was killed and one that
# goes on, in lines and as the same JSON that the run itself would print.
. tests/scenario/lib.sh
small_site
start_sshd
trust

# log [OPTION...]
log() {
	ferry log --url "$url" "$@"
}

log
expect_exit 0
expect_text 'Nothing was published to it from here'

published
echo '<p>again' >"$site/about.html"
published
publish --key "$tmp/no-such-key"
expect_exit 14
ferry plan --source "$site" --url "$url" --key "$key"
expect_exit 0

log
expect_exit 0
[ "$(grep -c '  20..-' "$tmp/out")" -eq 3 ] || fail 'there are not three runs'
expect_match '^ +3 .*  publish +ok, [1-9][0-9]* new, 0 changed'
expect_match '^ +2 .*  publish +ok, 0 new, 1 changed'
expect_match '^ +1 .*  publish +failed \(14\): cannot read the key file'

log --run 2
expect_exit 0
expect_text '~ about.html  (content changed)'
expect_no_match 'index.html'
log --run 4
expect_exit 2
expect_text 'there is no run 4: 3 are kept'

# What is kept is what --json prints.
echo '<p>thrice' >"$site/about.html"
publish --json
expect_exit 0
grep -v '"type":"progress"' "$tmp/out" >"$tmp/told"
log --run 1 --json
expect_exit 0
sed 1d "$tmp/out" | sed '$d' | grep -v '"type":"progress"' >"$tmp/kept"
cmp "$tmp/told" "$tmp/kept" || fail 'it was told otherwise than it was kept'

# Who follows sees one that goes on, and that it is killed.
runs=$(dirname "$(find "$tmp" -name '*-publish.ndjson' | head -n 1)")
[ "$(stat -c %a "$runs")" = 700 ] || fail 'everybody may look at the runs'
"$FERRY" log --url "$url" --follow --json >"$tmp/followed" 2>&1 &
follower=$!
started="$started $follower"
kill -STOP "$sshd_pid"
"$FERRY" publish --source "$site" --url "$url" --key "$key" --no-input \
    --fallback-known-hosts none >"$tmp/by" 2>&1 &
hanging=$!
started="$started $hanging"
is_followed() {
	grep -q '"number":1,"state":"going_on"' "$tmp/followed"
}
wait_for is_followed || fail 'it was not followed'
log
expect_match '^ +1 .*  publish +is going on'
kill -KILL "$hanging"
wait "$hanging" 2>/dev/null
kill -CONT "$sshd_pid"
log
expect_match '^ +1 .*  publish +was killed'
published
has_ended() {
	tail -n 1 "$tmp/followed" | grep -q '"type":"summary","outcome":"ok"'
}
wait_for has_ended || fail 'the next run was not followed'
kill -TERM "$follower"
wait "$follower"
[ $? -eq 143 ] || fail 'a follower that is told to stop says so'

# What is no run of ours is not shown, and fifty are kept.
echo '{"v":1,"type":"note","text":"\033[2J"}' >"$runs/20200101T000000Z-00-undo.ndjson"
printf '\033[2J\n%s' '{"v":1,"type":"su' >"$runs/20200101T000000Z-01-undo.ndjson"
: >"$runs/not-a-run"
i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	: >"$runs/$(printf '201901%02dT0000%02dZ-00-verify.ndjson' $((i % 28 + 1)) $i)"
done
log
expect_exit 0
expect_no_match "$(printf '\033')"
last=$(find "$runs" -name '*-publish.ndjson' | sort | tail -n 1)
cat "$last" >"$tmp/last"
{
	echo '{"v":1,"type":"phase","phase":"\u001b[2J"}'
	echo '{"v":1,"type":"progress","phase":"\u001b[2J"}'
} >>"$last"
log --run 1
expect_exit 0
expect_text '\x1b[2J: 0 B'
expect_no_match "$(printf '\033')"
cat "$tmp/last" >"$last"
published
[ "$(find "$runs" -name '*.ndjson' | wc -l)" -eq 50 ] ||
    fail "$(find "$runs" -name '*.ndjson' | wc -l) are kept"
[ -e "$runs/not-a-run" ] || fail 'a file that is not ours was removed'
rm "$runs"/2020*

# somebody else looks at it just when it begins: it is locked all the same
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer does not let itself be traced' ;;
esac
strace -o /dev/null true 2>/dev/null || skip 'no strace'
strace -o "$tmp/locks" -e trace=flock -e inject=flock:error=EAGAIN:when=1 \
    "$FERRY" publish --source "$site" --url "$url" --key "$key" \
    --fallback-known-hosts "$fallback" --no-input >"$tmp/out" 2>"$tmp/err" \
    </dev/null || fail "$(cat "$tmp/err")"
first=$(sed -n '1s/^flock(\([0-9]*\), LOCK_EX|LOCK_NB).*INJECTED.*/\1/p' \
    "$tmp/locks")
[ -n "$first" ] || fail "not the lock of a run: $(cat "$tmp/locks")"
sed -n 2p "$tmp/locks" | grep -q "^flock($first, LOCK_EX|LOCK_NB) *= 0" ||
    fail "no lock: $(cat "$tmp/locks")"
