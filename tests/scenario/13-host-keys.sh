# Goal: the server is who it was.  Unknown and changed keys are refused without
# a question where nobody can answer; the user's own known_hosts is believed,
# and never written.
. tests/scenario/lib.sh
small_site
start_sshd
own=$HOME/.local/share/sandferry/known_hosts
before=$(fingerprint_of "$htdocs")
refused() {
	[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'it wrote'
}
known() {
	printf '%s %s\n' "$1" "$(cut -d ' ' -f 1,2 "$2.pub")"
}

# nobody knows it
publish
expect_exit 11
expect_words
expect_text "$(fingerprint "$host_key")"
[ ! -e "$own" ] || fail 'it was recorded'
refused

# a pin that is right needs no record; one that is wrong excuses nothing
make_key "$tmp/other" ed25519
publish --hostkey "$(fingerprint "$tmp/other")"
expect_exit 11 12
refused
published --hostkey "$(fingerprint "$host_key")"
rm -rf "$htdocs/.sandferry" "$own"

# show judges and records nothing; trust records; forget forgets
ferry host show --url "$url"
expect_text "$(fingerprint "$host_key")"
[ ! -e "$own" ] || fail 'show recorded it'
ferry host trust --url "$url"
expect_exit 11
ferry host trust --url "$url" --hostkey "$(fingerprint "$tmp/other")"
expect_exit 11 12
[ ! -s "$own" ] || fail 'a wrong one was recorded'
trust
[ "$(stat -c %a "$own")" = 600 ] || fail 'others can read known_hosts'
published
ferry host forget --url "$url"
expect_exit 0
publish
expect_exit 11

# the fallback, plain and hashed, for one port: trusted and left alone
fallback=$tmp/known_hosts
for line in plain hashed wildcard; do
	case $line in
	plain) known "[127.0.0.1]:$port" "$host_key" ;;
	hashed) known "[127.0.0.1]:$port" "$host_key" ;;
	wildcard) known "[127.0.0.*]:$port" "$host_key" ;;
	esac >"$fallback"
	[ $line != hashed ] ||
	    ssh-keygen -q -H -f "$fallback" >"$tmp/out" 2>&1
	rm -f "$fallback.old"
	touch -d '2001-01-01' "$fallback"
	chmod 444 "$fallback"
	inode=$(stat -c '%i %Y %a' "$fallback") sum=$(sha256sum "$fallback")
	published
	[ "$inode" = "$(stat -c '%i %Y %a' "$fallback")" ] &&
	    [ "$sum" = "$(sha256sum "$fallback")" ] ||
	    fail "the fallback was touched ($line)"
	[ ! -s "$own" ] || fail 'what the fallback knows was recorded'
	rm -f "$fallback"
done
known 127.0.0.1 "$host_key" >"$fallback" # another port's, unless we say more
publish
expect_exit 0 11
known "[127.0.0.1]:$port" "$tmp/other" >"$fallback"
before=$(fingerprint_of "$htdocs")
publish
expect_exit 12
expect_text "$(fingerprint "$host_key")"
{
	known "[127.0.0.1]:$port" "$host_key"
	printf '@revoked '
	known "[127.0.0.1]:$port" "$host_key"
} >"$fallback"
publish
expect_exit 12
{
	printf 'a line that is none\n# a comment\n'
	printf '@cert-authority '
	known "[127.0.0.1]:$port" "$tmp/other"
	known "[127.0.0.1]:$port" "$host_key"
} >"$fallback"
published
fallback=none

# changed: refused, and the fallback does not excuse it
trust
refused
stop_sshd
mv "$host_key.pub" "$tmp/first.pub"
mv "$host_key" "$tmp/first"
make_key "$host_key" ed25519
start_sshd
publish
expect_exit 12
expect_words
known "[127.0.0.1]:$port" "$host_key" >"$tmp/known_hosts"
fallback=$tmp/known_hosts
publish
expect_exit 12
ferry host trust --url "$url"
expect_exit 12
refused

# every type of key, and the one that is known is asked for
fallback=none
rm "$own"
for type in 'ecdsa 256' 'ecdsa 384' 'ecdsa 521' 'rsa 3072'; do
	stop_sshd
	# shellcheck disable=SC2086
	make_key "$host_key" $type
	rm -f "$own"
	start_sshd
	ferry host trust --url "$url" --hostkey "$(fingerprint "$host_key")"
	case $type,$rc in
	*,0) ;;
	rsa*,20) expect_match 'libssh2' ;; # before 1.11
	*) fail "$type: exit $rc" ;;
	esac
	[ $rc -ne 0 ] || published
done

# known by another type only: said, and refused
stop_sshd
make_key "$host_key" ed25519
make_key "$tmp/server/second" ecdsa
rm -f "$own"
known "[127.0.0.1]:$port" "$tmp/server/second" >"$tmp/known_hosts"
fallback=$tmp/known_hosts
start_sshd
publish
expect_exit 11 12
stop_sshd
start_sshd "HostKey $tmp/server/second"
published
