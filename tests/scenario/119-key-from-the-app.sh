# Goal: an application that embeds the library hands over the key itself: its
# bytes, a descriptor, or signatures by an agent that has it.  It needs no
# grant; what cannot be used is said in words.
. tests/scenario/lib.sh
embedder=$PEERS/embedder
[ -x "$embedder" ] || skip 'no embedder: make peers'
printf '<h1>Home</h1>\n' >"$site/index.html"
key=$tmp/ed25519
make_key "$key" ed25519
make_key "$tmp/rsa" rsa 2048
make_key "$tmp/p256" ecdsa 256
make_key "$tmp/sealed" ed25519 '' 'open sesame'
make_key "$tmp/authority" ed25519
make_key "$tmp/certified" ed25519
ssh-keygen -q -s "$tmp/authority" -I app -n "$(id -un)" "$tmp/certified.pub" ||
    fail 'no certificate'
start_sshd 'PerSourceMaxStartups 100' 'PasswordAuthentication yes' \
    "TrustedUserCAKeys $tmp/authority.pub"
for name in ed25519 rsa p256 sealed; do
	cat "$tmp/$name.pub"
done >"$tmp/server/authorized_keys"
agent=$tmp/agent
ssh-agent -D -a "$agent" >/dev/null &
started="$started $!"
wait_for test -S "$agent" || fail 'no agent'
SSH_AUTH_SOCK=$agent ssh-add -q "$key" "$tmp/rsa" "$tmp/p256" \
    "$tmp/certified" 2>/dev/null || fail 'the agent takes no keys'
trust
published

# app NAME=VALUE...: an application's job; its questions are answered from
# $answers.
answers=
known_hosts=$HOME/.local/share/sandferry/known_hosts
app() {
	printf '%s\n' "$answers" | "$embedder" url="$url" state="$tmp/state" \
	    worker="$BIN/sandferry-worker" known_hosts="$known_hosts" "$@" \
	    >"$tmp/out" 2>"$tmp/err"
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	! grep -q 'Sanitizer' "$tmp/all" || fail 'a sanitizer speaks'
}

logged_in() {
	app verb=status "$@"
	expect_exit 0
}

logged_in key_data="$key"
logged_in key_fd="$key"
logged_in key_pipe="$key"
answers='secret open sesame'
logged_in key_data="$tmp/sealed"
expect_text 'Passphrase of the key that was handed over'
answers='secret wrong
secret wrong
secret wrong'
app verb=status key_data="$tmp/sealed"
expect_exit 13
answers=no
app verb=status password=yes
expect_exit 13
expect_text "\"account\":\"${url%"$htdocs"}\"}"
answers=

# It signs elsewhere, what the server may see.
logged_in agent="$agent" public_key="$key.pub"
expect_match '^sign ssh-ed25519$'
logged_in agent="$agent" public_key="$tmp/p256.pub"
expect_match '^sign ecdsa-sha2-nistp256$'
app verb=status agent="$agent" public_key="$tmp/rsa.pub"
[ $rc -eq 10 ] && expect_match 'libssh2' || { # before 1.11
	expect_exit 0
	expect_match '^sign rsa-sha2-512$'
}
logged_in agent="$agent" public_key="$tmp/certified-cert.pub" \
    agent_key="$tmp/certified.pub"
app verb=status agent="$agent" public_key="$key.pub" sign=no
expect_exit 14
expect_outcome sign_refused
expect_words
app verb=status agent="$agent" public_key="$key.pub" sign=wrong
expect_outcome sign_wrong
expect_words
# a key of the agent's that is not the one which was named
app verb=status agent="$agent" public_key="$key.pub" agent_key="$tmp/p256.pub"
expect_outcome sign_wrong
app verb=status agent="$agent" public_key="$key"
expect_outcome public_key_wrong
expect_words

# What is none.
app verb=status key_data="$key.pub"
expect_outcome key_public
expect_text 'the key that was handed over: '
expect_words
app verb=status key_data="$key" twice=yes key_file="$key"
expect_text 'key_twice: '

# The key of an unknown server's user is not looked at.
known_hosts=$tmp/nobody
app verb=status key_fd="$key"
expect_exit 11
known_hosts=$HOME/.local/share/sandferry/known_hosts

# And it can do all that a file can.
printf '<h1>New</h1>\n' >"$site/index.html"
app verb=check source="$site" key_fd="$key"
expect_exit 0
expect_match '"check":"key",[^}]*ed25519 SHA256'
app source="$site" key_pipe="$key"
expect_exit 0
same_tree "$site" "$htdocs"
[ ! -e "$HOME/.config/sandferry/access.ini" ] || fail 'a grant was made'
