# Goal: `explain' tells each right with its reason, its path and who enforces
# it, gives up nothing itself, and prints manifests that those who read them
# accept, whatever the names are.  What the unit of systemd starts publishes.
. tests/scenario/lib.sh
command -v python3 >/dev/null || skip 'no python3'
real=$(getent passwd "$(id -u)" | cut -d : -f 6)

# explain [OPTION...]: of a site with a key and a fallback
explain() {
	(cd "$site" && exec "$FERRY" explain --key "$key" \
	    --fallback-known-hosts "$fallback" "$@") \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

# Lines that ask for something, as against those that say what is not.
asked() {
	grep -v '^ *#' "$tmp/out" | grep -v '<!--' >"$tmp/asked"
}

make_key "$key" ed25519
fallback=$tmp/known
: >"$fallback"
cat >"$site/sandferry.ini" <<END
source = public
[production]
url = sftp://me@[::1]:2222/srv/www
END
mkdir "$site/public"

# ---- The rights -------------------------------------------------------------

explain
expect_exit 0
for path in "$site/public" "$site/sandferry.ini" "$key" "$fallback" \
    "$HOME/.local/share/sandferry" "$HOME/.config/sandferry" \
    "$BIN/sandferry-worker" /dev/tty; do
	expect_text "  on        $path"
done
expect_text '  to        [::1]:2222'
expect_text 'command: the private key (read)'
expect_text '  why       the user selected it for this login'
expect_text '  without   there would be no login'

# every right of the table, and nothing else
explain --json
expect_exit 0
expect_count outcome ok
sed -n 's/.*"type":"right".*"name":"\([^"]*\)".*/\1/p' "$tmp/out" | sort -u \
    >"$tmp/told"
cc -Iinclude -I. -D_GNU_SOURCE -o "$tmp/rights" tests/tools/rights.c \
    confine/role.c || fail 'tests/tools/rights.c'
"$tmp/rights" names | sort -u | diff - "$tmp/told" ||
    fail 'other rights than those of the table'
[ "$(sed -n 's/.*"enforced":"\([a-z]*\)".*/\1/p' "$tmp/out" |
    grep -cv '^yes$\|^partly$\|^no$')" -eq 0 ] || fail 'enforced: what?'
# the limits are anybody's to set
expect_match '"name":"core dumps".*"enforced":"yes","by":"setrlimit"'
mv "$tmp/out" "$tmp/json"
explain --format json
sed 's/"seconds":[0-9.]*/"seconds":0/' "$tmp/json" >"$tmp/a"
sed 's/"seconds":[0-9.]*/"seconds":0/' "$tmp/out" | cmp -s - "$tmp/a" ||
    fail '--format json is not --json'
explain --json --format landlock
expect_exit 0
[ "$(summary outcome)" = ok ] || fail 'there is no summary'
expect_match '^{"v":1,"type":"line","text":".+"}$' "$tmp/out"

# nor a wall that was not asked for
explain --json --confine off
expect_exit 0
sed -n 's/.*"enforced":"yes","by":"\([^"]*\)".*/\1/p' "$tmp/out" | sort -u |
    diff - /dev/stdin <<'END' || fail 'a wall that is off'
setrlimit
END

# a kernel that lacks a wall is not said to have it
if command -v bwrap >/dev/null && bwrap --ro-bind / / true 2>/dev/null; then
	python3 tests/scenario/filter.py no-walls >"$tmp/filter" ||
	    skip 'no filter for this machine'
	(cd "$site" && bwrap --bind / / --dev /dev --seccomp 5 "$FERRY" \
	    explain --json 5<"$tmp/filter") >"$tmp/out" 2>"$tmp/err"
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	expect_exit 0
	expect_text '"landlock":0,"seccomp":false,"filtered":true'
	expect_text '"enforced":"no","by":"no seccomp filters in this kernel"'
	expect_no_match '"by":"Landlock'
fi

# ---- The manifests ----------------------------------------------------------

explain --format flatpak
expect_exit 0
asked
expect_match '^  - --share=network$' "$tmp/asked"
expect_match "^  - \"--filesystem=$fallback:ro\"\$" "$tmp/asked"
expect_no_match 'ssh-auth|=home|=host|device' "$tmp/asked"
fallback=$real/.ssh/known_hosts
explain --format flatpak
expect_text '  - "--filesystem=~/.ssh/known_hosts:ro"'

explain --format snap
expect_exit 0
asked
expect_match '^      - network$' "$tmp/asked"
expect_match '^    interface: personal-files$' "$tmp/asked"
expect_text '- "$HOME/.ssh/known_hosts"'
expect_no_match 'network-bind|ssh-keys' "$tmp/asked"

explain --format entitlements
expect_exit 0
python3 - "$tmp/out" <<'END' || fail 'the entitlements are not what they should be'
import plistlib, sys
p = plistlib.load(open(sys.argv[1], 'rb'))
s = 'com.apple.security.'
assert p == {
    s + 'app-sandbox': True, s + 'network.client': True,
    s + 'files.user-selected.read-only': True,
    s + 'files.bookmarks.app-scope': True,
    s + 'temporary-exception.files.home-relative-path.read-only':
        ['/.ssh/known_hosts'] }, p
END
fallback='/k & <n> --> x'
explain --format entitlements
python3 -c 'import plistlib, sys; assert ["/k & <n> --> x"] in \
    plistlib.load(open(sys.argv[1], "rb")).values()' "$tmp/out" ||
    fail 'a name breaks the entitlements'
fallback=none
for format in flatpak snap entitlements; do
	explain --format $format
	expect_exit 0
	asked
	expect_no_match 'filesystem|ssh-known-hosts|exception' "$tmp/asked"
done

explain --format landlock
expect_exit 0
expect_text "fs   read $site/public"
expect_text 'tcp  connect 2222'
sed -n '/^# sftp/,/^# ftp/p' "$tmp/out" | grep -v '^#' >"$tmp/odd"
[ ! -s "$tmp/odd" ] || fail 'a worker has rights on files or ports'

explain --format cups
expect_exit 2
expect_text 'Say text, json, flatpak, snap, entitlements, systemd or landlock.'

# before there is a site
(cd / && "$FERRY" explain --format flatpak) >"$tmp/out" 2>&1 ||
    fail 'nothing to explain without a site'
expect_match '^  - --share=network$' "$tmp/out"

# ---- systemd ----------------------------------------------------------------

unit=$tmp/sandferry-publish.service

# verify: as the manager reads it, without a word
verify() {
	explain --format systemd
	expect_exit 0
	cp "$tmp/out" "$unit"
	systemd-analyze verify "$unit" >"$tmp/all" 2>&1 ||
	    fail 'systemd-analyze verify fails'
	! grep -F "$unit" "$tmp/all" || fail 'systemd-analyze verify complains'
}

command -v systemd-analyze >/dev/null || skip 'no systemd-analyze (systemd)'
fallback=$tmp/known
verify
for line in 'SocketBindDeny=any' 'ProtectSystem=strict' 'LimitCORE=0' \
    "LoadCredential=key:$key" "LoadCredential=known_hosts:$fallback" \
    "BindReadOnlyPaths=\"$site/public\"" 'StateDirectory=sandferry' \
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK'; do
	grep -Fxq -- "$line" "$unit" || fail "the unit does not say $line"
done
odd="$tmp/100% \$HOME \\x \"quoted\" ; # é"
mv "$site" "$odd"
site=$odd
cp "$key" "$site/key"
key=$site/key
verify
grep -q 'BindReadOnlyPaths=.*"quoted".*/public' "$unit" ||
    fail 'the unit does not bind the site'
systemd-analyze security --offline=yes "$unit" >"$tmp/all" 2>&1 ||
    skip 'this systemd-analyze knows no security --offline'
tail -n 1 "$tmp/all"
exposure=$(sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p' "$tmp/all")
awk -v x="$exposure" 'BEGIN { exit !(x > 0 && x < 2) }' ||
    fail "the unit is exposed: $exposure"

# ---- What it starts ---------------------------------------------------------

bwrap --ro-bind / / true 2>/dev/null || skip 'no bwrap, or it may not'
rm "$site/key"
key=$tmp/key
start_sshd
printf 'source = public\nurl = %s\n' "$url" >"$site/sandferry.ini"
site=$site/public
small_site
echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 "$host_key.pub")" \
    >"$fallback"
verify
mkdir "$tmp/credentials" "$tmp/state"
# the manager's part: credentials, specifiers, folders, the filter
python3 - "$unit" "$tmp" <<'END' >"$tmp/start" || fail 'no command in the unit'
import re, shlex, shutil, sys
unit, tmp = open(sys.argv[1]).read(), sys.argv[2]
for name, path in re.findall('^LoadCredential=(\\w+):(.*)$', unit, re.M):
    shutil.copy(path.replace('%%', '%'), tmp + '/credentials/' + name)
line = re.search('^ExecStart=(.*)$', unit, re.M).group(1)
word = {'%%': '%', '$$': '$', '%d': tmp + '/credentials', '%S': tmp + '/state'}
def expand(s):
    return re.sub(r'%%|\$\$|%d|%S', lambda m: word[m.group()], s)
words = [expand(w) for w in shlex.split(line)]
state = re.search('^StateDirectory=(.*)$', unit, re.M).group(1)
env = ['STATE_DIRECTORY=' + tmp + '/state/' + state]
print('exec', shlex.join(['env', '-i', 'CREDENTIALS_DIRECTORY=' + tmp +
    '/credentials'] + env + words + ['--json']))
END
python3 tests/scenario/filter.py unit "$unit" >"$tmp/filter" ||
    skip 'no filter for this machine'
bwrap --unshare-user --bind / / --dev /dev --seccomp 5 --cap-drop ALL \
    sh "$tmp/start" >"$tmp/out" 2>"$tmp/err" 5<"$tmp/filter" </dev/null
rc=$?
cat "$tmp/out" "$tmp/err" >"$tmp/all"
expect_exit 0
same_tree "$site" "$htdocs"
# all of our own walls stand within the unit's
expect_no_match '"id":"wall'
expect_match '"type":"wall".*"landlock":[1-9].*"landlock":[1-9]'
[ -n "$(find "$tmp/state/sandferry" -type f)" ] || fail 'the state is elsewhere'
