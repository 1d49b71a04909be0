# Goal: a site file publishes to no folder that its user has not granted it,
# and to the granted one only; never into the source; what a disk refuses is
# said in words.
. tests/scenario/lib.sh
small_site
url=file://$htdocs
cat >"$tmp/sandferry.ini" <<-END
	source = site
	[production]
	url = $url
END

publish() {
	ferry publish -c "$tmp/sandferry.ini" --json "$@"
}

refused() {
	expect_exit "$1"
	expect_outcome "$2"
	expect_words
	[ -z "$(ls -A "$htdocs")" ] || fail 'something was written'
}

state() {
	ferry access list --json
	expect_match "\"type\":\"grant\".*\"state\":\"$1\".*\"url\":\"$url\""
}

# no default, no leave; the hint can be typed
publish
refused 14 folder_not_granted
expect_text "access add --config $tmp/sandferry.ini --target production"
expect_text "--folder $htdocs"
ferry access add -c "$tmp/sandferry.ini" --folder "$tmp/site"
expect_exit 2
ferry access add -c "$tmp/sandferry.ini"
expect_exit 2

# granted; but not another folder of that name, nor an edited grant
ferry access add -c "$tmp/sandferry.ini" --folder "$htdocs"
expect_exit 0
state good
mv "$htdocs" "$tmp/moved"
publish
expect_exit 14
expect_outcome grant_moved
state moved
mkdir "$htdocs"
publish
refused 14 grant_stale
state replaced
rmdir "$htdocs"
ln -s "$tmp/moved" "$htdocs"
publish
refused 14 grant_stale
rm "$htdocs"
mv "$tmp/moved" "$htdocs"
access=$HOME/.config/sandferry/access.ini
cp "$access" "$tmp/access"
sed 's/^identity = .*/identity = 1:2/' "$tmp/access" >"$access"
publish
refused 14 grant_forged
cp "$tmp/access" "$access"
published
same_tree "$site" "$htdocs"
ferry access remove -c "$tmp/sandferry.ini"
expect_exit 0
publish
expect_exit 14
[ -d "$htdocs" ] || fail 'the folder is gone'

# never into the source, nor around it
typed() {
	ferry publish --source "$site" --url "$1" --json
	expect_exit "$2"
	expect_outcome "$3"
	expect_words
}
typed "file://$site" 41 folder_is_source
typed "file://$site/deep" 41 folder_in_source
typed "file://$tmp" 41 source_in_folder
ln -s "$site/deep" "$tmp/alias"
typed "file://$tmp/alias" 41 folder_in_source
[ ! -e "$tmp/.sandferry" ] && [ ! -e "$site/.sandferry" ] &&
    [ ! -e "$site/deep/.sandferry" ] || fail 'something was written'

# not there, no folder, not ours
typed "file://$tmp/none" 20 folder_missing
typed "file://$site/index.html" 20 folder_none

# a disk: read-only, full, another one inside, gone
[ "$(id -u)" -eq 0 ] || exit 0
disk=$tmp/disk
mkdir "$disk"
mount -t tmpfs -o size=600k tmpfs "$disk" 2>/dev/null || exit 0
mounted="$mounted $disk"
typed2() {
	ferry publish --source "$site" --url "file://$disk" --json
}
big_file "$site/large.bin" 2000
typed2
expect_exit 31
expect_words
rm "$site/large.bin"
typed2
expect_exit 0
same_tree "$site" "$disk"
echo '<p>More' >>"$site/index.html"
mount -o remount,ro "$disk"
typed2
expect_exit 30
expect_outcome folder_read_only
expect_words
mount -o remount,rw "$disk"
mkdir -p "$disk/deep"
mount -t tmpfs tmpfs "$disk/deep"
mounted="$disk/deep $mounted"
echo '<p>More' >>"$site/deep/er/page.html"
typed2
expect_exit 30 32
expect_words
[ -z "$(ls -A "$disk/deep")" ] || fail 'another file system was entered'
umount "$disk/deep"
typed2
expect_exit 0
same_tree "$site" "$disk"
