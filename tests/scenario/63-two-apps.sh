# Goal: a key that the user chose for one application in Flatpak is of no use
# to another one.  A is given the key and the site, grants and publishes; B is
# given the same site, then A's access file, then even the key, and gets
# nothing until its user grants the key there, too.
. tests/scenario/lib.sh
. tests/scenario/portal.sh
command -v strace >/dev/null || skip 'no strace'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer opens files of its own' ;;
esac
small_site
start_sshd
start_desktop
A=org.example.A
B=org.example.B

# Folders that can be told from all others in a trace.
mkdir "$tmp/project" "$tmp/chosen"
mv "$site" "$tmp/project"
site=$tmp/project/site
mv "$key" "$key.pub" "$tmp/chosen"
key=$tmp/chosen/key
printf 'source = site\n[production]\nurl = %s\n' "$url" \
    >"$tmp/project/sandferry.ini"

# The user opens the site in both, and the key in A only.
site_there=$(share $A "$tmp/project")
[ "$(share $B "$tmp/project")" = "$site_there" ] || fail 'two documents'
key_there=$(share $A "$key")

# ferry_in APP [COMMAND...] sandferry VERB...: as ferry() does, there
ferry_in() {
	in_app "$@" --json --no-input --fallback-known-hosts none \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

# own APP: its folder, here and there
own() {
	echo "$HOME/.var/app/$1"
}

publish_in() {
	ferry_in "$1" sandferry publish -C "$site_there"
}

published_in() {
	publish_in "$1"
	expect_exit 0
	same_tree "$site" "$htdocs"
}

# refused_in APP ID: with a hint, without a look at the key, or at the server
refused_in() {
	ferry_in "$1" strace -f -s 4096 -e trace=%file,connect \
	    -o "$(own "$1")/calls" sandferry publish -C "$site_there"
	expect_exit 14
	expect_outcome "$2"
	expect_words
	expect_text 'access add'
	# nobody but root can read what a program names that hides its memory
	[ "$(id -u)" -eq 0 ] || return 0
	calls=$(own "$1")/calls
	expect_match "\"$site_there/" "$calls"
	! grep -F "${key_there%/key}" "$calls" || fail 'it looked at the key'
	! grep -F "htons($port)" "$calls" || fail 'it went to the server'
}

# documents_of APP: what it sees of all that the user has
documents_of() {
	in_app "$1" sh -c "cd $documents && echo *"
}

number() {
	echo "$1" | cut -d / -f 6
}

# A: granted by the path that the portal gave, used, and used again
for app in $A $B; do
	ferry_in $app sandferry host trust --url "$url" \
	    --hostkey "$(fingerprint "$host_key")"
	expect_exit 0
done
publish_in $A
expect_exit 14
expect_outcome key_not_granted
ferry_in $A sandferry access add -C "$site_there" --key "$key_there"
expect_exit 0
expect_text "\"fingerprint\":\"$(fingerprint "$key")\""
granted=$(own $A)/config/sandferry/access.ini
grep -Fqx "key = $key_there" "$granted" || fail 'another path than was chosen'
published_in $A
echo '<h1>Again</h1>' >"$site/index.html"
published_in $A
ferry_in $A sandferry access list
expect_exit 0
expect_match '"type":"grant".*"state":"good"'
# by the portal's secret, not by a file that could be copied
[ -z "$(find "$HOME" -name app-secret)" ] || fail 'a secret lies about'

# B, with the same site: it sees that, and nothing else
[ "$(documents_of $B)" = "$(number "$site_there")" ] ||
    fail "B sees $(documents_of $B)"
refused_in $B key_not_granted

# ... with all of A's files
cp -r "$(own $A)/." "$(own $B)"
refused_in $B grant_forged

# ... with those of a grant made outside, secret and all
cp "$granted" "$tmp/kept"
ferry access add --url "$url" --key "$key"
expect_exit 0
cp "$HOME/.config/sandferry/access.ini" "$(own $B)/config/sandferry"
cp "$HOME/.local/share/sandferry/app-secret" "$(own $B)/data/sandferry"
refused_in $B grant_forged
rm "$(own $B)/data/sandferry/app-secret"

# ... with A's grant, and the key itself: not even then is it opened
[ "$(share $B "$key")" = "$key_there" ] || fail 'two documents'
in_app $B cat "$key_there" | cmp -s - "$key" || fail 'B cannot read the key'
cp "$tmp/kept" "$(own $B)/config/sandferry/access.ini"
refused_in $B grant_forged
ferry_in $B sandferry access list
expect_exit 0
expect_match '"type":"grant".*"state":"forged"'

# A: its file edited by hand
sed "s|^made = .*|made = 2026-01-02T03:04:05Z|" "$tmp/kept" >"$granted"
refused_in $A grant_forged
cp "$tmp/kept" "$granted"
published_in $A

# B, when its user grants the key there; which is nothing to A
ferry_in $B sandferry access add -C "$site_there" --key "$key_there"
expect_exit 0
published_in $B
published_in $A
cp "$(own $B)/config/sandferry/access.ini" "$granted"
refused_in $A grant_forged

# Nobody answers who could tell A from B: no grant counts.
stop_portal
ferry_in $B sandferry publish -C "$site_there"
expect_exit 14
expect_outcome app_secret_portal
expect_words
