# Goal: a plan shows what a publish would do, and writes nothing on the server,
# not even into our own folder there.
. tests/scenario/lib.sh
small_site
start_proxy
trust
plan() {
	rules
	before=$(fingerprint_of "$htdocs")
	"$@"
	[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'it wrote'
	expect_no_match '^(WRITE|FSETSTAT|SETSTAT|MKDIR|RMDIR|REMOVE|RENAME)' \
	    "$tmp/requests"
	expect_no_match '^(SYMLINK|posix-rename|hardlink|fsync|copy-data)' \
	    "$tmp/requests"
}

# before anything is there
plan ferry plan --source "$site" --url "$url" --key "$key"
expect_exit 0
expect_match '^\+ index\.html'
[ "$(tail -n 1 "$tmp/all")" = 'Nothing was changed.' ] ||
    fail 'it does not say that nothing was changed'
[ ! -e "$htdocs/.sandferry" ] || fail 'a folder was made'
plan ferry plan --source "$site" --url "$url/not/there" --key "$key" \
    --exit-code
expect_exit 3
expect_text '6 changes are to be published'

# every kind of change
published
printf 'more\n' >>"$site/index.html"
printf 'new\n' >"$site/new.html"
rm "$site/about.html"
plan ferry plan --source "$site" --url "$url" --key "$key"
expect_exit 0
expect_match '^~ index\.html'
expect_match '^\+ new\.html'
expect_match '^- about\.html'
[ "$(grep -c '^[-+~] ' "$tmp/out")" -eq 3 ] || fail 'not three lines'
plan ferry publish --dry-run --source "$site" --url "$url" --key "$key" --json
expect_exit 0
expect_count dry_run true
expect_count added 1
expect_count changed 1
expect_count removed 1
expect_count sent 0

# and then it is as planned
published
expect_count sent 2
expect_count removed 1
plan ferry plan --source "$site" --url "$url" --key "$key" --exit-code
expect_exit 0
expect_text 'Nothing to do'
expect_no_match '^[-+~] '
rm "$site/new.html"
plan ferry plan --source "$site" --url "$url" --key "$key" --exit-code \
    --out "$tmp/plan.json"
expect_exit 3
expect_text '1 change is to be published'
[ -s "$tmp/plan.json" ] || fail 'no plan was written'
printf 'new\n' >"$site/new.html"

# what an interrupted publish left is not touched by a plan
printf 'again\n' >>"$site/index.html"
rules 'cut posix-rename 1 0'
publish
expect_exit 21
plan ferry plan --source "$site" --url "$url" --key "$key" --exit-code
expect_exit 3
expect_text 'interrupted'
published
same_tree "$site" "$htdocs"
