# Goal: content that is in a publish twice, or on the server already, does not
# travel, be it renamed, moved or copied; and a server that cannot copy, or does
# not get it done, is sent what it needs.
. tests/scenario/lib.sh
small_site
start_proxy
trust

# 50 MB in ten equal files: one of them travels
mkdir "$site/tens"
big_file "$site/tens/0" 5000
for i in 1 2 3 4 5 6 7 8 9; do
	cp "$site/tens/0" "$site/tens/$i"
done
touch -d '2020-01-02 03:04:05' "$site/tens/7"
chmod 755 "$site/tens/3"
published
rest=$((5000 * 1024 + 300 * 1024 + 100))
[ "$(summary bytes_sent)" -le $rest ] ||
    fail "$(summary bytes_sent) bytes were sent"
same_tree "$site" "$htdocs"
for i in 0 3 7; do
	[ "$(stat -c '%Y' "$site/tens/$i")" = \
	    "$(stat -c '%Y' "$htdocs/tens/$i")" ] || fail "time of $i"
done
[ -x "$htdocs/tens/3" ] && [ ! -x "$htdocs/tens/4" ] || fail 'modes'
[ -z "$(ls "$htdocs/.sandferry/stage")" ] || fail 'something is left'

# renamed, moved, copied, another mode: nothing travels but what is tiny
big_file "$site/deep/a.bin" 20 2
published
nothing_sent() {
	published
	[ "$(summary bytes_sent)" -eq 0 ] ||
	    fail "$(summary bytes_sent) bytes were sent"
	same_tree "$site" "$htdocs"
}
mv "$site/tens" "$site/ten"
mv "$site/deep/a.bin" "$site/css/b.bin"
cp "$site/picture.bin" "$site/twin.bin"
chmod 755 "$site/ten/4"
nothing_sent
[ -x "$htdocs/ten/4" ] || fail 'mode'

# who reads along is told why nothing was sent
mv "$site/twin.bin" "$site/triplet.bin"
ferry publish --source "$site" --url "$url" --key "$key"
expect_exit 0
expect_text '1 put in place, 0 sent ('

# two files change places
mv "$site/css/b.bin" "$tmp/b"
mv "$site/picture.bin" "$site/css/b.bin"
mv "$tmp/b" "$site/picture.bin"
nothing_sent

# somebody changed the one to copy from
mv "$site/picture.bin" "$site/moved.bin"
cp "$site/moved.bin" "$site/picture.bin"
printf x | dd of="$htdocs/picture.bin" bs=1 seek=100 conv=notrunc 2>/dev/null
# it may be the very second in which the site was made
touch -d '2020-01-02' "$htdocs/picture.bin"
published
[ "$(summary bytes_sent)" -eq 20480 ] || fail 'a changed file was copied'
cmp "$site/moved.bin" "$htdocs/moved.bin" || fail 'a changed file was copied'
cp -p "$site/picture.bin" "$htdocs/picture.bin"

# from here on they are smaller
rm -r "$site/ten"
mkdir "$site/ten"
big_file "$site/ten/0" 500 3
for i in 1 2 3; do
	cp "$site/ten/0" "$site/ten/$i"
done
published

# a server that does not copy; whose disk is full; one that says that it did
at=$site/ten
for rule in 'strip copy-data' 'status copy-data * 4 full' 'status copy-data * 0'; do
	rules "$rule"
	mv "$at" "$at+"
	at=$at+
	published
	same_tree "$site" "$htdocs"
	[ "$(summary bytes_sent)" -ge 512000 ] || fail "$rule: nothing was sent"
done

# cut off while it copies: what is whole is kept, the rest is copied
rules 'cut copy-data 3 0'
mv "$at" "$site/tens"
publish
expect_exit 21
rules
nothing_sent

# as it was before: it is kept
big_file "$site/large.bin" 2000 8
published
big_file "$site/large.bin" 2000 9
published
big_file "$site/large.bin" 2000 8
nothing_sent

# a second name of a live file, as an interrupted undo leaves it, is not
# written to
echo 'as it is' >"$site/one.html"
published
echo 'the same' >"$site/index.html"
rules 'cut WRITE:stage 1 0'
publish
expect_exit 21
rules
name=$(sha256sum <"$site/one.html")
ln "$htdocs/one.html" "$htdocs/.sandferry/stage/${name%% *}"
cp "$site/one.html" "$site/two.html"
touch -d '2020-01-02 03:04:05' "$site/two.html"
published
same_tree "$site" "$htdocs"
[ "$(stat -c %i "$htdocs/one.html")" != "$(stat -c %i "$htdocs/two.html")" ] ||
    fail 'a live file was written to'
