# Goal: a plan is written for people to look at; publish --plan does exactly
# that, and refuses when the site or the server is no longer the same.
. tests/scenario/lib.sh
/usr/bin/python3 -c 'import fastjsonschema' 2>/dev/null ||
    skip 'no fastjsonschema (package python3-fastjsonschema)'
small_site
start_sshd
trust
plan=$tmp/plan.json

plan() {
	ferry plan --source "$site" --url "$url" --key "$key" --out "$plan" "$@"
}

# It is what the schema says.
valid() {
	/usr/bin/python3 - "$plan" share/plan.schema.json <<-'END' ||
	import fastjsonschema, json, sys
	plan, schema = (json.load(open(name)) for name in sys.argv[1:])
	fastjsonschema.validate(schema, plan)
	END
	    fail 'not valid'
}

# The first publish, by its plan.
touch "$site/$(printf 'latin-1-\351.txt')"
plan
expect_exit 0
valid
[ "$(stat -c %a "$plan")" = 600 ] || fail 'others may read it'
expect_match '"path_b64"' "$plan"
expect_match '"generation": 0,' "$plan"
[ ! -e "$htdocs/.sandferry" ] || fail 'a plan wrote on the server'
cp "$plan" "$tmp/first.json"
published --plan "$plan"
expect_count generation 1
same_tree "$site" "$htdocs"

# The server went on: both are named, nothing is done.
before=$(fingerprint_of "$htdocs")
publish --plan "$tmp/first.json"
expect_exit 32
expect_outcome plan_outdated
expect_text 'behind publish 0 '
expect_text 'is at publish 1 '
[ "$(fingerprint_of "$htdocs")" = "$before" ] || fail 'something was done'

# The site went on: what differs is named.
echo '<p>two' >>"$site/about.html"
rm "$site/empty"
plan --json
expect_exit 0
valid
echo '<p>three' >>"$site/about.html"
echo new >"$site/new.html"
echo >"$site/empty"
before=$(fingerprint_of "$htdocs")
publish --plan "$plan"
expect_exit 41
expect_outcome plan_differs
expect_text 'not in the plan: about.html'
expect_text 'not in the plan: new.html'
[ "$(fingerprint_of "$htdocs")" = "$before" ] || fail 'something was done'
rm "$site/new.html"
ferry publish --source "$site" --url "$url" --key "$key" --plan "$plan"
expect_exit 41
rm "$site/empty"
sed -i '$d' "$site/about.html"
published --plan "$plan"
same_tree "$site" "$htdocs"

# The file itself does nothing: what is written into it only makes it refused.
echo '<p>four' >>"$site/about.html"
plan
digest=$(sed -n 's/.*"digest": "\([0-9a-f]*\)".*/\1/p' "$plan")
sed "s/$digest/$(printf '%064d' 0)/" "$plan" >"$tmp/forged.json"
publish --plan "$tmp/forged.json"
expect_exit 41
sed "s,$htdocs,/etc," "$plan" >"$tmp/forged.json"
publish --plan "$tmp/forged.json"
expect_exit 2
expect_outcome plan_of_other_site
for bad in '' '{' '[]' '{"sandferry_plan":2}' '{"sandferry_plan":1}'; do
	printf '%s' "$bad" >"$tmp/forged.json"
	publish --plan "$tmp/forged.json"
	expect_exit 2
	expect_text 'is no plan'
done
publish --plan "$tmp/none.json"
expect_exit 2

# A plan that may not be done is not written, and neither is half a file.
rm "$site/index.html"
sum=$(sha256sum "$plan")
plan
expect_exit 40
[ "$(sha256sum "$plan")" = "$sum" ] || fail 'it was replaced'
ls "$tmp"/plan.json.* 2>/dev/null && fail 'half a file is left'
plan --out "$tmp/none/plan.json"
expect_exit 2
# what is no file keeps its place
mkfifo "$tmp/pipe"
plan --out "$tmp/pipe"
expect_exit 2
expect_text 'no ordinary file'
[ -p "$tmp/pipe" ] || fail 'the pipe was replaced'
