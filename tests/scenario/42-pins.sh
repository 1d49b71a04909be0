# Goal: hostkey in the site file.  A pin accepts and records what nobody knows,
# and excuses nothing: not another key on record, in either file, nor a revoked
# one; a known key that is not among the pins is refused.
. tests/scenario/lib.sh
small_site
start_sshd
own=$HOME/.local/share/sandferry/known_hosts
offered=$(fingerprint "$host_key")
make_key "$tmp/other" ed25519
make_key "$tmp/ecdsa" ecdsa
other=$(fingerprint "$tmp/other")
name="[127.0.0.1]:$port"
mkdir -p "${own%/*}"
known() {
	printf '%s %s\n' "$name" "$(cut -d ' ' -f 1,2 "$1.pub")"
}
revoked() {
	printf '@revoked '
	known "$1"
}

# The site file of these pins.
pins() {
	{
		printf 'source = %s\nurl = %s\n' "$site" "$url"
		[ $# -eq 0 ] || printf 'hostkey = %s\n' "$@"
	} >"$tmp/sandferry.ini"
}

# cell EXIT OUTCOME OWN FALLBACK: what publish makes of these two files, each
# the name of a key, "-KEY" for a revoked one, or "".
file() {
	case $1 in
	'') ;;
	-*) revoked "${1#-}" ;;
	*) known "$1" ;;
	esac
}
cell() {
	file "$3" >"$own"
	file "$4" >"$tmp/known_hosts"
	cp "$own" "$tmp/own"
	fallback=$tmp/known_hosts
	before=$(fingerprint_of "$htdocs")
	ferry plan --config "$tmp/sandferry.ini" --key "$key" --json
	expect_exit "$1"
	expect_outcome "$2"
	if [ "$2" = ok ] && [ -z "$3$4" ]; then
		[ "$(cat "$own")" = "$(known "$host_key")" ] ||
		    fail 'it was not recorded'
	elif [ "$2" != ok ]; then
		cmp -s "$own" "$tmp/own" || fail "written: $*"
		expect_match '"type":"failure".*"pins":'
	fi
	[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'it wrote'
}

# a pin that is equal
pins "$offered"
cell 0 ok '' ''
cell 0 ok '' "$host_key"
cmp -s "$own" /dev/null || fail 'what the fallback knows was recorded'
cell 12 host_key_changed "$tmp/other" "$host_key"
cell 12 host_key_changed '' "$tmp/other"
cell 12 host_key_revoked "-$host_key" ''
cell 12 host_key_revoked "$host_key" "-$host_key"
# a rotation: the old key and the new one
pins "$other" "$offered"
cell 0 ok '' ''
cell 0 ok "$host_key" ''
cell 12 host_key_changed "$tmp/other" ''
# known by another type only: the pin accepts it, and both stay
cell 0 ok "$tmp/ecdsa" ''
grep -qxF "$(known "$tmp/ecdsa")" "$own" || fail 'the other type went'

# a pin that is not equal
pins "$other"
cell 12 host_key_not_pinned '' ''
cell 12 host_key_not_pinned "$host_key" ''
cell 12 host_key_not_pinned '' "$host_key"
cell 12 host_key_changed "$tmp/other" ''
expect_no_match "host trust"

# the user's word beats a record, never a pin
: >"$own"
fallback=none
for verb in 'host trust' 'host trust --fingerprint '"$offered"; do
	# shellcheck disable=SC2086
	ferry $verb --config "$tmp/sandferry.ini"
	expect_exit 12
	expect_text 'in the site file or --hostkey'
	[ ! -s "$own" ] || fail 'recorded against the pin'
done
pins "$offered"
known "$tmp/other" >"$own"
ferry host trust --config "$tmp/sandferry.ini"
expect_exit 12
ferry host trust --config "$tmp/sandferry.ini" --fingerprint "$offered"
expect_exit 0
[ "$(cat "$own")" = "$(known "$host_key")" ] || fail 'not superseded'
revoked "$host_key" >"$own"
ferry host trust --config "$tmp/sandferry.ini" --fingerprint "$offered"
expect_exit 12
expect_text 'marked as revoked'

# --hostkey says the same as the file, and adds to it
rm "$own"
pins "$other"
ferry plan --config "$tmp/sandferry.ini" --key "$key" --hostkey "$offered"
expect_exit 0

# what is no fingerprint is named with its line
for bad in MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48 "$offered="; do
	pins "$bad"
	ferry plan --config "$tmp/sandferry.ini" --key "$key"
	expect_exit 2
	expect_text 'sandferry.ini:3: hostkey: '
done
