# Goal: init for an account with a password: FTP's certificate is judged, the
# password asked for and kept nowhere; what visitors see is looked at, and a
# folder of ours that they can read is told without keeping anybody from
# publishing.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/web.sh
small_site
mkdir "$tmp/work"
mv "$site" "$tmp/work/_site"
ftp_start pure-ftpd explicit
htdocs=$ftp_root
web_lines='autoindex on;'
start_web
answer=$PWD/tests/scenario/answer.py
cd "$tmp/work" || exit

# a wrong password first, which is asked for again
timeout -k 5 60 python3 "$answer" "$tmp/all" 'Folder [_site]: ' '' \
    'Address: ' "$ftp_user@localhost:$ftp_port" 'Folder there: ' www \
    'type [none]: ' "http://127.0.0.1:$web_port/www" \
    'Try again with' again 'Address [' "ftp://$ftp_user@localhost:$ftp_port/www" \
    'Password of ' wrong 'Password of ' "$ftp_password" \
    -- "$FERRY" init --cacert "$ftp_ca" --password
rc=$?
expect_exit 0
expect_match 'ok    certificate '
expect_match 'ok    login .*by password'
expect_match 'ok    site-url .* shows this folder'
expect_match 'FAIL  visitors .*can read our folder'
expect_match '^Next: sandferry plan'
grep -Fqx "url = ftp://$ftp_user@localhost:$ftp_port/www" sandferry.ini ||
    fail 'another url'
! grep -r "$ftp_password" . "$HOME" || fail 'the password is kept'
[ -z "$(ls -A "$ftp_root")" ] || fail "something stays there"
