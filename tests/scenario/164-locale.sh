# Goal: numbers in JSON are the same in each language, for the command and for
# an application that speaks the user's.
. tests/scenario/lib.sh
. tests/scenario/app.sh
small_site
start_sshd

# One where a number has a comma.
localedef -i de_DE -f UTF-8 "$tmp/de_DE.UTF-8" >"$tmp/all" 2>&1 ||
    skip "no locale (package locales): $(head -n 1 "$tmp/all")"
LOCPATH=$tmp LC_ALL=de_DE.UTF-8
export LOCPATH LC_ALL
[ "$(env printf %.1f 1,5)" = 1,5 ] || skip 'the locale is not used'

# expect_seconds: to the millisecond, behind a point.
expect_seconds() {
	tail -n 1 "$tmp/out" | jq -e '.outcome == "ok" and .code == 0' >"$tmp/jq" ||
	    fail 'the summary is not what it should be'
	expect_match '"type":"summary".*,"seconds":[0-9]+\.[0-9]{3}}$' "$tmp/out"
}

publish --hostkey "$(fingerprint "$host_key")"
expect_exit 0
expect_seconds
ferry plan --source "$site" --url "$url" --key "$key" --out "$tmp/plan.json" \
    --hostkey "$(fingerprint "$host_key")"
expect_exit 0
jq -e '.sandferry_plan == 1' "$tmp/plan.json" >"$tmp/jq" ||
    fail 'the plan is no JSON'

echo '<p>again' >"$site/about.html"
app hostkey="$(fingerprint "$host_key")" key_file="$key" locale=yes
app_ends
expect_exit 0
expect_seconds
expect_count changed 1
