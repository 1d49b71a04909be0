# Goal: unlock names who holds the lock, takes away that of a dead run and not
# that of one that lives; publish --wait goes on when the other has ended, with a
# plan that knows what it did.
. tests/scenario/lib.sh
small_site
start_sshd
trust
published
lock=$htdocs/.sandferry/lock

unlock() {
	ferry unlock --url "$url" --key "$key" "$@"
	[ ! -e "$htdocs/.sandferry/clock" ] || fail 'the probe was left behind'
}

held() {
	echo 'eve@elsewhere 12 2026-01-01T00:00:00Z 0123456789abcdef' >"$lock"
	touch -d "$1" "$lock"
}

unlock
expect_exit 0
expect_text 'Nobody holds the lock'

# nobody answers
held '5 minutes ago'
unlock
expect_exit 40
expect_match '^Locked by eve@elsewhere, last sign of it 5 min 0[0-9] s ago$'
expect_text 'the lock of eve@elsewhere stays'
[ -e "$lock" ] || fail 'the lock has gone'
unlock --json
expect_exit 40
expect_outcome not_confirmed
expect_words
unlock -y --json
expect_exit 0
expect_match '"type":"status".*"owner":"eve@elsewhere","locked":[0-9]*,"age":30[0-9]'
expect_count removed 1
[ ! -e "$lock" ] || fail 'the lock is still there'

# it lives; only who says so twice gets it
held now
unlock -y
expect_exit 33
expect_match '^sandferry: eve@elsewhere is publishing this site \(last sign of it [0-9]* s ago\)$'
expect_text 'add --force'
[ -e "$lock" ] || fail 'the lock has gone'
unlock --force
expect_exit 40
unlock --force -y
expect_exit 0
expect_text 'The lock has gone'
: >"$lock"
touch -d '1 hour ago' "$lock"
unlock -y
expect_exit 0
expect_text 'Locked by somebody'

# somebody does answer
for answer in no yes; do
	held '5 minutes ago'
	python3 tests/scenario/answer.py "$tmp/transcript" \
	    'Remove the lock of eve@elsewhere?  yes or no' $answer \
	    has "$answer" -- "$FERRY" unlock --url "$url" --key "$key" \
	    --fallback-known-hosts "$fallback"
	[ $answer = yes ] || [ -e "$lock" ] || fail 'no means no'
done
[ ! -e "$lock" ] || fail 'the lock is still there'

# a ledger that is damaged is no reason to stay locked
cp "$htdocs/.sandferry/ledger" "$tmp/ledger"
echo garbage >"$htdocs/.sandferry/ledger"
held '5 minutes ago'
unlock -y
expect_exit 0
[ ! -e "$lock" ] || fail 'the lock is still there'
cp "$tmp/ledger" "$htdocs/.sandferry/ledger"

# --wait: in vain
echo '<p>late' >>"$site/about.html"
held now
publish --wait 1
expect_exit 33
expect_text 'eve@elsewhere is publishing'
expect_match '"type":"note","text":"eve@elsewhere is publishing .*: waiting"'
[ -e "$lock" ] || fail 'it took the lock'

# ... and until the other has published, from another machine
rm "$lock"
other() (
	tmp=$tmp/other
	HOME=$tmp/home
	site=$tmp/site
	"$@"
)
mkdir -p "$tmp/first" "$tmp/other/server" "$tmp/other/home"
cp -r "$site" "$tmp/other/site"
other trust || fail 'the other one knows no server'
other published || fail 'the other one did not publish'
# it is publishing: by this name it knows its own lock again
name=0123456789abcdef
echo "eve@elsewhere 12 2026-01-01T00:00:00Z $name" >"$lock"
for state in "$tmp/other/home/.local/state/sandferry/"*/running; do
	printf %s $name >"$state"
done
echo '<p>later' >>"$site/about.html"
echo '<p>other' >>"$tmp/other/site/index.html"
waits() {
	grep -sq waiting "$tmp/first/out"
}
(
	tmp=$tmp/first
	publish --wait 60
	exit "$rc"
) &
first=$!
wait_for waits || fail 'it does not wait'
other published || fail 'the other one did not publish'
wait $first
rc=$?
cat "$tmp/first/out" >"$tmp/out"
expect_exit 0
expect_match 'somebody else has published: the plan is made anew' "$tmp/out"
expect_count generation 4
same_tree "$site" "$htdocs"
