# The worker speaks FTP and FTPS with real servers, from inside of its wall: all
# steps, resumed TLS sessions, and no login where the certificate is not right.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh

small=$tmp/small large=$tmp/large part=$tmp/part
printf 'hello world\n' >"$small"
head -c 300000 /dev/urandom >"$large"
head -c 100000 "$large" >"$part"

# session [OPTION...] < STEPS: what the worker says goes to $tmp/said.
session() {
	case $ftp_tls in
	plain) tls=none ;;
	tls13) tls=explicit ;;
	*) tls=$ftp_tls ;;
	esac
	"$PEERS/ftp_door" "$BIN/sandferry-worker" "$ftp_port" tls="$tls" \
	    user="$ftp_user" password="$ftp_password" ca="$ftp_ca" verify=1 \
	    tls13=1 "$@" >"$tmp/said" 2>&1
	rc=$?
}

steps() {
	printf '%b\n' "$@"
}

said() {
	grep -q -e "$1" "$tmp/said" || {
		cat "$tmp/said" >&2
		fail "$ftp_server $ftp_tls: not said: $1"
	}
}

not_said() {
	! grep -q -e "$1" "$tmp/said" || {
		cat "$tmp/said" >&2
		fail "$ftp_server $ftp_tls: said: $1"
	}
}

every_step() {
	rm -rf "$ftp_root"
	mkdir "$ftp_root"
	cp "$part" "$ftp_root/part"
	chown -R 54321:54321 "$ftp_root"
	steps "mkdir\t/.s\t0700" "mkdir\t/.s" "lock\t/.s/lock" \
	    "lock\t/.s/lock" "mkdir\t/no/where" "stat\t/.s" "stat\t/none" \
	    "put\t/a b\t$small\t0\t9\t0600\t1700000000" \
	    "put\t/.s/x\t$large\t0\t1" "put\t/.s/x\t$small\t300000\t0" \
	    "put\t/.s/x\t$small\t5\t0" "put\t/part\t$large\t0\t4" \
	    "get\t/part\t$tmp/whole" "get\t/part\t$tmp/end\t299000" \
	    "get\t/part\t$tmp/middle\t1000\t500" "get\t/none\t$tmp/none" \
	    "list\t/" "rename\t/part\t/.s/x\t/.s/aside" \
	    "rename\t/none\t/y\t/.s/aside" "remove\t/.s/x" "remove\t/.s/x" \
	    "rmdir\t/.s/lock" "put\t/no/a\t$small\t0\t1" "stat\t/a b" \
	    "put\t/bad\rname\t$small\t0\t1" \
	    "put\t/a b\t$small\t0\t257\t0640" "chmod\t/a b\t0604" \
	    "chmod\t/none\t0644" | session
	said '^done 2 ok'
	said '^done 4 exists'
	said '^done 5 absent'
	said '^done 6 ok .* mode=40'
	said '^done 7 absent'
	said '^done 8 ok status=0 size=12 '
	said '^done 10 ok status=0 size=300012 '
	said '^done 11 short status=0 size=300012 '
	said '^done 12 ok status=0 size=300000 .* sent=200000 '
	said '^done 15 ok .* sent=500 '
	said '^done 16 absent'
	said '^entry 17 100600 12 [0-9]* a b$'
	said '^entry 17 40700 [0-9]* [0-9]* .s$'
	said '^done 18 ok'
	said '^done 19 absent'
	said '^done 20 ok'
	said '^done 21 absent'
	said '^done 23 absent'
	said '^done 24 ok status=0 size=12 '
	said '^done 25 unsupported'
	said '^done 26 ok status=0 size=12 '
	said '^done 27 ok'
	said '^done 28 absent'
	said '^end 28 of 28, 10 failed'
	[ "$(stat -c %a "$ftp_root/a b")" = 604 ] ||
		fail "$ftp_server: the mode is $(stat -c %a "$ftp_root/a b")"
	cmp "$large" "$tmp/whole" || fail "$ftp_server: another file came back"
	tail -c 1000 "$large" | cmp - "$tmp/end" || fail "$ftp_server: its end"
	[ "$(ls -A "$ftp_root" "$ftp_root/.s")" = "$ftp_root:
.s
a b

$ftp_root/.s:" ] || fail "$ftp_server: $(ls -AR "$ftp_root")"
}

many_uploads() {
	mkdir -p "$tmp/many"
	i=0
	while [ $i -lt 40 ]; do
		head -c $((i * 997 + 1)) "$large" >"$tmp/many/$i"
		steps "put\t/$i\t$tmp/many/$i"
		i=$((i + 1))
	done | session quiet=1
	said '^end 40 of 40, 0 failed'
	# pure-ftpd with TLS 1.3 does not, and does not mind
	[ $ftp_server = pure-ftpd ] || not_said 'lacks=400$'
}

# pure-ftpd takes its time for a login: once will do.
for how in vsftpd/explicit vsftpd/tls13 proftpd/plain proftpd/tls13 \
    pure-ftpd/explicit; do
	ftp_start ${how%/*} ${how#*/}
	every_step
	many_uploads
	ftp_stop
done

# Whom we talk to, before anybody logs in.
ftp_start vsftpd implicit
echo | session trust=0
said '^certificate [0-9a-f]* tls1.[23] chain=1 name=1 CN = localhost; for loc'
not_said '^ready'
not_said '^refused'
grep -q CONNECT "$ftp_log" || fail "no log of vsftpd's"
grep -q '"USER' "$ftp_log" && fail 'logged in before the verdict'
pin=$(sed -n 's/^certificate \([0-9a-f]*\) .*/\1/p' "$tmp/said")
[ "$pin" = "$(openssl x509 -in "$ftp_ca" -noout -pubkey |
    openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)" ] ||
    fail 'another key than that of the certificate'
steps "stat\t/" | session judged="$pin"
said '^ready'
not_said '^certificate'
steps "stat\t/" | session judged="$(printf %064d 0)"
said '^fail 20 ftp_key_changed'
steps "stat\t/" | session judged="$pin" verify=0 host=other.example
said '^ready'
steps "stat\t/" | session judged="$pin" host=other.example
said '^fail 20 ftp_tls '
steps "stat\t/" | session password=wrong
said '^refused Login incorrect.'
ftp_stop

# No TLS where TLS is wanted.
ftp_start vsftpd plain
ftp_tls=explicit
steps "stat\t/" | session
said '^fail 15 ftp_no_tls'
steps "stat\t/" | session judged="$pin"
said '^fail 15 ftp_no_tls'
grep -q '"PASS' "$ftp_log" && fail 'a password went over the wire in clear'
# A data connection that is refused: PASV, then the end, and nothing is left.
ftp_tls=plain
steps "put\t/refused\t$small" | session refuse=1
grep -q '"PASS' "$ftp_log" || fail "no log of vsftpd's"
said '^learned has=0 lacks=800'
said '^done 1 ok'
steps "put\t/refused2\t$small" | session refuse=9
said '^fail 21 ftp_data .*Connection refused'
[ ! -e "$ftp_root/refused2" ] || fail 'a file that was never sent'
ftp_stop

# IPv6, by EPSV and by PASV; and a sign of life where nothing is to be done.
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
	ftp_host=::1
	ftp_start vsftpd explicit listen=NO listen_ipv6=YES listen_address6=::1
	steps "put\t/six\t$small" "sleep\t1200" "get\t/six\t$tmp/six" |
	    session address=::1 host=::1 verify=0 keepalive=200
	said '^end 2 of 2, 0 failed'
	grep -q NOOP "$ftp_log" || fail 'no sign of life'
	steps "get\t/six\t$tmp/six" | session address=::1 lacks=0x800
	said '^done 1 ok'
	cmp "$small" "$tmp/six" || fail 'another file came back by IPv6'
fi
