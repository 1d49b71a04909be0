# Goal: the login is by the one key that was selected (50-key-files.sh: of each
# kind and format); each way in which it cannot work has its own exit status.
. tests/scenario/lib.sh
small_site
start_sshd
trust
authorize() {
	cat "$key.pub" >"$tmp/server/authorized_keys"
}

# a passphrase that is missing, or wrong
make_key "$key" ed25519 '' 'open sesame'
authorize
publish
expect_exit 13
expect_words
printf 'wrong\n' >"$tmp/passphrase"
publish --password-fd 3 3<"$tmp/passphrase"
expect_exit 13
expect_words
expect_no_match wrong "$tmp/err"
printf 'open sesame\n' >"$tmp/passphrase"
published --password-fd 3 3<"$tmp/passphrase"

# a key that the server does not take: the methods that it offers are named
make_key "$key" ed25519
publish
expect_exit 10
expect_words
expect_match 'publickey'

# files that are no private key, or not there
for bad in "$key.pub" "$tmp/nowhere" "$site/index.html" "$tmp" /dev/null; do
	ferry publish --source "$site" --url "$url" --key "$bad" --json
	expect_exit 14
	expect_words
	case $(summary text) in
	*"$bad"*) ;;
	*) fail "which file? $(summary text)" ;;
	esac
done

# a user who does not exist, and no key at all
authorize
ferry publish --source "$site" --key "$key" --json \
    --url "sftp://nobody-of-that-name@127.0.0.1:$port$htdocs"
expect_exit 10
ferry publish --source "$site" --url "$url" --json
expect_exit 14
published
same_tree "$site" "$htdocs"
