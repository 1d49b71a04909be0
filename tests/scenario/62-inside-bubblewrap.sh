# Goal: a publish from within a sandbox like Flatpak's, with the network, the
# folders of the app and two documents that the user chose, and nothing else.
# Our own walls stand inside it, all that is kept lies in the app's folders, and
# what is out of reach is said with the command that grants it.
. tests/scenario/lib.sh
command -v bwrap >/dev/null || skip 'no bwrap (bubblewrap)'
bwrap --unshare-all --share-net --ro-bind / / true 2>/dev/null ||
    skip 'bubblewrap may not make namespaces here'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer opens files of its own' ;;
esac
python3 tests/scenario/filter.py flatpak >"$tmp/filter" 2>/dev/null ||
    skip 'no filter for this machine'

app=org.example.Ferry
home=/home/somebody
own=$home/.var/app/$app
documents=/run/user/$(id -u)/doc
mkdir -p "$tmp/own" "$tmp/app"
cp "$FERRY" "$BIN/sandferry-worker" "$tmp/app/"
printf 'somebody:x:%s:%s::%s:/bin/sh\n' "$(id -u)" "$(id -g)" "$home" \
    >"$tmp/passwd"

# info SHARED: what Flatpak would say about the app
info() {
	cat >"$tmp/info" <<-END
	[Application]
	name=$app
	runtime=runtime/org.freedesktop.Platform/x86_64/23.08

	[Instance]
	instance-id=1234567

	[Context]
	shared=$1
	END
}

# inside COMMAND...: in the app; $net is --share-net or nothing.
inside() {
	bwrap --unshare-all $net --die-with-parent --new-session --clearenv \
	    --ro-bind /usr /usr --symlink usr/lib /lib \
	    --symlink usr/bin /bin --ro-bind-try /lib64 /lib64 \
	    --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache \
	    --proc /proc --dev /dev --tmpfs /tmp --tmpfs "$home" \
	    --ro-bind "$tmp/app" /app/bin \
	    --bind "$tmp/own" "$own" \
	    --ro-bind "$site" "$documents/1a2b3c4d/site" \
	    --ro-bind "$key" "$documents/5e6f7a8b/key" \
	    --ro-bind-data 3 /.flatpak-info --ro-bind-data 4 /etc/passwd \
	    --seccomp 5 --cap-drop ALL --chdir "$home" \
	    --setenv HOME "$home" --setenv PATH /app/bin:/usr/bin \
	    --setenv XDG_RUNTIME_DIR "/run/user/$(id -u)" \
	    --setenv XDG_CONFIG_HOME "$own/config" \
	    --setenv XDG_DATA_HOME "$own/data" \
	    --setenv XDG_CACHE_HOME "$own/cache" \
	    --setenv XDG_STATE_HOME "$own/.local/state" \
	    --setenv FLATPAK_ID "$app" "$@" \
	    >"$tmp/out" 2>"$tmp/err" 3<"$tmp/info" 4<"$tmp/passwd" \
	    5<"$tmp/filter" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

publish_inside() {
	inside sandferry publish --json --no-input --url "$url" \
	    --source "$documents/1a2b3c4d/site" "$@"
}

small_site
start_sshd
info 'network;'
net=--share-net

# ---- Where are we? ----------------------------------------------------------

inside sandferry explain --json --url "$url"
expect_exit 0
expect_text "\"sandbox\":\"Flatpak\",\"name\":\"$app\",\"evidence\":\"/.flatpak-info\""
expect_text '"filtered":true,"no_new_privs":true'
for path in data/sandferry config/sandferry .local/state/sandferry/; do
	expect_match "\"name\":\"(own|access).*\"path\":\"$own/$path"
done
# bubblewrap takes none of our walls away
"$FERRY" explain --json --url "$url" >"$tmp/outside"
for what in landlock seccomp; do
	sed -n "s/.*\"type\":\"surroundings\".*\"\($what\":[^,]*\).*/\1/p" \
	    "$tmp/out" >"$tmp/a"
	sed -n "s/.*\"type\":\"surroundings\".*\"\($what\":[^,]*\).*/\1/p" \
	    "$tmp/outside" | cmp -s - "$tmp/a" || fail "no $what inside"
done

# ---- A publish --------------------------------------------------------------

inside sandferry host trust --no-input --url "$url" \
    --hostkey "$(fingerprint "$host_key")"
expect_exit 0
grep -q "^\[127.0.0.1\]:$port " "$tmp/own/data/sandferry/known_hosts" ||
    fail 'the host key is not in the folder of the app'
mkdir -p "$tmp/own/config/sandferry"
echo 'fallback-known-hosts = none' >"$tmp/own/config/sandferry/access.ini"
chmod 600 "$tmp/own/config/sandferry/access.ini"
publish_inside --key "$documents/5e6f7a8b/key"
expect_exit 0
expect_count sent 6
expect_no_match '"id":"wall'
expect_match '"type":"wall"'
same_tree "$site" "$htdocs"
[ -n "$(find "$tmp/own/.local/state/sandferry" -type f)" ] ||
    fail 'nothing is kept in the folder of the app'
# the state is found again
publish_inside --key "$documents/5e6f7a8b/key"
expect_exit 0
expect_count sent 0

# our own walls, and not only the app's: a filter for the command as well, and a
# third one for the worker
cat >"$tmp/app/look" <<'END'
#!/bin/sh
# look PROGRAM...: run it, show what holds its worker as soon as all filters do
"$@" &
until grep -l '^Name:.sandferry-worke' /proc/[0-9]*/status >/tmp/found \
    2>/dev/null && grep -q '^Seccomp_filters:.3' $(head -n 1 /tmp/found); do
	kill -0 $! 2>/dev/null || exit 1
done
grep -E '^(Seccomp|NoNewPrivs|CapEff|CapBnd)' $(head -n 1 /tmp/found) >&2
grep '^Seccomp_filters' /proc/$!/status | sed 's/^/command /' >&2
kill $!
END
chmod 755 "$tmp/app/look"
if grep -q '^Seccomp_filters:' /proc/self/status; then
	start_peer silence
	silent=sftp://me@127.0.0.1:$peer_port/srv
	inside look sandferry publish --no-input --url "$silent" \
	    --source "$documents/1a2b3c4d/site" \
	    --key "$documents/5e6f7a8b/key"
	expect_match '^Seccomp_filters:.3$' "$tmp/err"
	expect_match '^command Seccomp_filters:.2$' "$tmp/err"
	expect_match '^NoNewPrivs:.1$' "$tmp/err"
	expect_match '^CapBnd:.0000000000000000$' "$tmp/err"
	stop_peer
fi

# ---- Out of reach -----------------------------------------------------------

publish_inside --key "$home/.ssh/id"
expect_exit 14
expect_words
summary hint | grep -Fq "flatpak override --user --filesystem=$home/.ssh/id:ro $app" ||
    fail "the hint is: $(summary hint)"
inside sandferry publish --json --no-input --url "$url" \
    --key "$documents/5e6f7a8b/key" --source /srv/site
expect_exit 41
summary hint | grep -Fq "flatpak override --user --filesystem=/srv/site:ro $app" ||
    fail "the hint is: $(summary hint)"
inside sandferry plan -vv --no-input --url "$url" \
    --key "$documents/5e6f7a8b/key" --source "$documents/1a2b3c4d/site" \
    --fallback-known-hosts "$home/.ssh/known_hosts"
expect_exit 0
expect_text "flatpak override --user --filesystem=$home/.ssh/known_hosts:ro $app"

# ---- Without the network ----------------------------------------------------

info ''
net=
inside sandferry explain --url "$url"
expect_exit 0
expect_match '^inside .*without network$'
publish_inside --key "$documents/5e6f7a8b/key"
expect_exit 20
expect_words
summary hint | grep -Fq "flatpak override --user --share=network $app" ||
    fail "the hint is: $(summary hint)"
