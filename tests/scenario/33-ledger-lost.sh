# Goal: a ledger that is damaged, unreadable, cut short or gone is never taken
# for that of a site that was never published; what the words say helps.  Our
# empty folders, which backups forget, are made again.
. tests/scenario/lib.sh
small_site
start_sshd
trust
published
ledger=$htdocs/.sandferry/ledger
cp -a "$htdocs" "$tmp/good"
cp -a "$HOME/.local/state" "$tmp/state"

# back: as it was, with one change to publish
back() {
	rm -rf "$htdocs" "$HOME/.local/state"
	cp -a "$tmp/good" "$htdocs"
	cp -a "$tmp/state" "$HOME/.local/state"
	echo "$1" >"$site/about.html"
}

# stops CODE OUTCOME: nothing is done about it
stops() {
	before=$(live)
	publish
	expect_exit "$1"
	expect_outcome "$2"
	expect_words
	[ "$before" = "$(live)" ] || fail 'something was published'
}

for wrong in 'echo garbage >L' 'echo garbage >>L' 'truncate -s 1T L' \
    'printf "\377" | dd of=L bs=1 seek=100 conv=notrunc'; do
	back "$wrong"
	new_machine
	(eval "$(echo "$wrong" | sed "s,L,$ledger,")") 2>/dev/null
	stops 32 ledger_corrupt
done

back folder
rm "$ledger"
mkdir "$ledger"
stops 30 ledger_unreadable

# this machine knows better
for size in 0 9 19 100; do
	back $size
	truncate -s $size "$ledger"
	stops 32 ledger_lost
done
back gone
rm "$ledger"
stops 32 ledger_lost

# another one does not, unless something is staged
back staged
new_machine
rm "$ledger"
echo half >"$htdocs/.sandferry/stage/1234"
stops 32 ledger_lost

# what the hint says helps
rm -r "$htdocs/.sandferry"
published --drift overwrite
same_tree "$site" "$htdocs"

back again
rm -r "$htdocs/.sandferry"
published --drift overwrite
same_tree "$site" "$htdocs"

back folders
rmdir "$htdocs/.sandferry/stage" "$htdocs/.sandferry/kept"
published
expect_count sent 1
same_tree "$site" "$htdocs"
