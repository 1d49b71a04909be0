# Goal: what somebody else changed on the server is not overwritten, and two
# publishes never run at once.
. tests/scenario/lib.sh
small_site
start_sshd
trust
published
side=$htdocs/.sandferry

# a page changed on the server, and we want to replace it
echo '<p>by hand' >>"$htdocs/about.html"
published # not ours to replace: nothing happens
echo '<p>by us' >>"$site/about.html"
publish
expect_exit 32
expect_outcome drift
expect_text 'about.html was changed on the server'
expect_match 'by hand' "$htdocs/about.html"
[ ! -e "$side/lock" ] || fail 'the lock was left behind'

# it goes on when the change is gone, and what was staged is not sent again
rm "$htdocs/about.html"
published
expect_text 'about.html was removed on the server'
expect_count sent 0
same_tree "$site" "$htdocs"

# the same before a removal
echo '<p>by hand' >>"$htdocs/about.html"
rm "$site/about.html"
publish
expect_exit 32
rm "$htdocs/about.html"
published
same_tree "$site" "$htdocs"

# file to folder and back; a stranger in a folder that has to go stops it
mkdir "$site/about.html"
echo x >"$site/about.html/x"
rm "$site/empty"
published
same_tree "$site" "$htdocs"
echo stranger >"$htdocs/about.html/stranger"
rm -r "$site/about.html"
echo file >"$site/about.html"
publish
expect_exit 32
expect_text 'about.html/stranger is not ours'
expect_match stranger "$htdocs/about.html/stranger"
rm "$htdocs/about.html/stranger"
published
same_tree "$site" "$htdocs"

# a stranger's file keeps its folder when our files leave it
echo stranger >"$htdocs/css/stranger"
rm -r "$site/css"
published
expect_match stranger "$htdocs/css/stranger"
rm -r "$htdocs/css"

# a folder of theirs where a new file has to go: nothing is published until the
# way is free
mkdir "$htdocs/notes"
echo new >"$site/notes"
echo new >"$site/other"
publish
expect_exit 32
expect_text 'notes is a folder on the server'
[ ! -e "$side/lock" ] || fail 'the lock was left behind'
[ ! -e "$htdocs/other" ] || fail 'half of it is live'
rmdir "$htdocs/notes"
published
expect_count sent 0
same_tree "$site" "$htdocs"

# somebody else's lock; a run that has nothing to do needs none
echo 'eve@elsewhere 12 2026-01-01T00:00:00Z 0123456789abcdef' >"$side/lock"
published
echo '<p>late' >>"$site/index.html"
publish
expect_exit 33
expect_outcome locked
expect_text 'eve@elsewhere is publishing'
[ -e "$side/lock" ] || fail 'it took the lock of somebody else'
touch -d '9 minutes ago' "$side/lock"
publish
expect_exit 33
touch -d '11 minutes ago' "$side/lock"
published
expect_text 'took over a lock'
expect_count sent 1
[ ! -e "$side/lock" ] || fail 'the lock was left behind'

# two at once from here: one of them publishes, the other says why not
many_files 300
publish &
first=$!
sleep 0.05
(
	tmp=$tmp/second
	mkdir "$tmp"
	publish
	exit "$rc"
)
second=$?
wait $first
case $second in
0 | 33) ;;
*) fail "the second one ended with $second" ;;
esac
published
same_tree "$site" "$htdocs"

# nobody sees our folder
[ "$(stat -c %a "$side")" = 700 ] || fail 'the folder is open'
expect_match 'Require all denied' "$side/.htaccess"

# a first publish where others have something: found in the listing of the root
# and looked at, and in folders below it, too
rm -rf "$htdocs" "$HOME/.local/state"
mkdir -p "$htdocs/deep/er"
echo theirs >"$htdocs/deep/er/page.html"
echo more >"$htdocs/other.html"
publish
expect_exit 32
expect_text 'deep/er/page.html is on the server already, and not by us'
grep -q theirs "$htdocs/deep/er/page.html" || fail 'it was replaced'
rm "$htdocs/deep/er/page.html"
published
[ -e "$htdocs/other.html" ] || fail 'it was removed'
