# Goal: to vsftpd, the EPSV of the next upload goes before this one has its 226,
# whatever the server makes of that; and all files arrive.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
. tests/scenario/ftp_meet.sh

small=$tmp/small
printf 'hello world\n' >"$small"
put() {
	printf 'put\\t/%s\\t%s\\t0\\t257' "$1" "$small"
}

# The port is kept over other commands, and serves a download too.
for how in ahead aheadslow; do
	steps "$(put a)" "$(put b)" "$(put c)" "chmod\t/c\t0600" "stat\t/c" \
	    "get\t/c\t$tmp/c" | meet $how
	said '^learned has=400000 lacks=0'
	said '^done 5 ok status=0 size=12 '
	said '^end 6 of 6, 1 failed' # no CHMOD
	cmp "$small" "$tmp/c" || fail "$how: another file came back"
	heard ahead 2
	heard EPSV 4
	heard PASV 0
done

# A refused upload, and EPSV behind it.
steps "$(put a)" "$(put b)" "$(put c)" | meet ahead553
said '^done 2 denied status=553 .*not this one'
said '^done 3 ok status=0 size=12 '
heard ahead 1

# One that does not take it so is never asked again.
steps "$(put a)" "$(put b)" "$(put c)" "$(put d)" | meet ahead500
said '^learned has=0 lacks=400000'
said '^end 4 of 4, 0 failed'
heard EPSV 5
heard PASV 0
steps "$(put a)" "$(put b)" "$(put c)" "$(put d)" | meet aheaddead
said '^learned has=0 lacks=400000'
! grep -q -a '^learned has=0 lacks=800' "$tmp/said" || fail 'EPSV was given up'
said '^end 4 of 4, 0 failed'
steps "$(put a)" "$(put b)" "$(put c)" | meet aheadnot lacks=0x400000
said '^end 3 of 3, 0 failed'
heard EPSV 3

# The end of the session, before and after the 226.
for how in aheadcut aheadgone aheadhalf; do
	steps "$(put a)" "$(put b)" "$(put c)" | meet $how
	said '^learned has=0 lacks=400000'
	said '^done 1 ok '
	[ $how = aheadgone ] || said '^done 2 ok '
	! grep -q -a '^done 3 ' "$tmp/said" || fail "$how: it has ended"
	said '^fail '
	! grep -q -a 'silent' "$tmp/said" || fail "$how: it has ended, not slept"
done

# The real one: short files and long ones, of which none is told early.
mkdir -p "$site/a" "$site/b"
for i in $(seq 100); do
	echo "$i" >"$site/a/$i.html"
	echo "$i" >"$site/b/$i.txt"
done
head -c 300000 /dev/urandom >"$site/a/50.bin"
: >"$site/b/empty"
ftp_start vsftpd plain
ftp_url
published --connections 4
same_tree "$site" "$live"
expect_count sent 202
profile=$(echo "$HOME"/.local/state/sandferry/*/host)
[ $((0x$(sed -n 's/^has //p' "$profile") & 0x400000)) -ne 0 ] ||
    fail 'EPSV was never ahead'
pass=$(grep -c 'FTP command: .*"PASV' "$ftp_log")
[ "$pass" -eq 0 ] || fail "PASV $pass times"
ftp_stop
