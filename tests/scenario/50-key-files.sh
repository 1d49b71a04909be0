# Goal: every private key file that ssh-keygen and openssl write logs in, plain
# and encrypted; one that cannot is refused in words that name it, before
# anything is sent.
. tests/scenario/lib.sh
printf '<h1>Home</h1>\n' >"$site/index.html"
printf 'open sesame' >"$tmp/passphrase"
key=$tmp/ed25519
keys='ed25519 p256 p384 p521 rsa2048 rsa8192'
make_key "$tmp/ed25519" ed25519
make_key "$tmp/p256" ecdsa 256
make_key "$tmp/p384" ecdsa 384
make_key "$tmp/p521" ecdsa 521
make_key "$tmp/rsa2048" rsa 2048
# the largest takes too long to make
cp tests/scenario/keys/throwaway_rsa8192 "$tmp/rsa8192"
chmod 600 "$tmp/rsa8192"
for name in $keys; do
	[ -e "$tmp/$name.pub" ] || ssh-keygen -y -f "$tmp/$name" \
	    >"$tmp/$name.pub" || fail "$name"
done
start_sshd 'PerSourceMaxStartups 100'
for name in $keys; do
	cat "$tmp/$name.pub"
	rm "$tmp/$name.pub" # nobody needs it
done >"$tmp/server/authorized_keys"
trust

# login NAME FILE WHAT: FILE, which is the key NAME, logs in.
login() {
	ferry plan --source "$site" --url "$url" --key "$2" --json \
	    --password-fd 3 3<"$tmp/passphrase"
	case $1,$rc in
	*,0) ;;
	rsa*,10) expect_match 'libssh2' ;; # before 1.11
	*) fail "$1, $3: exit $rc" ;;
	esac
}

# keygen NAME OPTION...: the key NAME, written anew by ssh-keygen, logs in.
keygen() {
	name=$1
	shift
	cp "$tmp/$name" "$tmp/copy"
	ssh-keygen -q -p -P '' -f "$tmp/copy" "$@" >/dev/null 2>&1 ||
	    fail "ssh-keygen -p $*"
	login "$name" "$tmp/copy" "$*"
}

# openssl_made NAME COMMAND...: the key NAME, written by openssl, logs in.
openssl_made() {
	name=$1
	shift
	openssl "$@" -in "$tmp/$name.pem" -out "$tmp/copy" \
	    -passout "file:$tmp/passphrase" 2>/dev/null || fail "openssl $*"
	login "$name" "$tmp/copy" "openssl $*"
}

# as it was made
for name in $keys; do
	login "$name" "$tmp/$name" plain
done

# each cipher, several rounds, each kind of key
set -- ed25519 1 p256 16 p384 2 rsa2048 1 p521 64
for cipher in 3des-cbc aes128-cbc aes192-cbc aes256-cbc aes128-ctr aes192-ctr \
    aes256-ctr aes128-gcm@openssh.com aes256-gcm@openssh.com \
    chacha20-poly1305@openssh.com; do
	keygen "$1" -N 'open sesame' -Z "$cipher" -a "$2"
	set -- "$3" "$4" "$5" "$6" "$7" "$8" "$9" "${10}" "$1" "$2"
done

# the older forms; test_key.c opens every kind in each
for name in p256 p521 rsa2048; do
	keygen "$name" -m PEM -N ''
	keygen "$name" -m PKCS8 -N 'open sesame'
done
keygen p384 -m PKCS8 -N ''
keygen p384 -m PEM -N 'open sesame'

# openssl's: PKCS#8 with its ciphers and key derivations, traditional ones
cp "$tmp/p256" "$tmp/p256.pem"
cp "$tmp/rsa2048" "$tmp/rsa2048.pem"
for name in p256 rsa2048; do
	ssh-keygen -q -p -P '' -N '' -m PKCS8 -f "$tmp/$name.pem" >/dev/null
done
openssl_made p256 pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512
openssl_made p256 pkcs8 -topk8 -scrypt
openssl_made p256 pkcs8 -topk8 -v1 PBE-SHA1-3DES
openssl_made p256 ec -aes256
openssl_made p256 ec -conv_form compressed
openssl_made p256 ec -param_enc explicit
openssl_made rsa2048 rsa -traditional -des3
openssl genpkey -algorithm ed25519 -out "$tmp/made" 2>/dev/null
chmod 600 "$tmp/made"
# ssh-keygen 9.2 does not read it, so its public half is put together here
{
	printf 'ssh-ed25519 '
	{
		printf '\0\0\0\13ssh-ed25519\0\0\0 '
		openssl pkey -in "$tmp/made" -pubout -outform DER | tail -c 32
	} | base64 -w 0
	echo
} >>"$tmp/server/authorized_keys"
login ed25519 "$tmp/made" 'openssl genpkey'

# a mode that lets others read it: a warning with the command that ends it
chmod 644 "$tmp/ed25519"
ferry plan --source "$site" --url "$url" --key "$tmp/ed25519"
expect_exit 0
expect_text "chmod 600 $tmp/ed25519"
chmod 600 "$tmp/ed25519"
if [ "$(id -u)" -eq 0 ]; then
	chown 54321 "$tmp/ed25519"
	ferry plan --source "$site" --url "$url" --key "$tmp/ed25519"
	expect_exit 0
	expect_no_match 'chmod'
	expect_text 'another account'
	expect_text "install -m 600 $tmp/ed25519"
fi

# refused, each with its name and the way out
mkfifo "$tmp/pipe"
truncate -s 1G "$tmp/large"
printf 'PuTTY-User-Key-File-3: ssh-ed25519\r\n' >"$tmp/a key.ppk"
sed 's/$/\r/' "$tmp/p256" >"$tmp/crlf"
refused() {
	ferry plan --source "$site" --url "$url" --key "$1" --json
	expect_exit 14
	expect_words
	expect_text "$1"
	expect_text "$2"
}
refused "$tmp/pipe" 'a pipe'
refused "$tmp/large" 'larger than'
refused "$tmp/a key.ppk" "puttygen '$tmp/a key.ppk' -O private-openssh-new -o \
'$tmp/a key.ppk'.openssh"
refused "$tmp/crlf" "dos2unix $tmp/crlf"
