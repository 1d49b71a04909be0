# Goal: a password that comes after the server has given up waiting goes out
# on another connection, also where it is the second one: nobody has refused
# it, and nothing is asked twice.  By SFTP, in both manners, and by FTP.
. tests/scenario/lib.sh
. tests/scenario/account.sh
. tests/scenario/app.sh
printf '<h1>Home</h1>\n' >"$site/index.html"

# slowly PID: the first is wrong, and the second takes longer than the server.
slowly() {
	asks 1
	echo 'secret wrong horse' >&4
	asks 2
	is_left "$1"
	echo 'secret right horse' >&4
	app_ends
	expect_exit 0
	asked password 2
}

for methods in 'PasswordAuthentication yes' 'KbdInteractiveAuthentication yes'
do
	start_sshd 'LoginGraceTime 2' "$methods"
	app password=yes hostkey="$(fingerprint "$host_key")"
	slowly "$sshd_pid"
	same_tree "$site" "$htdocs"
	[ "$(grep -c '^Connection from' "$tmp/server/log")" = 2 ] ||
	    fail "another number of connections: $methods"
	stop_sshd
	date >"$site/index.html"
done

. tests/scenario/ftp.sh
ftp_start vsftpd plain idle_session_timeout=2
url=ftp://$ftp_user@127.0.0.1:$ftp_port/www
app plain_ftp=yes
slowly "$ftp_pid"
same_tree "$site" "$ftp_root/www"
ftp_stop

ftp_start proftpd explicit 'TimeoutLogin 2'
url=ftp://$ftp_user@localhost:$ftp_port/www2
app authorities="$ftp_ca"
asks 1
is_left "$ftp_pid"
echo "secret $ftp_password" >&4
app_ends
expect_exit 0
asked password 1
same_tree "$site" "$ftp_root/www2"
