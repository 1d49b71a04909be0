# Goal: an application finds itself as it was when the library has published
# and is unloaded: descriptors, threads, signals, children, locale, umask,
# environment; nothing was printed.  Two jobs at once, and without 0, 1 and 2.
. tests/scenario/lib.sh
[ -x "$PEERS/manners" ] || skip 'no manners: make peers'
[ -d /proc/self/fd ] || skip 'no /proc'
library=$BIN/libsandferry.so.0
[ -e "$library" ] || skip "no $library"
small_site
start_sshd

# manners SITE...: nothing is wrong, and nothing is printed.
manners() {
	$closed "$PEERS/manners" "$library" "$BIN/sandferry-worker" "$key" \
	    "$(fingerprint "$host_key")" "$tmp/known_hosts" "$@" \
	    >"$tmp/out" 2>"$tmp/err" 3>"$tmp/all" </dev/null
	rc=$?
	[ ! -s "$tmp/all" ] || fail "$(cat "$tmp/all")"
	expect_exit 0
	[ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ] || fail 'it was printed'
}

closed=
manners "$site" "$url" "$tmp/state"
same_tree "$site" "$htdocs"

# Whatever is opened first becomes descriptor 0.
cat >"$tmp/closed" <<'END'
exec "$@" <&- >&- 2>&-
END
closed="sh $tmp/closed"
echo closed >"$site/closed.html"
manners "$site" "$url" "$tmp/state"
same_tree "$site" "$htdocs"
closed=

# Two servers at once.
first=$url
port=
htdocs=$tmp/second
mkdir "$htdocs"
start_sshd
cp -r "$site" "$tmp/site2"
echo two >"$tmp/site2/two.html"
echo one >"$site/one.html"
manners "$site" "$first" "$tmp/state" "$tmp/site2" "$url" "$tmp/state2"
same_tree "$site" "$tmp/htdocs"
same_tree "$tmp/site2" "$htdocs"
