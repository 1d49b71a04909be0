# Goal: a server with several host keys is met by the one that is known, in
# whichever file and form it stands, and nothing is asked; a server that has
# dropped the known type is refused, and both facts are said.
. tests/scenario/lib.sh
small_site
make_server
own=$HOME/.local/share/sandferry/known_hosts
other=$tmp/known_hosts
mkdir -p "${own%/*}"
mv "$host_key" "$tmp/server/ed25519"
mv "$host_key.pub" "$tmp/server/ed25519.pub"
host_key=$tmp/server/ed25519
make_key "$tmp/server/ecdsa" ecdsa 256
make_key "$tmp/server/rsa" rsa 2048

# serve TYPE... [LINE]: a server with these keys and this line of configuration.
serve() {
	host_key=$tmp/server/$1
	shift
	for word; do
		shift
		case $word in
		*' '*) set -- "$@" "$word" ;;
		*) set -- "$@" "HostKey $tmp/server/$word" ;;
		esac
	done
	start_sshd "$@"
}

# line TYPE [NAME]: what a known_hosts file says of this key.
line() {
	printf '%s %s\n' "${2:-[127.0.0.1]:$port}" \
	    "$(cut -d ' ' -f 1,2 "$tmp/server/$1.pub")"
}

hashed() {
	line "$1" >"$tmp/hashed"
	ssh-keygen -q -H -f "$tmp/hashed" >"$tmp/out" 2>&1
	cat "$tmp/hashed"
	rm -f "$tmp/hashed.old"
}

# host MEMBER: what host show said of the key that was presented.
host() {
	sed -n '/"type":"host"/{
		s/"\(own\|fallback\)":{.*//
		s/.*"'"$1"'":"\([^"]*\)".*/\1/p
	}' "$tmp/out"
}

# met TYPE VERDICT: the server presented this key, and that is thought of it.
met() {
	ferry host show --url "$url" --json
	expect_exit 0
	[ "$(host fingerprint)" = "$(fingerprint "$tmp/server/$1")" ] ||
	    fail "met by $(host key_type) instead of $1"
	[ "$(host verdict)" = "$2" ] || fail "$1 is $(host verdict), not $2"
}

# refused TYPE KNOWN: this key was presented where another one is known.
refused() {
	expect_exit 11
	expect_words
	[ "$(summary outcome)" = host_key_new_type ] ||
	    fail "refused as $(summary outcome)"
	for fact in "$(fingerprint "$tmp/server/$1")" \
	    "$(cut -d ' ' -f 1 "$tmp/server/$2.pub") key"; do
		case $(summary text) in
		*"$fact"*) ;;
		*) fail "it does not say $fact" ;;
		esac
	done
	expect_text "$file"
	[ "$(find "$htdocs" | wc -l)" -eq 1 ] || fail 'it wrote'
}

forget_all() {
	rm -f "$own" "$other" "$other.old"
}

# libssh2 before 1.11 cannot be met by an RSA key
types='ed25519 ecdsa rsa'
serve rsa
ferry host show --url "$url"
[ $rc -eq 0 ] || types='ed25519 ecdsa'
stop_sshd

# each key, known in each form, in each of the files
fallback=$other
serve ed25519 ecdsa rsa
met ed25519 unknown
for type in $types; do
	for file in "$own" "$other"; do
		forget_all
		line $type >"$file"
		met $type trusted
		hashed $type >"$file"
		met $type trusted
		line $type '[127.0.0.*]:*' >"$file"
		met $type trusted
		line $type 127.0.0.1 >"$file"
		met $type trusted
	done
	publish
	expect_exit 0
	expect_no_match '"type":"question"'
	[ ! -e "$own" ] || fail 'what the fallback knows was recorded'
	rm -rf "$htdocs" "$HOME/.local/state"
	mkdir "$htdocs"
done

# the private file's key before the fallback's; never one that is revoked
forget_all
line ecdsa >"$own"
line ed25519 >"$other"
met ecdsa trusted
forget_all
{
	line ed25519
	printf '@revoked '
	line ed25519
	line ecdsa
} >"$other"
met ecdsa trusted
# one authority's key is no host's
{
	printf '@cert-authority '
	line ed25519
	line ecdsa
} >"$other"
met ecdsa trusted
stop_sshd

# "ssh-rsa" means both of the signatures, and never SHA-1
case $types in
*rsa)
	forget_all
	line rsa >"$own"
	for signature in rsa-sha2-512 rsa-sha2-256; do
		serve ed25519 rsa "HostKeyAlgorithms ssh-ed25519,$signature"
		met rsa trusted
		stop_sshd
	done
	;;
esac

# the known key was dropped
for type in ed25519 ecdsa rsa; do
	offered=ecdsa
	[ $type != ecdsa ] || offered=ed25519
	serve $offered
	for file in "$own" "$other"; do
		forget_all
		line $type >"$file"
		met $offered new_type
		publish
		refused $offered $type
		line $offered >>"$file"
		met $offered trusted
	done
	stop_sshd
done
