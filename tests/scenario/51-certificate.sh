# Goal: an OpenSSH user certificate beside the key, or named, logs in to a
# server that trusts only its authority; one that cannot is refused in words.
. tests/scenario/lib.sh
small_site
ca=$tmp/ca
make_key "$ca" ed25519 && make_key "$tmp/other" ed25519
make_server
: >"$tmp/server/authorized_keys"
start_sshd "TrustedUserCAKeys $ca.pub"
trust

plan() {
	ferry plan --source "$site" --url "$url" --key "$key" --json "$@"
}

# certify [OPTION...]: the key, for the user of the server.
certify() {
	rm -f "$key-cert.pub"
	ssh-keygen -q -s "$ca" -I 'of this test' -z 7 "$@" "$key.pub" ||
	    fail 'ssh-keygen -s'
}

# every kind of key; no .pub file is needed
for type in 'ed25519' 'ecdsa 256' 'ecdsa 384' 'ecdsa 521' 'rsa 2048'; do
	# shellcheck disable=SC2086
	make_key "$key" $type
	certify -n "$user"
	rm "$key.pub"
	plan -v
	case $type,$rc in
	*,0) ;;
	*,10) expect_text 'uses libssh2' && skip 'libssh2 is too old' ;;
	*) fail "$type: exit $rc" ;;
	esac
	expect_match "of this test.*serial 7.*for $user"
	plan --certificate none
	expect_exit 10
done

# the RSA key signed as the server wants it, never by SHA-1
expect_match 'Accepted publickey.*RSA-CERT.*of this test.*serial 7' \
    "$tmp/server/log"

# named, wherever it is; the one beside the key is not looked at
mv "$key-cert.pub" "$tmp/elsewhere"
plan
expect_exit 10
echo nonsense >"$key-cert.pub"
plan --certificate "$tmp/elsewhere"
expect_exit 0
plan
expect_exit 14
expect_words
expect_text "$key-cert.pub"

# out of date; of another key; a host's; the key itself; not there
make_key "$key" ed25519
certify -n "$user" -V 20200101:20200201
plan
expect_exit 14
expect_words
expect_text 'expired'
plan --certificate none
expect_exit 10
certify -n "$user" -V +1w:+2w
plan
expect_exit 14
expect_words
expect_text 'not valid before'
plan --certificate "$tmp/elsewhere"
expect_exit 14
expect_words
expect_text 'another key'
certify -h -n "$user"
plan
expect_exit 14
expect_words
expect_text 'proves a server'
for bad in "$key" "$key.pub" "$tmp/nowhere" "$tmp" /dev/null; do
	plan --certificate "$bad"
	expect_exit 14
	expect_words
	expect_text "$bad"
done

# in order here, but refused by the server: for whom it is is told
certify -n somebody,else
plan
expect_exit 10
expect_words
expect_text 'somebody, else'
expect_text "$(fingerprint "$ca")"
mv "$ca" "$ca.trusted" && mv "$tmp/other" "$ca"
certify -n "$user"
plan
expect_exit 10
expect_words

# With the key alone where both are at hand.
cat "$key.pub" >"$tmp/server/authorized_keys"
plan --certificate none
expect_exit 0
