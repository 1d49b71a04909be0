# Goal: ledger, lock and stage lie where remote-state says; a folder that cannot
# serve is refused before anything is sent.
. tests/scenario/lib.sh
small_site
start_sshd
trust
ini=$tmp/sandferry.ini
state=$tmp/state/of/site

state() {
	printf 'source = %s\nurl = %s\nremote-state = %s\n' "$site" "$url" \
	    "$1" >"$ini"
}

go() {
	ferry "$@" -c "$ini" --key "$key" --json
}

state "$state"
go publish
expect_exit 0
diff -r "$site" "$htdocs" >/dev/null || fail 'the trees differ'
[ -e "$state/ledger" ] || fail 'the ledger is not there'
[ "$(stat -c %a "$state")" = 700 ] || fail 'it is open to others'
echo '<p>two' >>"$site/about.html"
new_machine
go publish
expect_exit 0
expect_count sent 1
diff -r "$site" "$htdocs" >/dev/null || fail 'the trees differ'
go undo
expect_exit 0
go publish
expect_exit 0
go check
expect_exit 0
expect_text "$state is there"
go status
expect_exit 0

# what cannot be
for bad in "$htdocs/state" "$htdocs" "$tmp" ../x /a/../b ''; do
	state "$bad"
	go publish
	expect_exit 2
done

# another file system: renames do not reach the site
other=$(mktemp -d /dev/shm/sandferry-test.XXXXXX) || skip 'no /dev/shm'
if [ "$(stat -c %d "$other")" != "$(stat -c %d "$htdocs")" ]; then
	state "$other/state"
	echo '<p>three' >>"$site/about.html"
	before=$(live)
	go publish
	rc_there=$rc
	go check
	expect_exit 30
	stage=$(ls "$other/state/stage")
	rm -rf "$other"
	rc=$rc_there
	expect_exit 30
	expect_text 'one file system'
	[ -z "$stage" ] || fail 'something was staged'
	[ "$(live)" = "$before" ] || fail 'the site was changed'
else
	rm -rf "$other"
fi
ls -A "$htdocs" | grep -q sandferry && fail 'a probe is left behind'

# FTP, from where the login begins
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
mkdir "$ftp_root/other"
mount -t tmpfs tmpfs "$ftp_root/other" && mounted=$ftp_root/other
chown 54321:54321 "$ftp_root/other"
ftp_start vsftpd plain
ftp_url '~/www'
live=$ftp_root/www
send_with() {
	state "$1"
	send "$2" -c "$ini" --json --account "ftp://$ftp_user@localhost:$ftp_port"
}
send_with private/state publish
expect_exit 0
diff -r "$site" "$live" >/dev/null || fail 'the trees differ'
[ -e "$ftp_root/private/state/ledger" ] || fail 'the ledger is not there'
echo '<p>ftp' >>"$site/about.html"
new_machine
send_with '~/private/state/' publish
expect_exit 0
expect_count sent 1
diff -r "$site" "$live" >/dev/null || fail 'the trees differ'

# the server knows its own file systems only
[ -n "$mounted" ] || exit 0
new_machine
send_with other/state publish
expect_exit 30
expect_text 'one file system'
diff -r "$site" "$live" >/dev/null || fail 'the site was changed'
[ ! -e "$live/.sandferry-probe" ] || fail 'a probe is left behind'
