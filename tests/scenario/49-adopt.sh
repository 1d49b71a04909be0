# Goal: adopt makes ours what somebody else has uploaded, if it is equal, and
# nothing else; in place of a ledger that is damaged or lost, too.  What follows
# sends only what differs.
. tests/scenario/lib.sh
small_site
big_file "$site/large" 400
start_sshd
trust
side=$htdocs/.sandferry

adopt() {
	ferry adopt --source "$site" --url "$url" --key "$key" "$@"
}

# what the Action says it uploaded: FILE...
claim() {
	printf '{"description":"DO NOT DELETE","version":"1.0.0",'
	printf '"generatedTime":1,"data":[{"type":"folder","name":"css"}'
	for file; do
		printf ',{"type":"file","name":"%s","size":%s,"hash":"%s"}' \
		    "$file" "$(stat -c %s "$htdocs/$file")" \
		    "$(sha256sum <"$site/$file" | cut -d ' ' -f 1)"
	done
	printf ']}\n'
}

# uploaded by cp, a day ago; one page differs, one is not there, one is theirs
upload() {
	rm -rf "$htdocs"
	cp -r "$site" "$htdocs"
	find "$htdocs" -exec touch -d yesterday {} +
	new_machine
}
upload
printf '<h1>ABOUT</h1>\n' >"$htdocs/about.html"
touch -d yesterday "$htdocs/about.html"
rm "$htdocs/deep/er/page.html"
echo theirs >"$htdocs/theirs"
before=$(fingerprint_of "$htdocs")
adopt -n -v
expect_exit 0
expect_match '^~ about.html  \(differs: other bytes\)$'
expect_match '^\+ deep/er/page.html  \(not there yet, 14 B\)$'
expect_match '^= css/site.css  \(21 B\)$'
expect_match '^\? theirs  \(not ours\)$'
expect_match '^5 files, .* are equal to the source$'
expect_text '1 is not there: publish sends it'
expect_text '1 differs: publish --drift overwrite replaces it'
[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'something was written'
adopt --json
expect_exit 0
expect_match '"type":"file","state":"adopted","path":"large"'
expect_match '"type":"file","state":"differs","path":"about.html"'
expect_count unchanged 5
expect_count changed 1
expect_count added 1
expect_count generation 1
[ -z "$(ls "$side/stage")" ] || fail 'left in the stage'
[ ! -e "$side/lock" ] || fail 'the lock is still there'
ferry status --url "$url" --key "$key" --exit-code
expect_exit 0
expect_match '^Publish 1, .*: 5 files'
publish
expect_exit 32
expect_text 'about.html is on the server already, and not by us'
published --drift overwrite
expect_count added 2
expect_count unchanged 5
[ -e "$htdocs/theirs" ] || fail 'a stranger has gone'
rm "$htdocs/theirs"
same_tree "$site" "$htdocs"
adopt
expect_exit 0
expect_match '^Adopted: 7 files, .* are equal to the source and ours$'

# the middle of a large file is looked at, the rest of it only with --content
upload
printf x | dd of="$htdocs/large" bs=1 seek=205000 conv=notrunc 2>/dev/null
printf x | dd of="$htdocs/picture.bin" bs=1 seek=80000 conv=notrunc 2>/dev/null
adopt -n
expect_match '^~ large  \(differs: other bytes\)$'
expect_match '^6 files'
adopt -n --content
expect_match '^~ picture.bin  \(differs: other bytes\)$'
expect_match '^5 files'
adopt -n --trust-size
expect_match '^7 files'

# a ledger that is damaged, empty or gone
for wrong in 'echo garbage >L' ': >L' 'rm L'; do
	upload
	adopt
	published
	expect_count sent 0
	rm "$site/empty"
	(eval "$(echo "$wrong" | sed "s,L,$side/ledger,")")
	echo half >"$side/stage/1234"
	publish
	expect_exit 32
	expect_match 'sandferry adopt' "$tmp/out"
	adopt --json
	expect_exit 40
	expect_outcome not_confirmed
	expect_words
	adopt -y
	expect_exit 0
	[ "$wrong" = 'rm L' ] || [ -e "$side/ledger.damaged" ] ||
	    fail 'the damaged ledger was not kept'
	[ -z "$(ls "$side/stage")" ] || fail 'left in the stage'
	# what has left the source meanwhile is still known to be ours
	published
	expect_count sent 0
	expect_count removed 1
	same_tree "$site" "$htdocs"
	: >"$site/empty"
done

# damage before the end, which a machine with a copy of the ledger does not
# look for when it publishes
upload
adopt
published
printf S | dd of="$side/ledger" conv=notrunc 2>/dev/null
published
expect_count sent 0
adopt
expect_exit 40
adopt -y
expect_exit 0
[ -e "$side/ledger.damaged" ] || fail 'the damaged ledger was not kept'
new_machine
published
expect_count sent 0

# what another tool says is there, and both sides bear out, is not read
upload
echo theirs >"$htdocs/about.html"
claim index.html large about.html >"$tmp/state.json"
stop_sshd
start_proxy
adopt --import "$tmp/state.json" --json
expect_exit 0
expect_match '"state":"adopted","path":"large"'
expect_match '"state":"adopted","path":"index.html"'
expect_match '"state":"differs","path":"about.html"'
expect_match '^READ.*css/site.css' "$tmp/requests"
expect_no_match '^READ.*(large|index.html|about.html)' "$tmp/requests"
# a claim about other bytes is none
upload
claim index.html | sed 's/"hash":"./"hash":"x/' >"$tmp/state.json"
adopt --import "$tmp/state.json"
expect_exit 2
expect_text 'it tells of no file'
printf '<h1>Hime</h1>\n' >"$htdocs/index.html"
mkdir "$tmp/was"
cp "$site/index.html" "$tmp/was"
sed -i s/Home/Hume/ "$site/index.html"
(site=$tmp/was && claim index.html) >"$tmp/state.json"
rules
adopt --import "$tmp/state.json" --json
expect_exit 0
expect_match '"state":"differs","path":"index.html"'
expect_match '^READ.*index.html' "$tmp/requests"
for bad in '{"version":"2.0.0","data":[]}' '{' '[]' ''; do
	printf '%s' "$bad" >"$tmp/state.json"
	adopt --import "$tmp/state.json"
	expect_exit 2
	expect_text 'ftp-deploy-sync-state.json'
done
