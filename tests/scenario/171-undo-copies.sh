# Goal: where the server has no hard links, old versions are copied before they
# are replaced, and undo copies them back: over SFTP by copy-data, in a folder by
# its file system.
. tests/scenario/lib.sh
small_site
start_proxy
trust
side=$htdocs/.sandferry

undo() {
	ferry undo "$@" --url "$url" --key "$key" --json
}

# there_and_back: a publish that replaces and removes, and its undo, and again
there_and_back() {
	published
	rm -rf "$tmp/one"
	cp -a "$site" "$tmp/one"
	echo '<p>two' >>"$site/about.html"
	cp "$site/index.html" "$site/again.html"
	rm -r "$site/css" "$site/empty"
	published --yes
	expect_no_match 'could not be kept'
	rm -rf "$tmp/two"
	cp -a "$site" "$tmp/two"
	undo
	expect_exit 0
	expect_count bytes_sent 0
	same_tree "$tmp/one" "$htdocs"
	[ -z "$(ls "$side/stage")" ] || fail 'left in the stage'
	! ls "$side/kept" | grep -q new- || fail 'half a copy was left'
	undo
	expect_exit 0
	same_tree "$tmp/two" "$htdocs"
	rm -r "$site"
	cp -a "$tmp/one" "$site"
}

rules 'strip hardlink@openssh.com'
ferry check --url "$url" --key "$key"
expect_match 'hard links +no: old versions are copied, for undo'
there_and_back
expect_match '^copy-data' "$tmp/requests"
expect_no_match '^hardlink' "$tmp/requests"

# what is copied is bounded, and what is no longer needed goes
published
for n in 1 2 3 4 5; do
	big_file "$site/large.bin" 300
	echo "$n" >>"$site/large.bin"
	published --keep-bytes 400K
	[ "$(du -sk "$side/kept" | cut -f 1)" -lt 420 ] || fail 'too much is kept'
done

# where one cannot be copied, none is: it would be of no use
echo more >>"$site/index.html"
rules 'strip hardlink@openssh.com' 'status copy-data 2 4 Full.'
echo more >>"$site/about.html"
published
expect_match '2 old versions could not be kept'
! ls "$side/kept" | grep -q new- || fail 'half a copy was left'
undo
expect_exit 50
expect_outcome not_kept
same_tree "$site" "$htdocs"

# cut off amid a copy, or before it has its name: nothing is live of what comes
for rule in 'cut copy-data 1 0' 'cut posix-rename:new- 1 0'; do
	rm -rf "$htdocs"
	mkdir "$htdocs"
	new_machine
	rules 'strip hardlink@openssh.com'
	published
	cp -a "$site" "$tmp/was"
	echo "$rule" >>"$site/about.html"
	rules 'strip hardlink@openssh.com' "$rule"
	publish
	expect_exit 21
	same_tree "$tmp/was" "$htdocs"
	rules 'strip hardlink@openssh.com'
	published
	! ls "$side/kept" | grep -q new- || fail 'half a copy was left'
	undo
	expect_exit 0
	same_tree "$tmp/was" "$htdocs"
	rm -r "$site"
	mv "$tmp/was" "$site"
done

# a folder on a file system without links
stop_sshd
command -v python3 >/dev/null || skip 'no python3'
case $BIN in
*/asan | */tsan) skip 'no filter over a sanitizer' ;;
esac
printf '#!/bin/sh\nexec python3 %s/tests/scenario/no_links.py %s "$@"\n' \
    "$PWD" "$FERRY" >"$tmp/ferry"
chmod 755 "$tmp/ferry"
"$tmp/ferry" version >/dev/null || skip 'no filter here'
FERRY=$tmp/ferry
htdocs=$tmp/folder
side=$htdocs/.sandferry
url=file://$htdocs
mkdir "$htdocs"
new_machine
there_and_back
[ "$(find "$htdocs" -type f -links +1 | wc -l)" -eq 0 ] || fail 'it has links'
