# Goal: compressed, a site arrives as it is: through rekeys, over several
# channels, resumed, and read back; a server without compression is fine; and
# nobody is asked for it on a line that is fast.
. tests/scenario/lib.sh
small_site

# text_file FILE KIB: what gets a great deal smaller
text_file() {
	awk -v kib="$2" 'BEGIN {
		for (i = 0; i < kib * 16; i++)
			printf "<p>Line %08d of a page, with its words.</p>%c%s\n",
			    i, 32, substr(i * 7919 "xxxxxxxxxxxxxxx", 1, 14)
	}' >"$1"
}

# was_compressed yes|no: so the last run says
was_compressed() {
	state=off
	[ "$1" = no ] || state=on
	expect_match "compression: $state, [0-9]+ bytes saved"
}

# start_slow BYTES: a line that carries so many in a second
start_slow() {
	rm -f "$tmp/slow.port"
	python3 tests/scenario/slow_line.py "$port" "$1" >"$tmp/slow.port" &
	started="$started $!"
	wait_for test -s "$tmp/slow.port" || fail 'no slow line'
	url=sftp://$user@127.0.0.1:$(cat "$tmp/slow.port")$htdocs
}

start_over() {
	rm -rf "$htdocs/.sandferry" "${htdocs:?}"/*
	new_machine
}

# what is asked for, and what the server has
text_file "$site/long.html" 3000
big_file "$site/large.bin" 5000
start_sshd 'RekeyLimit 1M'
trust
published -vv
was_compressed no
ferry check --url "$url" --key "$key"
expect_match 'compression +off: not worth while on this line'
start_over
start_slow 20000000
trust
published -vv --compression yes
was_compressed yes
same_tree "$site" "$htdocs"
saved=$(sed -n 's/.*compression: on, \([0-9]*\) bytes saved.*/\1/p' "$tmp/all")
[ "$saved" -gt 1000000 ] || fail "only $saved bytes were saved"
ferry verify --content --url "$url" --key "$key" --compression yes -vvv
expect_exit 0
expect_match '-> CONNECT .*, compressed'
ferry check --url "$url" --key "$key" --compression yes
expect_match 'compression +on'
ferry check --url "$url" --key "$key" --compression no
expect_match 'compression +off: not wanted'
ferry check --url "$url" --key "$key" --compression maybe
expect_exit 2
expect_match 'compression: .maybe. is not auto, yes or no'
stop_sshd

# a server that has none
start_over
start_sshd 'Compression no'
published -vv --compression yes --hostkey "$(fingerprint "$host_key")"
was_compressed no
same_tree "$site" "$htdocs"
ferry check --url "$url" --key "$key" --compression yes \
    --hostkey "$(fingerprint "$host_key")"
expect_match 'compression +off: the server has none'
stop_sshd

# resumed, behind what is there
start_over
start_proxy 'Compression yes' 'RekeyLimit 1M'
rules 'cut WRITE:stage 10 0'
publish --compression yes --hostkey "$(fingerprint "$host_key")"
expect_exit 21
rules
published --compression yes --hostkey "$(fingerprint "$host_key")"
same_tree "$site" "$htdocs"
