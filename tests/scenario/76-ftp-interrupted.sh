# Goal: kill -9 at any moment of a publish by FTP leaves each file whole, old
# or new, and the same command finishes the job; somebody else waits for the
# lock.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
mkdir "$site/many"
for i in 1 2 3 4 5 6 7 8 9; do
	echo "$i" >"$site/many/$i.html"
done
start_ftp_peer
published
cp -r "$live" "$tmp/before"
for i in 1 2 3 4 5 6 7 8 9; do
	echo "new $i" >"$site/many/$i.html"
done
rm "$site/about.html"

# half_done COMMAND PART: killed there, no file is torn
half_done() {
	killed "$1" "$2"
	(cd "$live" && find . -path ./.sandferry -prune -o -type f -print) \
	    >"$tmp/names"
	while read -r name; do
		cmp -s "$live/$name" "$site/$name" ||
		    cmp -s "$live/$name" "$tmp/before/$name" ||
		    fail "$1 $2: half of $name is live"
	done <"$tmp/names"
}

for where in 'STOR stage/' 'RNTO many/5' 'DELE about'; do
	cp -a "$ftp_root" "$tmp/saved"
	cp -a "$HOME" "$tmp/saved-home"
	# shellcheck disable=SC2086 # words
	half_done $where
	published
	same_tree "$site" "$live"
	[ ! -e "$live/.sandferry/lock" ] || fail 'the lock is still there'
	rm -rf "$ftp_root" "$HOME"
	mv "$tmp/saved" "$ftp_root"
	mv "$tmp/saved-home" "$HOME"
done

# whoever did not start it waits
half_done RNTO many/5
cp -a "$HOME" "$tmp/saved-home"
new_machine
publish
expect_exit 33
expect_words
rm -rf "$HOME"
mv "$tmp/saved-home" "$HOME"
# until the lock is old by the server's clock
touch -d '-11 minutes' "$live/.sandferry/lock/owner" "$live/.sandferry/lock"
new_machine
published
expect_text 'took over a lock'
same_tree "$site" "$live"

# half of the server dies: another session does what that one did not
fresh() {
	afresh
	published
	for i in 1 2 3; do
		echo "$1 $i" >"$site/many/$i.html"
	done
	echo "body { margin: $1 }" >"$site/css/site.css"
	rm -rf "$site/gone"
}
mkdir "$site/gone"
echo gone >"$site/gone/gone.html"
fresh 1
ftp_rules 'RNTO /many/2 1 say 500 OOPS: priv_sock_get_cmd' \
    'RMD /gone 1 say 500 OOPS: priv_sock_get_cmd'
published
whole

# a page stays old while what it needs cannot be replaced
fresh 2
cp "$site/many/3.html" "$tmp/3.html"
ftp_rules 'RNTO /css/site.css * say 553 no'
publish
expect_exit 51
! cmp -s "$tmp/3.html" "$live/many/3.html" || fail 'a page came first'
ftp_rules
published
whole
