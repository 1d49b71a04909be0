# Goal: by FTP, renames go in bursts; where a burst is cut, refused or answered
# wrongly anywhere, what was done is settled by what the server shows; one that
# takes no bursts is remembered.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
mkdir -p "$site"
for i in $(seq 10 39); do
	echo "page $i" >"$site/$i.html"
done
start_ftp_peer
burst=2097152 # MSG_FTP_BURST

# profile KEY: a number of the host's profile
profile() {
	cat "$HOME"/.local/state/sandferry/*/host |
		sed -n "s/^$1 /0x/p"
}

afresh 'RNTO * slow' 'RNFR * slow'
published --connections 1
whole
[ $(($(profile has) & burst)) -ne 0 ] || fail 'no burst'

for rule in 'RNTO /17 1 drop' 'RNTO /17 1 done-drop' 'RNTO /39 1 done-drop' \
    'RNFR /stage/ 1 drop' 'RNTO /17 1 say 550 Not now.' 'RNTO /17 1 say 450 Busy.' \
    'RNFR /stage/ 1 say 550 Sorry.' 'RNTO /17 1 twice' 'RNTO /17 1 mute' \
    'RNTO /17 1 say 421 Bye.' 'RNTO /17 1 say 150 What?'; do
	echo "$rule" >"$tmp/how"
	afresh "$rule"
	publish --connections 2
	whole
done

# where a refused RNFR leaves the last one in force, a file takes the place of
# another: that does not go unseen, and is put right
staged=$(sha256sum "$site/21.html" | cut -d ' ' -f 1)
afresh 'RNTO /20. 1 stale 550 No.' "RNFR /$staged 1 stale 550 No."
publish --connections 1
[ "$rc" -ne 0 ] || fail 'it went unseen'
cmp "$site/21.html" "$live/21.html" || fail '21 is another file'
ftp_rules
publish
whole

# it takes one command at a time
afresh 'RNFR /stage/ * lone'
publish --connections 2
whole
[ $(($(profile lacks) & burst)) -ne 0 ] || fail 'nothing was learned'

# killed amid a burst
afresh
killed RNTO 17
published
whole
