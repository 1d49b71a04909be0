# Goal: an interrupted upload of a large file goes on where it was, after what
# is there was compared; what is not ours is not built upon.
# Long: large files.
. tests/scenario/lib.sh
small_site
start_proxy
trust
published
big_file "$site/large.bin" 20000
size=$(stat -c %s "$site/large.bin")

# cut off somewhere behind the middle
rules 'cut WRITE:stage 50 0'
publish
expect_exit 21
part=$(find "$htdocs/.sandferry/stage" -size +100k)
[ -n "$part" ] || fail 'nothing is left to resume'
there=$(stat -c %s "$part")
rules
published
[ "$(summary bytes_sent)" -le $((size - there + 1000000)) ] ||
    fail "$(summary bytes_sent) bytes were sent again, $there were there"
same_tree "$site" "$htdocs"

# what is there comes back in another order
big_file "$site/large.bin" 20000 6
rules 'cut WRITE:stage 50 0'
publish
expect_exit 21
rules 'reorder 8'
published
[ "$(summary bytes_sent)" -le $((size - there + 1000000)) ] ||
    fail "$(summary bytes_sent) bytes were sent again, $there were there"
same_tree "$site" "$htdocs"

# what is there differs: from there on it is sent
big_file "$site/large.bin" 20000 2
rules 'cut WRITE:stage 50 0'
publish
expect_exit 21
part=$(find "$htdocs/.sandferry/stage" -size +100k)
printf 'damaged' | dd of="$part" bs=1 seek=1000000 conv=notrunc 2>/dev/null
rules
published
same_tree "$site" "$htdocs"
[ "$(summary bytes_sent)" -ge 18000000 ] || fail 'damage was built upon'

# longer than it should be
big_file "$site/large.bin" 20000 3
rules 'cut WRITE:stage 50 0'
publish
expect_exit 21
part=$(find "$htdocs/.sandferry/stage" -size +100k)
head -c 30000000 /dev/zero >>"$part"
rules
published
same_tree "$site" "$htdocs"

# comparing takes longer than anybody may be silent
big_file "$site/large.bin" 4000 4
rules 'cut WRITE:stage 15 0'
publish
expect_exit 21
rules 'delay READ:stage * 60'
published --stall-timeout 5
same_tree "$site" "$htdocs"

# interrupted by hand in the middle: what is complete is not sent again
seed=100
for signal in INT TERM; do
	for i in 1 2 3 4; do
		seed=$((seed + 1))
		big_file "$site/part$i.bin" 100 $seed
	done
	big_file "$site/large.bin" 20000 $seed
	before=$(live)
	rules "run WRITE:stage 60 kill -$signal \$(cat $tmp/pid)" \
	    'delay WRITE:stage * 10'
	# a shell makes its background jobs ignore SIGINT; this undoes it
	env --default-signal=INT sh -c 'echo $$ >"$0"; exec "$@"' \
	    "$tmp/pid" "$FERRY" publish --source "$site" --url "$url" \
	    --key "$key" --no-input --fallback-known-hosts none --json \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	case $signal,$rc in
	INT,130 | TERM,143) ;;
	*) fail "exit $rc after SIG$signal" ;;
	esac
	expect_outcome cancelled
	[ "$before" = "$(live)" ] || fail 'the live site was touched'
	rules
	published
	same_tree "$site" "$htdocs"
	[ "$(summary bytes_sent)" -lt 20000000 ] ||
	    fail 'all of it was sent again'
done
