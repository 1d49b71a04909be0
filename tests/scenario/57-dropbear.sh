# Goal: another real server, dropbear: by key and by password.  What differs: it
# has no keyboard-interactive, and hangs up without a word after too many tries.
. tests/scenario/lib.sh
. tests/scenario/account.sh
dropbear=$(PATH=$PATH:/usr/sbin command -v dropbear) || skip 'no dropbear'
command -v dropbearconvert >/dev/null || skip 'no dropbearconvert'
[ -x /usr/lib/sftp-server ] || skip 'dropbear wants /usr/lib/sftp-server'
small_site
make_key "$tmp/other" ed25519
mkdir -m 755 "$tmp/.ssh"
cp "$key.pub" "$tmp/.ssh/authorized_keys"
dropbearconvert openssh dropbear "$host_key" "$tmp/server/dropbear" \
    2>/dev/null || skip 'dropbearconvert cannot read the host key'
printf 'Be good.\n' >"$tmp/banner"

is_listening() {
	grep -qi ":$(printf %04x "$port") 00000000:0000 0A" /proc/net/tcp
}

dropbear_answers() {
	is_listening || ! kill -0 "$sshd_pid" 2>/dev/null
}

# start_dropbear OPTION...
start_dropbear() {
	port=$((20000 + $$ % 20000))
	until try_dropbear "$@"; do
		port=$((port + 37))
		[ $port -lt 41000 ] || fail 'dropbear does not start'
	done
	url=sftp://$user@127.0.0.1:$port$htdocs
}

try_dropbear() {
	! is_listening || return 1
	"$tmp/with-account" "$dropbear" -F -E -P "$tmp/server/pid" \
	    -r "$tmp/server/dropbear" -p "127.0.0.1:$port" "$@" \
	    2>"$tmp/server/log" &
	sshd_pid=$!
	wait_for dropbear_answers && kill -0 "$sshd_pid" 2>/dev/null ||
	    return 1
	started="$started $sshd_pid"
}

with_key() {
	ferry publish --source "$site" --url "$url" --json --key "$1" \
	    --hostkey "$(fingerprint "$host_key")"
}

start_dropbear -b "$tmp/banner"
with_key "$key"
expect_exit 0
same_tree "$site" "$htdocs"
expect_match '"type":"note".*Be good'
with_key "$tmp/other"
expect_exit 10
expect_words
expect_text 'it offers: publickey,password'
with_password 'wrong horse' --password
expect_exit 10
expect_words
with_password "$password" --password
expect_exit 0
expect_no_match "$password"
stop_sshd

# two factors, and one try
start_dropbear -t -T 1
with_password "$password" --key "$key"
expect_exit 0
with_key "$key"
expect_exit 13
expect_words
expect_text 'the server took this key but wants more (password)'
with_password 'wrong horse' --key "$key"
expect_exit 10
expect_words
expect_text 'and closed the connection; it offers: password'
stop_sshd
