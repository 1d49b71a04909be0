# Goal: each question of init has a flag, with which nobody is asked; a missing
# answer is an error that names its flag; what fails writes neither the file
# nor the grant; a folder of this machine is an address as well.
. tests/scenario/lib.sh
small_site
mkdir "$tmp/work"
mv "$site" "$tmp/work/dist"
start_proxy
here=$PWD
cd "$tmp/work" || exit
pin=$(fingerprint "$host_key")

init() {
	ferry init --site-url none "$@"
	[ "$rc" -eq 0 ] || untouched
}

untouched() {
	[ "$(ls -A)" = dist ] || fail "left: $(ls -A)"
	[ ! -e "$HOME/.config/sandferry/access.ini" ] || fail 'a grant is left'
	[ ! -e "$htdocs/.sandferry" ] || fail 'something stays there'
}

ferry plan
expect_exit 2
expect_text "\`sandferry init' writes one"

# what is missing, or wrong; nothing is dialled for it
init
expect_exit 2
expect_text 'Name it: --source FOLDER'
init --source nothing
expect_exit 2
expect_text 'nothing: No such file or directory'
init --source dist
expect_exit 2
expect_text 'Name it: --url ADDRESS'
for address in 'example.org|no user' 'me@example.org|no folder' \
    'https://example.org|where visitors go' 'gopher://a@b/c|unknown scheme' \
    'me@exämple.org:www|xn--' "$tmp/nothing|No such file" \
    'sftp://me:secret@example.org/|has a password in it'; do
	init --source dist --url "${address%|*}" --key "$key"
	expect_exit 2
	expect_text "${address#*|}"
	expect_no_match secret
done
odd=$(printf 'o\nd')
mkdir "$odd"
: >"$odd/index.html"
ferry init --source "$odd" --url "$url" --key "$key" --hostkey "$pin"
expect_exit 2
expect_text 'a control character cannot stand in sandferry.ini'
rm -r "$odd"
untouched
init --source dist --url "$url"
expect_exit 2
expect_text 'Name it: --key FILE, or say --password'
init --source dist --url "$url" --key "$tmp/nothing"
expect_exit 2
ferry init --source dist --url "$url" --key "$key" --site-url 'a b'
expect_exit 2
untouched

# the test fails: unknown host, wrong key, a folder that may not be written to
init --source dist --url "$url" --key "$key"
expect_exit 11
expect_match '^  FAIL  host key '
expect_text 'Nothing was written.'
make_key "$tmp/other" ed25519
init --source dist --url "$url" --key "$tmp/other" --hostkey "$pin"
expect_exit 10
init --source dist --url "sftp://$user@127.0.0.1:$port/proc/www" --key "$key" \
    --hostkey "$pin"
expect_exit 30
mkdir empty
ferry init --source empty --url "$url" --key "$key"
expect_exit 2
expect_text 'empty is empty'
rmdir empty
untouched

# somebody writes one while it is being tried: theirs stays
echo theirs >"$tmp/theirs"
rules "run REMOVE 1 cp $tmp/theirs $tmp/work/sandferry.ini"
ferry init --source dist --url "$url" --key "$key" --hostkey "$pin" \
    --site-url none
expect_exit 2
expect_text 'there is a sandferry.ini here already'
expect_text "granted all the same: sandferry access remove --url $url"
cmp -s "$tmp/theirs" sandferry.ini || fail 'theirs was changed'
[ "$(ls -A)" = "$(printf 'dist\nsandferry.ini')" ] || fail "left: $(ls -A)"
rm sandferry.ini
ferry access remove --url "$url"
expect_exit 0
rules

# and works: the pin is kept, everything else is as a publish wants it
init --source "$tmp/work/dist/" --url "$user@127.0.0.1:$port$htdocs" \
    --key "$key" --hostkey "$pin"
expect_exit 0
expect_match '^Next: sandferry plan$'
expect_match '^source = dist$' sandferry.ini
expect_match "^url = sftp://$user@127.0.0.1:$port$htdocs\$" sandferry.ini
expect_match "^hostkey = $(echo "$pin" | sed 's/[+]/\\+/g')\$" sandferry.ini
[ "$(stat -c %a sandferry.ini)" = "$(printf '%o' $((0666 & ~$(umask))))" ] ||
    fail 'not a mode like any other'
ferry publish
expect_exit 0
same_tree dist "$htdocs"
ferry init --source dist
expect_exit 2
expect_text 'there is a sandferry.ini here already'

# a name that the file would say otherwise
rm sandferry.ini
cp -R dist ' dist'
ferry init --source ' dist' --url "$tmp/work"
expect_exit 2
expect_text 'begins or ends with a blank'
[ ! -e sandferry.ini ] || fail 'it was written'
rm -r ' dist'

# a folder of this machine; from elsewhere
mkdir "$tmp/there here"
cd "$here" || exit
ferry init -C "$tmp/work" --source dist --url "$tmp/there here"
expect_exit 0
expect_match "^Next: sandferry -C $tmp/work plan\$"
expect_match "^url = file://$tmp/there%20here\$" "$tmp/work/sandferry.ini"
ferry publish -C "$tmp/work"
expect_exit 0
same_tree "$tmp/work/dist" "$tmp/there here"
