# Goal: a server that wants a client certificate gets the granted one, with RSA
# and EC keys, by TLS 1.2 and 1.3; the private key stays in the hub.  Without a
# grant, or with the wrong one, it is refused in words that help.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site
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

# ---- ProFTPD: TLS 1.2, then 1.3 ----
for tls in explicit tls13; do
	ftp_start proftpd $tls 'TLSVerifyClient on' \
	    "TLSCACertificateFile $tmp/ca.crt"
	ftp_url
	trusted_then=$trusted
	afresh
	publish
	refused 14 ftp_client_wanted
	for name in rsa p384; do
		trusted=
		grant $name
		expect_exit 0
		afresh
		trusted=$trusted_then
		published
		same_tree "$site" "$live"
	done
	[ $tls = tls13 ] || ftp_stop
done

# ---- Where the key is ----
if command -v strace >/dev/null && [ "${BIN##*/}" = release ]; then
	afresh
	printf '%s' "$ftp_password" >"$tmp/password"
	strace -f -o "$tmp/trace" -e trace=openat,open,execve,sendmsg \
	    "$FERRY" publish --source "$site" --url "$url" --json \
	    --fallback-known-hosts none --cacert "$ftp_ca" --no-input \
	    --password-fd 3 3<"$tmp/password" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	expect_exit 0
	opened=$(grep "\"$tmp/p384.key\"" "$tmp/trace" | cut -d ' ' -f 1 | sort -u)
	worker=$(grep 'execve(.*sandferry-worker' "$tmp/trace" |
	    cut -d ' ' -f 1 | sort -u)
	[ "$(echo "$opened" | wc -w)" -eq 1 ] || fail "the key was opened by: $opened"
	[ -n "$worker" ] || fail 'no worker was seen'
	! echo "$worker" | grep -qx "$opened" || fail 'the worker opened the key'
fi
