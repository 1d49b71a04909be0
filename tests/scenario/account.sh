# account.sh: an account with a password, ferryman, in files that only the
# server of a scenario sees; sourced after lib.sh.
# shellcheck shell=sh
[ "$(id -u)" -eq 0 ] || skip 'only root checks passwords'
unshare -m true 2>/dev/null || skip 'no mount namespace: util-linux'
[ -e /etc/pam.d/sshd ] || skip 'no /etc/pam.d/sshd: openssh-server'

password='right horse'
hash=$(openssl passwd -6 "$password")
user=ferryman

# password_of_day N: set on that day since 1970; 0: it has to be changed.
password_of_day() {
	{
		cat /etc/shadow
		echo "$user:$hash:$1:0:99999:7:::"
	} >"$tmp/shadow"
}

{ cat /etc/passwd; echo "$user:x:54321:54321::$tmp:/bin/sh"; } >"$tmp/passwd"
password_of_day 19000
cat >"$tmp/pam" <<END
auth required pam_unix.so nodelay
account required pam_unix.so
password required pam_unix.so
session required pam_permit.so
END
chmod 644 "$tmp/passwd" "$tmp/pam"
chmod 640 "$tmp/shadow"
cat >"$tmp/with-account" <<END
#!/bin/sh
# with-account PROGRAM...: run it with these accounts
[ "\$1" = in ] || exec unshare -m "\$0" in "\$@"
shift
for file in passwd shadow; do
	mount --bind $tmp/\$file /etc/\$file || exit 1
done
mount --bind $tmp/pam /etc/pam.d/sshd || exit 1
exec "\$@"
END
printf '#!/bin/sh\nexec %s %s "$@"\n' "$tmp/with-account" "$SSHD" >"$tmp/sshd"
chmod 755 "$tmp/with-account" "$tmp/sshd"
SSHD=$tmp/sshd
make_server
pam=yes
chown 54321:54321 "$htdocs"

# with_password WORDS [OPTION...]: log in with this.
with_password() {
	printf '%s\n' "$1" >"$tmp/password"
	shift
	ferry publish --source "$site" --url "$url" --json --password-fd 3 \
	    --hostkey "$(fingerprint "$host_key")" "$@" 3<"$tmp/password"
}
