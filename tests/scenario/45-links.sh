# Goal: a page that refers to what is not there is refused, when that is asked.
. tests/scenario/lib.sh
small_site
mkdir -p "$site/css" "$site/blog"
echo '@import "base.css"; a { background: url(../dot.png) }' >"$site/css/a.css"
: >"$site/css/base.css"
: >"$site/dot.png"
cat >"$site/blog/post.html" <<END
<!doctype html><link rel=stylesheet href=/css/a.css>
<a href=..>up</a> <a href="?x">self</a> <a href="https://example.org/">out</a>
<img src="../dot.png?v=2" srcset="/dot.png 2x"><a href=post>itself</a>
END
start_proxy
trust
published --strict-links
before=$(fingerprint_of "$htdocs")

refused() {
	rules
	publish "$@"
	expect_exit 41
	expect_words
	[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'it wrote'
}
# gone from the source, but an unchanged style sheet needs it
mv "$site/dot.png" "$tmp/dot.png"
refused --strict-links
expect_match 'css/a\.css refers to /dot\.png'
expect_match 'blog/post\.html refers to /dot\.png'
publish --strict-links --exclude '/dot.png' -n
expect_exit 0
published
mv "$tmp/dot.png" "$site/dot.png"
published --strict-links
