# Goal: the sessions of one FTP run: a further one that is slow to log in holds
# up nobody, one that was idle and was ended costs a login, nothing changed
# costs nine commands on one connection, and who has no password hears how to
# give one.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site

# commands: that came in the last run, in one line
commands() {
	sed -n 's/.*FTP command: .*"\([A-Z]*\)[ "].*/\1/p' "$ftp_log" |
	    tr '\n' ' '
}

ftp_start vsftpd explicit idle_session_timeout=1 local_max_rate=130000
ftp_url
ask publish --source "$site" --url "$url" --json
expect_exit 13
expect_words
expect_match 'password is needed'
for way in --password-fd --keyring password-command ASKPASS terminal; do
	expect_text "$way"
done

# the small ones are done long before the large one
mkdir "$site/many"
for i in 1 2 3 4 5 6 7 8; do
	echo "$i" >"$site/many/$i.html"
done
big_file "$site/many/big.bin" 1 1
published --verbose
same_tree "$site" "$live"
expect_text 'a connection is lost'
profile=$(echo "$HOME"/.local/state/sandferry/*/host)
! grep -q '^connections 1' "$profile" || fail 'the server wants one only'

: >"$ftp_log"
published
expect_count sent 0
said=$(commands) # QUIT is not waited for
[ "${said%QUIT }" = 'AUTH USER PASS PBSZ PROT PWD SIZE MDTM ' ] ||
    fail "that many commands: $said"
[ "$(grep -c CONNECT "$ftp_log")" -eq 1 ] || fail 'more than one connection'

# another key, which no authority knows
sed 's/^key .*/key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=/' \
    "$profile" >"$tmp/profile"
cp "$tmp/profile" "$profile"
: >"$ftp_log"
published
[ "$(grep -c CONNECT "$ftp_log")" -gt 1 ] || fail 'the key was not looked at'
! cmp -s "$profile" "$tmp/profile" || fail 'the right key is not remembered'
trusted=
publish
expect_exit 11
expect_outcome certificate_unknown
ftp_stop

# a further login that is never answered
start_ftp_peer
afresh 'PASS 1 only 230 In.' 'PASS * stall'
published --connections 4 --stall-timeout 600
same_tree "$site" "$live"
[ "$(grep -c '^PASS' "$ftp_log")" -gt 1 ] || fail 'nobody else logged in'
