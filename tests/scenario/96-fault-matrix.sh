# Goal: the fault matrix: a real disk that is full at each phase, a server whose
# clock is two hours off, one without hard links, a slow one: each has its exit
# status and its words, exactly these; visitors see whole files, and the next
# run brings everything into order.
. tests/scenario/lib.sh
small_site
# no fault here is a silence, and this machine may have much to do
patience='--stall-timeout 200'
mount -t tmpfs -o size=4m,nr_inodes=9999,mode=755 none "$htdocs" 2>/dev/null ||
    skip 'nothing can be mounted'
mounted=$htdocs
start_proxy
trust
published
number=0

# behind everybody's back: from then on there is no block left, and no inode
cat >"$tmp/fill" <<-'FILL'
	#!/bin/sh
	live=$(dirname "$0")/htdocs
	dd if=/dev/zero of="$live/.sandferry/filler" bs=64k 2>/dev/null
	dd if=/dev/zero of="$live/.sandferry/filler2" bs=1k 2>/dev/null
	used=$(df --output=iused "$live" | tail -n 1)
	mount -o "remount,nr_inodes=$((used))" "$live"
FILL
chmod 755 "$tmp/fill"

make_room() {
	rm -f "$htdocs/.sandferry"/filler*
	mount -o remount,nr_inodes=9999 "$htdocs"
}

# a new version: a page, a larger file, and a folder in the place of another
change() {
	number=$((number + 1))
	rm -rf "$site"/new*
	echo "<h1>Version $number</h1>" >"$site/index.html"
	big_file "$site/picture.bin" 300 $number
	mkdir "$site/new$number"
	echo '<h1>New</h1>' >"$site/new$number/page.html"
	rm -rf "$tmp/old"
	cp -a "$htdocs" "$tmp/old"
}

# said CODE WORDS: by the last run
said() {
	if [ -n "${VERBOSE:-}" ]; then
		printf '%s|%s|%s\n' $rc "$(summary text)" "$case"
		return
	fi
	[ $rc -eq "$1" ] || fail "$case: exit $rc, $(summary text)"
	[ "$(summary text)" = "$2" ] ||
	    fail "$case: said \"$(summary text)\" instead of \"$2\""
}

in_order() {
	rules
	publish $patience
	[ $rc -eq 0 ] || fail "$case; then exit $rc, $(summary text)"
	same_tree "$site" "$htdocs"
	[ -z "$(ls "$htdocs/.sandferry/stage")" ] || fail "$case: left behind"
}

# CODE|WORDS|RULE[;RULE]: FULL fills the disk, N is the number of this one
matrix() {
	while IFS='|' read -r code words case; do
		change
		rules "$(echo "$case" | sed "s#FULL#$tmp/fill#" | tr ';' '\n')"
		publish $patience
		make_room
		said "$code" "$(echo "$words" | sed "s/newN/new$number/")"
		[ $rc -eq 0 ] || expect_words
		expect_whole "$tmp/old"
		in_order
	done
}

matrix <<'END'
31|the disk of the server is full; the live site is untouched|run OPEN:lock 1 FULL
31|the disk of the server is full; the live site is untouched, what was sent has been removed (Failure)|run WRITE:ledger 1 FULL;status WRITE:ledger 1 4 Failure
31|the disk of the server is full; the live site is untouched, what was sent has been removed (Failure)|run WRITE:stage 2 FULL
31|the disk of the server is full: cannot write .sandferry/ledger|run WRITE:ledger 2 FULL;status WRITE:ledger 2 4 Failure
31|the disk of the server is full: cannot write .sandferry/ledger|run WRITE:ledger 3 FULL;status WRITE:ledger 3 4 Failure;status REMOVE:kept * 4 Failure
30|cannot write .sandferry/ledger: the server could not do it (Failure)|status WRITE:ledger 3 4 Failure
51|1 of 6 steps could not be done; the first: cannot replace picture.bin: the server could not do it (Failure)|status posix-rename 1 4 Failure
51|1 of 6 steps could not be done; the first: cannot replace newN/page.html: permission denied by the server (Permission denied)|status posix-rename 2 3 Permission denied
0||strip hardlink@openssh.com
0||delay WRITE:stage * 100
END

# there is room for what is new, and none for what is kept: it is told
for rule in "run hardlink 1 $tmp/fill" 'status hardlink * 4 Failure'; do
	case=$rule
	change
	rm -r "$site/new$number"
	rules "$rule"
	publish
	make_room
	said 0 ''
	expect_match 'old versions? could not be kept'
	same_tree "$site" "$htdocs"
	in_order
done

# what that one replaced could not be kept: an undo says so
case='an undo without hard links'
change
rules 'strip hardlink@openssh.com' 'strip copy-data'
published
ferry undo --url "$url" --source "$site" --key "$key" --json
said 30 'the server has no hard links and makes no copies, so no old versions are kept, and nothing can be undone'
same_tree "$site" "$htdocs"

# the server's clock is two hours off, either way: it alone says how old a lock
# is, by the time that it gives a new file
for off in 2 -2; do
	for age in 9 11; do
		case="a lock of $age minutes, the clock $off hours off"
		change
		lock=$htdocs/.sandferry/lock
		echo 'eve@elsewhere 12 2026-01-01T00:00:00Z 0123' >"$lock"
		touch -d "$off hours -$age minutes" "$lock"
		rules "run LSTAT:clock 1 touch -d '$off hours' \
$htdocs/.sandferry/clock"
		publish
		if [ $age -eq 9 ]; then
			[ $rc -eq 33 ] || fail "$case: exit $rc"
			expect_match 'eve@elsewhere is publishing this site \(lock refreshed 5[34][0-9] s ago\)'
			rm "$lock"
		else
			[ $rc -eq 0 ] || fail "$case: exit $rc"
			expect_text 'took over a lock that is 11 minutes old: eve@elsewhere'
		fi
		in_order
	done
done

# our own disk is full: what we remember of the server is not needed
case='our own disk is full'
make_room
mkdir -p "$tmp/state"
mount -t tmpfs -o size=64k,mode=700 none "$tmp/state"
mounted="$mounted $tmp/state"
XDG_STATE_HOME=$tmp/state
export XDG_STATE_HOME
change
published
dd if=/dev/zero of="$tmp/state/filler" bs=1k 2>/dev/null
change
publish
said 0 ''
in_order

# a quota, of which no server tells: there is room, and not for us
unset XDG_STATE_HOME
quota() {
	truncate -s 128M "$tmp/image"
	mkfs.btrfs -q "$tmp/image" && mount -o loop "$tmp/image" "$tmp/disk" &&
	    btrfs quota enable "$tmp/disk" &&
	    btrfs subvolume create "$tmp/disk/www" &&
	    btrfs qgroup limit 3M "$tmp/disk/www"
}
case='a quota'
mkdir "$tmp/disk"
if quota >"$tmp/quota" 2>&1; then
	mounted="$mounted $tmp/disk"
	url=${url%"$htdocs"}$tmp/disk/www
	htdocs=$tmp/disk/www
	published
	cp -a "$htdocs" "$tmp/before"
	big_file "$site/large.bin" 6000
	rules
	publish
	said 30 'cannot send large.bin: the server could not do it (Failure)'
	expect_words
	expect_text 'a quota'
	same_tree "$tmp/before" "$htdocs"
	[ -z "$(ls "$htdocs/.sandferry/stage")" ] ||
	    fail 'it still fills the quota'
	rm "$site/large.bin"
	change
	in_order
else
	echo "no quota: $(tail -n 1 "$tmp/quota")"
fi
