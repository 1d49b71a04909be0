# Goal: the command gives up, before the server's first byte, all that the job
# does not need; the library does not do that to its host.
. tests/scenario/lib.sh
[ -x "$PEERS/sealed_hub" ] || skip 'no sealed_hub: make peers'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer traces and opens files of its own' ;;
esac
small_site
start_sshd
trust
mkdir -p -m 700 "$HOME/.ssh"
echo 'the other key' >"$HOME/.ssh/other_key"
mkdir -p "$HOME/.config/sandferry"
echo '# no grant is used' >"$HOME/.config/sandferry/access.ini"
chmod 600 "$HOME/.config/sandferry/access.ini"
sealed=$HOME/.local/share/sandferry/known_hosts

# tried sealed|open: what came of it, in $tmp/out
tried() {
	"$PEERS/sealed_hub" "$1" "$site" "$url" "$key" "$sealed" \
	    "$BIN/sandferry-worker" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	expect_exit 0
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

cp -R "$site" "$tmp/before"
tried sealed
expect_match '"type":"wall".*"self":\{[^}]*"landlock":[0-9]*,"seccomp":true'
grep -q '"self":{[^}]*"landlock":0' "$tmp/err" && skip 'no Landlock here'
[ "$(grep -c '^done' "$tmp/out")" -eq 3 ] ||
    fail "not only what it keeps: $(grep '^done' "$tmp/out")"
refused=$(grep -c '^refused' "$tmp/out")
same_tree "$tmp/before" "$site"

# without the seal, all of it works here: the targets live
tried open
expect_no_match '"self":'
grep '^refused' "$tmp/out" >"$tmp/dead"
printf '%s attacks, %s refused\n' \
    "$(grep -c -v -e 'read a page' -e 'read the key' -e 'its known' \
    "$tmp/out")" "$refused"
cat "$tmp/dead"
