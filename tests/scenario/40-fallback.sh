# Goal: the user's own known_hosts is read from the real home, and no run leaves
# a trace on it: not a byte, not a time, whatever is accepted or offered.  One
# that cannot be read is said once and stops nothing.  The access file decides
# which files are read, and is believed only if nobody else can write it.
[ "${IN_OWN_MOUNTS:-}" = 1 ] || {
	[ "$(id -u)" -eq 0 ] || {
		echo 'only root can give a test another home'
		exit 77
	}
	unshare -m true 2>/dev/null || {
		echo 'there are no mount namespaces to be had'
		exit 77
	}
	IN_OWN_MOUNTS=1 exec unshare -m --propagation private sh "$0" "$@"
}
. tests/scenario/lib.sh

# The real home: a throwaway one, with times as strict as they can be.
real=$tmp/real
mkdir "$real"
mount -t tmpfs -o strictatime,mode=700 none "$real" ||
    skip 'tmpfs cannot be mounted'
mounted="$real"
awk -F : -v OFS=: -v uid="$(id -u)" -v home="$real" \
    '$3 == uid { $6 = home } { print }' /etc/passwd >"$tmp/passwd"
chmod 644 "$tmp/passwd"
mount --bind "$tmp/passwd" /etc/passwd || skip 'no bind mounts'
mounted="/etc/passwd $mounted"
[ "$(getent passwd "$(id -u)" | cut -d : -f 6)" = "$real" ] ||
    skip 'the home is not taken from /etc/passwd'
mkdir -m 700 "$real/.ssh"
file=$real/.ssh/known_hosts
own=$HOME/.local/share/sandferry/known_hosts
access=$HOME/.config/sandferry/access.ini

known() {
	printf '%s %s\n' "[127.0.0.1]:$port" "$(cut -d ' ' -f 1,2 "$1.pub")"
}

# old: as it lies there for years; every read would show in its times
old() {
	touch -m -d 2001-02-03 "$file"
	touch -a -d 2000-01-02 "$file"
	traces=$(look)
}

look() {
	stat -c '%i %h %a %u %s %X %Y %Z' "$file" | tr '\n' ' '
	stat -c '%i %h %a %u %s %Y %Z' "$real/.ssh" | tr '\n' ' '
	ls -A "$real/.ssh" | tr '\n' ' ' # which moves the folder's atime
}

untouched() {
	[ "$traces" = "$(look)" ] ||
	    fail "the fallback was touched ($*): $traces- $(look)"
}

# run VERB...: the product with nothing said about its files
run() {
	"$FERRY" "$@" --no-input >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

publish() {
	run publish --source "$site" --url "$url" --key "$key" --json "$@"
}

small_site
make_key "$tmp/server/ed25519" ed25519
make_key "$tmp/server/new" ed25519
make_key "$tmp/server/ecdsa" ecdsa
make_key "$tmp/server/rsa" rsa 2048
host_key=$tmp/server/ed25519
make_server
start_sshd "HostKey $tmp/server/rsa" "HostKey $tmp/server/ecdsa"
ssh_host=$host_key

# it is believed; and a server that offers further keys behind the login
# (hostkeys-00@openssh.com) has none of them recorded anywhere
known "$ssh_host" >"$file"
old
cp "$file" "$tmp/as-it-was"
[ "$traces" != "$(look)" ] || fail 'a read would not show here'
old
publish
expect_exit 0
untouched publish
[ ! -e "$own" ] || fail 'what the fallback knows was recorded'
run host show --url "$url"
expect_exit 0
expect_text "$file:1"
untouched host show
run host trust --url "$url"
expect_exit 0
untouched host trust
[ ! -e "$own" ] || [ "$(wc -l <"$own")" -eq 1 ] || fail 'keys were added'
rm -f "$own"

# another key than the listed one is accepted, and forgotten again
stop_sshd
host_key=$tmp/server/new
start_sshd "HostKey $tmp/server/rsa" "HostKey $tmp/server/ecdsa"
publish
expect_exit 12
untouched 'a changed key'
run host trust --url "$url" --fingerprint "$(fingerprint "$host_key")"
expect_exit 0
untouched accepting
cp "$own" "$tmp/own"
publish
expect_exit 0
untouched 'publish with the new key'
cmp -s "$own" "$tmp/own" || fail 'the private file changed unasked'
run host forget --url "$url"
expect_exit 0
untouched host forget
cmp "$file" "$tmp/as-it-was" || fail 'its bytes changed'

# nothing else below ~/.ssh is looked for, and it is opened to be read only
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	known "$host_key" >"$file"
	for verb in 'publish --source' 'host forget' 'host trust'; do
		set -- --url "$url"
		case $verb in
		publish*) set -- publish --source "$site" --key "$key" "$@" ;;
		*trust) set -- host trust --hostkey \
		    "$(fingerprint "$host_key")" "$@" ;;
		*) set -- host forget "$@" ;;
		esac
		old
		rm -rf "$tmp/trace"
		mkdir "$tmp/trace"
		strace -ff -s 300 -o "$tmp/trace/t" "$FERRY" "$@" --no-input \
		    >"$tmp/all" 2>&1 </dev/null
		rc=$?
		expect_exit 0
		untouched "$verb, traced"
		# as a name, not within what is read or said
		cat "$tmp/trace"/t.* | grep -F "\"$real" >"$tmp/there"
		expect_match 'open.*known_hosts.*O_RDONLY' "$tmp/there"
		grep -Ev "^((openat\(AT_FDCWD, |open\()\"$file\", O_RDONLY\|[A-Z_|]*\)|(stat|lstat|newfstatat|statx|access)\(.*\"$real/.ssh(/known_hosts)?\")" \
		    "$tmp/there" >"$tmp/odd"
		[ ! -s "$tmp/odd" ] ||
		    fail "below the real home: $(head -n 3 "$tmp/odd")"
		! grep 'O_CREAT\|O_WRONLY\|O_RDWR' "$tmp/there" ||
		    fail 'it is opened for writing'
	done
fi
rm -f "$own"

# said COUNT WORDS: the run ends for the key alone, and says this so many times
said() {
	timeout 20 "$FERRY" publish --source "$site" --url "$url" \
	    --key "$key" --no-input -v >"$tmp/all" 2>&1 </dev/null
	rc=$?
	expect_exit 11
	[ "$(grep -cF "$file: " "$tmp/all")" -eq "$1" ] ||
	    fail "not said $1 times: $2"
	[ "$1" -eq 0 ] || expect_text "$file: $2; going on without it"
}

rm "$file"
said 1 'there is none'
mkdir "$file"
said 1 'not a regular file'
rmdir "$file"
mkfifo "$file"
said 1 'not a regular file'
rm "$file"
python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$file"
said 1 'not a regular file'
rm "$file"
ln -s /dev/zero "$file"
said 1 'not a regular file'
ln -sf "$file" "$file"
said 1 'Too many levels of symbolic links'
rm "$file"
truncate -s 1T "$file"
said 1 'too long to be read'
rm "$file"
known "$host_key" >"$tmp/theirs"
chown 12345 "$tmp/theirs"
ln -s "$tmp/theirs" "$file"
said 1 "a link to somebody else's file"
rm "$file"
mkdir "$tmp/dir"
mv "$tmp/theirs" "$tmp/dir/known_hosts"
mv "$real/.ssh" "$real/.ssh-away"
ln -s "$tmp/dir" "$real/.ssh"
said 1 "a link to somebody else's file"
rm "$real/.ssh"
mv "$real/.ssh-away" "$real/.ssh"
if setpriv --bounding-set=-dac_override,-dac_read_search true 2>/dev/null; then
	known "$host_key" >"$file"
	chmod 0 "$file"
	product=$FERRY
	printf '#!/bin/sh\nexec setpriv %s %s "$@"\n' \
	    '--bounding-set=-dac_override,-dac_read_search' "$product" \
	    >"$tmp/product"
	chmod 755 "$tmp/product"
	FERRY=$tmp/product
	said 1 'Permission denied'
	FERRY=$product
	rm "$file"
fi

# one's own link is followed, and a read-only file system is no obstacle
known "$host_key" >"$real/dotfiles"
ln -s ../dotfiles "$file"
publish
expect_exit 0
rm "$file" "$real/dotfiles"
known "$host_key" >"$file"
mount --bind "$real/.ssh" "$real/.ssh" && {
	mounted="$real/.ssh $mounted"
	mount -o remount,bind,ro "$real/.ssh"
} || fail 'no read-only mount'
publish
expect_exit 0
! grep -v '"type":"wall"' "$tmp/all" | grep -q known_hosts ||
    fail 'somebody is told of known_hosts'
umount "$real/.ssh"
mounted=${mounted#* }

# the access file: between the flag and the default
rm -f "$own"
mkdir -p "$HOME/.config/sandferry"
(umask 077 && printf 'fallback-known-hosts = none\n' >"$access")
publish
expect_exit 11
publish --fallback-known-hosts "$file"
expect_exit 0
mv "$file" "$tmp/listed"
(umask 077 && printf 'fallback-known-hosts = %s\nhash-known-hosts = yes\n' \
    "$tmp/listed" >"$access")
publish
expect_exit 0
rm "$tmp/listed"
publish
expect_exit 11
publish --access-file none
expect_exit 11
run host trust --url "$url" --fingerprint "$(fingerprint "$host_key")"
expect_exit 0
expect_match '^\|1\|' "$own"
rm "$own"
mkdir "$tmp/etc-ssh"
known "$host_key" >"$tmp/etc-ssh/ssh_known_hosts"
[ -d /etc/ssh ] && mount --bind "$tmp/etc-ssh" /etc/ssh &&
    mounted="/etc/ssh $mounted"
if [ -e /etc/ssh/ssh_known_hosts ]; then
	publish
	expect_exit 11
	publish --system-known-hosts /etc/ssh/ssh_known_hosts
	expect_exit 0
	printf 'system-known-hosts = yes\n' >"$access"
	publish
	expect_exit 0
	publish --system-known-hosts none
	expect_exit 11
fi

# a file that says what is unknown, or that others can write, says nothing
printf 'system-known-host = yes\n' >"$access"
publish
expect_exit 2
expect_text "$access:1: unknown key"
expect_text "Did you mean \`system-known-hosts'?"
printf '[sftp://me@EXAMPLE.org:22/www]\n' >"$access"
publish
expect_exit 2
expect_text 'Write [sftp://me@example.org/www].'
printf 'system-known-hosts = yes\n' >"$access"
chmod 660 "$access"
publish
expect_exit 2
expect_text 'can be written by others'
expect_words
