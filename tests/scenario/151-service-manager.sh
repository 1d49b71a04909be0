# Goal: what is started by a service manager says to its journal how much each
# line matters, and to its socket, through its own walls, what it is doing;
# who is not at a journal gets no numbers.
. tests/scenario/lib.sh
command -v python3 >/dev/null || skip 'no python3'
small_site
start_sshd
trust

# managed SOCKET VERB OPTION...
managed() {
	socket=$1
	shift
	rm -f "$tmp/socket"
	python3 tests/scenario/manager.py "$socket" "$FERRY" "$@" \
	    --url "$url" --key "$key" --no-input \
	    --fallback-known-hosts none >"$tmp/all" 2>"$tmp/err"
	rc=$?
	[ ! -s "$tmp/err" ] || fail 'the manager failed'
	: >"$tmp/out"
}

for socket in "$tmp/socket" "@sandferry-test-$$"; do
	managed "$socket" publish --source "$site" --confine require
	expect_exit 0
	expect_match '^journal <6>Sending 6 files, '
	expect_match '^journal <5>Published '
	expect_no_match '^journal [^<]'
	expect_match '^status STATUS=Connecting$'
	expect_match '^status STATUS=Sending'
	expect_match '^status STATUS=Published .*6 sent'
	echo more >>"$site/about.html"
	rm -r "$htdocs"
	mkdir "$htdocs"
	new_machine
done

# each line of a failure, and nothing but that
chmod 644 "$key"
managed "$tmp/socket" publish --source "$site/none" -q
expect_exit 41
expect_match '^journal <3>sandferry: '
expect_match '^journal <3>  '
expect_no_match '^journal (<[^3]|[^<])'
expect_match '^status STATUS=.*none'
managed "$tmp/socket" publish --source "$site" -v
expect_exit 0
expect_match '^journal <4>sandferry: warning: .*: others on this machine'
expect_match '^journal <4>  Take their rights away'
expect_no_match '^journal [^<]'
chmod 600 "$key"
managed "$tmp/socket" status -vvv
expect_exit 0
expect_match '^journal <7>'
expect_no_match '^journal [^<]'

# another attempt is told, and goes through the same doors
echo 'eve@elsewhere 12 2026-01-01T00:00:00Z 0123456789abcdef' \
    >"$htdocs/.sandferry/lock"
echo more >>"$site/about.html"
managed "$tmp/socket" publish --source "$site" --retry 1:0
expect_exit 33
expect_match '^journal <4>sandferry: eve@elsewhere .*; attempt 2 of 2 in 0 s$'
expect_match '^journal <3>sandferry: eve@elsewhere '
expect_match '^status STATUS=Attempt 2 of 2 in 0 s$'
rm "$htdocs/.sandferry/lock"

# what the variable names is something else
STRANGE=1
export STRANGE
managed "$tmp/socket" publish --source "$site"
expect_exit 0
expect_match '^journal Published '
unset STRANGE

# nobody listens: it is none of its business
for socket in "$tmp/none" @sandferry-none nonsense / '' \
    "/$(printf '%0200d' 0)"; do
	echo more >>"$site/about.html"
	NOTIFY_SOCKET=$socket
	JOURNAL_STREAM=1:2x
	export NOTIFY_SOCKET JOURNAL_STREAM
	published
done
