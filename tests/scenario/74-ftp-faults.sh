# Goal: passing faults of FTP servers, lost answers and lying ones: tried again
# on a new connection, settled by what the server shows, the site whole.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
start_ftp_peer

# passing faults: once each, in the middle of a file and before one
afresh 'STOR /stage/ 1 mid 426 Connection closed; transfer aborted.' \
    'STOR /stage/ 1 say 425 Cannot open data connection.' \
    'RNTO /index 1 say 450 File busy.'
publish
whole

# the answer gets lost, and what was asked for was done
for rule in 'STOR /stage/ 1 done-drop' 'RNTO /index 1 done-drop' \
    'RNTO /about 1 drop' 'MKD /css 1 done-drop' 'APPE /ledger 1 done-drop' \
    'DELE 1 done-drop' 'RNFR /stage/ 1 drop'; do
	afresh "$rule"
	publish
	whole
done

# a 226 for half of a file
afresh 'STOR /stage/ 1 cut'
publish
whole
afresh 'STOR /stage/ * cut'
publish
untouched 50
