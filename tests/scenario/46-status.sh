# Goal: status and verify say what lies on the server against what was published,
# file by file, whatever somebody did to it, and change nothing there.
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
expect_text 'sandferry adopt'
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

# the same as a verdict
look verify -q
expect_exit 50
expect_match '^~ about.html  \(changed there: another size'
expect_match '^- deep/er/page.html  '
expect_match '^sandferry: 3 of 6 files are not as they were published, about.html first$'
expect_no_match 'css/site.css|cgi-bin'
rm -r "$htdocs" && mkdir "$htdocs"
new_machine
look verify
expect_exit 50
expect_text 'nothing was published there'
mkdir "$site/many"
for i in 1 2 3 4 5 6 7 8 9 10 11; do
	echo $i >"$site/many/$i"
done
big_file "$site/large" 5000
published
look verify --exit-code
expect_exit 0
expect_match '^Publish 1 is there: 18 files, .*; --content reads them$'
look verify --content -q
expect_exit 0
[ ! -s "$tmp/all" ] || fail 'it is not quiet'

# defaced: size and time as before
deface() {
	touch -r "$htdocs/$1" "$tmp/time"
	printf x | dd of="$htdocs/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
	touch -r "$tmp/time" "$htdocs/$1"
}
deface about.html 4
look status --exit-code
expect_exit 0
look verify
expect_exit 0
look verify --content
expect_exit 50
expect_match '^~ about.html  \(changed there: other bytes\)$'
expect_match '^sandferry: about.html is not as it was published$'
expect_no_match '^Publish 1 is there'
deface large 4999999
for i in 1 2 3 4 5 6 7 8 9 10 11; do
	deface "many/$i" 0
done
look verify --content --json
expect_exit 50
expect_outcome not_as_published
expect_words
expect_match '"state":"changed","path":"large","size_before":5120000,"size_after":5120000,"reason":"other bytes"'
expect_match '"type":"phase","phase":"verify"'
look verify --content
expect_text '... and 3 more; -v names them'
