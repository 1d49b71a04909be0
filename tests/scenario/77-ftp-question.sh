# Goal: a certificate that nobody vouches for is asked about like a host key:
# only yes or the very fingerprint accept it, what is accepted is recorded, and
# another fingerprint is a refusal.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
command -v script >/dev/null || skip 'no script: bsdutils'
small_site
ftp_start vsftpd explicit
ftp_url
pin=$(openssl x509 -in "$ftp_ca" -noout -pubkey |
    openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary |
    openssl base64 | tr -d '=')
access=$HOME/.config/sandferry/access.ini

printf '%s' "$ftp_password" >"$tmp/password"

# asked KEYS EXIT: with these keys typed; the keyboard stays open
asked() {
	rm -f "$tmp/keys" "$access"
	mkfifo "$tmp/keys"
	exec 7<>"$tmp/keys"
	# shellcheck disable=SC2059 # escapes are meant
	printf "$1" >&7
	timeout 20 script -qec "exec '$FERRY' publish --source '$site' \
	    --url '$url' --fallback-known-hosts none --password-fd 3 \
	    3<'$tmp/password'" /dev/null \
	    <"$tmp/keys" >"$tmp/all" 7<&-
	rc=$?
	exec 7<&-
	: >"$tmp/out"
	: >"$tmp/err"
	expect_exit "$2"
	expect_text 'shows a certificate that no authority vouches for'
	expect_text "SHA256:$pin"
	expect_text '[no]'
}

asked '\n' 11
asked 'no\n' 11
[ ! -e "$access" ] || fail 'it is recorded'
asked 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n' 12
expect_text 'THAT IS NOT THE KEY'
! grep -q USER "$ftp_log" || fail 'somebody tried to log in'

asked 'yes\n' 0
grep -q "^tls-pin = SHA256:$pin\$" "$access" || fail 'it is not recorded'
same_tree "$site" "$live"
expect_no_match "$ftp_password"
asked "$pin\n" 0
trusted=
published
