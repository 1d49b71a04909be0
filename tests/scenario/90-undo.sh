# Goal: undo brings back exactly what was live before a publish, without
# sending a byte, and can itself be undone; what is kept is bounded.
. tests/scenario/lib.sh
small_site
start_sshd
trust
side=$htdocs/.sandferry

# state N: the site as publish N leaves it
state() {
	rm -rf "$tmp/state.$1"
	cp -a "$site" "$tmp/state.$1"
}

undo() {
	ferry undo "$@" --url "$url" --key "$key" --json
}

published
undo
expect_exit 0
[ -z "$(ls "$htdocs")" ] || fail 'the first publish is not undone'
published
echo '<p>two' >>"$site/about.html"
echo 'p { color: red }' >"$site/css/new.css"
rm "$site/empty"
published
state 2
echo '<p>three' >>"$site/about.html"
rm -r "$site/css"
chmod 600 "$site/index.html"
published --yes
state 3

undo --dry-run
expect_exit 0
same_tree "$tmp/state.3" "$htdocs"
undo
expect_exit 0
expect_count bytes_sent 0
expect_no_match '"phase":"stage".*"bytes_total":[1-9]' "$tmp/out"
same_tree "$tmp/state.2" "$htdocs"
[ -z "$(ls "$side/stage")" ] || fail 'left in the stage'
undo
expect_exit 0
same_tree "$tmp/state.3" "$htdocs"

# three at once: as far back as is kept
n=$(summary generation)
undo $((n - 2))
expect_exit 0
same_tree "$tmp/state.2" "$htdocs"
undo 99
expect_exit 2
expect_text 'not in the history'

# what somebody changed meanwhile stops it
published --yes
echo '<p>by hand' >>"$htdocs/about.html"
undo
expect_exit 32
expect_match 'by hand' "$htdocs/about.html"
undo --drift overwrite
expect_exit 0
expect_text 'that version is kept as'
grep -q 'by hand' "$side"/kept/drift-* || fail 'it is not kept'
same_tree "$tmp/state.2" "$htdocs"

# it is bounded: by publishes, by bytes, and none at all
for i in 1 2 3 4 5 6; do
	echo "$i" >"$site/empty"
	published --yes
done
kept=$(find "$side/kept" -type f | wc -l)
[ "$kept" -le 3 ] || fail "$kept versions are kept"
cat >"$tmp/sandferry.ini" <<END
source = $site
url = $url
keep-bytes = 1
END
echo more >"$site/empty"
ferry publish -c "$tmp/sandferry.ini" --key "$key" --json
expect_exit 0
[ -z "$(ls "$side/kept")" ] || fail 'more is kept than there is room for'
undo
expect_exit 50
expect_text 'not kept any more'
same_tree "$site" "$htdocs"

# the same content is live under another name: it is taken from there, but not
# when somebody has changed it, however large it is
echo 'twice' >"$site/one.txt"
cp "$site/one.txt" "$site/two.txt"
published
state 3
echo 'other' >"$site/one.txt"
published
rm -f "$side/kept"/*
cp -p "$htdocs/two.txt" "$tmp/two"
echo 'wrong' >"$htdocs/two.txt"
touch -d '1 hour ago' "$htdocs/two.txt"
undo
expect_exit 50
expect_text 'not kept any more'
cp -p "$tmp/two" "$htdocs/two.txt"
undo
expect_exit 0
same_tree "$tmp/state.3" "$htdocs"
