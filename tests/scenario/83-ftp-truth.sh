# Goal: what an FTP server says is weighed.  Replies that are long, endless,
# slow or full of control bytes, listings that end early, a 226 for a file that
# is not there, half a file with another end: nothing is lost, sent twice
# without need, or shown as it came.  And what was learned is remembered.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
start_ftp_peer

count() {
	grep -c "^$1" "$ftp_log"
}

# replies that are too long, without end, byte by byte; a 226, and no file
afresh 'SIZE 1 huge' 'MKD 1 endless' 'RNTO * slow' 'EPSV * slow' \
    'STOR /stage/ 1 vanish' 'STOR /stage/ 1 say 522 Resume it.'
publish
whole
afresh 'PASS * endless'
publish
expect_exit 20
expect_words
afresh 'STOR /stage/ * vanish'
publish
untouched 50

# control bytes: shown as what they are
afresh 'STOR /stage/ * control'
send publish --source "$site" --url "$url"
expect_exit 30
expect_text 'x1b[2Jred'
! LC_ALL=C grep -q '[[:cntrl:]]' "$tmp/all" || fail 'control bytes are shown'

# a server that tells of a file only in a listing, and cuts that
afresh 'MLST * say 500 What?' 'SIZE * say 500 What?' 'MLSD * say 500 What?' \
    'LIST * lines 1'
publish
whole
[ "$(count 'STOR.*stage/')" -eq 6 ] || fail 'a file was sent twice'
printf '<h1>Other</h1>\n' >"$site/index.html"
rm "$site/about.html"
publish
whole
expect_count sent 1
expect_count removed 1
[ "$(count DELE)" -le 3 ] || fail 'something else was removed'

# cut off amid the stage, and the listing is cut: what is there stays there
afresh 'STOR /stage/ 3 as-usual' 'STOR /stage/ * drop'
publish --connections 1
expect_exit 21
find "$live/.sandferry/stage" -type f -size +0 -printf '%f\n' >"$tmp/staged"
[ -s "$tmp/staged" ] || fail 'nothing is staged'
: >"$ftp_log"
ftp_rules 'MLSD * lines 1'
publish
whole
! grep -F -f "$tmp/staged" "$ftp_log" | grep -q '^STOR' ||
    fail 'what was staged was sent again'

# half of a large file, then the connection is lost: with our end it is gone on
# with, with another it is sent anew
for deed in half-drop foul-drop; do
	seed=$((${seed:-1} + 1))
	big_file "$site/large.bin" 2000 $seed
	afresh "STOR /$(sha256sum <"$site/large.bin" | cut -c 1-8) 1 $deed"
	publish --connections 1
	whole
	case $deed in
	half-drop) [ "$(count 'APPE.*/stage/')" -eq 1 ] || fail 'sent anew' ;;
	*) ! grep -q '^APPE.*/stage/' "$ftp_log" || fail 'on top of that' ;;
	esac
	grep -q '^RETR.*/stage/' "$ftp_log" || fail 'nobody looked at its end'
done
rm "$site/large.bin"

# what was learned stays: EPSV leads nowhere, one connection is enough
afresh 'EPSV * dead' 'CONNECT /2 * say 421 Too many connections.'
learned=no
for round in 1 2 3 4 5; do
	i=0
	while [ $i -lt 9 ]; do
		i=$((i + 1))
		echo "$i $round" >"$site/$i.html"
	done
	publish
	whole
	# where all was sent before the second login was refused, once more
	! grep -rqx 'connections 1' "$HOME/.local/state/sandferry" || {
		learned=yes
		break
	}
done
[ $learned = yes ] || fail 'the number of connections is not remembered'
printf '<h1>Later</h1>\n' >"$site/index.html"
: >"$ftp_log"
publish
whole
! grep -q '^EPSV' "$ftp_log" || fail 'EPSV is tried again'
[ "$(count CONNECT)" -eq 1 ] || fail 'a further connection'

# names in UTF-8 and not; one that FTP cannot carry is refused before anything
# is written, and never goes over the wire
rm -f "$site"/[0-9].html
printf u >"$site/$(printf 'gr\303\274n.html')"
printf l >"$site/$(printf 'gr\374n.html')"
afresh
publish
whole
grep -q '^OPTS UTF8 ON' "$ftp_log" || fail 'no OPTS UTF8'
publish
expect_count sent 0
for name in 'a\nDELE index.html' 'a\rb.html' 'a\377b.html'; do
	# shellcheck disable=SC2059 # escapes are meant
	name=$(printf "$name")
	printf x >"$site/$name"
	: >"$ftp_log"
	publish
	expect_exit 41
	expect_words
	expect_outcome name_for_ftp
	! grep -Eq '^(STOR|APPE|MKD|RNTO) .*stage|^DELE index' "$ftp_log" ||
	    fail 'it was begun'
	rm "$site/$name"
done
