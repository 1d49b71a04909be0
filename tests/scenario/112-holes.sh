# Goal: zeros of a large file are not sent where the server is sure to have them
# anyway, and lie there as a hole; the bytes are the same, and behind an
# interruption, too.
. tests/scenario/lib.sh
small_site
start_proxy
trust
published

# a disk image: data at both ends, and in the middle
large() {
	rm -f "$site/disk.img"
	truncate -s 100M "$site/disk.img"
	for at in 0 30 60 99; do
		big_file "$tmp/piece" 1000 "$1$at"
		dd if="$tmp/piece" of="$site/disk.img" bs=1M seek=$at \
		    conv=notrunc 2>/dev/null
	done
}

expect_same() {
	cmp "$site/disk.img" "$htdocs/disk.img" || fail 'not the same bytes'
}

large 1
rules
published
expect_same
[ "$(summary bytes_sent)" -lt 7000000 ] ||
    fail "$(summary bytes_sent) bytes were sent"
[ "$(du -k "$htdocs/disk.img" | cut -f 1)" -lt 10000 ] || fail 'no hole'

# one that is only a hole, to its last byte
truncate -s 30000001 "$site/nothing"
published
cmp "$site/nothing" "$htdocs/nothing" || fail 'not nothing'

# behind what is there there is nothing; in it there may be anything
large 2
rules 'cut WRITE:stage 12 0'
publish
expect_exit 21
part=$(find "$htdocs/.sandferry/stage" -size +100k)
[ -n "$part" ] || fail 'nothing is left to resume'
rules
published
expect_same
[ "$(summary bytes_sent)" -lt 7000000 ] || fail 'all of it was sent'
large 3
rules 'cut WRITE:stage 12 0'
publish
expect_exit 21
part=$(find "$htdocs/.sandferry/stage" -size +100k)
tr '\0' x </dev/zero | dd of="$part" bs=1M seek=2 count=20 conv=notrunc \
    iflag=fullblock 2>/dev/null
rules
published
expect_same

# who cannot fsync may have no file to write to
large 4
rules 'strip fsync@openssh.com'
published
expect_same
[ "$(summary bytes_sent)" -gt 100000000 ] ||
    fail 'it was relied upon a server that promises nothing'
