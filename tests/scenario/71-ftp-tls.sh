# Goal: who the server is, before the password leaves: a certificate that
# nobody vouches for is asked about or refused (11), a pin decides, another key
# than the pinned one is refused (12); a server without TLS gets no password
# unless the user allows that (15), and a site file cannot.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site

spki() {
	openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER |
	    openssl dgst -sha256 -binary | openssl base64 | tr -d '=' |
	    sed 's/^/SHA256:/'
}

# no_login: the server saw no user name
no_login() {
	! grep -Eq 'command: .*"(USER|PASS)' "$ftp_log" || fail 'somebody tried to log in'
	[ ! -e "$live" ] || fail 'something was published'
}

ftp_start vsftpd explicit
ftp_url
pin=$(spki "$ftp_ca")
access=$HOME/.config/sandferry/access.ini

# nobody vouches for it
trusted=
publish
expect_exit 11
expect_outcome certificate_unknown
expect_text "$pin"
expect_words
no_login

ask host show --url "$url"
expect_exit 0
expect_text "$pin"
expect_match 'unknown: no authority'
no_login

# an authority does, but for other names
cp "$ftp_ca" "$tmp/ca.pem"
trusted="--cacert $tmp/ca.pem"
url=ftp://$ftp_user@localhost.localdomain:$ftp_port/www
if getent hosts localhost.localdomain >/dev/null; then
	publish
	expect_exit 11
	expect_outcome certificate_name
	no_login
fi
ftp_url
trusted="--cacert $tmp/no-such-file"
publish
expect_exit 2
expect_outcome cacert

# another key is pinned: no authority excuses that
other=SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE
trusted="--cacert $ftp_ca"
publish --tls-pin $other
expect_exit 12
expect_outcome tls_pin_mismatch
expect_text "$pin"
expect_words
no_login

# one of several is enough
published --tls-pin $other --tls-pin "$pin"
rm -rf "$live" "$HOME"
mkdir "$HOME"
: >"$ftp_log"
trusted=

# the right one, and no authority
published --tls-pin "$pin"
same_tree "$site" "$live"
[ ! -e "$access" ] || ! grep -q tls-pin "$access" ||
    fail 'what the site pins is recorded'

# trusted by hand
ask host trust --url "$url" --fingerprint $other
expect_exit 12
ask host trust --url "$url" --fingerprint "$pin"
expect_exit 0
grep -q "^tls-pin = $pin\$" "$access" || fail 'the key is not recorded'
published
ask host show --url "$url"
expect_match 'trusted: its key is pinned'
ask host list
expect_text "$pin"

# the server has another key now
sed -i "s|^tls-pin = .*|tls-pin = $other|" "$access"
publish
expect_exit 12
expect_outcome tls_pin_mismatch
expect_text "$access"
# nor does the site file overrule its reader
publish --tls-pin "$pin"
expect_exit 12
ask host trust --url "$url"
expect_exit 12
ask host trust --url "$url" --fingerprint "$pin"
expect_exit 0
published
ask host forget --url "$url"
expect_exit 0
publish
expect_exit 11
rm -rf "$live"
ftp_stop

# a server without TLS
ftp_start vsftpd plain
ftp_url
trusted=
publish
expect_exit 15
expect_outcome plain_ftp
expect_text '--plain-ftp'
expect_words
no_login
printf 'source = %s\nurl = %s\nplain-ftp = yes\n' "$site" "$url" >"$tmp/site.ini"
send publish --config "$tmp/site.ini"
expect_exit 2
expect_match 'not for a site file'
no_login
printf '[%s]\nplain-ftp = yes\n' "$url" >"$access"
published
expect_match 'FTP WITHOUT ENCRYPTION'
[ "$(grep -c 'WITHOUT ENCRYPTION' "$tmp/out")" -eq 1 ] || fail 'said twice'
same_tree "$site" "$live"

# active FTP
send publish --source "$site" --url "$url"
printf 'source = %s\nurl = %s\nftp-mode = active\n' "$site" "$url" >"$tmp/site.ini"
send publish --config "$tmp/site.ini"
expect_exit 15
expect_match 'nothing listens'
# keys are not for FTP
send publish --source "$site" --url "$url" --key "$ftp_ca"
expect_exit 2
