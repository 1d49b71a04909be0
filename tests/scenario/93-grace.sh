# Goal: what left the source stays for so many publishes or days, and no longer;
# any machine knows, and what comes back is kept.
. tests/scenario/lib.sh
small_site
start_sshd
trust
ini=$tmp/sandferry.ini

grace() {
	printf 'source = %s\nurl = %s\ngrace = %s\n' "$site" "$url" "$1" >"$ini"
}

go() {
	ferry publish -c "$ini" --key "$key" --json "$@"
	expect_exit 0
}

plan() {
	ferry plan -c "$ini" --key "$key"
	expect_exit 0
}

change() {
	date +%N >>"$site/about.html"
}

there() {
	for name; do
		[ -e "$htdocs/$name" ] || fail "$name is gone"
	done
}

gone() {
	for name; do
		[ ! -e "$htdocs/$name" ] || fail "$name is still there"
	done
}

grace '1 publish'
mkdir "$site/old"
echo one >"$site/old/one.css"
echo two >"$site/old/two.css"
echo back >"$site/back.css"
go
rm -r "$site/old" "$site/back.css"
plan
expect_text '- old/one.css  (removed after 1 more publish)'
expect_text '3 that left the source stay for now'
expect_text 'Nothing to send or remove: 6 files are already there'
expect_text 'To be recorded: 3 just left the source, 0 came back'
ferry plan -c "$ini" --key "$key" --exit-code
expect_exit 3
go
expect_count removed 0
expect_count waiting 3
expect_count generation 2
there old/one.css old/two.css back.css
ferry plan -c "$ini" --key "$key" --exit-code
expect_exit 0
expect_text 'Nothing to do'
go # nothing to do is no publish
expect_count generation 2

# another machine, from the server's ledger alone
new_machine
echo back >"$site/back.css"
change
plan
expect_text '- old/one.css  (removed by the next publish)'
expect_no_match 'back.css  \(removed'
go
expect_count waiting 2
there old/one.css old/two.css back.css
plan
expect_text '- old/two.css  (no longer in the source)'
change
go
expect_count removed 2
gone old
there back.css

# undo brings back what was removed, and it goes again
ferry undo --url "$url" --key "$key" --json
expect_exit 0
there old/one.css old/two.css

# by days, of which each is counted by the ledger's time
grace '2 days'
go
expect_count removed 0
plan
expect_text '- old/one.css  (removed after 2 more days)'
grace 0
rm "$site/back.css"
go
expect_count removed 3
gone old back.css
for bad in many '3' '2 weeks' '-1 days' '2days2'; do
	grace "$bad"
	ferry plan -c "$ini" --key "$key"
	expect_exit 2
done

# the guard counts what is removed now
many_files 30
grace '1 publish'
go
rm -r "$site/0"
go
expect_count waiting 30
change
go
change
ferry publish -c "$ini" --key "$key" --json
expect_exit 40
go --yes
gone 0
