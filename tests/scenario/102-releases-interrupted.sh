# Goal: with layout = releases a run that ends at any request, with its hub or
# with its session, leaves visitors the whole old site or the whole new one; the
# next run, from any machine, finishes it, or gives it up where it was lost.
. tests/scenario/lib.sh
[ -x "$(command -v flock)" ] || skip 'no flock'
small_site
# whoever holds this serves somebody; it outlives the session
cat >"$tmp/sftp" <<END
#!/bin/sh
exec 9>>"$tmp/busy"
flock -s 9
exec $SFTP_SERVER
END
chmod 755 "$tmp/sftp"
SFTP_SERVER=$tmp/sftp
start_proxy
trust
current=$htdocs/current
side=$htdocs/.sandferry

# run VERB...: with its process number in $tmp/pid
run() {
	(
		sh -c 'echo $$ >"$0"; exec "$@"' "$tmp/pid" "$FERRY" "$@" \
		    --layout releases --url "$url" --key "$key" --json \
		    --fallback-known-hosts none --no-input >"$tmp/out" \
		    2>"$tmp/err" </dev/null
	) 2>/dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

publish_so() {
	run publish --source "$site" "$@"
}

# the server has done what was still on its way when its peer went
session_over() {
	[ -z "$(cat "/proc/$sshd_pid/task/$sshd_pid/children" 2>/dev/null)" ]
}

expect_whole_release() {
	wait_for session_over && flock -w 20 "$tmp/busy" true ||
	    fail 'the server goes on'
	diff -r "$current/" "$site" >/dev/null ||
	    diff -r "$current/" "$tmp/old" >/dev/null ||
	    fail "visitors see a part: $(readlink "$current")"
}

# a machine that was never here must wait for the lock, unless it is stale
be_another() {
	new_machine
	[ ! -e "$side/lock" ] || touch -d '11 minutes ago' "$side/lock"
}

converge() {
	rules
	publish_so
	[ "$rc" -eq 0 ] || fail "$1: exit $rc, $(summary text)"
	same_tree "$site" "$current/"
	[ -z "$(ls -A "$side/stage")" ] || fail "$1: left in the stage"
	[ ! -e "$side/current" ] || fail "$1: a link is left"
	publish_so
	expect_count sent 0
	expect_count removed 0
}

change() {
	rm -rf "$tmp/old"
	cp -a "$site" "$tmp/old"
	echo "<p>$1" >>"$site/index.html"
	echo "<p>$1" >>"$site/deep/er/page.html"
	rm -rf "$site/new"*
	mkdir "$site/new $1"
	echo "$1" >"$site/new $1/file"
}

publish_so
expect_exit 0
round=0
for kind in SYMLINK posix-rename hardlink MKDIR REMOVE; do
	nth=0
	whole=0
	while [ $whole -lt 1 ]; do
		nth=$((nth + 1 + round % 2)) # some of those that are many
		round=$((round + 1))
		change $round
		case $((round % 2)) in
		0) who='$PPID' ;;
		*) who="\$(cat $tmp/pid)" ;;
		esac
		rules "run $kind $nth kill -9 $who"
		publish_so
		expect_exit 0 21 137
		[ $rc -ne 0 ] || whole=1
		expect_whole_release
		[ $((round % 3)) -ne 0 ] || be_another
		converge "$kind $nth"
	done
done
[ $round -gt 12 ] || fail "only $round rounds"
[ "$(ls "$htdocs/releases" | wc -l)" -le 4 ] || fail 'releases are left behind'

# an undo, at the same places
for kind in SYMLINK posix-rename; do
	change undone
	converge undone
	rules "run $kind 1 kill -9 \$PPID"
	run undo
	expect_exit 21
	expect_whole_release
	be_another
	rules
	run undo --dry-run
	expect_exit 0
	publish_so
	expect_exit 0
	same_tree "$site" "$current/"
done

# complete but for the link, and a part of it lost there: nobody has seen any of
# it, and it is made again
change lost
rules "run SYMLINK 1 kill -9 \$PPID"
publish_so
expect_exit 21
expect_whole_release
half=$htdocs/releases/$(ls "$htdocs/releases" | tail -n 1)
[ ! "$half" -ef "$current/" ] || fail 'it is live'
rm "$half/index.html"
be_another
rules
publish_so
expect_exit 0
expect_text 'it is given up, visitors saw nothing of it'
same_tree "$site" "$current/"
converge lost

# what lies under the names of the new release is not trusted
change planted
rules "run SYMLINK 1 kill -9 \$PPID"
publish_so
expect_exit 21
expect_whole_release
half=$htdocs/releases/$(ls "$htdocs/releases" | tail -n 1)
rm "$half/about.html"
echo planted >"$half/about.html"
converge planted
