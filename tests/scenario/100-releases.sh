# Goal: with layout = releases visitors see one whole publish after the other
# through one link; unchanged files are the same file; old releases go, but not
# what strangers put there; undo switches back, and can itself be undone.
. tests/scenario/lib.sh
small_site
start_sshd
trust
side=$htdocs/.sandferry
current=$htdocs/current

published_so() {
	published --layout releases "$@"
}

undo() {
	ferry undo "$@" --layout releases --url "$url" --key "$key" --json
}

leads_to() {
	[ "$(readlink "$current")" = "releases/$1" ] ||
	    fail "current leads to $(readlink "$current"), not to $1"
	same_tree "$site" "$current/"
}

releases() {
	[ "$(cd "$htdocs/releases" && echo *)" = "$*" ] ||
	    fail "there are $(ls "$htdocs/releases"), not $*"
}

inode() {
	stat -c %i "$1"
}

# the first one: nothing beside it, and ours outside of what is served
published_so
leads_to 000001
[ "$(ls "$htdocs")" = "$(printf 'current\nreleases')" ] || fail 'something else'
[ -d "$side" ] && [ ! -e "$current/.sandferry" ] || fail 'ours is served'
published_so
expect_count generation 1
leads_to 000001

# an update: what stays is the same file, what is new is not
cp -a "$site" "$tmp/first"
echo '<p>two' >>"$site/about.html"
mkdir "$site/new"
echo new >"$site/new/page.html"
rm "$site/empty"
published_so
leads_to 000002
expect_count bytes_sent $((4 + $(wc -c <"$site/about.html")))
[ "$(inode "$current/picture.bin")" = \
    "$(inode "$htdocs/releases/000001/picture.bin")" ] || fail 'not linked'
same_tree "$tmp/first" "$htdocs/releases/000001"
ferry verify --content --layout releases --url "$url" --key "$key"
expect_exit 0
ferry status --exit-code --layout releases --url "$url" --key "$key"
expect_exit 0

# folders and files in each other's place, from another machine
new_machine
rm -r "$site/css" "$site/about.html"
echo file >"$site/css"
mkdir "$site/about.html"
echo inside >"$site/about.html/x"
published_so --yes
leads_to 000003

# undo switches back, to what lies there, and is a publish like another
undo
expect_exit 0
expect_count bytes_sent 0
expect_count generation 4
[ "$(readlink "$current")" = releases/000002 ] || fail 'not switched back'
ferry verify --content --layout releases --url "$url" --key "$key"
expect_exit 0
releases 000001 000002 000003
undo 2
expect_exit 0
same_tree "$tmp/first" "$current/"
undo 4
expect_exit 0
leads_to 000003
echo '<p>seven' >>"$site/index.html"
published_so
leads_to 000007
releases 000001 000002 000003 000007

# as many earlier ones as `keep' says; a stranger's file stays, and is told
cat >"$tmp/sandferry.ini" <<END
source = $site
url = $url
layout = releases
keep = 1
END
echo stranger >"$htdocs/releases/000001/upload.txt"
echo more >"$site/more"
ferry publish -c "$tmp/sandferry.ini" --key "$key" --json
expect_exit 0
leads_to 000008
expect_text 'releases/000001 stays: 1 file or folder in it is not by us; the first: upload.txt'
releases 000001 000007 000008
[ "$(cd "$htdocs/releases/000001" && find . | sort | tr '\n' ' ')" = \
    '. ./upload.txt ' ] || fail 'something of ours is left'
echo more >>"$site/more"
ferry publish -c "$tmp/sandferry.ini" --key "$key" --json
expect_exit 0
expect_no_match 'stays: 1 file'
releases 000001 000008 000009
undo 8
expect_exit 50
expect_text 'releases/000007 is not there any more'
leads_to 000009
[ -z "$(ls "$side/stage" "$side/kept" | grep -v :)" ] || fail 'left in ours'
