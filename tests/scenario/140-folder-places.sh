# Goal: what an application keeps is never published, nor kept where visitors
# look; a name that the folder's file system cannot hold is refused before
# anything is staged; blocks are shared where they can be; a subvolume inside
# the folder is seen before the commit.
. tests/scenario/lib.sh
small_site
url=file://$htdocs
worker=$BIN/sandferry-worker

# embedded STORAGE URL CODE OUTCOME
embedded() {
	"$PEERS/bundled" publish "$1" "$site" "$2" "$worker" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	expect_exit "$3"
	expect_outcome "$4"
	expect_words
}

mkdir "$site/app" "$htdocs/app" "$tmp/app"
embedded "$site/app" "$url" 41 storage_in_source
embedded "$site/app" "ftp://me@127.0.0.1:9/site" 41 storage_in_source
rm -r "$site/app"
embedded "$htdocs/app" "$url" 41 storage_in_folder
rm -r "$htdocs/app"
[ -z "$(ls -A "$htdocs")" ] || fail 'something was written'

publish() {
	ferry publish --source "$site" --url "$url" --json "$@"
}

# whatever a name holds, where it can be held
for odd in 'a:b.html' 'what?.html' 'end.' "$(printf 'a\001b')" 'x|y/page.html'; do
	mkdir -p "$site/$(dirname "$odd")"
	echo odd >"$site/$odd"
done
published
same_tree "$site" "$htdocs"
ls -A "$htdocs/.sandferry" >"$tmp/side"
! grep probe "$tmp/side" || fail 'a probe was left behind'

# a file system with rules of its own
[ "$(id -u)" -eq 0 ] || exit 0
ntfs=${OUT:-out}/case-blind
disk=$tmp/disk
mkdir "$disk"
if [ -x "$ntfs/bin/lowntfs-3g" ]; then
	LD_LIBRARY_PATH=$(dirname "$(find "$ntfs" -name 'libntfs-3g.so.*' |
	    head -n 1)")
	export LD_LIBRARY_PATH
	truncate -s 16M "$tmp/image"
	"$ntfs/sbin/mkntfs" -q -F -f "$tmp/image" >/dev/null 2>&1 &&
	    "$ntfs/bin/lowntfs-3g" "$tmp/image" "$disk" \
		-o windows_names,permissions >/dev/null 2>&1 &&
	    mounted=$disk
	unset LD_LIBRARY_PATH
fi
url=file://$disk
if [ -n "$mounted" ]; then
	publish
	expect_exit 41
	expect_outcome name_for_server
	expect_words
	[ -z "$(ls -A "$disk/.sandferry/stage")" ] || fail 'it was staged'
	[ -z "$(ls "$disk")" ] || fail 'half of it was published'
	rm -r "$site/a:b.html" "$site/what?.html" "$site/end." "$site/a"?b \
	    "$site/x|y"
	published
	same_tree "$site" "$disk"
	umount "$disk" || fail 'somebody still holds the disk'
	mounted=
fi

# blocks are shared, with the source and within the folder
command -v mkfs.btrfs >/dev/null || skip 'no btrfs'
truncate -s 120M "$tmp/btrfs"
mkfs.btrfs -q "$tmp/btrfs" >/dev/null 2>&1 &&
    mount -o loop "$tmp/btrfs" "$disk" 2>/dev/null || skip 'no loop mount'
mounted=$disk
mkdir "$disk/site" "$disk/htdocs"
cp -a "$site/." "$disk/site"
site=$disk/site
htdocs=$disk/htdocs
url=file://$htdocs
big_file "$site/large.bin" 3000
cp --reflink=never "$site/large.bin" "$site/same.bin"
sync -f "$disk"
published
same_tree "$site" "$htdocs"
sync -f "$disk"
if command -v filefrag >/dev/null; then
	for file in large.bin same.bin; do
		filefrag -v "$htdocs/$file" | grep -q shared ||
		    fail "$file was copied"
	done
fi

# no mount, but another file system to whoever renames
btrfs -q subvolume create "$htdocs/other" || skip 'no btrfs tool'
mkdir "$site/other"
echo more >"$site/other/page.html"
publish
expect_exit 30 32
expect_words
[ -z "$(ls -A "$htdocs/other")" ] || fail 'another file system was entered'
btrfs -q subvolume delete "$htdocs/other" >/dev/null
published
same_tree "$site" "$htdocs"
