# Goal: a worker that lies about the host, about the order of things or about
# what is to be signed gets neither a signature nor a password.
. tests/scenario/lib.sh
[ -x "$PEERS/lying_worker" ] || skip 'no lying_worker: make peers'
make_server
make_key "$host_key.ecdsa" ecdsa 384
make_key "$host_key.rsa" rsa 2048
start_sshd "HostKey $host_key.ecdsa" "HostKey $host_key.rsa" 'MaxStartups 500'
secret='correct horse battery staple'
printf %s "$secret" >"$tmp/password"

# liar TYPE FILE: the program with a liar for a worker.  The server is known by
# this key; the liar has another one, and the server's.
liar() {
	liar=$tmp/liar-$1
	mkdir "$liar"
	cp "$FERRY" "$liar/sandferry"
	cp "$PEERS/lying_worker" "$liar/sandferry-worker"
	make_key "$liar/own" "$1" "${3:-}"
	cp "$2" "$liar/host.pem"
	ssh-keygen -q -p -m PEM -N '' -f "$liar/host.pem" >/dev/null
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d ' ' -f 1,2 "$2.pub")" \
	    >"$liar/known"
}

use() {
	liar=$tmp/liar-$1 fallback=$tmp/liar-$1/known
	by "$2"
}

# by key|password|both: how to log in.
by() {
	login=$1
}

# tell LIE: one run, and what was heard in it.
tell() {
	rm -f "$liar/heard"
	# the liar writes down what it heard: nothing confines it
	set -- plan -vvv --json --confine=off --source "$site" \
	    --url "sftp://$1@127.0.0.1:$port$htdocs"
	FERRY=$liar/sandferry
	case $login in
	key) ferry "$@" --key "$key" ;;
	both) ferry "$@" --key "$key" --password-fd 3 3<"$tmp/password" ;;
	*) ferry "$@" --password --password-fd 3 3<"$tmp/password" ;;
	esac
	expect_match ' CONNECT ' "$liar/heard"
	expect_no_match "$secret"
}

# caught CODE OUTCOME LIE...: nothing of worth was said to the liar.
runs=0
caught() {
	code=$1 outcome=$2
	shift 2
	for lie; do
		runs=$((runs + 1))
		tell "$lie"
		[ $rc -eq "$code" ] && [ "$(summary outcome)" = "$outcome" ] ||
		    fail "$lie ($login, ${liar##*-}): $(summary outcome)"
		expect_match '"hint":"[A-Z]' "$tmp/out"
		expect_no_match '-> (SIGNATURE|LOGIN_PASSWORD|ANSWERS)'
		expect_no_match "SIGNATURE|PASSWORD|ANSWERS|$secret" "$liar/heard"
	done
}

# unproven OUTCOME LIE...: not even our public key was said.
unproven() {
	outcome=$1
	shift
	for lie; do
		caught 60 "$outcome" "$lie"
		expect_no_match '-> (LOGIN_KEY|VERDICT trusted)'
		expect_no_match 'LOGIN_KEY' "$liar/heard"
	done
}

liar ed25519 "$host_key"
liar ecdsa "$host_key.ecdsa" 384
liar rsa "$host_key.rsa" 2048

# A liar that is honest gets both: what comes below can be seen.
for type in ed25519 ecdsa rsa; do
	use $type key
	tell honest
	expect_outcome heard_enough
	expect_match '^honest SIGNATURE ' "$liar/heard"
	by password
	tell honest
	expect_outcome heard_enough
	expect_match "^honest LOGIN_PASSWORD .*$secret" "$liar/heard"
done

# whatever the key: another one, another session, damage, another order
use ed25519 key
caught 12 host_key_changed own-key
unproven host_proof own-signature own-signature-renamed own-blob other-reply \
    other-hash hash-bit hash-padded signature-bit signature-cut \
    signature-long signature-none signature-zero key-bit named-nothing \
    named-certificate named-sha256 named-sha512
unproven host_proof_sha1 named-sha1
unproven host_proof_malformed hash-cut hash-none key-cut key-long reply-cut \
    reply-trailing reply-type reply-none reply-length
unproven wall_body reply-huge
unproven wall_early refused-first refused-unjudged ready-first \
    ready-unjudged sign-first sign-unjudged offer-first offer-unjudged
unproven wall_repeated twice twice-unlike
caught 60 wall_repeated unlike-judged unlike-again offer-twice
caught 60 wall_early prompts-by-key

# a password is kept back no less
use rsa password
caught 12 host_key_changed own-key
unproven host_proof own-signature own-blob other-reply other-hash hash-bit \
    signature-bit signature-cut signature-long signature-none signature-zero
unproven host_proof_malformed hash-none key-cut
unproven wall_early refused-first refused-unjudged sign-first offer-first \
    offer-unjudged prompts-first prompts-unjudged
unproven wall_repeated twice

# one algorithm under the name of another, or with another's digest
use rsa password
unproven host_proof_sha1 named-sha1 by-sha1-named-so
unproven host_proof named-sha256 by-sha1 by-sha256 by-sha384 \
    by-sha256-named-512
tell by-sha512 # as it should be: the liar's own signatures are good ones
expect_outcome heard_enough
use ecdsa key
caught 12 host_key_changed own-key
unproven host_proof own-signature own-blob other-hash signature-cut \
    signature-long signature-none signature-zero key-bit named-sha512 by-sha1 \
    by-sha256 by-sha512
unproven host_proof_sha1 named-sha1
tell by-sha384
expect_outcome heard_enough

# what is to be signed: our login to the proven session, and nothing else
use ed25519 key
tell sign-right
expect_match '^sign-right SIGNATURE ' "$liar/heard"
caught 60 claim_refused sign-session-bit sign-session-cut sign-session-none \
    sign-session-long sign-session-other sign-user sign-user-none \
    sign-service sign-hostbased sign-password sign-bound sign-algorithm \
    sign-sha1 sign-key sign-type sign-flag sign-cut sign-trailing sign-hash
caught 60 wall_body sign-long # no claim is: it is not even looked at
by password
tell sign-by-password
expect_outcome wall_early
expect_no_match SIGNATURE "$liar/heard"

# no password for a server that wants one beside a key that it never tried
by both
caught 60 wall_partial refused-unsigned
echo "$runs lies caught"
