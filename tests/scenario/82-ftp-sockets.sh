# Goal: by FTP, too, every socket is made by the hub, to the server and to no
# other machine; the worker is handed them, and whatever else it tries to make,
# connect or open is refused; nobody listens.  By IPv4, and by IPv6, where there
# is only EPSV.
. tests/scenario/lib.sh
command -v strace >/dev/null || skip 'no strace'
strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer opens files of its own' ;;
esac
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site

# traced ADDRESS: publish over two connections
traced() {
	rm -rf "$tmp/trace"
	mkdir "$tmp/trace"
	printf '%s' "$ftp_password" >"$tmp/password"
	# shellcheck disable=SC2086 # words
	strace -ff -s 200 -o "$tmp/trace/t" "$FERRY" publish --source "$site" \
	    --url "$url" --password-fd 3 --no-input --json $trusted \
	    --fallback-known-hosts none --connections 2 3<"$tmp/password" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	expect_exit 0
	same_tree "$site" "$live"
	cat "$tmp/trace"/t.* >"$tmp/calls"
	grep -l 'execve("[^"]*sandferry-worker"' "$tmp/trace"/t.* >"$tmp/workers"
	[ "$(wc -l <"$tmp/workers")" -ge 2 ] || fail 'too few workers'
	told=0
	while read -r worker; do
		look_at_worker "$worker"
	done <"$tmp/workers"
	[ $told -ge 2 ] || fail 'too few workers were told anything'
	expect_no_match '^(bind|listen|accept|accept4)\(' "$tmp/calls"
	grep -E '^(connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET' \
	    "$tmp/calls" | grep -v 'htons(53)' >"$tmp/destinations"
	[ "$(wc -l <"$tmp/destinations")" -ge 9 ] || fail 'too few connections'
	! grep -v -F -e "$1" "$tmp/destinations" ||
	    fail "also to: $(grep -v -F -e "$1" "$tmp/destinations")"
	# and no FTP of the active kind
	! grep -E '"(PORT|EPRT|LPRT)' "$ftp_log" || fail 'active FTP'
	grep -q 'USER' "$ftp_log" || fail 'the server says nothing'
}

look_at_worker() {
	# the first message is the first thing that it receives
	awk 'seen; /^(recvmsg|recvfrom|recv)\(/ { seen = 1 }' "$1" \
	    >"$tmp/inside"
	# one for which there was nothing to do any more ends as it began
	[ -s "$tmp/inside" ] || return 0
	told=$((told + 1))
	grep -E '^(open|openat|openat2|creat|socket|socketpair|connect|bind|listen|accept|accept4|execve|execveat|fork|vfork|clone|clone3|unlink|unlinkat|rename|renameat|renameat2|mkdir|mkdirat|chmod|fchmodat|kill|tgkill|ptrace)\(' \
	    "$tmp/inside" | grep -v ' = -1 EPERM ' >"$tmp/odd"
	[ ! -s "$tmp/odd" ] || fail "in the worker: $(head -n 5 "$tmp/odd")"
}

ftp_start vsftpd explicit
ftp_url
url=ftp://$ftp_user@127.0.0.1:$ftp_port/www
traced 'inet_addr("127.0.0.1")'
ftp_stop

[ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6 || exit 0
ftp_host=::1
rm -rf "$ftp_root/www" "$HOME/.local"
ftp_start vsftpd explicit listen=NO listen_ipv6=YES listen_address6=::1
ftp_url
url=ftp://$ftp_user@[::1]:$ftp_port/www
trusted="--tls-pin $(openssl x509 -in "$ftp_ca" -noout -pubkey |
    openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary |
    openssl base64 | sed 's/=//; s/^/SHA256:/')"
traced '"::1"'
grep -q '"EPSV' "$ftp_log" || fail 'no EPSV'
! grep -q '"PASV' "$ftp_log" || fail 'PASV by IPv6'
