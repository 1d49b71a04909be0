# Goal: no verb talks to an agent: a socket that is named in SSH_AUTH_SOCK is
# never connected to, and neither is any other socket of this machine.
. tests/scenario/lib.sh
command -v python3 >/dev/null || skip 'no python3'
small_site
start_sshd
passphrase='horse of another colour'
make_key "$tmp/sealed" ed25519 '' "$passphrase"
cat "$tmp/sealed.pub" >>"$tmp/server/authorized_keys"
printf '%s\n' "$passphrase" >"$tmp/passphrase"
printf 'Host 127.0.0.1\nPort %s\nUser %s\nIdentityFile %s\n' \
    "$port" "$user" "$key" >"$tmp/ssh_config"

# An agent that writes down who comes.
SSH_AUTH_SOCK=$tmp/agent
export SSH_AUTH_SOCK
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(8)
open(sys.argv[2], "w").close()
while True:
    s.accept()[0].close()
    print("somebody came", file=open(sys.argv[2], "a"))
' "$SSH_AUTH_SOCK" "$tmp/heard" &
started="$started $!"
wait_for test -e "$tmp/heard" || fail 'the agent does not start'

# traced ARGUMENT...: as ferry, but every connect is seen where strace may.
trace=
if [ "$(id -u)" -eq 0 ] && strace -o /dev/null true 2>/dev/null; then
	case $FERRY in
	*/asan/* | */tsan/*) ;;
	*) trace="strace -f -qq -e trace=connect -A -o $tmp/connects" ;;
	esac
fi
printf '#!/bin/sh\nexec %s %s "$@"\n' "$trace" "$FERRY" >"$tmp/traced"
chmod 755 "$tmp/traced"
FERRY=$tmp/traced

verb() {
	codes=$1
	shift
	ferry "$@" 3<"$tmp/passphrase"
	# shellcheck disable=SC2086 # several
	expect_exit $codes
}

verb 0 host show --url "$url"
verb 0 host trust --url "$url" --hostkey "$(fingerprint "$host_key")"
verb 0 host list
verb 14 plan --source "$site" --url "$url"
verb 0 plan --source "$site" --url "$url" --key "$key"
verb 0 publish --source "$site" --url "$url" --key "$key"
# where an agent would be most welcome
verb 13 publish --source "$site" --url "$url" --key "$tmp/sealed"
verb 0 publish --source "$site" --url "$url" --key "$tmp/sealed" \
    --password-fd 3
verb 0 access add --url "$url" --key "$key"
verb 0 access list
verb 0 publish --source "$site" --url "$url"
verb 0 access remove --url "$url"
verb 0 access import "$tmp/ssh_config" --url "$url" --yes
verb 0 explain --source "$site" --url "$url"
verb 0 host forget --url "$url"
for verb in help version; do
	"$FERRY" $verb >/dev/null || fail "$verb fails"
done
[ ! -s "$tmp/heard" ] || fail 'somebody asked the agent'

if [ -n "$trace" ]; then
	# name services are asked for users and hosts, if there is a daemon
	grep 'AF_UNIX' "$tmp/connects" | grep -v '"/var/run/nscd/socket"' \
	    >"$tmp/odd"
	[ ! -s "$tmp/odd" ] || fail "$(head -n 3 "$tmp/odd")"
	expect_match "htons\\($port\\)" "$tmp/connects"
fi

# that an agent is heard at all
ssh-add -l >/dev/null 2>&1
wait_for test -s "$tmp/heard" || fail 'the agent hears nobody'
