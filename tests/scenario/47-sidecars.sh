# Goal: texts are published compressed as well; a web server that sends them
# sends what the page is, after each publish, however that ended.
. tests/scenario/lib.sh
. tests/scenario/web.sh
small_site
page() {
	awk -v words="$2" 'BEGIN {
		for (i = 0; i < 100; i++)
			print "<p>" words " " i
	}' >"$site/$1"
}
page index.html one
page about.html one
page css/site.css one
start_proxy
start_web
trust

# Both kinds of visitors see what the site is; these files come compressed.
same_answers() {
	python3 tests/scenario/visit.py "$web_port" "$site" "$*" index.html \
	    about.html css/site.css deep/er/page.html picture.bin ||
	    fail 'visitors see something else'
}

published --precompress gzip
expect_count added 9
same_answers index.html about.html css/site.css
[ "$(stat -c '%a %Y' "$htdocs/index.html")" = \
    "$(stat -c '%a %Y' "$htdocs/index.html.gz")" ] || fail 'mode or time'

# the same again, from here and from elsewhere
published --precompress gzip
expect_count unchanged 9
new_machine
published --precompress gzip
expect_count unchanged 9

# changed; too short; gone
page index.html two
echo short >"$site/about.html"
published --precompress gzip
expect_count changed 3
expect_count removed 1
same_answers index.html css/site.css
rm "$site/about.html" "$site/css/site.css"
published --precompress gzip
same_answers index.html
[ ! -e "$htdocs/css" ] || fail 'something is left'

# cut off in the commit
page about.html three
page css/site.css three
published --precompress gzip
for at in 1 3; do
	page index.html "four $at"
	page about.html "four $at"
	rules "cut posix-rename $at 0"
	publish --precompress gzip
	expect_exit 21
	rules
	published --precompress gzip
	same_answers index.html about.html css/site.css
done

# somebody changed a page there: it stays as it is, and so do both of its forms
page index.html five
touch -d '2020-01-02' "$htdocs/index.html"
before=$(sha256sum "$htdocs/index.html" "$htdocs/index.html.gz")
published --precompress gzip --drift keep
[ "$before" = "$(sha256sum "$htdocs/index.html" "$htdocs/index.html.gz")" ] ||
    fail 'only one of both was kept'
published --precompress gzip --drift overwrite
same_answers index.html about.html css/site.css

# the site's own wins
gzip -1c "$site/index.html" >"$site/index.html.gz"
published --precompress gzip
expect_count changed 1
cmp -s "$site/index.html.gz" "$htdocs/index.html.gz" || fail 'not the own one'
same_answers index.html about.html css/site.css
rm "$site/index.html.gz"

# no more of them
published --exclude '*.gz'
expect_count removed 3
[ -z "$(find "$htdocs" -name '*.gz')" ] || fail 'some are left'
same_answers

# Brotli, where it is built in: the same, made once.
publish --precompress br
if [ "$rc" -eq 2 ]; then
	expect_text 'Brotli is not built in'
	expect_words
	exit 0
fi
expect_exit 0
expect_count added 3
published --precompress 'gzip, br'
expect_count added 3
for page in index.html about.html css/site.css; do
	brotli -dc "$htdocs/$page.br" | cmp -s - "$site/$page" ||
	    fail "$page.br is something else"
	gzip -dc "$htdocs/$page.gz" | cmp -s - "$site/$page" ||
	    fail "$page.gz is something else"
done
new_machine
published --precompress 'br gzip'
expect_count unchanged 12
page index.html six
published --precompress 'br gzip'
expect_count changed 3
brotli -dc "$htdocs/index.html.br" | cmp -s - "$site/index.html" ||
    fail 'it is stale'
rm "$site/about.html"
published --precompress 'br gzip'
expect_count removed 3
for bad in zstd 'gzip zstd' '' ,; do
	publish --precompress "$bad"
	expect_exit 2
done
