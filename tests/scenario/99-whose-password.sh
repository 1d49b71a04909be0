# Goal: by FTP any server has a certificate that an authority vouches for: a
# password that is bound to no account does not go to one of which only the
# site file says that it is the right one (by SFTP: 19-password.sh).
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj /CN=localhost -keyout "$tmp/key.pem" -out "$tmp/cert.pem" -days 3 \
    -addext subjectAltName=DNS:localhost 2>/dev/null || fail 'no certificate'
cat "$tmp/key.pem" "$tmp/cert.pem" >"$tmp/both.pem"
ftp_pem=$tmp/both.pem
start_ftp_peer
printf '%s\n' "source = site" "url = $url" >"$tmp/sandferry.ini"

from_site() {
	send publish -c "$tmp/sandferry.ini" --json "$@"
}

refused() {
	expect_exit 15
	expect_outcome password_unbound
	expect_words
	! grep -q '^PASS' "$ftp_log" || fail 'the password was sent'
}

from_site
refused
expect_text "--account ftp://$ftp_user@localhost:$ftp_port"
from_site --account "ftp://$ftp_user@localhost"
refused
from_site --account "ftp://$ftp_user@localhost:$ftp_port"
whole

# what the user has in his access file is his word, too
afresh
from_site
refused
ask host trust -c "$tmp/sandferry.ini"
expect_exit 0
from_site
whole
