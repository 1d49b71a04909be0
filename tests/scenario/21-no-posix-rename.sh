# Goal: a server that cannot replace by rename, or can do still less, gets the
# same site; a run cut off anywhere between loses no page.
# Long: many interruptions.
. tests/scenario/lib.sh
small_site
start_proxy
trust
published
change() {
	for file in index.html about.html css/site.css deep/er/page.html; do
		printf '<p>%s\n' "$1" >>"$site/$file"
	done
}

change one
rules 'strip posix-rename@openssh.com'
published
expect_count sent 4
grep -q '^RENAME' "$tmp/requests" || fail 'that was not the other way'
same_tree "$site" "$htdocs"

# nothing but version 3 itself
change two
rules 'strip posix-rename@openssh.com' 'strip statvfs@openssh.com' \
    'strip fstatvfs@openssh.com' 'strip hardlink@openssh.com' \
    'strip fsync@openssh.com' 'strip lsetstat@openssh.com' \
    'strip limits@openssh.com' 'strip expand-path@openssh.com' \
    'strip copy-data' 'strip home-directory' \
    'strip users-groups-by-id@openssh.com'
published
expect_count sent 4
same_tree "$site" "$htdocs"

# cut off at each rename in turn; the old file may wait aside meanwhile
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	change "cut $n"
	rules 'strip posix-rename@openssh.com' "cut RENAME $n 0"
	publish
	expect_exit 21
	rules 'strip posix-rename@openssh.com'
	published
	same_tree "$site" "$htdocs"
	expect_no_match "$site" "$tmp/requests"
done
! ls "$htdocs/.sandferry/kept" | grep aside || fail 'old files were left aside'

# refused at each rename in turn: the old one goes back
for n in 1 2 3 4 5 6; do
	change "no $n"
	rm -rf "$tmp/old"
	cp -a "$htdocs" "$tmp/old"
	rules 'strip posix-rename@openssh.com' "status RENAME $n 3 no"
	publish
	expect_exit 0 30 51
	expect_whole "$tmp/old"
	rules
	published
	same_tree "$site" "$htdocs"
done
