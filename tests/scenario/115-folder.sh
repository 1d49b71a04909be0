# Goal: a folder of this machine in place of a server.  The same publish, byte
# by byte, in one burst; again nothing is written; drift is seen, undo brings
# back; a link in it that leads out is not followed, by any verb.
. tests/scenario/lib.sh
small_site
many_files 40
url=file://$htdocs
key=none

publish() {
	ferry publish --source "$site" --url "$url" --json "$@"
}

there() {
	ferry "$1" --url "$url" --json
}

# the first time
files=$(find "$site" -type f | wc -l)
published
expect_count sent "$files"
same_tree "$site" "$htdocs"
[ "$(stat -c %a "$htdocs/.sandferry")" = 700 ] || fail 'the mode of .sandferry'
[ -z "$(ls -A "$htdocs/.sandferry/stage")" ] || fail 'a full stage'
[ ! -e "$htdocs/.sandferry/lock" ] || fail 'the lock was left behind'
[ "$(stat -c %Y%a "$htdocs/index.html")" = \
    "$(stat -c %Y "$site/index.html")644" ] || fail 'time and mode'

# again, also for a machine that was never here
before=$(fingerprint_of "$htdocs")
published
expect_count sent 0
new_machine
published
expect_count sent 0
[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'something was written'

# an update, and what it was before; the other way to write the url
cp -a "$site" "$tmp/old"
echo '<p>More' >>"$site/about.html"
rm -r "$site/css"
url=file://localhost$htdocs
published
expect_count sent 1
expect_count removed 1
same_tree "$site" "$htdocs"
url=file://$htdocs
there undo
expect_exit 0
same_tree "$tmp/old" "$htdocs"
ferry verify --url "$url" --content
expect_exit 0
ferry check --url "$url"
expect_exit 0
published
same_tree "$site" "$htdocs"

# somebody else was here
echo theirs >"$htdocs/about.html"
there status
expect_match '"path":"about.html"'
echo '<p>Ours' >>"$site/about.html"
publish
expect_exit 32
[ "$(cat "$htdocs/about.html")" = theirs ] || fail 'drift was overwritten'
published --drift overwrite
same_tree "$site" "$htdocs"

# a folder of theirs is a link that leads out: nothing goes there
mkdir "$tmp/outside"
cp -a "$htdocs/deep/." "$tmp/outside"
rm -r "$htdocs/deep"
before=$(fingerprint_of "$tmp/outside")
for leads in "$tmp/outside" ../outside; do
	ln -sfn "$leads" "$htdocs/deep"
	echo "<p>$leads" >>"$site/deep/er/page.html"
	publish
	expect_exit 30 32
	expect_words
	rm -rf "$site/gone" && mkdir "$site/gone"
	there verify
	[ "$rc" -ne 0 ] || fail 'what a link leads to was read'
	[ "$before" = "$(fingerprint_of "$tmp/outside")" ] ||
	    fail 'a link was followed out of the folder'
done
rm -r "$htdocs/deep" "$site/gone"
mkdir -p "$htdocs/deep/er"
published --drift overwrite
same_tree "$site" "$htdocs"

# ... nor where our own folder is one
mv "$htdocs/.sandferry" "$tmp/outside/side"
ln -s "$tmp/outside/side" "$htdocs/.sandferry"
before=$(fingerprint_of "$tmp/outside")
echo '<p>Side' >>"$site/index.html"
publish
[ "$rc" -ne 0 ] || fail 'our own folder was a link, and followed'
[ "$before" = "$(fingerprint_of "$tmp/outside")" ] || fail 'followed out'
rm "$htdocs/.sandferry"
mv "$tmp/outside/side" "$htdocs/.sandferry"

# there is nobody to know and nobody to log in to
ferry host show --url "$url"
expect_exit 2
expect_text 'there is no server behind'
ferry explain --url "$url"
expect_exit 0
expect_text 'the target'
for odd in "file://example.org$htdocs" "file://me@localhost$htdocs" \
    "file:$htdocs"; do
	ferry plan --source "$site" --url "$odd"
	expect_exit 2
done
