# Goal: a server that wants a client certificate gets the granted one, with RSA
# and EC keys, by TLS 1.2 and 1.3; the private key stays in the hub.  Without a
# grant, or with the wrong one, it is refused in words that help.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
mkdir -p "$site/css"
echo '<h1>Home</h1>' >"$site/index.html"
echo 'body { margin: 2em }' >"$site/css/site.css"
access=$HOME/.config/sandferry/access.ini

# An authority, and certificates of it: NAME DAYS KEY...
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj '/CN=test authority' -keyout "$tmp/ca.key" -out "$tmp/ca.crt" \
    2>/dev/null
certify() {
	name=$1 days=$2
	shift 2
	openssl req -new -newkey "$@" -nodes -subj "/CN=$name" \
	    -keyout "$tmp/$name.key" -out "$tmp/$name.csr" 2>/dev/null
	openssl x509 -req -in "$tmp/$name.csr" -CA "$tmp/ca.crt" \
	    -CAkey "$tmp/ca.key" -CAcreateserial -days "$days" \
	    -out "$tmp/$name.crt" 2>/dev/null || fail "no certificate $name"
	chmod 600 "$tmp/$name.key"
}
certify rsa 30 rsa:2048
certify ec 30 ec -pkeyopt ec_paramgen_curve:P-256
certify p384 30 ec -pkeyopt ec_paramgen_curve:P-384
certify old -1 ec -pkeyopt ec_paramgen_curve:P-256
certify edwards 30 ed25519
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj /CN=stranger -keyout "$tmp/stranger.key" -out "$tmp/stranger.crt" \
    2>/dev/null

grant() {
	name=$1
	shift
	ask access add --url "$url" --client-cert "$tmp/$name.crt" \
	    --key "$tmp/$name.key" "$@"
}

# afresh: nothing was ever published, and no host profile is known
afresh() {
	rm -rf "$live" "$HOME/.local/state"
}

# refused CODE ID: before anything was written
refused() {
	expect_exit "$1"
	expect_outcome "$2"
	expect_words
	[ ! -e "$live" ] || fail 'something was published'
}

# ---- vsftpd, TLS 1.2 ----
ftp_start vsftpd explicit ssl_request_cert=YES require_cert=YES \
    validate_cert=YES "ca_certs_file=$tmp/ca.crt"
ftp_url
trusted_then=$trusted
publish
refused 14 ftp_client_wanted
expect_text '--client-cert'

trusted=
ask access add --url "$url" --key "$tmp/rsa.key"
expect_exit 2
expect_text '--client-cert'
ask access add --url "$url" --client-cert "$tmp/rsa.crt" --key "$tmp/ec.key"
expect_exit 14
expect_match 'is for another key'
grant old
expect_exit 14
expect_match 'was valid until'
grant edwards
expect_exit 14
expect_match 'ED25519'
ask access add --url "$url" --client-cert "$tmp/rsa.key" --key "$tmp/rsa.key"
expect_exit 14
expect_match 'no certificate for TLS'
ask access add --url "sftp://$ftp_user@localhost/www" \
    --client-cert "$tmp/rsa.crt" --key "$tmp/rsa.key"
expect_exit 2
expect_match 'for FTP over TLS'
[ ! -e "$access" ] || ! grep -q '^key' "$access" || fail 'something is granted'

for name in rsa ec; do
	grant $name
	expect_exit 0
	afresh
	trusted=$trusted_then
	published
	same_tree "$site" "$live"
	trusted=
done
ask access list
expect_text "$url"
expect_text "$tmp/ec.crt"
expect_match 'good'
expect_no_match 'last used *never'

# vsftpd knows one curve only
grant p384
expect_exit 0
afresh
trusted=$trusted_then
publish
refused 10 ftp_client_refused
trusted=

# the server does not know its authority
grant stranger
expect_exit 0
afresh
trusted=$trusted_then
publish
refused 10 ftp_client_refused

# another address of the same server has no grant: nor has a copied site
url=ftp://$ftp_user@127.0.0.1:$ftp_port/www
publish
refused 14 ftp_client_wanted
ftp_url
printf 'source = %s\nurl = %s\nclient-cert = %s\n' "$site" "$url" \
    "$tmp/rsa.crt" >"$tmp/site.ini"
send publish --config "$tmp/site.ini"
expect_exit 2

# for one run, key and certificate in one file; sealed by a passphrase
openssl pkey -aes128 -passout pass:tulip -in "$tmp/ec.key" >"$tmp/both.pem"
cat "$tmp/ec.crt" >>"$tmp/both.pem"
chmod 600 "$tmp/both.pem"
mkdir "$tmp/credentials"
printf tulip >"$tmp/credentials/passphrase"
printf '%s' "$ftp_password" >"$tmp/credentials/password"
CREDENTIALS_DIRECTORY=$tmp/credentials ask publish --source "$site" \
    --url "$url" --json --client-cert "$tmp/both.pem"
expect_exit 0
same_tree "$site" "$live"
afresh
publish --client-cert "$tmp/both.pem" --password-fd 9
refused 13 secret_needed

# taken back
trusted=
ask access remove --url "$url"
expect_exit 0
trusted=$trusted_then
publish
refused 14 ftp_client_wanted
ftp_stop

# ---- ProFTPD: TLS 1.2 and 1.3 ----
# begin_proftpd TLS NAME [LINE...]: with this certificate granted
begin_proftpd() {
	tls=$1 name=$2
	shift 2
	ftp_start proftpd "$tls" 'TLSVerifyClient on' \
	    "TLSCACertificateFile $tmp/ca.crt" "$@"
	ftp_url
	trusted_then=$trusted
	trusted=
	grant "$name"
	expect_exit 0
	afresh
	trusted=$trusted_then
}

# no session is resumed: each data connection needs a signature
begin_proftpd explicit p384 'TLSSessionCache off' 'TLSSessionTickets off' \
    'TLSOptions NoSessionReuseRequired'
published -vvv
same_tree "$site" "$live"
[ "$(grep -c -- '-> TLS_SIGNATURE' "$tmp/out")" -gt 2 ] ||
    fail 'no data connection was signed for'
ftp_stop

begin_proftpd tls13 rsa
published -vvv
same_tree "$site" "$live"
[ "$(grep -c -- '-> TLS_SIGNATURE' "$tmp/out")" -le 2 ] ||
    fail 'sessions that are resumed were signed for'
trusted=
ask access remove --url "$url"
afresh
trusted=$trusted_then
publish
refused 14 ftp_client_wanted

# ---- Where the key is: EC, TLS 1.3 ----
trusted=
grant p384
afresh
trusted=$trusted_then
case ${BIN##*/}$(command -v strace) in
release/* | lint/*)
	cat >"$tmp/traced" <<END
#!/bin/sh
exec strace -f -o $tmp/trace -e trace=openat,open,execve $FERRY "\$@"
END
	chmod 755 "$tmp/traced"
	FERRY=$tmp/traced
	;;
esac
published
same_tree "$site" "$live"
if [ -e "$tmp/trace" ]; then
	who_opened() {
		grep "$1" "$tmp/trace" | cut -d ' ' -f 1 | sort -u
	}
	hub=$(who_opened '"'"$tmp/p384.key"'"')
	worker=$(who_opened 'execve(.*sandferry-worker')
	[ "$(echo "$hub" | wc -w)" -eq 1 ] || fail "the key was opened by: $hub"
	[ -n "$worker" ] || fail 'no worker was seen'
	! echo "$worker" | grep -qx "$hub" || fail 'the worker opened the key'
fi
