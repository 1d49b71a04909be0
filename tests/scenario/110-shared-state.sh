# Goal: a remote-state folder is for one site: another one that names it is
# refused before a byte is written, whoever calls the server or the folder by
# another name is not; messages name that folder.
. tests/scenario/lib.sh
small_site
start_sshd
trust
ini=$tmp/sandferry.ini
state=$tmp/state/of/site

# to URL VERB...
to() {
	printf 'source = %s\nurl = %s\nremote-state = %s\n' "$site" "$1" \
	    "$state" >"$ini"
	shift
	ferry "$@" -c "$ini" --key "$key" --json
}

to "$url" check
expect_exit 0
expect_text "$state"
[ ! -e "$tmp/state" ] || fail 'a folder is left behind'
to "$url" publish
expect_exit 0
mkdir "$tmp/second"
touch -d '2001-01-01' "$tmp/second/index.html"
before=$(fingerprint_of "$state")
for verb in publish plan status adopt undo; do
	to "${url%htdocs}second" "$verb"
	expect_exit 2
	expect_outcome remote_state_taken
	expect_words
	expect_text "$state belongs to another site, $url"
done
[ "$(fingerprint_of "$state")" = "$before" ] || fail 'its state was changed'
[ "$(ls "$tmp/second")" = index.html ] || fail 'something was published'

# the same site by other names, from other machines
new_machine
ferry host trust --url "$(echo "$url" | sed s/127.0.0.1/localhost/)" \
    --hostkey "$(fingerprint "$host_key")"
to "$(echo "$url" | sed s/127.0.0.1/localhost/)" publish
expect_exit 0
expect_count sent 0
ln -s htdocs "$tmp/alias"
echo '<p>more' >>"$site/about.html"
to "${url%htdocs}alias" publish
expect_exit 0
expect_count sent 1
# ... of which nobody made a note
rm "$state/site"
new_machine
to "$url" publish
expect_exit 0
expect_count sent 0
echo '<p>again' >>"$site/about.html"
to "$url" publish
expect_exit 0
to "${url%htdocs}second" publish
expect_exit 2

# damaged, locked: which folder it is about
echo garbage >"$state/ledger"
new_machine
to "$url" publish
expect_exit 32
expect_words
expect_text "$state/ledger"
expect_no_match '\.sandferry/'
to "$url" adopt --yes
expect_exit 0
echo '<p>full' >>"$site/about.html"
chmod 500 "$state/stage"
if [ "$(id -u)" -ne 0 ]; then
	to "$url" publish
	expect_exit 30
	expect_text "$state/stage"
	expect_no_match '\.sandferry/'
fi
