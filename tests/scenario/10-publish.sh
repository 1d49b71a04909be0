# Goal: the main job.  A site arrives byte by byte; again, nothing travels; one
# changed page is one upload, whatever its neighbours' times; a removed one is
# one removal.  Modes and times are right, names arrive as they are.
. tests/scenario/lib.sh
small_site
mkdir "$site/with space" "$site/50%" "$site/[brackets]"
for name in 'with space/a page.html' 'über uns.html' 'C# & F#.html' \
    '100% real.html' 'a%20b.html' '[brackets]/x[1].html' 'what?.html' \
    "it's \"quoted\".html" '-dash.html' 'back\slash.html' '.nojekyll' \
    'two
lines.html' "$(printf 'latin1-\351.html')" '50%/日本語.html'; do
	printf '<h1>%s</h1>\n' "$name" >"$site/$name" || fail "$name"
done
touch -d '2001-02-03 04:05:06 UTC' "$site/about.html"
chmod 600 "$site/about.html"
chmod 666 "$site/index.html"
printf '#!/bin/sh\n' >"$site/run.cgi"
chmod 777 "$site/run.cgi"
files=$(find "$site" -type f -print0 | tr -cd '\0' | wc -c)
start_sshd
trust

# the first time
published
expect_count outcome ok
expect_count sent "$files"
expect_count added "$files"
expect_count removed 0
same_tree "$site" "$htdocs"
odd=$(find "$htdocs" -name .sandferry -prune -o -name run.cgi -o \
    \( -type f ! -perm 644 -o -type d ! -path "$htdocs" ! -perm 755 \) -print)
[ -z "$odd" ] || fail "modes: $odd"
[ "$(stat -c %a "$htdocs/run.cgi")" = 755 ] || fail 'the mode of a program'
for name in about.html css/site.css; do
	[ "$(stat -c %Y "$site/$name")" = "$(stat -c %Y "$htdocs/$name")" ] ||
	    fail "the time of $name"
done
[ "$(stat -c %a "$htdocs/.sandferry")" = 700 ] || fail 'the mode of .sandferry'
[ -z "$(ls -A "$htdocs/.sandferry/stage" 2>/dev/null)" ] || fail 'a full stage'
[ ! -e "$htdocs/.sandferry/lock" ] || fail 'the lock was left behind'

# again
before=$(fingerprint_of "$htdocs")
published
expect_count sent 0
expect_count removed 0
expect_count bytes_sent 0
expect_count unchanged "$files"
[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'something was written'

# one page changes, all times do
printf '<p>More.\n' >>"$site/über uns.html"
find "$site" -exec touch {} +
published
expect_count sent 1
expect_count changed 1
expect_count removed 0
same_tree "$site" "$htdocs"

# one page goes, with its folder
rm -r "$site/deep"
published
expect_count sent 0
expect_count removed 1
same_tree "$site" "$htdocs"

# for people: one line says it all
printf '<p>Even more.\n' >>"$site/index.html"
ferry publish --source "$site" --url "$url" --key "$key"
expect_exit 0
expect_match '1 sent .*already there.* 0 removed' "$tmp/err"

# a file of others is left alone; a folder becomes a file, a file a folder
printf 'stats\n' >"$htdocs/stats.txt"
rm -r "$site/css" "$site/about.html"
printf 'flat\n' >"$site/css"
mkdir "$site/about.html"
printf 'in\n' >"$site/about.html/index.html"
published
[ "$(cat "$htdocs/stats.txt")" = stats ] || fail 'a file of others is gone'
rm "$htdocs/stats.txt"
same_tree "$site" "$htdocs"
