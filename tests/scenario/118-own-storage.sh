# Goal: an application that names a folder for what is kept, the site's folder
# and the helper, all by descriptor but the last, has all its files there.  The
# environment and the user's home are a trap: nothing in it is looked at.
. tests/scenario/lib.sh
small_site
start_sshd
worker=$BIN/sandferry-worker
storage=$tmp/storage
snare=$tmp/trap
good=$(fingerprint "$host_key")
real=$(getent passwd "$(id -u)" | cut -d : -f 6)
mkdir "$storage"

# Where a command would look: what is wrong there would be said, what is right
# there would make questions needless.
mkdir -p "$snare/home/.ssh" "$snare/tmp" "$snare/credentials"
for place in home/.config home/.local/share home/.local/state config data \
    state; do
	mkdir -p "$snare/$place/sandferry"
	echo 'no such = key' >"$snare/$place/sandferry/access.ini"
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d ' ' -f 1,2 "$host_key.pub")" |
	    tee "$snare/$place/sandferry/known_hosts" >"$snare/home/.ssh/known_hosts"
done
cp "$key" "$snare/credentials/key"

tracer=
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	case $BIN in
	*/asan | */tsan) ;;
	*) tracer="strace -f -qq -s 300 -e trace=file -A -o $tmp/files" ;;
	esac
fi

# embedded VERB ARGUMENT...: from a folder that is nobody's
embedded() {
	verb=$1
	shift
	# shellcheck disable=SC2086 # several words
	(cd / && env -i HOME="$snare/home" XDG_CONFIG_HOME="$snare/config" \
	    XDG_DATA_HOME="$snare/data" XDG_STATE_HOME="$snare/state" \
	    XDG_CACHE_HOME="$snare/cache" XDG_RUNTIME_DIR="$snare/run" \
	    TMPDIR="$snare/tmp" CREDENTIALS_DIRECTORY="$snare/credentials" \
	    SSH_ASKPASS="$snare/askpass" SSH_AUTH_SOCK="$snare/agent" \
	    FLATPAK_ID=org.example.Trap SNAP="$snare" TERM=xterm LC_ALL=C \
	    $tracer "$PEERS/bundled" "$verb" "$storage" "$site" "$url" \
	    "$worker" "$@") >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

find "$snare" -exec stat -c '%n %i %s %Y %Z' {} + | sort >"$tmp/before"

# nobody says that this is the server's key
embedded publish key="$key"
expect_exit 11
expect_match '"type":"question"'
[ ! -e "$storage/known_hosts" ] || fail 'a key was recorded that nobody took'

embedded publish key="$key" hostkey="$good"
expect_exit 0
same_tree "$site" "$htdocs"
expect_match "^\\[127.0.0.1\\]:$port " "$storage/known_hosts"
[ "$(stat -c %a "$storage/known_hosts")" = 600 ] || fail 'known_hosts is not private'
ls "$storage"/state/*/ledger >/dev/null || fail 'no copy of the ledger'
ls -d "$storage"/state/*/source >/dev/null || fail 'no cache of the source'

# by grant; inside the walls of the hub, too
embedded grant key="$key"
expect_exit 0
expect_match '^key = ' "$storage/access.ini"
[ "$(stat -c %a%s "$storage/app-secret")" = 60032 ] || fail 'no secret of its own'
echo new >"$site/new.html"
embedded publish sealed
expect_exit 0
expect_no_match '"type":"question"'
expect_count added 1
same_tree "$site" "$htdocs"
expect_match '^used = ' "$storage/access.ini"

# the other verbs find it there, too
embedded check
expect_exit 0
expect_match '"the source can be read"' "$tmp/out"
embedded explain
expect_exit 0
expect_match "\"path\":\"$storage/known_hosts\"" "$tmp/out"
expect_match "\"path\":\"$site\"" "$tmp/out"
expect_no_match "$snare" "$tmp/out"

# messages name what is there
echo 'no such = key' >>"$storage/access.ini"
embedded publish
expect_exit 2
expect_match '^access.ini:[0-9]+: ' "$tmp/err"
rm "$storage/access.ini"
mv "$site" "$site.gone" && mkdir "$site"
embedded publish key="$key"
expect_exit 41
mv "$site.gone/index.html" "$site"

find "$snare" -exec stat -c '%n %i %s %Y %Z' {} + | sort >"$tmp/after"
cmp -s "$tmp/before" "$tmp/after" || fail 'something in the trap has changed'
[ -n "$tracer" ] || skip 'no strace: what was only looked at is not known'
expect_match '"known_hosts"' "$tmp/files"
grep -F -e "\"$snare" -e "\"$real/" "$tmp/files" >"$tmp/odd"
[ ! -s "$tmp/odd" ] || fail "$(head -n 5 "$tmp/odd")"
# and no path leads to what was handed over open; explain says where it is
grep -F -e "\"$storage" -e "\"$site" "$tmp/files" |
    grep -v -e 'execve(' -e 'readlink("/proc/self/fd/' -e \
	', O_RDONLY|O_DIRECTORY) = [0-9]*$' >"$tmp/odd"
[ ! -s "$tmp/odd" ] || fail "$(head -n 5 "$tmp/odd")"
