# Goal: an application shows a plan and has exactly that done later: a publish,
# an undo, what a guard forbade; what has changed meanwhile is told, not done.
. tests/scenario/lib.sh
[ -x "$PEERS/planner" ] || skip 'no planner: make peers'
small_site
start_sshd

# planner GRACE DO...: what it says is in $tmp/all.
planner() {
	"$PEERS/planner" "$BIN/sandferry-worker" "$site" "$url" "$key" \
	    "$(fingerprint "$host_key")" "$tmp/state" "$tmp/known_hosts" "$@" \
	    >"$tmp/all" 2>&1
	rc=$?
	expect_exit 0
	! grep -q Sanitizer "$tmp/all" || fail 'a sanitizer speaks'
}

# outcomes ID...: of the jobs, in order.
outcomes() {
	said=$(sed -n 's/^outcome //p' "$tmp/all" | xargs)
	[ "$said" = "$*" ] || fail "outcomes $said instead of $*"
}

planner 0 plan run
outcomes ok ok
expect_match "^add index.html 0 $(stat -c %s "$site/index.html") $(
    sha256sum <"$site/index.html" | cut -c 1-8) 644 \\(new\\)$"
[ "$(grep -c '^add' "$tmp/all")" -eq "$(find "$site" -type f | wc -l)" ] ||
    fail 'not each file once'
same_tree "$site" "$htdocs"

# What left the source waits; the site and the server go on behind the plan.
rm "$site/about.html"
echo two >>"$site/index.html"
planner '2 publishes' plan "sh=echo three >>'$site/index.html'" run
outcomes ok plan_differs
expect_match '^wait about.html [0-9]* [0-9]* - 0 \(.*\)$'
expect_match '^update index.html'
[ "$(grep -c '^update index.html' "$tmp/all")" -eq 2 ] ||
    fail 'the plan that differs is not told'
! grep -q two "$htdocs/index.html" || fail 'something was done'
planner '2 publishes' plan run plan run
outcomes ok ok ok ok
[ -e "$htdocs/about.html" ] || fail 'it did not wait'
echo four >>"$site/index.html"
planner '2 publishes' plan run undo run run
outcomes ok ok ok ok plan_outdated
expect_match '^update index.html'
! grep -q four "$htdocs/index.html" || fail 'nothing was undone'
grep -q three "$htdocs/index.html" || fail 'too much was undone'

# A guard forbids it: the plan is shown, and done when that was accepted.
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do
	echo $n >"$site/$n.html"
done
planner 0 plan run
outcomes ok ok
rm "$site"/[0-9]*.html
echo five >>"$site/index.html"
planner 0 plan run force
outcomes too_many_removals too_many_removals ok
expect_match '^remove 21.html 3 0 - 0 \(.*\)$'
same_tree "$site" "$htdocs"
