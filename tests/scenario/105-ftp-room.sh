# Goal: an FTP server that says how much room it has (AVBL) is sent nothing that
# does not fit, by both numbers; one that lies, or says nonsense, is believed to
# have room, and asked once.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
big_file "$site/large.bin" 3000
offer='FEAT * offer AVBL'

start_ftp_peer "$offer"
published
asked=$(grep -c '^AVBL' "$ftp_log")
[ "$asked" -gt 0 ] || fail 'it was not asked'
same_tree "$site" "$live"

# too little: for the first publish, for the plan, where the folder is not there
# yet, and for one more
for verb in publish plan; do
	afresh "$offer" 'AVBL 1 say 550 No such file or directory' \
	    'AVBL * say 213 2097152'
	send $verb --source "$site" --url "$url" --json
	untouched 31
	expect_outcome remote_too_small
	expect_text \
	    '3.2 MiB are to be sent, and the server has room for 2.0 MiB'
	! grep -Eq '^(STOR|APPE|RNFR)' "$ftp_log" || fail 'it wrote'
done
afresh "$offer"
published
big_file "$site/large.bin" 3000 2
before=$(live)
ftp_rules "$offer" 'AVBL * say 213 5'
: >"$ftp_log"
publish
expect_exit 31
expect_text 'the server has room for 5 bytes'
[ "$before" = "$(live)" ] || fail 'it wrote'
! grep '^STOR .*stage' "$ftp_log" || fail 'it staged'
send check --url "$url" --source "$site"
expect_match '^  warn  free space    only 5 B$'
ftp_rules "$offer" 'AVBL * say 213 1234567890'
send check --url "$url" --source "$site"
expect_match '^  ok    free space    1.2 GB$'

# nonsense, and words that only look like a number
n=3
for answer in '213 -1' '213 18446744073709551616' '213 12 GB' '502 no' \
    '550 Denied'; do
	afresh "$offer" "AVBL * say $answer"
	published
	same_tree "$site" "$live"
	n=$((n + 1))
	case $answer in
	550*) continue ;;
	esac
	[ "$(grep -c ^AVBL "$ftp_log")" -eq 1 ] || fail "asked again: $answer"
	# not in the next run either
	big_file "$site/large.bin" 3000 $n
	published
	[ "$(grep -c ^AVBL "$ftp_log")" -eq 1 ] || fail "asked again: $answer"
done
for answer in huge endless control; do
	afresh "$offer" "AVBL * $answer"
	publish
	expect_exit 0 21
	if [ "$rc" -eq 0 ]; then
		same_tree "$site" "$live"
	else
		expect_words
	fi
done

# whoever does not offer it is not asked
afresh
published
! grep '^AVBL' "$ftp_log" || fail 'it was asked'
