# Goal: ProFTPD and Pure-FTPd as well as vsftpd, plain and with TLS, implicit
# TLS, a server with nothing older than TLS 1.3, with their defaults about
# reusing sessions; several files over several connections, all whole, and
# readable for visitors.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site
mkdir -p "$site/many"
for i in 1 2 3; do
	big_file "$site/many/$i.bin" 3 "$i"
done

# once SERVER TLS [LINE...]: first publish, a change
once() {
	rm -rf "$ftp_root/www"
	new_machine
	ftp_start "$@"
	ftp_url
	published --connections 2
	same_tree "$site" "$live"
	expect_count sent 9
	printf '<h1>%s</h1>\n' "$*" >"$site/index.html"
	published
	same_tree "$site" "$live"
	expect_count sent 1
	ftp_stop
}

once proftpd explicit
once proftpd tls13
once proftpd implicit
once pure-ftpd plain
once pure-ftpd explicit
once vsftpd tls13 require_ssl_reuse=YES

# one that would hide what it gets from the web server
rm -rf "$ftp_root/www"
new_machine
ftp_start vsftpd plain local_umask=077
ftp_url
published --connections 2
same_tree "$site" "$live"
hidden=$(find "$live" -name .sandferry -prune -o \
    \( -type f ! -perm 644 -o -type d ! -perm 755 \) -print)
[ -z "$hidden" ] || fail "a visitor cannot read $hidden"
mkdir "$site/late"
echo late >"$site/late/one.html"
published
hidden=$(find "$live/late" \( -type f ! -perm 644 -o -type d ! -perm 755 \) \
    -print)
[ -z "$hidden" ] || fail "a visitor cannot read $hidden"
ftp_stop
