# Goal: what somebody else changed, or had there before us, stops a publish;
# or stays, or is replaced and kept, where the site says so.
. tests/scenario/lib.sh
small_site
start_sshd
trust
side=$htdocs/.sandferry

# a stranger's file where a new one is to go
mkdir -p "$htdocs"
echo welcome >"$htdocs/index.html"
publish
expect_exit 32
expect_text 'index.html is on the server already'
[ "$(cat "$htdocs/index.html")" = welcome ] || fail 'it was replaced'
published --drift keep
[ "$(cat "$htdocs/index.html")" = welcome ] || fail 'it was replaced'
[ -e "$htdocs/about.html" ] || fail 'the others did not come'
published --drift overwrite
same_tree "$site" "$htdocs"
[ "$(cat "$side"/kept/drift-*)" = welcome ] || fail 'it was not kept'

# a name that differs from one of ours in case alone is theirs all the same
echo 'by hand' >"$htdocs/ABOUT.html"
echo '<h1>ABOUT' >"$site/ABOUT.html"
publish
expect_exit 32
expect_text 'ABOUT.html is on the server already'
expect_match 'by hand' "$htdocs/ABOUT.html"
rm "$htdocs/ABOUT.html" "$site/ABOUT.html"

# theirs is a file, and ours a folder: whatever the policy, nothing is begun
echo theirs >"$htdocs/swap"
mkdir "$site/swap"
echo new >"$site/swap/page.html"
echo new >"$site/other.html"
for policy in stop keep overwrite; do
	publish --drift "$policy"
	expect_exit 32
	expect_text 'swap is a file on the server'
	[ ! -e "$htdocs/other.html" ] || fail 'half of it was published'
done
rm "$htdocs/swap"
published

# ours was changed there, and is in the way of a file: it cannot be kept
echo theirs >>"$htdocs/swap/page.html"
rm -r "$site/swap"
echo file >"$site/swap"
publish --drift keep
expect_exit 32
expect_match theirs "$htdocs/swap/page.html"
published --drift overwrite
same_tree "$site" "$htdocs"
rm "$site/swap" "$site/other.html"
published

# changed since: one replaced, one removed
for policy in keep overwrite; do
	echo '<p>by hand' >>"$htdocs/about.html"
	echo '<p>by hand' >>"$htdocs/css/site.css"
	echo "<p>$policy" >>"$site/about.html"
	mv "$site/css/site.css" "$site/css/other.css"
	echo "/* $policy */" >>"$site/css/other.css"
	published --drift "$policy"
	if [ "$policy" = keep ]; then
		expect_match 'by hand' "$htdocs/about.html"
		expect_match 'by hand' "$htdocs/css/site.css"
		expect_text 'it stays as it is'
		published --drift keep
	else
		same_tree "$site" "$htdocs"
		[ "$(grep -l 'by hand' "$side"/kept/drift-* | wc -l)" -eq 2 ] ||
		    fail 'not both were kept'
	fi
	mv "$site/css/other.css" "$site/css/site.css"
	[ "$policy" = overwrite ] || cp "$htdocs/css/site.css" "$tmp/by-hand"
done
