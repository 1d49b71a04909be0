# A short file by FTP leaves before the server has said 150, and whatever the
# server says to that is understood; what is not looked at counts as sent.
. tests/scenario/lib.sh
. tests/scenario/ftp_meet.sh

small=$tmp/small large=$tmp/large
printf 'hello world\n' >"$small"
head -c 3000000 /dev/urandom >"$large"

# 257: truncate, and do not look.
steps "put\t/a\t$small\t0\t257" "put\t/b\t$small" "get\t/b\t$tmp/b" \
    "put\t/c\t$small\t0\t257" "stat\t/c" | meet early
said '^learned has=100000 lacks=0'
said '^done 1 ok status=0 size=12 .* sent=12 '
said '^done 2 ok status=0 size=12 '
said '^done 5 ok status=0 size=12 '
said '^end 5 of 5, 0 failed'
cmp "$small" "$tmp/b" || fail 'another file came back'
heard EPSV 4
heard TYPE 1
heard 'SIZE /a' 0
heard 'SIZE /b' 2

# One that cannot is asked once, by a session that can go on.
steps "put\t/a\t$small" "put\t/a\t$small" "get\t/a\t$tmp/a" | meet tardy
said '^done 1 again status=425 .*not yet'
said '^learned has=0 lacks=100000'
said '^done 2 ok'
cmp "$small" "$tmp/a" || fail 'another file came back after a 425'
steps "put\t/a\t$small" "put\t/b\t$small" | meet tardy lacks=0x100000
said '^end 2 of 2, 0 failed'

# No 150 at all, and a refusal of what is on its way already, short or long.
steps "put\t/a\t$small" "put\t/b\t$small" | meet no150
said '^end 2 of 2, 0 failed'
steps "put\t/a\t$small" "put\t/b\t$large" "chmod\t/a\t0600" \
    "chmod\t/a\t0600" | meet refuses
said '^done 1 denied status=553 .*not this one'
said '^done 2 denied status=553 .* sent=0 .*not this one'
said '^done 3 unsupported'
said '^done 4 unsupported'
heard 'SITE CHMOD' 1

# Who has no step yet is not told how far it is, and may be slow.
steps "sleep\t1300" | meet early
said '^ready '
! grep -q -a '^progress' "$tmp/said" || fail 'progress before all steps'

# One that ends amid the 150 has ended.
steps "put\t/a\t$small" | meet half150
said '^fail '
! grep -q -a 'silent' "$tmp/said" || fail 'it has ended, not slept'

# 226 for half of a file is seen where one looks, and only there.
steps "put\t/a\t$small\t0\t257" "put\t/a\t$small" | meet liar
said '^done 1 ok status=0 size=12 '
said '^done 2 short status=0 size=6 '

# A way that has worked, and does not any more.
steps "put\t/a\t$small" "put\t/b\t$small" "get\t/b\t$tmp/b" | meet deadlater
said '^end 3 of 3, 0 failed'
cmp "$small" "$tmp/b" || fail 'another file came back by PASV'
