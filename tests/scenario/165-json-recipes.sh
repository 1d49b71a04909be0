# Goal: what the manual tells to do with JSON works, and path_b64 gives back the
# path.
. tests/scenario/lib.sh
command -v jq >/dev/null || skip 'no jq (package jq)'
small_site
start_sshd
trust

# The commands below JSON in the manual, each in a file of its own.
sed -n '/^\.Ss JSON/,/^\.S[hs] [^J]/p' man/sandferry.1 |
    sed 's/\\(aq/'"'"'/g; s/\\e/\\/g' |
    awk -v to="$tmp/recipe" '
	/^\.Bd/ { file = to (++n); next }
	/^\.Ed/ { close(file); file = "" }
	file { print >file }'

# recipes: all of them, about the last run; $1, $2, ... are what they say.
recipes() {
	cp "$tmp/out" "$tmp/publish.ndjson"
	for n in 1 2 3; do
		(cd "$tmp" && sh "recipe$n") >"$tmp/said$n" 2>&1 ||
		    fail "recipe $n: $(cat "$tmp/said$n")"
	done
	[ ! -e "$tmp/recipe4" ] || fail 'there are others'
}

name=$(printf 'latin-1-\351.txt')
echo text >"$site/$name"
published
recipes
expect_match '^7 new, 0 changed, 0 removed$' "$tmp/said1"
cmp "$tmp/said2" /dev/null || fail 'something went wrong'
head -n 1 "$tmp/said3" >"$tmp/first"
expect_match '^307200 picture.bin$' "$tmp/first"

coded=$(jq -r '.path_b64 // empty' "$tmp/out" | sort -u)
[ "$(echo "$coded" | base64 -d)" = "$name" ] || fail "path_b64 is $coded"

publish --key "$tmp/no-such-key"
expect_exit 14
recipes
expect_match '^key_missing: cannot read the key file' "$tmp/said1"
[ "$(wc -l <"$tmp/said2")" -eq 2 ] || fail 'it does not say what to do'
cmp "$tmp/said3" /dev/null || fail 'something was sent'
