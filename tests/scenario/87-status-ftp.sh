# Goal: status, verify, adopt and unlock over FTP, where listings are cut, hide
# names and round times: the same verdicts, and nothing written by a look.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site
big_file "$site/large" 3000

# look VERB [OPTION...]
look() {
	before=$(fingerprint_of "$ftp_root" | sed 's/ [^ ]*$//')
	send "$@" --url "$url"
	[ "$before" = "$(fingerprint_of "$ftp_root" | sed 's/ [^ ]*$//')" ] ||
	    fail 'something was written there'
}

# deface FILE: size and time as before
deface() {
	touch -r "$live/$1" "$tmp/time"
	printf x | dd of="$live/$1" bs=1 seek=1 conv=notrunc 2>/dev/null
	touch -r "$tmp/time" "$live/$1"
}

all_is_well() {
	look status --exit-code
	expect_exit 0
	expect_text 'No drift: all is as it was left'
	look verify --content -q
	expect_exit 0
	[ ! -s "$tmp/all" ] || fail 'it is not quiet'
}

# drifted: what each of these servers shows
drifted() {
	# listings tell the minute
	find "$live" -exec touch -d '1 hour ago' {} +
	echo '<p>by hand' >>"$live/about.html"
	rm -r "$live/deep"
	touch "$live/css/site.css"
	mkdir "$live/theirs"
	look status --exit-code -v
	expect_exit 3
	expect_match '^~ about.html  \(changed there: another size'
	expect_match '^~ css/site.css  \(changed there: another time\)$'
	expect_match '^- deep/er/page.html  \(gone from there, 14 B\)$'
	expect_text '? theirs/  (not ours)'
	expect_text 'Drift: 2 changed there, 1 gone from there'
	look verify
	expect_exit 50
	expect_match '^sandferry: 2 of 7 files are not as they were published'
	cp "$site/about.html" "$live/"
	mkdir -p "$live/deep/er"
	cp "$site/deep/er/page.html" "$live/deep/er/"
	deface about.html
	deface large
	look verify
	expect_exit 0
	look verify --content
	expect_exit 50
	expect_match '^~ about.html  \(changed there: other bytes\)$'
	expect_match '^~ large  \(changed there: other bytes\)$'
	expect_match '^sandferry: 2 of 7 files are not as they were published'
}

# locked: a live one stays, a dead one goes
locked() {
	mkdir "$live/.sandferry/lock"
	echo 'eve@elsewhere 12 2026-01-01T00:00:00Z 0' \
	    >"$live/.sandferry/lock/owner"
	look status
	expect_match '^Locked by eve@elsewhere, last sign of it 20'
	chown -R 54321:54321 "$live/.sandferry/lock"
	send unlock --url "$url" -y
	expect_exit 33
	touch -d '5 minutes ago' "$live/.sandferry/lock/owner"
	send unlock --url "$url" -y
	expect_exit 0
	expect_match '^Locked by eve@elsewhere, last sign of it 5 min'
	[ ! -e "$live/.sandferry/lock" ] || fail 'the lock is still there'
	[ ! -e "$live/.sandferry/clock" ] || fail 'the probe was left behind'
}

# adopted: uploaded by somebody, or the ledger is damaged
adopted() {
	rm -rf "$live" "$HOME/.local"
	cp -r "$site" "$live"
	printf x | dd of="$live/large" bs=1 seek=99 conv=notrunc 2>/dev/null
	rm "$live/css/site.css"
	chown -R 54321:54321 "$live"
	send adopt --source "$site" --url "$url" -n
	expect_exit 0
	expect_match '^5 files, .* are equal to the source$'
	expect_match '^~ large  \(differs: other bytes\)$'
	expect_match '^\+ css/site.css  '
	[ ! -e "$live/.sandferry" ] || fail 'something was written there'
	send adopt --source "$site" --url "$url"
	expect_exit 0
	published --drift overwrite
	expect_count added 2
	same_tree "$site" "$live"
	echo garbage >"$live/.sandferry/ledger"
	publish
	expect_exit 32
	send adopt --source "$site" --url "$url" -y
	expect_exit 0
	expect_match '^Adopted: 7 files'
	expect_match garbage "$live/.sandferry/ledger.damaged"
	published
	expect_count sent 0
	expect_count unchanged 7
	look status --exit-code
	expect_exit 0
}

for server in vsftpd proftpd; do
	rm -rf "$ftp_root/www" "$HOME/.local"
	ftp_start $server explicit
	ftp_url
	published
	all_is_well
	drifted
	locked
	adopted
	ftp_stop
done

# a listing that ends early, and one that shows nothing
afresh
start_ftp_peer
published
for names in 2 0; do
	ftp_rules "MLSD * lines $names"
	all_is_well
done
rm "$live/about.html"
look status
expect_match '^- about.html  \(gone from there, 15 B\)$'
expect_text 'Drift: 1 gone from there'
# ... a session that is lost while a file is read
cp "$site/about.html" "$live/"
ftp_rules 'RETR /large 1 half-drop' 'RETR /picture 1 drop'
look verify --content
expect_exit 0
