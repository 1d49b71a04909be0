# Goal: what the packages are made of agrees with the product: the archive has
# the same bytes each time, from the clone and from itself; debian/ knows each
# file that is installed, each exported name and the version.
# (`make packages-check' builds and uses them.)
. tests/scenario/lib.sh
command -v dpkg-parsechangelog >/dev/null || skip 'no dpkg-dev'
version=$("$FERRY" version | sed 's/^sandferry //')

[ -e .git ] || skip 'this is no clone'

dist() {
	${MAKE:-make} -s -C "$1" OUT="$2" dist >"$tmp/all" 2>&1 ||
	    fail "no archive: $(tail -n 3 "$tmp/all")"
}

dist . "$tmp/first"
sleep 1 # tar and gzip would note another second
(umask 077 && TZ=Asia/Tokyo LC_ALL=C dist . "$tmp/second")
archive=sandferry-$version.tar.gz
cmp "$tmp/first/$archive" "$tmp/second/$archive" ||
    fail 'the second archive is another one'
tar -xzf "$tmp/first/$archive" -C "$tmp"
unpacked=$tmp/sandferry-$version
chmod -R go= "$unpacked"
dist "$unpacked" "$unpacked/out"
cmp "$tmp/first/$archive" "$unpacked/out/$archive" ||
    fail 'what was unpacked makes another archive'
tar -tzf "$tmp/first/$archive" | sed "s|^sandferry-$version/||" |
    grep -v '/$\|^$' | LC_ALL=C sort >"$tmp/all"
git ls-tree -r --name-only HEAD | LC_ALL=C sort | diff - "$tmp/all" >"$tmp/diff" ||
    fail "the archive is not the commit: $(head -n 3 "$tmp/diff")"

# One version, one set of names.
[ "$(dpkg-parsechangelog -S Version | sed 's/-[^-]*$//')" = "$version" ] ||
    fail "debian/changelog is not about $version"
nm -D --defined-only "$BIN/libsandferry.so.0" |
    sed 's/.* //; s/@@/@/; s/^[A-Z_0-9]*$/&@&/' | LC_ALL=C sort >"$tmp/exported"
sed -n 's/^ \([^ ]*\) [0-9.]*$/\1/p' debian/libsandferry0.symbols |
    LC_ALL=C sort | diff - "$tmp/exported" >"$tmp/all" ||
    fail "debian/libsandferry0.symbols: $(cat "$tmp/all")"

# Each file that is installed is in one package, and none waits for a file.  (In
# other folders than debian/rules says: for those all would be built anew.)
${MAKE:-make} -s OUT="${BIN%/*}" BUILD="${BIN##*/}" DESTDIR="$tmp/dest" \
    install >"$tmp/all" 2>&1 || fail "not installed: $(tail -n 3 "$tmp/all")"
(cd "$tmp/dest" && find . ! -type d) | LC_ALL=C sort | sed 's|^\./||
	s|^usr/local|usr|
	s,^usr/lib/\(libsandferry\|pkgconfig\),usr/lib/x-y-z/\1,' |
    grep -v /COPYING.libssh2 >"$tmp/installed"
cat debian/*.install >"$tmp/patterns"
while read -r file; do
	takers=0
	while read -r pattern; do
		case $file in
		$pattern | $pattern/*) takers=$((takers + 1)) ;;
		esac
	done <"$tmp/patterns"
	[ $takers -eq 1 ] || fail "$takers of debian/*.install take $file"
done <"$tmp/installed"
while read -r pattern; do
	while read -r file; do
		case $file in
		$pattern | $pattern/*) continue 2 ;;
		esac
	done <"$tmp/installed"
	# Optional to build, but there it is.
	[ "${pattern##*/}" = sandferry-keyring ] ||
	    fail "debian/*.install: nothing is called $pattern"
done <"$tmp/patterns"

# What the manifest for Flatpak asks for is what is explained.
"$FERRY" explain --format flatpak --source "$site" \
    --url sftp://me@example.org/www | grep -v '^#' >"$tmp/all"
expect_match '--share=network'
sed -n '/^finish-args:/,/^$/p' share/packaging/flatpak.yml | sed '$d' |
    diff - "$tmp/all" >"$tmp/diff" || fail "flatpak.yml: $(cat "$tmp/diff")"
! command -v ruby >/dev/null || {
	ruby -c share/packaging/sandferry.rb >"$tmp/all" 2>&1 || fail 'no Ruby'
}
