# Goal: by FTP a folder that is wholly new is staged as a folder and takes its
# place by one rename; where one of that name is there after all, what is in
# it joins it; killed at any point, it is whole in the end.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
start_ftp_peer
published
mkdir -p "$site/blog/one" "$site/blog/two/deep"
for i in 1 2 3; do
	echo "one $i" >"$site/blog/one/$i.html"
	echo "two $i" >"$site/blog/two/deep/$i.css"
done
cp -a "$ftp_root" "$tmp/ftp-before"
cp -a "$HOME" "$tmp/home-before"

# again: as it was before the folder came
again() {
	rm -rf "$ftp_root" "$HOME"
	cp -a "$tmp/ftp-before" "$ftp_root"
	cp -a "$tmp/home-before" "$HOME"
	: >"$ftp_log"
	ftp_rules "$@"
}

again
published
whole
expect_count sent 6
[ "$(grep -c '^RNTO' "$ftp_log")" -eq 1 ] || fail 'more than one rename'
! grep -q '^SIZE.*stage' "$ftp_log" || fail 'asked for one size'

# somebody made that folder, and put something in it
again
mkdir -p "$live/blog/one"
echo theirs >"$live/blog/one/theirs.txt"
published
expect_exit 0
[ "$(cat "$live/blog/one/theirs.txt")" = theirs ] || fail 'theirs is gone'
rm "$live/blog/one/theirs.txt"
whole

# a 226 for nothing, a listing that hides, one that shows nothing
for rule in 'STOR /1.html 1 vanish' 'STOR /2.html 1 cut' \
    'MLSD / * lines 1' 'MLSD / * lines 0'; do
	again "$rule"
	published
	whole
done

for where in 'MKD deep' 'STOR one/2' 'RNTO blog' 'APPE ledger'; do
	again
	# shellcheck disable=SC2086 # words
	killed $where
	[ ! -d "$live/blog" ] || diff -r "$site/blog" "$live/blog" ||
	    fail "$where: half of the folder is live"
	published
	whole
done
