# Goal: what cannot end well is told before the first byte: too little room, by
# both numbers; names that the server cannot hold, or not both of.
. tests/scenario/lib.sh
small_site
start_proxy
trust
mount -t tmpfs -o size=2m,mode=755 none "$htdocs" 2>/dev/null ||
    skip 'nothing can be mounted'
mounted=$htdocs

untouched() {
	expect_words
	grep -Ev '^OPEN .*/\.sandferry/(kept/)?ledger$' "$tmp/requests" |
	    grep -E '^(OPEN|WRITE|MKDIR|REMOVE|posix-rename) ' &&
	    fail 'it wrote'
	[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'it wrote'
}

# room: on the first publish, and on one more
big_file "$site/large.bin" 4000
before=$(fingerprint_of "$htdocs")
for verb in publish plan; do
	rules
	ferry $verb --source "$site" --url "$url/not/yet" --key "$key" --json
	expect_exit 31
	expect_text '4.2 MiB are to be sent, and the server has room for 2.0 MiB'
	untouched
	# each folder above the root is asked once, and all in one flight
	asked=$(grep -c '^statvfs' "$tmp/requests")
	most=$(echo "/$htdocs/not/yet" | tr -cd / | wc -c)
	[ "$asked" -gt 1 ] && [ "$asked" -le "$most" ] ||
	    fail "$asked questions for room"
done
big_file "$site/large.bin" 1000
published
big_file "$site/large.bin" 1100 2
before=$(fingerprint_of "$htdocs")
rules
publish
expect_exit 31
expect_outcome remote_too_small
untouched
mount -o remount,size=20m "$htdocs"
published
same_tree "$site" "$htdocs"

# a server that does not tell is believed to have room
rules 'strip statvfs@openssh.com'
big_file "$site/large.bin" 1200 3
published

# a path that no system takes
deep=$site/$(printf '%0200d/%0200d/%0200d/%0200d/%0200d' 1 2 3 4 5)
mkdir -p "$deep"
: >"$deep/a"
far=
while [ ${#far} -lt 3100 ]; do
	far=$far/$(printf '%0200d' 7)
done
rules
ferry publish --source "$site" --url "$url$far" --key "$key" --json
expect_exit 41
expect_outcome name_for_server
rm -r "$site/$(printf %0200d 1)"
umount "$htdocs"
mounted=

# names that differ in case alone, where that is nothing
ntfs=${OUT:-out}/case-blind
[ -x "$ntfs/bin/lowntfs-3g" ] || skip 'no ntfs-3g: sh tests/tools/case-blind'
LD_LIBRARY_PATH=$(dirname "$(find "$ntfs" -name 'libntfs-3g.so.*' |
    head -n 1)")
export LD_LIBRARY_PATH
truncate -s 20M "$tmp/image"
"$ntfs/sbin/mkntfs" -q -F -f "$tmp/image" >/dev/null 2>&1 &&
    "$ntfs/bin/lowntfs-3g" "$tmp/image" "$htdocs" -o ignore_case,permissions \
	>/dev/null 2>&1 || skip 'NTFS cannot be mounted'
unset LD_LIBRARY_PATH
mounted=$htdocs
new_machine
trust
twins() {
	mkdir -p "$site/Deep"
	: >"$site/Deep/x"
	: >"$site/deep/X"
	: >"$site/About.html"
}
twins
before=$(live)
for at in first next; do
	rules
	publish
	expect_exit 41
	expect_outcome name_collision
	expect_words
	expect_text 'About.html and about.html are one file for this server'
	expect_text 'Deep/x and deep/X are one file for this server'
	[ "$before" = "$(live)" ] || fail 'it wrote'
	[ $at = first ] || break
	rm -r "$site/About.html" "$site/Deep" "$site/deep/X"
	published
	same_tree "$site" "$htdocs"
	twins
	before=$(live)
done

# one that changes its case alone is renamed
rm -r "$site/About.html" "$site/Deep" "$site/deep/X"
mv "$site/about.html" "$site/ABOUT.html"
published
cmp "$site/ABOUT.html" "$htdocs/about.html" || fail 'it is gone'
