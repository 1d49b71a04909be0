# Goal: a server whose disk is full, read-only or not ours refuses with the
# right words; what was staged goes again, the live site stays as it is.
. tests/scenario/lib.sh
small_site
[ "$(id -u)" -eq 0 ] || skip 'not root: cannot mount a small disk'
mount -t tmpfs -o size=2m,nr_inodes=200 none "$htdocs" 2>/dev/null ||
    skip 'cannot mount a small disk'
mounted=$htdocs
start_sshd
trust
published
before=$(live)
failed() {
	expect_exit "$1"
	expect_outcome "$2"
	expect_words
	[ "$before" = "$(live)" ] || fail 'the live site was touched'
	[ -z "$(ls -A "$htdocs/.sandferry/stage")" ] || [ "$1" != 31 ] ||
	    fail 'staged files keep the disk full'
}

# what is large enough to ask for the room first
big_file "$site/large.bin" 3000
publish
failed 31 remote_too_small

# one file that does not fit, many that do not
dd if=/dev/zero of="$htdocs/filler" bs=4k count=275 2>/dev/null
before=$(live)
big_file "$site/large.bin" 900
publish
failed 31 remote_full
rm "$site/large.bin"
for i in 1 2 3 4 5 6 7 8 9; do
	big_file "$site/medium$i.bin" 100 $i
done
publish
failed 31 remote_full
rm "$site"/medium* "$htdocs/filler"

# not one byte of room, not even for our lock
dd if=/dev/zero of="$htdocs/filler" bs=4k 2>/dev/null
before=$(live)
printf 'more\n' >>"$site/index.html"
publish
failed 31 remote_full
rm "$htdocs/filler"
before=$(live)

# room again: all is well
published
same_tree "$site" "$htdocs"
before=$(live)

# no room for more names
i=0
while touch "$htdocs/filler$i" 2>/dev/null; do
	i=$((i + 1))
done
before=$(live)
printf 'new\n' >"$site/new.html"
publish
expect_exit 30 31
[ "$before" = "$(live)" ] || fail 'the live site was touched'
rm "$htdocs"/filler*
published
before=$(live)

# read-only
mount -o remount,ro "$htdocs"
printf 'more\n' >>"$site/index.html"
publish
failed 30 remote_failed
expect_match 'read-only'
mount -o remount,rw "$htdocs"
published
same_tree "$site" "$htdocs"
umount "$htdocs"
mounted=

# another user's folder
stop_sshd
user=nobody
getent passwd nobody >/dev/null || exit 0
subsystem=internal-sftp
make_server
start_sshd
trust
publish
expect_exit 30
expect_outcome remote_denied
expect_words
[ -z "$(ls -A "$htdocs")" ] || fail 'something was written'
chown nobody "$htdocs"
published
same_tree "$site" "$htdocs"

# one folder of it
printf 'more\n' >>"$site/deep/er/page.html"
chown root "$htdocs/deep/er"
publish
expect_exit 30 51
expect_text deep/er/page.html
chown nobody "$htdocs/deep/er"
published
same_tree "$site" "$htdocs"
