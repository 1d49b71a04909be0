# Goal: what one machine published the next one knows: a fresh checkout there
# sends nothing, and the first one takes up what the second did.
. tests/scenario/lib.sh
small_site
start_sshd
trust
published
expect_count sent 6

# another machine, and a checkout with times of its own
new_machine
find "$site" -exec touch {} +
before=$(fingerprint_of "$htdocs")
published
expect_count sent 0
expect_count removed 0
expect_count unchanged 6
[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'something was written'

# the second machine publishes
printf '<h1>Two</h1>\n' >"$site/two.html"
rm "$site/about.html"
mv "$HOME/.local/state" "$tmp/second"
published
expect_count sent 1
expect_count removed 1

# the machine before that one, whose memory is older
rm -rf "$HOME/.local/state"
mv "$tmp/second" "$HOME/.local/state"
printf '<h1>Three</h1>\n' >"$site/three.html"
published
expect_count sent 1
expect_count removed 0
same_tree "$site" "$htdocs"

# a memory that is damaged is no harm either
ledger=$(find "$HOME/.local/state" -name ledger)
[ -n "$ledger" ] || fail 'no copy of the ledger was kept'
printf 'garbage' | dd of="$ledger" bs=1 seek=60 conv=notrunc 2>/dev/null
published
expect_count sent 0
find "$HOME/.local/state" -type f -exec truncate -s 11 {} +
published
expect_count sent 0

# the server's ledger: damaged or unreadable it stops the run, it is not absent
cp "$htdocs/.sandferry/ledger" "$tmp/ledger"
printf 'garbage' | dd of="$htdocs/.sandferry/ledger" bs=1 seek=60 \
    conv=notrunc 2>/dev/null
new_machine
publish
expect_exit 32
expect_outcome ledger_corrupt
cp "$tmp/ledger" "$htdocs/.sandferry/ledger"
head -c 100 "$tmp/ledger" >"$htdocs/.sandferry/ledger"
publish
expect_exit 0 32
rm "$htdocs/.sandferry/ledger"
mkdir "$htdocs/.sandferry/ledger"
publish
expect_exit 30
same_tree "$site" "$htdocs"
