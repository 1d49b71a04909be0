# Goal: whatever happens to a source, a target and a ledger, in whatever order, a
# plan says what differs, a publish does just that, an undo takes it back, and
# nothing of others' is lost.  In Python, by examples/minimal.py.
. tests/scenario/lib.sh
for python in python3 /usr/bin/python3 ''; do
	[ -z "$python" ] || ! "$python" -c 'import hypothesis' 2>/dev/null || break
done
[ -n "$python" ] || skip 'no hypothesis (package python3-hypothesis)'
case $BIN in
*/asan | */tsan) skip 'a sanitizer cannot be loaded later' ;;
esac

export BIN LD_LIBRARY_PATH="$BIN" TMPDIR="$tmp"
export PYTHONDONTWRITEBYTECODE=1
"$python" tests/property/run.py >"$tmp/all" 2>&1 || {
	rc=$?
	cat "$tmp/all"
	fail 'a property does not hold'
}
tail -n 1 "$tmp/all"
