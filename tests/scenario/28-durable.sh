# Goal: with `durable = yes` every file and every record of the ledger is on the
# server's disk before the next thing rests on it; without, nothing waits.
. tests/scenario/lib.sh
small_site
start_proxy
trust
printf 'source = %s\ndurable = yes\n[production]\nurl = %s\n' \
    "$site" "$url" >"$tmp/sandferry.ini"

ferry publish -c "$tmp/sandferry.ini" --key "$key" --json
expect_exit 0
same_tree "$site" "$htdocs"
# each file, and begin, staged, end
[ "$(grep -ci fsync "$tmp/requests")" -eq $(($(summary sent) + 3)) ] ||
    fail "$(grep -ci fsync "$tmp/requests") times"

printf 'more\n' >>"$site/index.html"
rules
published
expect_count sent 1
[ "$(grep -ci fsync "$tmp/requests")" -eq 0 ] || fail 'it waited for the disk'
