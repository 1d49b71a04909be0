# Goal: a run that was killed left its lock; whatever this account does next to
# the same url takes it over at once, with another source, or with none.
. tests/scenario/lib.sh
small_site
start_proxy
trust
lock=$htdocs/.sandferry/lock
cp -a "$site" "$tmp/second"
echo '<p>second' >>"$tmp/second/about.html"

session_over() {
	[ -z "$(cat "/proc/$sshd_pid/task/$sshd_pid/children" 2>/dev/null)" ]
}

# killed VERB...: in the middle of its commit
killed() {
	rules 'silent posix-rename 1'
	"$FERRY" "$@" --url "$url" --key "$key" --fallback-known-hosts none \
	    --no-input >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	wait_for grep -q '^posix-rename' "$tmp/requests" ||
	    fail 'it never came to its commit'
	kill -9 $pid
	wait $pid 2>/dev/null
	wait_for session_over || fail 'the server goes on'
	rules
	[ -e "$lock" ] || fail 'it left no lock'
}

published
echo '<p>more' >>"$site/about.html"
published
killed undo
ferry publish --source "$site" --url "$url" --key "$key" --json
expect_exit 0
same_tree "$site" "$htdocs"
[ ! -e "$lock" ] || fail 'the lock is still there'

echo '<p>third' >>"$site/about.html"
killed publish --source "$site"
ferry publish --source "$tmp/second" --url "$url" --key "$key" --json
expect_exit 0
same_tree "$tmp/second" "$htdocs"

# each source has caches of its own
[ "$(find "$HOME/.local/state" -name scan-cache | wc -l)" -eq 2 ] ||
    fail 'not a cache for each source'

killed publish --source "$site"
ferry undo --url "$url" --key "$key" --json
expect_exit 0
[ ! -e "$lock" ] || fail 'the lock is still there'

# another machine waits
killed publish --source "$site"
new_machine
publish
expect_exit 33
expect_outcome locked
