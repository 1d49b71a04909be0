# Goal: an application that embeds the library makes the sockets itself: no
# name is looked up, and what it declines ends the job in its own words.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
embedder=$PEERS/embedder
[ -x "$embedder" ] || skip 'no embedder: make peers'
printf '<h1>Home</h1>\n' >"$site/index.html"
printf 'body { margin: 2em }\n' >"$site/site.css"
start_sshd
answers=

# app NAME=VALUE...: an application's job.
app() {
	printf '%s\n' "$answers" | "$embedder" url="$url" state="$tmp/state" \
	    worker="$BIN/sandferry-worker" known_hosts="$tmp/known_hosts" \
	    source="$site" "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	! grep -q 'Sanitizer' "$tmp/all" || fail 'a sanitizer speaks'
}

# A name that nobody can look up: only the application knows where that is.
url=sftp://$user@server.invalid:$port$htdocs
pin=$(fingerprint "$host_key")
app connect=yes hostkey="$pin" key_file="$key"
expect_exit 0
same_tree "$site" "$htdocs"
[ "$(grep '^connect' "$tmp/out")" = "connect server.invalid $port" ] ||
    fail 'other connections'
expect_match '"endpoints":\[{"address":"127.0.0.1","port":[0-9]*,"connected":true,"by_app":true}\]'
expect_no_match looked_up
app verb=check connect=yes hostkey="$pin" key_file="$key"
expect_exit 0
expect_text 'answers, by the application'

app connect=no hostkey="$pin" key_file="$key"
expect_exit 15
expect_outcome broker
[ "$(summary text)" = 'the broker says no' ] || fail "$(summary text)"
[ "$(summary hint)" = 'Ask it nicely.' ] || fail "$(summary hint)"
app connect=mute hostkey="$pin" key_file="$key"
expect_exit 15
expect_outcome connect_declined
expect_words
app connect=file hostkey="$pin" key_file="$key"
expect_exit 2
expect_outcome connect_no_socket

# FTP: each data connection is asked for as well.
ftp_start vsftpd plain
url=ftp://$ftp_user@server.invalid:$ftp_port/www
answers="secret $ftp_password"
app connect=yes plain_ftp=yes
expect_exit 0
same_tree "$site" "$ftp_root/www"
expect_match "^connect server.invalid $ftp_port\$"
expect_match '^connect 127.0.0.1 [0-9]+$'
expect_no_match looked_up
printf '<h1>New</h1>\n' >"$site/index.html"
app connect=data plain_ftp=yes
expect_exit 15
expect_outcome broker
app connect=yes plain_ftp=yes
expect_exit 0
same_tree "$site" "$ftp_root/www"
