# Goal: the same promises over FTP, plain and with explicit TLS: a first
# publish, a change, a removal, nothing to do, a second machine.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site

for tls in plain explicit; do
	rm -rf "$ftp_root/www"
	ftp_start vsftpd $tls
	ftp_url

	published
	same_tree "$site" "$live"
	expect_count sent 6
	[ -e "$live/.sandferry/ledger" ] || fail 'no ledger'
	[ ! -e "$live/.sandferry/lock" ] || fail 'the lock is still there'
	[ -z "$(ls "$live/.sandferry/stage")" ] || fail 'left in the stage'

	published
	expect_count sent 0
	expect_count unchanged 6

	printf '<h1>New: %s</h1>\n' $tls >"$site/about.html"
	printf 'more\n' >"$site/css/more.css"
	rm -r "$site/deep"
	published
	expect_count changed 1
	expect_count added 1
	expect_count removed 1
	expect_count sent 2
	same_tree "$site" "$live"

	new_machine
	published
	expect_count sent 0
	mkdir -p "$site/deep/er"
	printf '<h1>Deep</h1>\n' >"$site/deep/er/page.html"
	published
	expect_count sent 1
	same_tree "$site" "$live"

	rm "$site/css/more.css"
	ftp_stop
done
