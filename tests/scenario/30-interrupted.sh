# Goal: a publish that is killed at any moment leaves every file whole, and the
# next run finishes it, from this machine or another; one that is cancelled
# gives up its lock.
# Long: many interruptions.
. tests/scenario/lib.sh
small_site
many_files 150
start_sshd
trust
published
stage=$htdocs/.sandferry/stage
lock=$htdocs/.sandferry/lock

# the server has done what was still on its way when its peer went
session_over() {
	[ -z "$(cat "/proc/$sshd_pid/task/$sshd_pid/children" 2>/dev/null)" ]
}

# interrupted SIGNAL SECONDS: the same run, ended by a signal
interrupted() {
	"$FERRY" publish --source "$site" --url "$url" --key "$key" \
	    --fallback-known-hosts none --no-input --json \
	    >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	sleep "$2"
	kill "-$1" $pid 2>/dev/null
	wait $pid 2>/dev/null
	rc=$?
	wait_for session_over || fail 'the server goes on'
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

# without_end: cut the ledger's last record; one made compact has no `end`
without_end() {
	ledger=$htdocs/.sandferry/ledger
	until [ "$(tail -c 21 "$ledger" | head -c 5 | od -An -t x1)" = \
	    ' 00 00 00 08 05' ]; do
		echo '<p>again' >>"$site/index.html"
		published
	done
	truncate -s -21 "$ledger"
}

edit() {
	rm -rf "$tmp/old"
	cp -a "$site" "$tmp/old"
	find "$site" -name 'page*' -exec sh -c \
	    'for f; do echo "<p>'"$1"'" >>"$f"; done' sh {} +
	rm "$site/0/page $round.html"
	echo "$1" >"$site/1/new $round.html"
}

round=0
for seconds in 0.03 0.1 0.17 0.25; do
	round=$((round + 1))
	edit "$seconds"
	interrupted KILL $seconds
	expect_whole "$tmp/old"
	# another machine must wait for the lock, unless it is stale
	if [ -e "$lock" ] && [ $((round % 2)) -eq 0 ]; then
		new_machine
		publish
		if [ "$rc" -eq 0 ]; then
			# all was done but to unlock; nobody else needs it
			expect_count sent 0
			same_tree "$site" "$htdocs"
			rm "$lock"
		else
			expect_exit 33
			expect_outcome locked
			touch -d '11 minutes ago' "$lock"
		fi
	fi
	published
	same_tree "$site" "$htdocs"
	[ -z "$(ls -A "$stage")" ] || fail 'something was left in the stage'
	[ ! -e "$lock" ] || fail 'the lock was left behind'
done

for seconds in 0.05 0.15; do
	round=$((round + 1))
	edit "$seconds"
	interrupted TERM $seconds
	expect_exit 0 143
	expect_whole "$tmp/old"
	[ ! -e "$lock" ] || fail 'a cancelled run kept its lock'
	new_machine
	published
	same_tree "$site" "$htdocs"
done

# ended between the last rename and the ledger's `end`: nothing is sent again
echo '<p>first' >>"$site/index.html"
published
without_end
new_machine
ferry plan --source "$site" --url "$url" --key "$key"
expect_exit 0
expect_text 'an interrupted publish will be finished first'
published
expect_text 'finished an interrupted publish'
expect_count sent 0

# ... and what was lost of it there is sent again
echo '<p>last' >>"$site/index.html"
published
without_end
rm "$htdocs/index.html"
published
expect_text 'were lost on the server'
expect_count sent 1
same_tree "$site" "$htdocs"
new_machine
published
expect_count sent 0

# a record that was torn in mid-write is cut off by the next one
printf '\000\000\000\010\004\000' >>"$htdocs/.sandferry/ledger"
echo "<p>more" >>"$site/index.html"
published
expect_count sent 1
new_machine
published
expect_count sent 0
