# Goal: a connection that ends before any single step of the commit leaves what
# the next run finishes: files that became folders, folders that became files,
# names that changed their letters' case, removals.
# Long: many steps.
. tests/scenario/lib.sh

# put TREE PATH TEXT
put() {
	mkdir -p "$(dirname "$tmp/$1/$2")"
	printf '%s\n' "$3" >"$tmp/$1/$2"
}

# two sites that are each other's worst successor
put odd page file
put odd swap/a.html odd
put odd swap/b.html odd
put odd deep/er/c.html same
put odd Case.html same
put odd index.html odd
put even page/a.html even
put even page/b.html even
put even swap file
put even case.html same
put even gone/d.html even
put even index.html even
find "$tmp/odd" "$tmp/even" -exec touch -d '2020-02-02 02:02:02 UTC' {} +

# Each file that visitors see is an old or a new one.  Where a file and a folder
# change places, there is a moment without either.
expect_no_half() {
	(cd "$htdocs" && find . -name .sandferry -prune -o -type f -print) \
	    >"$tmp/live"
	while IFS= read -r file; do
		cmp -s "$htdocs/$file" "$site/$file" ||
		    cmp -s "$htdocs/$file" "$tmp/old/$file" ||
		    fail "visitors see half of $file"
	done <"$tmp/live" 2>/dev/null
}

start_proxy
trust
cp -a "$tmp/even/." "$site"
published

# The proxy, and the session with it, ends before the request is heard; until
# neither way has that many.
next=odd
for kind in REMOVE RMDIR MKDIR posix-rename; do
	nth=0
	whole=0
	while [ $whole -lt 2 ]; do
		nth=$((nth + 1))
		rm -rf "$site" "$tmp/old"
		cp -a "$htdocs" "$tmp/old"
		cp -a "$tmp/$next" "$site"
		rules "run $kind $nth kill -9 \$PPID"
		publish
		expect_exit 0 21
		[ $rc -eq 0 ] && whole=$((whole + 1)) || whole=0
		sleep 0.1 # for what the server heard before
		expect_no_half
		rules
		publish
		[ $rc -eq 0 ] || fail "$kind $nth: exit $rc, $(summary text)"
		same_tree "$site" "$htdocs"
		publish
		expect_count sent 0
		expect_count removed 0
		[ $next = odd ] && next=even || next=odd
	done
	[ $nth -gt 3 ] || fail "only $nth of $kind"
done

# the lock was made, and nothing had been written into it; nobody waits for it
lock=$htdocs/.sandferry/lock
echo more >>"$site/index.html"
rules 'run WRITE:lock 1 kill -9 $PPID'
publish
expect_exit 21
[ -e "$lock" ] && [ ! -s "$lock" ] || fail 'the lock is not empty'
rules
published
expect_count sent 1
# all was done but to remove it; a run with nothing else to do does that
echo more >>"$site/index.html"
rules 'run REMOVE:lock 1 kill -9 $PPID'
publish
[ -s "$lock" ] || fail 'the lock is gone'
rules
published
expect_count sent 0
[ ! -e "$lock" ] || fail 'the lock was left behind'
# somebody else's is not touched
echo somebody else >"$lock"
published
[ -s "$lock" ] || fail "somebody else's lock is gone"
: >"$lock"
published
[ -e "$lock" ] || fail "somebody else's lock is gone"
