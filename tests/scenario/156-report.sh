# Goal: publish --report writes one page that tells what the run told, whatever
# it met and however it ended; what comes from outside is text in it.
. tests/scenario/lib.sh
small_site
start_sshd
trust
page=$tmp/report.html

# report VERB...: with a page, which says the same as the events.
report() {
	verb=$1
	shift
	ferry "$verb" --source "$site" --url "$url" --key "$key" --json \
	    --report "$page" "$@"
	python3 tests/scenario/report.py "$page" "$tmp/out" ||
	    fail "the page of $verb is not right"
	[ "$(stat -c %a "$page")" = 600 ] || fail 'others may read it'
	set -- "$page".*
	[ ! -e "$1" ] || fail "it left $1"
}

report plan
expect_exit 0
expect_match 'nothing was changed</h1>' "$page"
report publish
expect_exit 0
expect_match ' Published</h1>' "$page"
report publish
expect_exit 0
expect_match ' Nothing to do</h1>' "$page"

# Names, and a folder, that would be markup, or move what is beside them.
evil='<b>&amp;'
mkdir "$site/$evil" "$site/.git" "$site/$(printf 'bad\377')"
echo x >"$site/.git/config"
echo 1 >"$site/$evil/\"a\" 'b' <img src=x onerror=alert(1)><!--.html"
mkdir -p "$site/--></bdi></table><script>alert(1)<"
echo 1 >"$site/--></bdi></table><script>alert(1)</script>"
echo 1 >"$site/$(printf 'bidi\342\200\256gpj.exe')"
echo 1 >"$site/$(printf 'bad\377/latin-\351 back\\slash')"
echo 1 >"$site/$(printf 'tab\there\nline\033[31m\302\205')"
echo 1 >"$site/style=\"width:url(http:%2F%2Fexample.org%2F)\""
echo more >>"$site/index.html"
big_file "$site/picture.bin" 1200 2
rm "$site/about.html"
report publish --grace '2 days'
expect_exit 0
[ -e "$htdocs/about.html" ] || fail 'it did not wait'
report publish --grace 0
expect_exit 0
[ ! -e "$htdocs/about.html" ] || fail 'it was not removed'
ferry undo --url "$url" --key "$key" --json --report "$page"
expect_exit 0
python3 tests/scenario/report.py "$page" "$tmp/out" || fail 'not of the undo'
expect_match ' Brought back</h1>' "$page"

# What failed says why, and what to do.
echo stranger >"$htdocs/index.html"
echo more >>"$site/index.html"
report publish
expect_exit 32
expect_match ' The publish failed</h1>' "$page"
expect_match '<code>drift</code>, exit status 32' "$page"
report publish --confine off --drift overwrite
expect_exit 0
expect_text '"confine":"off"'
url=sftp://$user@127.0.0.1:1$htdocs
report publish
expect_exit 20
expect_match '>only tried<' "$page"
ferry publish -c "$tmp/<none>.ini" --report "$page"
expect_exit 2
python3 tests/scenario/report.py "$page" || fail 'no page without a job'
expect_match 'lt;none&gt;.ini' "$page"

# A folder of this machine: nobody is talked to.
url=file://$tmp/folder
mkdir "$tmp/folder"
ferry access add --url "$url" --folder "$tmp/folder"
ferry publish --source "$site" --url "$url" --json --report "$page"
expect_exit 0
python3 tests/scenario/report.py "$page" "$tmp/out" || fail 'not of a folder'

# One that cannot be is said before anything is done.
ferry publish --source "$site" --url "$url" --report "$tmp/none/page.html"
expect_exit 2
expect_text "cannot write --report $tmp/none/page.html: No such file"

# One within the site is not sent while it is being written.
ferry publish --source "$site" --url "$url" --json \
    --report "$site/report.html"
expect_exit 0
[ -z "$(ls -d "$tmp"/folder/.sandferry-* 2>/dev/null)" ] ||
    fail 'what was being written was published'
[ -e "$site/report.html" ] && [ -z "$(ls -d "$site"/.sandferry-* 2>/dev/null)" ] ||
    fail 'the report has not its name'
rm "$site/report.html"
