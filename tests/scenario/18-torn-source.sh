# Goal: a file that changes while it is sent never goes live as a mixture.
. tests/scenario/lib.sh
small_site
start_proxy
trust
published
big_file "$site/large.bin" 4000 1

# changed once, in the middle: staged again as it is then, or refused
rules "run WRITE:stage 20 printf changed | dd of=$site/large.bin bs=1 \
conv=notrunc 2>/dev/null"
cp -a "$htdocs" "$tmp/old"
publish
expect_exit 0 41
[ $rc -eq 0 ] || expect_words
[ $rc -ne 0 ] || same_tree "$site" "$htdocs"
[ $rc -eq 0 ] || [ ! -e "$htdocs/large.bin" ] || fail 'half of it is live'
expect_whole "$tmp/old"
rules
published
same_tree "$site" "$htdocs"

# cut short; grown; gone
for change in "truncate -s 1000000 $site/large.bin" \
    "dd if=/dev/zero bs=1k count=500 >>$site/large.bin 2>/dev/null" \
    "rm $site/large.bin"; do
	big_file "$site/large.bin" 4000 $((${seed:=1} + 1))
	seed=$((seed + 1))
	rm -rf "$tmp/old"
	cp -a "$htdocs" "$tmp/old"
	cp "$site/large.bin" "$tmp/planned"
	rules "run OPEN:stage 1 $change"
	publish
	expect_exit 0 41
	[ $rc -eq 0 ] || expect_words
	cmp -s "$htdocs/large.bin" "$tmp/old/large.bin" ||
	    cmp -s "$htdocs/large.bin" "$tmp/planned" ||
	    cmp -s "$htdocs/large.bin" "$site/large.bin" ||
	    fail "a mixture is live: $change"
	rules
	published
	same_tree "$site" "$htdocs"
done

# changed all the time: given up after a few times
big_file "$site/large.bin" 4000 9
rules "run WRITE:stage * date +%N | dd of=$site/large.bin bs=1 \
seek=4090000 conv=notrunc 2>/dev/null"
cp -a "$htdocs" "$tmp/before"
publish
expect_exit 41
expect_text large.bin
same_tree "$tmp/before" "$htdocs"
rules
published
same_tree "$site" "$htdocs"

# another content of the same size and time, and the run cut off: what was
# staged does not pass for the planned one when that is back
now_as() {
	cp "$tmp/$1" "$site/about.html"
	touch -d '2020-01-01 UTC' "$site/about.html"
}
echo 'a new page' >"$tmp/planned"
echo 'a wrong one' | head -c 11 >"$tmp/wrong"
now_as wrong
mv "$site/about.html" "$tmp/wrong"
now_as planned
rules "run OPEN:lock 1 cp -p $tmp/wrong $site/about.html" \
    "cut CLOSE:stage 1 0"
publish
expect_exit 21
now_as planned
rules
published
same_tree "$site" "$htdocs"
