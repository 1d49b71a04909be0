# FTP servers that fail, lie or drag on: each ends in the right words, within
# its time, and no byte goes where it should not.
. tests/scenario/lib.sh
. tests/scenario/ftp_meet.sh

small=$tmp/small large=$tmp/large
printf 'hello world\n' >"$small"
head -c 3000000 /dev/urandom >"$large"

meet crowded </dev/null
said '^fail 22 ftp_busy .*421\|^fail 22 ftp_busy .*too many'
meet crowded530 </dev/null
said '^fail 22 ftp_busy .*maximum number'

# A machine that PASV names gets no connection: the peer's port does.
steps "put\t/a\t$small" | meet elsewhere
said '^done 1 ok'
steps "put\t/a\t$small" "put\t/b\t$small" | meet noepsv
said '^learned has=0 lacks=800'
said '^done 2 ok'
[ "$(grep -c EPSV "$tmp/heard")" -eq 1 ] || fail 'EPSV was tried again'
steps "put\t/a\t$small" | meet silentepsv silence=1000
said '^fail 21 ftp_no_epsv'
steps "put\t/a\t$small" | meet silentepsv silence=1000 lacks=0x800
said '^done 1 ok'

steps "put\t/a\t$small" | meet liar
said '^done 1 short .* size=6 '
steps "put\t/a\t$large" "stat\t/a" | meet full
said '^done 1 full status=452 .*No space left on device'
said '^done 2 ok' # and the session lives
for code in 426 450 522; do
	steps "put\t/a\t$large" "stat\t/a" | meet abort$code
	said "^done 1 again status=$code .*not now"
	said '^done 2 ok'
done
steps "put\t/a\t$small" "stat\t/a" | meet dropped
said '^fail 21 ftp_lost'
said '^end 0 of 2'

steps "put\t/a\t$small" "stat\t/a" | meet slow
said '^done 2 ok'
meet endless </dev/null
said '^fail '
steps "put\t/a\t$small" | meet long
said '^done 1 ok\|^fail '
steps "stat\t/a" | meet control
said '^done 1 '
! grep -q -a "$(printf '\033')" "$tmp/said" || fail 'control bytes came through'
steps "list\t/" | meet cut
said '^done 1 failed .*a name that is not one'
