# Goal: a question may stay open for longer than the server waits for a login:
# the next connection goes on with what was answered, and nothing is asked
# twice.
. tests/scenario/lib.sh
. tests/scenario/app.sh
printf '<h1>Home</h1>\n' >"$site/index.html"
key=$tmp/sealed
make_key "$key" ed25519 '' 'open sesame'
start_sshd 'LoginGraceTime 3'

app key_file="$key"
for n in 1 2; do
	asks $n
	is_left "$sshd_pid"
	case $n in
	1) echo yes >&4 ;;
	2) echo 'secret open sesame' >&4 ;;
	esac
done
app_ends
expect_exit 0
same_tree "$site" "$htdocs"
asked host_key 1
asked passphrase 1
[ "$(grep -c '^Connection from' "$tmp/server/log")" = 3 ] ||
    fail 'another number of connections'

# For an application's own words: which key it is.
expect_text "\"path\":\"$key\",\"fingerprint\":\"$(fingerprint "$key")\""

# Without a question there is no second connection.
stop_sshd
app key_file="$key"
app_ends
expect_exit 20
