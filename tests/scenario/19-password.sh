# Goal: where there is no key, a password: from a descriptor, by the method
# "password" and by keyboard-interactive; a wrong one is refused in words.
# The account is one of this test, in files that only its server sees.
. tests/scenario/lib.sh
[ "$(id -u)" -eq 0 ] || skip 'only root checks passwords'
unshare -m true 2>/dev/null || skip 'no mount namespace: util-linux'
[ -e /etc/pam.d/sshd ] || skip 'no /etc/pam.d/sshd: openssh-server'
small_site

hash=$(openssl passwd -6 'right horse')
{ cat /etc/passwd; echo "ferryman:x:54321:54321::$tmp:/bin/sh"; } >"$tmp/passwd"
{ cat /etc/shadow; echo "ferryman:$hash:19000:0:99999:7:::"; } >"$tmp/shadow"
chmod 644 "$tmp/passwd"
chmod 640 "$tmp/shadow"
make_server
pam=yes
user=ferryman
cat >"$tmp/with-account" <<END
#!/bin/sh
[ "\$1" = in ] || exec unshare -m "\$0" in "\$@"
shift
mount --bind $tmp/passwd /etc/passwd && mount --bind $tmp/shadow /etc/shadow ||
	exit 1
exec $SSHD "\$@"
END
chmod 755 "$tmp/with-account"
SSHD=$tmp/with-account
chown 54321:54321 "$htdocs"

with_password() {
	printf '%s\n' "$1" >"$tmp/password"
	ferry publish --source "$site" --url "$url" --password --json \
	    --hostkey "$(fingerprint "$host_key")" --password-fd 3 \
	    3<"$tmp/password"
}

for methods in 'PasswordAuthentication yes' 'KbdInteractiveAuthentication yes'
do
	port=
	start_sshd "$methods"
	with_password 'wrong horse'
	expect_exit 10
	expect_text 'ferryman'
	expect_words
	with_password 'right horse'
	expect_exit 0
	same_tree "$site" "$htdocs"
	expect_no_match 'right horse'
	stop_sshd
done
