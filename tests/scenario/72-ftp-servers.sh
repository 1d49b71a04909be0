# Goal: ProFTPD and Pure-FTPd as well as vsftpd, plain and with TLS, implicit
# TLS, a server with nothing older than TLS 1.3, with their defaults about
# reusing sessions; several files over several connections, all whole.
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
