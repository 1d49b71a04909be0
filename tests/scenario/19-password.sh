# Goal: where there is no key, a password: from a descriptor, by the method
# "password" and by keyboard-interactive; a wrong one is refused in words.  One
# that is bound to no account is not sent where only the site file says so.
# The account is one of this test, in files that only its server sees.
. tests/scenario/lib.sh
. tests/scenario/account.sh
small_site

for methods in 'PasswordAuthentication yes' 'KbdInteractiveAuthentication yes'
do
	port=
	start_sshd "$methods"
	with_password 'wrong horse' --password
	expect_exit 10
	expect_text 'ferryman'
	expect_words
	with_password "$password" --password
	expect_exit 0
	same_tree "$site" "$htdocs"
	expect_no_match "$password"
	[ "$methods" = 'KbdInteractiveAuthentication yes' ] || stop_sshd
done

# The site file names the server and vouches for it: so may an edited one.
rm -rf "$HOME/.local"
known=$HOME/.local/share/sandferry/known_hosts
cat >"$tmp/sandferry.ini" <<END
source = site
url = $url
hostkey = $(fingerprint "$host_key")
END
# the right one, so that the server's log would tell
from_site() {
	ferry publish -c "$tmp/sandferry.ini" --json --password \
	    --password-fd 3 "$@" 3<"$tmp/password"
}
: >"$tmp/server/log"
for again in first second; do
	from_site
	expect_exit 15
	expect_outcome password_unbound
	expect_words
	[ ! -s "$known" ] || fail "$again: the site file's key is recorded"
done
mkdir "$tmp/credentials"
cp "$tmp/password" "$tmp/credentials"
CREDENTIALS_DIRECTORY="$tmp/credentials" ferry publish \
    -c "$tmp/sandferry.ini" --json --password
expect_exit 15
! grep -q Accepted "$tmp/server/log" || fail 'the password was sent'
# for another account, even if the server is known
from_site --account "sftp://root@127.0.0.1:$port"
expect_exit 15
from_site --account "sftp://$user@127.0.0.1:$port"
expect_exit 0
grep -q Accepted "$tmp/server/log" || fail 'the log does not tell'
trust
from_site
expect_exit 0
from_site --account "sftp://$user@127.0.0.1"
expect_exit 15
