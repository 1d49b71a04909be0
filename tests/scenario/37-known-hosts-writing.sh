# Goal: the private known_hosts file as the whole program writes it: durable in
# the right order, whole when killed at any step, nobody's line lost, hashed
# where the site says so; and where it cannot be written, publishing goes on.
. tests/scenario/lib.sh
own=$tmp/private/known_hosts
mkdir -m 700 "$tmp/private"
make_server
printf '%s\n' '# mine' 'garbage' >"$tmp/others"
for name in i j,h2 '*.example' '[h]:2222'; do
	printf '%s %s\n' "$name" "$(cut -d ' ' -f 1,2 "$host_key.pub")"
done >>"$tmp/others"
with() {
	cat "$tmp/others"
	printf '%s %s\n' "$1" "$(cut -d ' ' -f 1,2 "$host_key.pub")"
}
forget() {
	ferry host forget --url "sftp://$1/x" --known-hosts "$own"
}

# ---- One step after the other -----------------------------------------------

# Only root can read what undumpable programs say; a sanitizer is not traced.
can_trace() {
	case $FERRY in
	*/asan/* | */tsan/*) return 1 ;;
	esac
	[ "$(id -u)" -eq 0 ] &&
	    command -v strace >/dev/null &&
	    strace -o /dev/null true 2>/dev/null
}

# traced OPTION...: forget h under strace; only the calls for the file
traced() {
	with h >"$own"
	real=$FERRY FERRY=$tmp/tracer
	printf '%s\n' '#!/bin/sh' "exec strace -o '$tmp/calls' \\" \
	    "-e trace=write,fsync,fdatasync,rename,renameat,renameat2,unlinkat \\" \
	    "$* '$real' \"\$@\"" >"$FERRY"
	chmod +x "$FERRY"
	"$FERRY" host forget --url sftp://h/x --known-hosts "$own" \
	    --fallback-known-hosts none --no-input >"$tmp/all" 2>&1
	rc=$?
	FERRY=$real
}

# What is in place is one of the two, and the next run leaves nothing beside.
expect_old_or_new() {
	cmp -s "$own" "$tmp/others" || with h | cmp -s "$own" - ||
	    fail "neither old nor new: $*"
	forget nobody
	expect_exit 0
	[ "$(ls -A "$tmp/private" | tr '\n' ' ')" = \
	    'known_hosts known_hosts.lock ' ] ||
	    fail "left behind: $(ls -A "$tmp/private")"
}

if can_trace; then
	traced
	expect_exit 0
	cmp -s "$own" "$tmp/others" || fail 'something else was changed'
	sed -n '/# mine/,/^write(2/{
		s/^write([0-9]*, "# mine.*/write/p
		s/^\([a-z]*\)(.*/\1/p
	}' "$tmp/calls" | grep -v '^write$' | tr '\n' ' ' >"$tmp/order"
	sed -n 's/^write(\([0-9]*\), "# mine.*/\1/p' "$tmp/calls" >"$tmp/fd"
	case $(cat "$tmp/order") in
	'fsync rename fsync ' | 'fsync renameat fsync ' | \
	    'fsync renameat2 fsync ') ;;
	*) fail "the order is: write $(cat "$tmp/order")" ;;
	esac
	expect_match "^fsync\\($(cat "$tmp/fd")\\) *= 0" "$tmp/calls"

	for step in write:1 fsync:1 fsync:2 renameat:1; do
		traced -e "inject=${step%:*}:signal=KILL:when=${step#*:}"
		[ $rc -ge 128 ] || fail "$step did not end it: $rc"
		expect_old_or_new "killed at $step"
	done

	traced -e inject=renameat:error=EIO
	expect_exit 2
	expect_match 'cannot write .*: Input/output error'
	expect_match 'as it was'
	with h | cmp -s "$own" - || fail 'it is not as it was'
	# too late to be as it was: it must not say so
	traced -e inject=fsync:error=EIO:when=2
	expect_exit 2
	expect_match 'perhaps not to the disk: Input/output error'
	expect_no_match 'as it was'
	cmp -s "$own" "$tmp/others" || fail 'it was not written'
fi

# ---- Eight at a time --------------------------------------------------------

cp "$tmp/others" "$own"
for n in 1 2 3 4 5 6 7 8; do
	with "n$n" | tail -n 1
done >>"$own"
for n in 1 2 3 4 5 6 7 8; do
	"$FERRY" host forget --url "sftp://n$n/x" --known-hosts "$own" \
	    --fallback-known-hosts none --no-input >"$tmp/said.$n" 2>&1 &
	eval "pid$n=$!"
done
for n in 1 2 3 4 5 6 7 8; do
	eval "wait \$pid$n" || fail "$n: $(cat "$tmp/said.$n")"
done
cmp -s "$own" "$tmp/others" || fail 'eight runs lost or left a line'

# ---- Hashed -----------------------------------------------------------------

small_site
start_sshd
cat >"$tmp/sandferry.ini" <<-END
	source = $site
	url = $url
	hash-known-hosts = yes
END
pin=$(fingerprint "$host_key")
ferry host trust -c "$tmp/sandferry.ini" --hostkey "$pin" --known-hosts "$own"
expect_exit 0
expect_no_match 127.0.0.1 "$own"
head -n 6 "$own" | cmp -s - "$tmp/others" || fail 'other lines were changed'
ssh-keygen -F "[127.0.0.1]:$port" -f "$own" >"$tmp/found" ||
    fail 'ssh-keygen does not find it'
ferry publish -c "$tmp/sandferry.ini" --key "$key" --known-hosts "$own"
expect_exit 0
ferry host forget -c "$tmp/sandferry.ini" --known-hosts "$own"
expect_exit 0
cmp -s "$own" "$tmp/others" || fail 'it was not forgotten'

# ---- No right to write, no room: publishing goes on -------------------------

# hindered COMMAND: the programs see their file system after this command.
hindered() {
	real=$FERRY
	FERRY=$tmp/hindered
	printf '%s\n' '#!/bin/sh' "$1 || exit 77" "exec '$real' \"\$@\"" \
	    >"$tmp/inner"
	printf '%s\n' '#!/bin/sh' "exec unshare -m sh '$tmp/inner' \"\$@\"" \
	    >"$FERRY"
	chmod +x "$FERRY"
	ferry host trust --url "$url" --hostkey "$pin" --known-hosts "$own"
	expect_exit 2
	expect_match "$2"
	expect_match "$3"
	rm -rf "$htdocs/.sandferry"
	publish --hostkey "$pin" --known-hosts "$own"
	expect_exit 0
	expect_match '"type":"warning".*known_hosts_unwritable'
	cmp -s "$own" "$tmp/others" || fail 'it is not as it was'
	FERRY=$real
}

unshare -m true 2>/dev/null || {
	[ "$(id -u)" -ne 0 ] || skip 'no mount namespaces here'
	exit 0 # the unit tests do it by mode
}
hindered "mount --bind '$tmp/private' '$tmp/private' &&
    mount -o remount,bind,ro '$tmp/private'" \
    'Read-only file system' 'make its folder writable'
hindered "cp '$own' '$tmp/copy' &&
    mount -t tmpfs -o size=8k none '$tmp/private' &&
    cp '$tmp/copy' '$own' && { cat /dev/zero >'$tmp/private/junk'; true; }" \
    'No space left on device' 'make room'
