# Goal: the login is what the server makes of it: one factor or two, in its
# order; questions, of which only the first is for the password; a greeting.
# No try is wasted, and whoever lacks something is told what.
. tests/scenario/lib.sh
. tests/scenario/account.sh
small_site
make_key "$tmp/other" ed25519
both='PasswordAuthentication yes'
questions='KbdInteractiveAuthentication yes'

# with_key [OPTION...]: and nothing else.
with_key() {
	ferry publish --source "$site" --url "$url" --json --key "$key" \
	    --hostkey "$(fingerprint "$host_key")" "$@"
}

# ---- A key and a password ----
start_sshd 'AuthenticationMethods publickey,password' "$both" 'MaxAuthTries 1'
with_password "$password" --key "$key"
expect_exit 0
same_tree "$site" "$htdocs"
with_key
expect_exit 13
expect_words
expect_text 'the server took this key but wants more (password)'
with_password 'wrong horse' --key "$key"
expect_exit 10
expect_words
expect_text 'refused the password'
expect_text 'Too many authentication failures'
stop_sshd

start_sshd 'AuthenticationMethods password,publickey' "$both"
with_password "$password" --key "$key"
expect_exit 0
with_key
expect_exit 13
expect_words
expect_text 'it offers: password'
with_password "$password" --password
expect_exit 10
expect_words
expect_text 'the server took the password for user ferryman but wants more'
stop_sshd

# ---- One try: the key that was selected, and no other ----
printf 'Be good.\n\033[31mOr\tbe gone.\n' >"$tmp/banner"
start_sshd 'MaxAuthTries 1' "Banner $tmp/banner"
with_key
expect_exit 0
[ "$(grep -c '"type":"note".*Be good. \\\\x1b\[31mOr be gone.' "$tmp/out")" \
    -eq 1 ] || fail 'the greeting is not shown, or not once'
with_key --key "$tmp/other"
expect_exit 10
expect_words
expect_text 'it offers: publickey'
expect_text 'Too many authentication failures'
expect_text "ssh-ed25519 $(fingerprint "$tmp/other")"
stop_sshd

# ---- What PAM asks ----
printf 'A word before\n' >"$tmp/words"
pam_asks() {
	{
		printf '%s\n' "$@"
		echo 'session required pam_permit.so'
	} >"$tmp/pam"
}
pam_asks "auth required pam_echo.so file=$tmp/words" \
    'auth required pam_unix.so' 'account required pam_permit.so'
start_sshd 'AuthenticationMethods publickey,keyboard-interactive' "$questions"
with_password "$password" --key "$key"
expect_exit 0
with_key
expect_exit 13
expect_words
expect_text 'the server took this key but wants more (keyboard-interactive)'
expect_text "($user@127.0.0.1) A word before Password:"
stop_sshd

# A password that has expired: it is told, not changed.  The second question
# is not for the password.
password_of_day 0
pam_asks 'auth required pam_unix.so' 'account required pam_unix.so' \
    'password required pam_unix.so'
start_sshd "$questions"
with_password "$password" --password
expect_exit 13
expect_words
expect_outcome answer_needed
expect_text 'required to change your password'
# with somebody at a terminal, the user has the word
python3 tests/scenario/answer.py "$tmp/all" 'Password:' "$password" \
    'Current password:' "$password" 'New password:' -- \
    "$FERRY" publish --source "$site" --url "$url" --password \
    --hostkey "$(fingerprint "$host_key")" --fallback-known-hosts none ||
	fail 'not all was asked'
expect_text "($user@127.0.0.1) You are required to change your password"
expect_text "($user@127.0.0.1) New password:"
expect_no_match "$password"
stop_sshd
start_sshd "$both"
with_password "$password" --password
expect_exit 21
expect_words
expect_text 'has the password expired'
stop_sshd
