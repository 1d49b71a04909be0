# Goal: on a terminal check names what it could not try in a line for each
# group, elsewhere and in JSON one by one; what visitors can read of ours does
# not claim that publishing fails.
. tests/scenario/lib.sh
. tests/scenario/web.sh
small_site
start_sshd
trust

# at_terminal [OPTION...]
at_terminal() {
	timeout -k 5 60 python3 tests/scenario/answer.py "$tmp/shown" -- \
	    "$FERRY" check --source "$site" --url "$url" --key "$key" \
	    --fallback-known-hosts none "$@" || fail 'it does not end'
	tr -d '\r' <"$tmp/shown" >"$tmp/all"
}

start_web
at_terminal --site-url "http://127.0.0.1:$web_port/"
expect_match 'FAIL  visitors '
expect_match 'Publishing will work, but mend what failed first: .*1 failed'
expect_no_match 'will not work'

stop_sshd
at_terminal
expect_match '^  skip  host key, key, secret, login \(needs connect\)$'
expect_match '^  skip  side folder, stage, kept, lock, ledger \(needs connect\)$'
expect_match 'Publishing will not work yet: .*1 failed'
shown=$(grep -c '' "$tmp/all")
[ "$shown" -lt 30 ] || fail "$shown lines"
ferry check --source "$site" --url "$url" --key "$key"
expect_match '^  skip  ledger        \(needs connect\)$'
ferry check --source "$site" --url "$url" --key "$key" --json
[ "$(grep -c '"state":"skip","found":"(needs connect)"' "$tmp/out")" -gt 20 ] ||
    fail 'JSON does not name them all'
