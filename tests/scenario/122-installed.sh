# Goal: an installed copy is all that an application needs: the example is
# built by pkg-config alone, with the shared library and with the static one;
# it asks, publishes, and says why it does not.  So does the one in Python;
# the one with a window is built.
. tests/scenario/lib.sh
command -v pkg-config >/dev/null || skip 'no pkg-config'
dest=$tmp/dest
small_site
start_sshd

${MAKE:-make} -s OUT="${BIN%/*}" BUILD="${BIN##*/}" DESTDIR="$dest" install \
    >"$tmp/all" 2>&1 || fail "not installed: $(tail -n 3 "$tmp/all")"
export PKG_CONFIG_SYSROOT_DIR="$dest"
export PKG_CONFIG_PATH="$dest/usr/local/lib/pkgconfig"

# Where the shells look for what completes our words.
share=$dest/usr/local/share
for shell in bash:bash-completion/completions/sandferry \
    zsh:zsh/site-functions/_sandferry \
    fish:fish/vendor_completions.d/sandferry.fish; do
	"$FERRY" completion "${shell%%:*}" | cmp -s - "$share/${shell#*:}" ||
	    fail "no completion in ${shell#*:}"
done

# What three places say is one version.
version=$(pkg-config --modversion sandferry)
[ "$("$FERRY" version | head -n 1)" = "sandferry $version" ] ||
    fail "the library is not $version"
grep -q "^#define FERRY_VERSION \"$version\"$" \
    "$dest/usr/local/include/sandferry.h" || fail "no $version in the header"

# build [--static]: strictly, for the header is read by strangers.
build() {
	cc $static -std=c11 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -pedantic \
	    -o "$tmp/minimal" examples/minimal.c \
	    $(pkg-config "$@" --cflags --libs sandferry) >"$tmp/all" 2>&1 ||
	    fail "not built: $(tail -n 3 "$tmp/all")"
}

# example PROGRAM ANSWER [CODE]: what it says is in $tmp/all, how it ends is what
# the job's error is.
example() {
	printf '%s\n' "$2" |
	    LD_LIBRARY_PATH="$dest/usr/local/lib" timeout 60 "$1" \
	    "$site" "$url" "$key" \
	    "$dest/usr/local/libexec/sandferry/sandferry-worker" \
	    >"$tmp/all" 2>&1
	rc=$?
	expect_exit "${3:-0}"
}

minimal() {
	example "$tmp/minimal" "$@"
}

# GTK is not in $dest.
gtk() {
	env -u PKG_CONFIG_SYSROOT_DIR pkg-config "$@" gtk4
}
if gtk --exists; then
	cc -Wall -Wextra -Werror -o "$tmp/builder" \
	    examples/builder/*.c $(pkg-config --cflags --libs sandferry) \
	    $(gtk --cflags --libs) >"$tmp/all" 2>&1 ||
	    fail "no builder: $(tail -n 3 "$tmp/all")"
fi

static=
build
LD_LIBRARY_PATH="$dest/usr/local/lib" ldd "$tmp/minimal" >"$tmp/all"
expect_match "libsandferry\\.so\\.0 => $dest"
expect_no_match 'libssh2|libcurl|libssl'
minimal no 11
expect_text 'has SHA256:'
expect_no_match 'files sent'
[ ! -e "$htdocs/index.html" ] || fail 'a no to the key was a yes'
minimal yes
expect_match '^index.html \(new\)'
expect_match '^[1-9][0-9]* files sent'
same_tree "$site" "$htdocs"

# The same in Python, of the shared library alone.
if command -v python3 >/dev/null; then
	rm -r "$HOME"/.local "$htdocs"/* "$htdocs/.sandferry"
	example examples/minimal.py no 11
	expect_text 'has SHA256:'
	expect_no_match 'files sent|Traceback'
	example examples/minimal.py yes
	expect_match '^index.html \(new\)'
	expect_match '^[1-9][0-9]* files sent'
	same_tree "$site" "$htdocs"
fi

# Our archive with shared libraries of others, and with nothing shared at all.
rm "$dest"/usr/local/lib/libsandferry.so*
for how in '' -static; do
	static=$how
	build --static
	ldd "$tmp/minimal" >"$tmp/all" 2>&1
	expect_no_match libsandferry
	echo more >>"$site/index.html"
	minimal yes
	expect_match '^1 files sent'
	same_tree "$site" "$htdocs"
done
