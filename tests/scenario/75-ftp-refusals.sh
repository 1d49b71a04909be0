# Goal: what an FTP server refuses is told in its words, the site is untouched
# or finished by the next run; a server that appends nothing, replaces nothing,
# allows one connection or is busy at first is served all the same.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
start_ftp_peer

# refused for good: in the server's words
afresh 'STOR /stage/ * say 553 Not this name.'
publish
untouched 30
expect_text 'Not this name.'
afresh 'STOR /stage/ * say 452 Quota exceeded.'
publish
untouched 31
expect_text 'live site is untouched'

# a commit that is refused half way is finished by the next run
afresh 'RNTO /index * say 553 No.'
publish
expect_exit 51
ftp_rules
new_machine
publish
whole

# it appends nothing
afresh 'APPE * say 502 Not here.'
publish
whole
# does not replace what is there
afresh 'RNTO * keep'
publish
whole
printf '<h1>Changed</h1>\n' >"$site/index.html"
printf '<h1>Changed</h1>\n' >"$site/about.html"
publish
whole
# wants one connection only
afresh 'CONNECT /2 * say 421 Too many connections.'
publish --connections 4
whole
# is busy at first
afresh 'CONNECT 1 say 421 Busy.' 'PASS 1 say 530 Too many connections.'
publish
whole
afresh 'PASS * say 530 Login incorrect.'
publish
expect_exit 10
expect_words

# somebody took our empty folders for superfluous
afresh
publish
whole
rmdir "$live/.sandferry/stage" "$live/.sandferry/kept"
printf '<h1>Once more</h1>\n' >"$site/index.html"
publish
whole

# a server that falls silent is not waited for twice
ftp_rules 'STOR /stage/ * stall'
printf '<h1>And again</h1>\n' >"$site/index.html"
publish --stall-timeout 1
expect_exit 21
expect_words
ftp_rules
publish
whole

# cut off while the ledger was replaced, where nothing can be replaced
afresh 'RNTO * keep' 'APPE * say 502 Not here.'
publish
whole
mv "$live/.sandferry/ledger" "$live/.sandferry/kept/ledger"
new_machine
printf '<h1>Last</h1>\n' >"$site/index.html"
publish
whole
expect_count sent 1
[ -z "$(ls "$live/.sandferry/kept")" ] || fail 'an old ledger is left'
