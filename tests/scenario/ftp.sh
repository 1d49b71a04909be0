# ftp.sh: FTP servers for a scenario, each on a free port of the loopback
# interface, with an account that only it knows; sourced after lib.sh.
#
#   ftp_start SERVER [TLS] [LINE...]   vsftpd, proftpd or pure-ftpd; TLS is
#       plain (default), explicit, implicit, or tls12 and tls13 (explicit, and
#       no other);
#       lines of its configuration (pure-ftpd: arguments) may follow
#       A scenario that has one listen elsewhere says so in $ftp_host.
#   ftp_stop
#
#   $ftp_port  $ftp_root (what the account sees as /)  $ftp_user  $ftp_password
#   $ftp_ca (the certificate, self-signed, for localhost)  $ftp_log
# shellcheck shell=sh
ftp_servers=${FTP_SERVERS:-$PWD/${OUT:-out}/ftp-servers}
case ${OUT:-out} in
/*) ftp_servers=${FTP_SERVERS:-$OUT/ftp-servers} ;;
esac
[ "$(id -u)" -eq 0 ] || skip 'only root can start FTP servers'
unshare -m true 2>/dev/null || skip 'no mount namespace: util-linux'
[ -x "$ftp_servers/usr/sbin/vsftpd" ] ||
    skip 'no FTP servers: tests/tools/ftp-servers'

ftp_user=ferryman
ftp_password='right horse'
ftp_root=$tmp/ftp
ftp_ca=$tmp/ftp.crt
ftp_log=$tmp/ftp.log
ftp_pid=

mkdir -p "$ftp_root" "$tmp/empty"
chown 54321:54321 "$ftp_root"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
    -keyout "$tmp/ftp.key" -out "$ftp_ca" 2>/dev/null || exit 1
cat "$tmp/ftp.key" "$ftp_ca" >"$tmp/ftp.pem"

# Accounts, in files that only this server sees, and no service of PAM's own.
{
	grep -v '^ferryman:' /etc/passwd
	echo "$ftp_user:x:54321:54321::$ftp_root:/bin/sh"
} >"$tmp/ftp-passwd"
{
	cat /etc/shadow
	echo "$ftp_user:$(openssl passwd -6 "$ftp_password"):19000:0:99999:7:::"
} >"$tmp/ftp-shadow"
cat >"$tmp/ftp-pam" <<END
auth required pam_unix.so nodelay
account required pam_unix.so
session required pam_permit.so
END
chmod 644 "$tmp/ftp-passwd" "$tmp/ftp-pam"
chmod 640 "$tmp/ftp-shadow"

cat >"$tmp/as-ftp-server" <<END
#!/bin/sh
# as-ftp-server PROGRAM...: run it with these accounts and libraries
[ "\$1" = in ] || exec unshare -m "\$0" in "\$@"
shift
mount --bind $tmp/ftp-passwd /etc/passwd &&
mount --bind $tmp/ftp-shadow /etc/shadow &&
mount --bind $tmp/ftp-pam /etc/pam.d/other || exit 1
LD_LIBRARY_PATH=\$(echo $ftp_servers/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
OPENSSL_CONF=\${OPENSSL_CONF-$tmp/ftp-tls.conf}
export OPENSSL_CONF
exec "\$@"
END
chmod 755 "$tmp/as-ftp-server"

ftp_lines() {
	for line; do
		echo "$line"
	done
}

ftp_vsftpd() {
	tls=$1
	shift
	{
		cat <<END
listen=YES
listen_address=127.0.0.1
listen_port=$ftp_port
background=NO
pam_service_name=other
anonymous_enable=NO
local_enable=YES
write_enable=YES
local_umask=022
chroot_local_user=YES
allow_writeable_chroot=YES
secure_chroot_dir=$tmp/empty
xferlog_enable=YES
xferlog_std_format=NO
vsftpd_log_file=$ftp_log
log_ftp_protocol=YES
seccomp_sandbox=NO
max_login_fails=2
delay_failed_login=0
END
		[ "$tls" = plain ] || cat <<END
ssl_enable=YES
force_local_logins_ssl=YES
force_local_data_ssl=YES
ssl_tlsv1=YES
rsa_cert_file=$ftp_ca
rsa_private_key_file=$tmp/ftp.key
ssl_ciphers=HIGH
END
		[ "$tls" != implicit ] || echo implicit_ssl=YES
		ftp_lines "$@"
	} >"$tmp/vsftpd.conf"
	"$tmp/as-ftp-server" "$ftp_servers/usr/sbin/vsftpd" \
	    "$tmp/vsftpd.conf" </dev/null >"$tmp/ftp.out" 2>&1 &
}

ftp_proftpd() {
	tls=$1
	shift
	hash=$(openssl passwd -6 "$ftp_password")
	echo "$ftp_user:$hash:54321:54321::$ftp_root:/bin/sh" >"$tmp/proftpd.users"
	chmod 600 "$tmp/proftpd.users"
	{
		cat <<END
ModulePath $ftp_servers/usr/lib/proftpd
LoadModule mod_tls.c
ServerType standalone
ServerName test
DefaultAddress 127.0.0.1
SocketBindTight on
Port $ftp_port
UseIPv6 off
User nobody
Group nogroup
PidFile $tmp/proftpd.pid
ScoreboardFile $tmp/proftpd.scoreboard
DelayEngine off
UseReverseDNS off
WtmpLog off
AuthOrder mod_auth_file.c
AuthUserFile $tmp/proftpd.users
RequireValidShell off
DefaultRoot ~
SystemLog $ftp_log
TransferLog none
AllowStoreRestart on
AllowRetrieveRestart on
MaxInstances 30
END
		[ "$tls" = plain ] || cat <<END
TLSEngine on
TLSRequired on
TLSRSACertificateFile $ftp_ca
TLSRSACertificateKeyFile $tmp/ftp.key
TLSLog $tmp/ftp-tls.log
END
		case $* in # the first of them counts
		*TLSVerifyClient*) ;;
		*) echo TLSVerifyClient off ;;
		esac
		case $tls in
		implicit) echo TLSOptions UseImplicitSSL ;;
		tls12) echo TLSProtocol TLSv1.2 ;;
		tls13) echo TLSProtocol TLSv1.3 ;;
		explicit) echo TLSProtocol TLSv1.2 TLSv1.3 ;;
		esac
		ftp_lines "$@"
	} >"$tmp/proftpd.conf"
	"$tmp/as-ftp-server" "$ftp_servers/usr/sbin/proftpd" -n -q \
	    -c "$tmp/proftpd.conf" </dev/null >"$tmp/ftp.out" 2>&1 &
}

ftp_pure_ftpd() {
	tls=$1
	shift
	case $tls in
	plain) ;;
	implicit) fail 'pure-ftpd knows no implicit TLS' ;;
	*) set -- -Y 2 -2 "$tmp/ftp.pem" "$@" ;;
	esac
	"$tmp/as-ftp-server" "$ftp_servers/usr/sbin/pure-ftpd" \
	    -S "127.0.0.1,$ftp_port" -A -E -H -l unix -u 1 \
	    -g "$tmp/pure-ftpd.pid" "$@" </dev/null >"$tmp/ftp.out" 2>&1 &
}

# Does somebody listen there?
ftp_answers() {
	python3 -c 'import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)' \
	    "${ftp_host:-127.0.0.1}" "$ftp_port" 2>/dev/null
}

ftp_free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

ftp_start() {
	ftp_server=$1
	ftp_tls=${2:-plain}
	shift "$(($# < 2 ? $# : 2))"
	ftp_port=$(ftp_free_port)
	: >"$ftp_log"
	{
		printf '%s\n' 'openssl_conf = all' '[all]' 'ssl_conf = tls' \
		    '[tls]' 'system_default = any' '[any]'
		[ "$ftp_tls" != tls12 ] || echo 'MaxProtocol = TLSv1.2'
		[ "$ftp_tls" != tls13 ] || echo 'MinProtocol = TLSv1.3'
	} >"$tmp/ftp-tls.conf"
	case $ftp_server in
	vsftpd) ftp_vsftpd "$ftp_tls" "$@" ;;
	proftpd) ftp_proftpd "$ftp_tls" "$@" ;;
	pure-ftpd) ftp_pure_ftpd "$ftp_tls" "$@" ;;
	esac
	ftp_pid=$!
	started="$started $ftp_pid"
	wait_for ftp_answers || {
		cat "$tmp/ftp.out" "$ftp_log" >&2
		fail "$ftp_server does not start"
	}
}

ftp_stop() {
	[ -z "$ftp_pid" ] || kill "$ftp_pid" 2>/dev/null
	wait "$ftp_pid" 2>/dev/null
	ftp_pid=
}
