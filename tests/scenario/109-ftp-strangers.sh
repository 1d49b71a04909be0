# Goal: by FTP, a folder that is new to us and was there already: a stranger's
# file in it stops the publish, stays, or is kept aside, as the site says; and
# what is in it comes in the order of what needs what.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
ftp_start vsftpd plain
ftp_url
mkdir -p "$site"
echo '<h1>Home</h1>' >"$site/index.html"
published
cp -a "$ftp_root" "$tmp/ftp-before"
cp -a "$HOME" "$tmp/home-before"
echo '<link rel=stylesheet href=blog/zz.css><a href=one/x.html>' \
    >"$site/index.html"

# again FILE...: as it was before, and then somebody put these there
again() {
	rm -rf "$HOME" "$live"
	cp -a "$tmp/ftp-before/www" "$live"
	cp -a "$tmp/home-before" "$HOME"
	for file; do
		mkdir -p "$live/${file%/*}"
		echo theirs >"$live/$file"
	done
	chown -R 54321:54321 "$live"
	: >"$ftp_log"
}

theirs() {
	for file; do
		[ "$(cat "$live/$file")" = theirs ] || fail "$file is ours"
	done
}

# as a folder, and a folder of one file
mkdir -p "$site/blog/deep" "$site/one"
echo 'p {}' >"$site/blog/zz.css"
echo '@import "zz.css";' >"$site/blog/aa.css"
echo '<link rel=stylesheet href=aa.css>' >"$site/blog/page.html"
echo '<p>deep' >"$site/blog/deep/x.html"
echo '<p>one of ours' >"$site/one/x.html"
set -- blog/zz.css blog/deep/x.html one/x.html
again "$@"
publish
expect_exit 32
expect_words
expect_match 'the publish stopped half way: .* is on the server already'
theirs "$@"
[ "$(cat "$live/index.html")" = '<h1>Home</h1>' ] ||
    fail 'the page came before what it needs'
# as long as they are there
rm "$live/one/x.html"
publish
expect_exit 32
theirs blog/zz.css blog/deep/x.html
rm "$live/blog/zz.css" "$live/blog/deep/x.html"
published
expect_text 'finished an interrupted publish'
whole

again "$@"
published --drift keep
theirs "$@"
expect_text 'it stays as it is'
[ -z "$(ls "$live/.sandferry/stage")" ] || fail 'left in the stage'
cmp "$site/index.html" "$live/index.html" || fail 'it was not published'

again "$@"
published --drift overwrite
whole
[ "$(grep -rx theirs "$live/.sandferry/kept" | wc -l)" -eq 3 ] ||
    fail 'theirs were not kept'

# theirs is a file, and ours a folder: whatever the policy, nothing is begun
for policy in stop keep overwrite; do
	again blog/other.txt
	echo theirs >"$live/one"
	publish --drift "$policy"
	expect_exit 32
	expect_words
	expect_text 'nothing was published: one is a file on the server'
	theirs one
	[ "$(cat "$live/index.html")" = '<h1>Home</h1>' ] || fail 'it was begun'
	[ ! -e "$live/blog/page.html" ] || fail 'half of it was published'
done
rm "$live/one"
published
# in a folder that was there already: as soon as that is known
again blog/deep
publish
expect_exit 32
expect_match 'the publish stopped half way: .*blog/deep is a file on the server'
theirs blog/deep
rm "$live/blog/deep"
published
whole

# joined, in order
again blog/other.txt
published -j 1
theirs blog/other.txt
rm "$live/blog/other.txt"
whole
grep -o 'RNTO .*www/[a-z].*' "$ftp_log" >"$tmp/renames"
place() {
	grep -n "$1" "$tmp/renames" | tail -n 1 | cut -d : -f 1
}
[ "$(place 'blog/zz.css')" -lt "$(place 'blog/aa.css')" ] ||
    fail 'a style sheet came before what it imports'
[ "$(place 'blog/aa.css')" -lt "$(place 'blog/page.html')" ] ||
    fail 'a page came before its style sheet'
