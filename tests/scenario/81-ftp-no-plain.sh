# Goal: who wanted TLS gets TLS or nothing: whatever the server, or somebody on
# the way, answers to AUTH and PROT, in the first session or in a later one,
# and when it ends TLS amid a session, no name, no password and no byte of a
# file goes over the wire in clear.  A certificate that has expired, or is for
# another name, is not taken.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
pem() { # FILE OPTION...
	file=$1
	shift
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj /CN=localhost -keyout "$tmp/key.pem" -out "$tmp/cert.pem" \
	    "$@" 2>/dev/null || fail 'no certificate'
	cat "$tmp/key.pem" "$tmp/cert.pem" >"$file"
}
pem "$tmp/good.pem" -days 3 -addext subjectAltName=DNS:localhost
ftp_pem=$tmp/good.pem
start_ftp_peer

# nothing that matters came without TLS
nothing_in_clear() {
	grep '^CLEAR' "$ftp_log" | grep -v '^CLEAR AUTH ' >"$tmp/clear"
	[ ! -s "$tmp/clear" ] || fail "in clear: $(head -n 3 "$tmp/clear")"
	! grep -Eq '^BARE.*(<h1>|margin)' "$ftp_log" || fail 'a file in clear'
}

# stripped CODE RULE...: refused, and nothing is live
stripped() {
	code=$1
	shift
	afresh "$@"
	publish --stall-timeout 2
	# shellcheck disable=SC2086 # several
	expect_exit $code
	expect_words
	[ -z "$(ls "$live" 2>/dev/null)" ] || fail 'something is live'
	nothing_in_clear
}

# AUTH, in the first session
stripped 15 'AUTH * say 500 What?'
! grep -Eq 'USER|PASS' "$ftp_log" || fail 'somebody tried to log in'
stripped 15 'AUTH * say 534 Not here.'
stripped 15 'AUTH * say 431 Not now.'
# in the one that logs in, behind the one that has looked at the key
stripped 15 'AUTH 1 as-usual' 'AUTH * say 502 What?'
grep -q '^USER' "$ftp_log" && fail 'somebody tried to log in'
# what somebody puts behind the answer is not the server's
stripped 20 'AUTH * inject 230 in'
stripped 20 'AUTH 1 as-usual' 'AUTH * inject 220 again'
# the data connections are to be open to everybody
stripped 15 'PROT * say 536 No.'
stripped 15 'PROT * say 431 Not now.'
# it says yes, and does not
stripped '20 21' 'STOR * bare'

# somebody else takes the data connection, with a certificate just as good
pem "$tmp/impostor.pem" -days 3 -addext subjectAltName=DNS:localhost
stripped '20 21' "STOR * impostor $tmp/impostor.pem"
! grep -q '^IMPOSTOR' "$ftp_log" || fail 'it got a file'

# TLS ends amid a session, and the answer comes in clear: it is nobody's
for rule in 'PASS * strip' 'MKD /stage * strip' 'STOR 1 strip' \
    'RNTO 1 strip'; do
	afresh "$rule"
	publish
	case $rule in
	*\*\ strip) expect_exit 20 21 ;;
	*) whole ;;
	esac
	nothing_in_clear
done

# a later session of the run meets it: the first is lost in between
afresh 'STOR 1 drop' 'AUTH 2 as-usual' 'AUTH * say 500 What?'
publish --connections 1
expect_exit 15
nothing_in_clear
grep -q '^STOR' "$ftp_log" || fail 'there was no first session'
# a further one
afresh 'AUTH 2 as-usual' 'AUTH * say 500 What?'
publish --connections 2
expect_exit 15
nothing_in_clear

# and without any of that
afresh
publish
whole
nothing_in_clear
! grep -q '^BARE' "$ftp_log" || fail 'a data connection without TLS'
stop_ftp_peer

# another name, and one whose time is over
pem "$tmp/other.pem" -days 3 -addext subjectAltName=DNS:example.org
ftp_pem=$tmp/other.pem
start_ftp_peer
stripped 11
expect_outcome certificate_name
stop_ftp_peer

openssl req -new -key "$tmp/key.pem" -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost 2>/dev/null |
    openssl x509 -req -signkey "$tmp/key.pem" -days -1 \
	-copy_extensions copy -out "$tmp/cert.pem" 2>/dev/null ||
    fail 'no certificate of yesterday'
cat "$tmp/key.pem" "$tmp/cert.pem" >"$tmp/old.pem"
ftp_pem=$tmp/old.pem
start_ftp_peer
stripped 11
expect_match 'expired'
! grep -Eq 'USER|PASS' "$ftp_log" || fail 'somebody tried to log in'
