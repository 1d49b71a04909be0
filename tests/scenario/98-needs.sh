# Goal: a page never goes live before what it refers to, on a server that takes
# all renames in one flight, too: where one is refused, all that needs it stays
# as it was, sidecars with it; what does not need it comes; the next run, also
# from another machine, goes on.  An undo, which knows no needs, goes by kind.
. tests/scenario/lib.sh
[ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null || skip 'no setpriv'
# somebody whom the modes of folders bind
[ "$(id -u)" -ne 0 ] || {
	subsystem="/usr/bin/env setpriv --reuid=65534 --clear-groups \
$SFTP_SERVER"
	chown 65534 "$htdocs"
}
start_sshd
trust

# make VERSION: pages that need style sheets, which need a picture
make() {
	mkdir -p "$site/css" "$site/pictures" "$site/sub"
	words=$(seq -s ' ' 200)
	echo "picture $1" >"$site/pictures/a.png"
	echo "b { background: url(../pictures/a.png) } /* $1 $words */" \
	    >"$site/css/base.css"
	echo "@import 'base.css'; /* $1 */" >"$site/css/all.css"
	echo "<link rel=stylesheet href=css/all.css>$1 $words" \
	    >"$site/index.html"
	echo "<img src=../pictures/a.png>$1" >"$site/sub/picture.html"
	echo "<h1>$1</h1>" >"$site/sub/alone.html"
	echo "$1" >"$site/leaves-$1.html"
}

# is VERSION FILE...: that is what visitors see; of sidecars as well
is() {
	version=$1
	shift
	for file; do
		grep -q "\\b$version\\b" "$htdocs/$file" ||
		    fail "$file is not of version $version"
		[ ! -e "$htdocs/$file.gz" ] ||
		    zcat "$htdocs/$file.gz" | cmp -s - "$htdocs/$file" ||
		    fail "$file.gz is of another version"
	done
}

with_sidecars() {
	publish --precompress gzip "$@"
}

make 1001
with_sidecars
expect_exit 0
[ -e "$htdocs/index.html.gz" ] && [ -e "$htdocs/css/base.css.gz" ] ||
    fail 'no sidecars'

# in the middle of a chain: the picture comes, the style sheets and the page do
# not, nor is anything removed
rm "$site"/leaves-*
make 1002
chmod 555 "$htdocs/css"
with_sidecars
expect_exit 51
expect_outcome partial
expect_words
expect_text "cannot replace css/base.css: permission denied by the server"
is 1001 css/all.css css/base.css index.html leaves-1001.html
is 1002 pictures/a.png sub/picture.html sub/alone.html leaves-1002.html

# nothing has changed: to go on is as careful
new_machine
with_sidecars
expect_exit 51
is 1001 css/all.css css/base.css index.html leaves-1001.html
chmod 755 "$htdocs/css"
new_machine
with_sidecars
expect_exit 0
is 1002 css/all.css css/base.css index.html
[ ! -e "$htdocs/leaves-1001.html" ] || fail 'it stayed'

# at the bottom: all that needs it stays, whatever is between them
make 1003
chmod 555 "$htdocs/pictures"
with_sidecars
expect_exit 51
expect_text '1 of '
expect_text ' and 6 that need them wait; the first: cannot replace pictures/a'
is 1002 pictures/a.png css/base.css css/all.css index.html sub/picture.html
is 1003 sub/alone.html leaves-1003.html
chmod 755 "$htdocs/pictures"
with_sidecars
expect_exit 0
is 1003 pictures/a.png css/base.css css/all.css index.html sub/picture.html

# back again: what kind of file it is has to do
chmod 555 "$htdocs/css"
ferry undo --source "$site" --url "$url" --key "$key" --json
expect_exit 51
is 1003 css/base.css css/all.css index.html sub/alone.html sub/picture.html
chmod 755 "$htdocs/css"
with_sidecars
expect_exit 0
is 1003 pictures/a.png css/base.css css/all.css index.html sub/picture.html
[ -z "$(ls "$htdocs/.sandferry/stage")" ] || fail 'left behind'
