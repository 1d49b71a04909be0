# Goal: status says what lies on the server against what was published, file by
# file, whatever somebody did to it; and changes nothing there.
. tests/scenario/lib.sh
small_site
start_sshd
trust

# look VERB [OPTION...]: it writes nothing there
look() {
	before=$(fingerprint_of "$htdocs" | sed 's/ [^ ]*$//')
	ferry "$@" --url "$url" --key "$key"
	[ "$before" = "$(fingerprint_of "$htdocs" | sed 's/ [^ ]*$//')" ] ||
	    fail 'something was written there'
}

look status
expect_exit 0
expect_text 'Nothing was published there yet'
echo theirs >"$htdocs/before"
look status
expect_text '1 is there that is not ours'
rm "$htdocs/before"
published
look status --exit-code
expect_exit 0
expect_match '^Publish 1, 20.* UTC, from .*: 6 files, '
expect_text 'No drift: all is as it was left'
new_machine
look status -q --exit-code
expect_exit 0
[ ! -s "$tmp/all" ] || fail 'it is not quiet'

# changed, removed, added; by size, by time, by kind
echo '<p>by hand' >>"$htdocs/about.html"
touch "$htdocs/css/site.css"
rm -r "$htdocs/deep"
mv "$htdocs/empty" "$htdocs/full"
ln -s full "$htdocs/empty"
mkdir -p "$htdocs/cgi-bin/x"
look status -v
expect_exit 0
expect_match '^~ about.html  \(changed there: another size, 15 B .* 26 B\)$'
expect_match '^~ css/site.css  \(changed there: another time\)$'
expect_match '^- deep/er/page.html  \(gone from there, 14 B\)$'
expect_match '^~ empty  \(changed there: is no file any more'
expect_text '? cgi-bin/  (not ours)'
expect_text '? full  (not ours)'
expect_text 'Drift: 3 changed there, 1 gone from there'
expect_text '2 are there that are not ours'
look status --exit-code --json
expect_exit 3
expect_outcome drift
expect_words
expect_match '"type":"file","state":"missing","path":"deep/er/page.html"'
expect_match '"type":"status","generation":1,.*"files":6,.*"same":2,"changed":3,"missing":1,"unknown":0,"pending":0,"strangers":2'

# a lock, and what a run that was cut off has left
echo 'eve@elsewhere 12 2026-01-01T00:00:00Z 0' >"$htdocs/.sandferry/lock"
echo half >"$htdocs/.sandferry/stage/1234"
look status
expect_exit 0
expect_match '^1 staged by a run that did not end, 5 B: '
expect_match '^Locked by eve@elsewhere, last sign of it 20.* UTC$'
