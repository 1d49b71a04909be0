# Goal: where there is no key, a password: from a descriptor, by the method
# "password" and by keyboard-interactive; a wrong one is refused in words.
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
	stop_sshd
done
