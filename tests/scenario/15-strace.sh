# Goal: what the two processes touch.  Below ~/.ssh only the selected key and
# its certificate, which may be absent, are opened, the agent is left alone, and
# the worker needs nothing but what it was handed: behind its first message it
# opens, connects and starts nothing.
. tests/scenario/lib.sh
command -v strace >/dev/null || skip 'no strace'
strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
[ "$(id -u)" -eq 0 ] || skip 'only root can read what undumpable processes say'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer opens files of its own' ;;
esac
small_site
mkdir -m 700 "$HOME/.ssh"
key=$HOME/.ssh/selected
start_sshd
trust
for name in id_ed25519 id_rsa id_ecdsa; do
	make_key "$HOME/.ssh/$name" ed25519
done
touch "$HOME/.ssh/config" "$HOME/.ssh/known_hosts" \
    "$HOME/.ssh/authorized_keys"
# the real home is another one
real=$(getent passwd "$(id -u)" | cut -d : -f 6)

# traced ARGUMENT...: publish; one file per process in $tmp/trace
traced() {
	rm -rf "$tmp/trace"
	mkdir "$tmp/trace"
	SSH_AUTH_SOCK=$tmp/agent strace -ff -s 200 -o "$tmp/trace/t" \
	    "$FERRY" publish --source "$site" --url "$url" --no-input \
	    --fallback-known-hosts none "$@" >"$tmp/all" 2>&1 </dev/null
	rc=$?
	expect_exit 0
	cat "$tmp/trace"/t.* >"$tmp/calls"
	worker=$(grep -l 'execve("[^"]*sandferry-worker"' "$tmp/trace"/t.*)
	[ -f "$worker" ] || fail 'there is not exactly one worker'
}

look_at_hub() {
	grep -E '"[^"]*\.ssh(/[^"]*)?"' "$tmp/calls" |
	    grep -v -e "\"$key\"" -e "\"$key-cert.pub\"" >"$tmp/odd"
	[ ! -s "$tmp/odd" ] || fail "below ~/.ssh: $(head -n 3 "$tmp/odd")"
	expect_no_match "$real/\\.ssh" "$tmp/calls"
	expect_no_match '/agent"' "$tmp/calls"
	expect_no_match '^(listen|accept|accept4)\(' "$tmp/calls"
	[ "$(grep -c "^connect(.*htons($port)" "$tmp/calls")" -eq 1 ] ||
	    fail 'there is not exactly one connection'
	[ "$(grep -c '^execve(' "$tmp/calls")" -le 3 ] ||
	    fail 'something else was started'
}

look_at_worker() {
	# the first message is the first thing that it receives
	awk 'seen; /^(recvmsg|recvfrom|recv)\(/ { seen = 1 }' "$worker" \
	    >"$tmp/inside"
	[ -s "$tmp/inside" ] || fail 'the worker was never told anything'
	grep -E '^(open|openat|openat2|creat|socket|socketpair|connect|bind|listen|accept|accept4|execve|execveat|fork|vfork|clone|clone3|unlink|unlinkat|rename|renameat|renameat2|mkdir|mkdirat|chmod|fchmodat|kill|tgkill|ptrace)\(' \
	    "$tmp/inside" >"$tmp/odd"
	[ ! -s "$tmp/odd" ] || fail "in the worker: $(head -n 5 "$tmp/odd")"
	# a server cannot make it eat the machine's memory
	expect_match '^(prlimit64|setrlimit)\(.*RLIMIT_DATA, \{.*rlim_max=262144\*1024' \
	    "$worker"
	# the key's bytes are nowhere near it
	secret=$(sed -n 3p "$key" | cut -c 1-40)
	! grep -qF "$secret" "$worker" || fail 'the worker saw the key'
}

# look_at_destinations: the server, and whom one asks for its address
look_at_destinations() {
	grep -E '^(connect|sendto|sendmsg|sendmmsg)\(.*sa_family=' \
	    "$tmp/calls" >"$tmp/destinations"
	# who keeps names on this machine is asked by glibc alone
	grep -v -e 'sun_path="/[a-z/]*run/nscd/socket"' \
	    -e 'sun_path="/run/systemd/' -e 'sa_family=AF_NETLINK' \
	    -e "htons($port), sin_addr=inet_addr(\"127.0.0.1\")" \
	    -e "htons($port),.*\"::1\"" -e 'htons(53)' \
	    -e 'sa_family=AF_UNSPEC' "$tmp/destinations" >"$tmp/odd"
	[ ! -s "$tmp/odd" ] || fail "also to: $(head -n 3 "$tmp/odd")"
}

traced --key "$key"
look_at_hub
look_at_destinations
look_at_worker
expect_no_match 'htons\(53\)' "$tmp/calls"

# a name: the hub looks it up before it gives up its rights, and not again
ip=$url
url=sftp://$user@localhost:$port$htdocs
traced --key "$key" --hostkey "$(fingerprint "$host_key")"
look_at_destinations
hub=$(grep -l 'prctl(PR_SET_NO_NEW_PRIVS' "$tmp/trace"/t.* | grep -v "$worker")
awk 'seen; /^(landlock_restrict_self|syscall_0x1be)\(/ { seen = 1 }' "$hub" \
    >"$tmp/sealed"
[ -s "$tmp/sealed" ] || ! grep -q landlock "$hub" || fail 'no seal was seen'
expect_no_match '"/etc/(hosts|resolv.conf|passwd|nsswitch.conf)"' "$tmp/sealed"
url=$ip

# a large file, a plan, a nothing
big_file "$site/large.bin" 20000
traced --key "$key"
look_at_worker
traced --key "$key" --dry-run
look_at_hub
look_at_worker
