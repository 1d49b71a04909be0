# Goal: with layout = releases whatever would go wrong is refused before the
# first byte, in words: a server that cannot, a `current' that is not ours, the
# other layout; what others changed there is drift; sites of other tools and
# lost ledgers are adopted.
. tests/scenario/lib.sh
small_site
subsystem="$tmp/sftp"
ln -s "$SFTP_SERVER" "$subsystem"
start_sshd
trust
current=$htdocs/current

publish_so() {
	publish --layout releases "$@"
}

# serve [REQUEST,...]: from the next session on it refuses these
serve() {
	rm -f "$subsystem"
	printf '#!/bin/sh\nexec %s %s\n' "$SFTP_SERVER" "${1:+-P $1}" \
	    >"$subsystem"
	chmod 755 "$subsystem"
}

refused() {
	expect_exit "$1"
	expect_outcome "$2"
	expect_words
	[ -z "$(ls "$htdocs/.sandferry/stage" 2>/dev/null)" ] ||
	    fail 'something was sent'
	[ ! -e "$htdocs/releases/000001" ] || fail 'a release was begun'
}

# FTP, known before anybody connects
ferry publish --source "$site" --url ftp://me@127.0.0.1:1/x --plain-ftp \
    --layout releases --json
expect_exit 2
expect_outcome layout_ftp
expect_words
publish --layout odd
expect_exit 2

# servers that cannot, or say that they can
serve posix-rename
publish_so
refused 30 releases_server
expect_text 'posix-rename@openssh.com'
serve symlink
publish_so
refused 30 releases_server
expect_text 'makes no symbolic links'
serve hardlink,copy-data
publish_so
refused 30 releases_server
expect_text 'can neither link nor copy'
ferry check --layout releases --url "$url" --key "$key"
expect_exit 30
expect_match 'FAIL +releases'
rm -rf "$htdocs/.sandferry"

# `current' is there already, and not ours
serve
mkdir "$current"
publish_so --drift overwrite
refused 32 current_foreign
rmdir "$current"
echo mine >"$current"
publish_so --dry-run
refused 32 current_foreign
rm "$current"
ln -s elsewhere "$current"
publish_so
refused 32 current_foreign
expect_text 'current leads to elsewhere'
publish_so --drift overwrite
expect_exit 0
same_tree "$site" "$current/"
ferry check --layout releases --url "$url" --key "$key"
expect_exit 0
expect_match 'ok +releases'

# copies where there are no links; what is there stays as it is
serve hardlink
echo two >>"$site/index.html"
publish_so
expect_exit 0
expect_count sent 1
same_tree "$site" "$current/"
[ "$(stat -c %h "$current/picture.bin")" = 1 ] || fail 'linked all the same'
[ "$(stat -c %Y "$current/picture.bin")" = \
    "$(stat -c %Y "$site/picture.bin")" ] || fail 'not its time'
serve

# somebody leads visitors elsewhere, or nowhere
ln -sfn releases/000001 "$current"
echo three >>"$site/index.html"
publish_so
expect_exit 32
expect_outcome current_foreign
ferry verify --layout releases --url "$url" --key "$key" --json
expect_exit 50
expect_outcome current_foreign
ferry status --exit-code --layout releases --url "$url" --key "$key" --json
expect_exit 3
rm "$current"
publish_so
expect_exit 32
expect_text 'was removed on the server'
publish_so --drift overwrite
expect_exit 0
[ "$(readlink "$current")" = releases/000003 ] || fail 'not made live'

# drift: what is replaced, and what is only carried on
echo theirs >"$current/index.html"
rm "$current/about.html"
echo four >>"$site/index.html"
publish_so
expect_exit 32
publish_so --drift overwrite
expect_exit 0
expect_text 'that version is kept in releases/000003'
expect_text 'about.html was removed on the server'
grep -q theirs "$htdocs/releases/000003/index.html" || fail 'it is not kept'
cmp -s "$site/index.html" "$current/index.html" || fail 'not replaced'
echo again >>"$site/about.html"
publish_so
expect_exit 0
same_tree "$site" "$current/"
ferry undo 5 --layout releases --url "$url" --key "$key"
expect_exit 50
expect_text '2 files of releases/000003 are not what they were; the first: about'
echo more >>"$site/index.html"
publish_so
expect_exit 0
echo theirs >"$current/index.html"
ferry undo --drift keep --layout releases --url "$url" --key "$key"
expect_exit 32
ferry undo --drift overwrite --layout releases --url "$url" --key "$key"
expect_exit 0
[ "$(readlink "$current")" = releases/000006 ] || fail 'not undone'

# not in the other layout
publish
expect_exit 2
expect_outcome layout_changed
expect_words
[ ! -e "$htdocs/index.html" ] || fail 'published flat'
url=$url/flat
published
publish_so
expect_exit 2
expect_outcome layout_changed
url=${url%/flat}
rm -rf "$htdocs/flat"

# the ledger is lost: what is live says `current'; never a number twice
echo five >>"$site/index.html"
publish_so --drift overwrite
expect_exit 0
live=$(readlink "$current")
rm -rf "$htdocs/.sandferry"
publish_so
expect_exit 32
ferry adopt --source "$site" --layout releases --url "$url" --key "$key" --yes
expect_exit 0
publish_so
expect_exit 0
expect_count sent 0
[ "$(readlink "$current")" = "$live" ] || fail 'switched for nothing'
echo six >>"$site/index.html"
publish_so
expect_exit 0
expect_count sent 1
next=releases/$(printf %06d "$(expr "${live#releases/}" + 1)")
[ "$(readlink "$current")" = "$next" ] || fail 'a number was used again'

# as Capistrano names them
rm -rf "$htdocs" "$HOME/.local/state"
mkdir -p "$htdocs/releases/20251122101112"
cp -a "$site/." "$htdocs/releases/20251122101112"
ferry adopt --source "$site" --layout releases --url "$url" --key "$key" --yes
expect_exit 32
expect_text 'there is no link current to a release'
ln -s releases/20251122101112 "$current"
ferry adopt --source "$site" --layout releases --url "$url" --key "$key" --yes
expect_exit 0
rm "$site/empty"
publish_so
expect_exit 0
expect_count sent 0
[ "$(readlink "$current")" = releases/20251122101113 ] || fail 'out of order'
same_tree "$site" "$current/"
