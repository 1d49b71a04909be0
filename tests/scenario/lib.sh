# lib.sh: what the scenarios share.  POSIX sh; sourced, with the root of the
# repository as the current folder.
#
# Everything lies in $tmp, which goes at the end: the site, the server with
# keys and configuration of its own on a free port of the loopback interface,
# and the home folder that the programs see.  The first failed expectation ends
# the scenario and shows what was said.
#
#   BIN        the programs under test (out/release)
#   SSHD       the server; SFTP_SERVER its sftp-server
#   KEEP=1     leave $tmp behind
#   EVENTS     a folder for all that --json tells, which tests/tools/events.py
#              holds to the schema; what a scenario makes up it removes again
# shellcheck shell=sh
set -u

# Scenarios are started from anywhere.
[ -e tests/scenario/lib.sh ] || {
	echo 'start it in the root of the repository' >&2
	exit 2
}
case ${BIN:=${OUT:-out}/${BUILD:-release}} in
/*) ;;
*) BIN=$PWD/$BIN ;;
esac
FERRY=${FERRY:-$BIN/sandferry}
PEERS=${PEERS:-$BIN/tests/peers}
SSHD=${SSHD:-$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd)}
SFTP_SERVER=${SFTP_SERVER:-/usr/lib/openssh/sftp-server}

skip() {
	printf '%s\n' "$*"
	exit 77
}

[ -x "$FERRY" ] || skip "no $FERRY"
[ -x "$SSHD" ] || skip 'no sshd'

tmp=$(mktemp -d "${TMPDIR:-/tmp}/sandferry-test.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
started=   # pids of what we started, and have to end
mounted=   # and to unmount

# Of the last run, unless it told none.
keep_events() {
	[ "${EVENTS:-}" ] && [ -s "$tmp/out" ] || return 0
	IFS= read -r _told <"$tmp/out"
	case $_told in
	'{"v":1,'* | connect*)
		LC_ALL=C grep -ah "$event" "$tmp/out" >>"$EVENTS/$scenario"
		;;
	esac
}
event='^{"v":1,"type":.*}$'
scenario=$(echo "${0##*tests/}" | tr / .)

# What was told in the background, and what was kept of the runs.
keep_other_events() {
	LC_ALL=C find "$tmp" -xdev \( -path "$site" -o -path "$htdocs" -o \
	    -name .sandferry \) -prune -o -type f -size -64M \
	    \( ! -path "$tmp/*/*" -o -path '*/runs/*.ndjson' \) \
	    -exec grep -ahs "$event" {} + >>"$EVENTS/$scenario"
}

clean_up() {
	trap - EXIT
	for pid in $started; do
		kill "$pid" 2>/dev/null
	done
	wait
	# Who served one may have unmounted it, and not everybody is root.
	for place in $mounted; do
		umount "$place" || umount -l "$place" ||
		    fusermount3 -uz "$place"
	done 2>/dev/null
	[ -z "${EVENTS:-}" ] || keep_other_events
	if [ "${KEEP:-}" = 1 ]; then
		printf 'left behind in %s\n' "$tmp" >&2
	else
		rm -rf "$tmp"
	fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

HOME=$tmp/home
export HOME
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME \
    SSH_AUTH_SOCK NO_COLOR
mkdir -p "$HOME" "$tmp/server" "$tmp/htdocs" "$tmp/site"
chmod 755 "$tmp"

site=$tmp/site
htdocs=$tmp/htdocs # what visitors see
key=$tmp/key
fallback=none
memory= # of each program, in KiB; a sanitizer needs terabytes
port=
rc=0

# ---- Expectations -----------------------------------------------------------

fail() {
	printf 'FAILED: %s\n' "$*"
	printf 'last run: exit %s\n' "$rc"
	tail -n 20 "$tmp/out" "$tmp/err" "$tmp/server/log" 2>/dev/null
	exit 1
}

# expect_exit CODE...: the last run ended with one of these.
expect_exit() {
	keep_events
	for code; do
		[ "$rc" -ne "$code" ] || return 0
	done
	fail "exit $rc instead of $*"
}

# expect_outcome ID...: so says the summary.
expect_outcome() {
	was=$(summary outcome)
	for id; do
		[ "$was" != "$id" ] || return 0
	done
	fail "outcome $was instead of $*"
}

# expect_count MEMBER N: of the summary.
expect_count() {
	[ "$(summary "$1")" = "$2" ] ||
	    fail "$1 is $(summary "$1") instead of $2"
}

# expect_match PATTERN [FILE]: an extended regular expression is in it.
expect_match() {
	grep -Eq -- "$1" "${2:-$tmp/all}" || fail "nothing says: $1"
}

# expect_text WORDS: exactly these were said.
expect_text() {
	grep -Fq -- "$1" "$tmp/all" || fail "nothing says: $1"
}

expect_no_match() {
	! grep -Eq -- "$1" "${2:-$tmp/all}" || fail "something says: $1"
}

# A failure is one line that says what happened, one that says what to do.
expect_words() {
	[ "$(grep -c '"type":"summary"' "$tmp/out")" -eq 1 ] ||
	    fail 'there is not exactly one summary'
	tail -n 1 "$tmp/out" | grep -q '"type":"summary"' ||
	    fail 'the summary does not come last'
	[ -n "$(summary text)" ] || fail 'no words'
	[ -n "$(summary hint)" ] || fail "no hint: $(summary text)"
	! LC_ALL=C grep -q '[[:cntrl:]]' "$tmp/out" ||
	    fail 'control characters are shown'
}

# same_tree A B: the same names, kinds and bytes; ours are left out.
same_tree() {
	diff -r -x .sandferry "$1" "$2" >"$tmp/diff" 2>&1 ||
	    fail "the trees differ: $(head -n 5 "$tmp/diff")"
}

# ---- The product ------------------------------------------------------------

# ferry VERB...: run it; its exit status is in $rc, what it said in $tmp/out,
# $tmp/err and, together, $tmp/all.
ferry() {
	(
		[ -z "$memory" ] || ulimit -v "$memory"
		exec "$FERRY" "$@" --fallback-known-hosts "$fallback" \
		    --no-input >"$tmp/out" 2>"$tmp/err" </dev/null
	)
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	keep_events
	case $rc in
	13[4-9]) fail 'it crashed' ;;
	esac
	! grep -q 'Sanitizer' "$tmp/all" || fail 'a sanitizer speaks'
}

# publish [OPTION...]: the site to the server, telling it as JSON.
publish() {
	ferry publish --source "$site" --url "$url" --key "$key" --json "$@"
}

published() {
	publish "$@"
	expect_exit 0
}

# summary MEMBER: of the last run with --json.
summary() {
	sed -n '/"type":"summary"/{
		s/.*"'"$1"'":"\(\([^"\\]\|\\.\)*\)".*/\1/p
		t
		s/.*"'"$1"'":\([^",}]*\).*/\1/p
	}' "$tmp/out"
}

# Who trusts the server needs no --hostkey.
trust() {
	ferry host trust --url "$url" --hostkey "$(fingerprint "$host_key")"
	expect_exit 0
}

fingerprint() {
	ssh-keygen -lf "$1.pub" | cut -d ' ' -f 2
}

# A machine that was never here: no state, but the key is known.
new_machine() {
	rm -rf "$HOME/.local/state"
}

# ---- The server -------------------------------------------------------------

# make_key FILE TYPE [BITS] [PASSPHRASE]
make_key() {
	rm -f "$1" "$1.pub"
	ssh-keygen -q -f "$1" -t "$2" ${3:+-b "$3"} -N "${4:-}" ||
	    skip "ssh-keygen makes no $2 keys"
}

# Wait until COMMAND is true, for half a minute at most.
wait_for() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.05
	done
}

sshd_answers() {
	grep -q '^Server listening' "$tmp/server/log" ||
	    ! kill -0 "$sshd_pid" 2>/dev/null
}

# Set up once: keys, an account, a free port.
make_server() {
	host_key=$tmp/server/host
	[ -e "$host_key" ] || make_key "$host_key" ed25519
	[ -e "$key" ] || make_key "$key" ed25519
	cat "$key.pub" >"$tmp/server/authorized_keys"
	user=${user:-$(id -un)}
	subsystem=${subsystem:-$SFTP_SERVER}
	pam=no
	if [ "$(id -u)" -eq 0 ]; then
		[ -d /run/sshd ] || mkdir -m 755 /run/sshd
		# Without PAM it refuses an account that has no password.
		case $(passwd -S "$user" 2>/dev/null) in
		*' L '*) pam=yes ;;
		esac
	fi
}

# start_sshd [LINE...]: with these lines of configuration, before all others.
# SHLVL: a shell that is not the first one leaves the account's .bashrc alone,
# which may take its time, and wait for that of another session.
start_sshd() {
	[ -n "${host_key:-}" ] || make_server
	{
		[ $# -eq 0 ] || printf '%s\n' "$@"
		cat <<-END
		ListenAddress 127.0.0.1
		HostKey $host_key
		PidFile none
		LogLevel VERBOSE
		AuthorizedKeysFile $tmp/server/authorized_keys
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		StrictModes no
		SetEnv SHLVL=1
		UsePAM $pam
		Subsystem sftp $subsystem
		END
	} >"$tmp/server/config"
	last=$((${port:-$((20000 + $$ % 20000))} + 1000))
	wanted=$port
	: "${port:=$((last - 1000))}"
	while ! try_sshd; do
		port=$((port + 37))
		[ -z "$wanted" ] && [ $port -lt $last ] ||
		    fail "sshd does not start: $(tail -n 3 "$tmp/server/log")"
	done
	url=sftp://$user@127.0.0.1:$port$htdocs
}

try_sshd() {
	: >"$tmp/server/log"
	"$SSHD" -D -e -f "$tmp/server/config" -p "$port" \
	    2>"$tmp/server/log" &
	sshd_pid=$!
	wait_for sshd_answers && kill -0 "$sshd_pid" 2>/dev/null || return 1
	started="$started $sshd_pid"
}

stop_sshd() {
	kill "$sshd_pid" 2>/dev/null
	wait "$sshd_pid" 2>/dev/null
	# the number may be somebody else's by the time we clean up
	started=$(echo "$started " | sed "s/ $sshd_pid / /")
}

# A server whose packets are tampered with: rules LINE... says how, from the
# next session on.
start_proxy() {
	[ -x "$PEERS/sftp_proxy" ] || skip 'no sftp_proxy: make peers'
	subsystem="$PEERS/sftp_proxy $tmp/rules $SFTP_SERVER"
	rules
	start_sshd "$@"
}

rules() {
	printf '%s\n' "log $tmp/requests" "$@" >"$tmp/rules"
	: >"$tmp/requests"
}

# start_peer HOW: a server that is no good SSH server, on $peer_port.
start_peer() {
	[ -x "$PEERS/tcp_peer" ] || skip 'no tcp_peer: make peers'
	: >"$tmp/peer"
	"$PEERS/tcp_peer" "$1" >"$tmp/peer" &
	peer_pid=$!
	started="$started $peer_pid"
	wait_for test -s "$tmp/peer" || fail "the peer $1 does not start"
	peer_port=$(cat "$tmp/peer")
}

stop_peer() {
	kill "$peer_pid" 2>/dev/null
	wait "$peer_pid" 2>/dev/null
}

# ---- Sites ------------------------------------------------------------------

# A handful of files of every kind.
small_site() {
	mkdir -p "$site/css" "$site/deep/er"
	printf '<h1>Home</h1>\n' >"$site/index.html"
	printf '<h1>About</h1>\n' >"$site/about.html"
	printf 'body { margin: 2em }\n' >"$site/css/site.css"
	printf '<h1>Deep</h1>\n' >"$site/deep/er/page.html"
	: >"$site/empty"
	big_file "$site/picture.bin" 300
}

# big_file FILE KIB [SEED]: bytes that repeat nowhere, the same ones each time.
big_file() {
	openssl enc -aes-128-ctr -nosalt -K "$(printf '%032d' "${3:-1}")" \
	    -iv 00000000000000000000000000000000 -in /dev/zero 2>/dev/null |
	    head -c "$2"k >"$1"
}

# many_files COUNT: in folders of a hundred.
many_files() {
	awk -v dir="$site" -v count="$1" 'BEGIN {
		for (i = 0; i < count; i++) {
			if (i % 100 == 0)
				system("mkdir -p \"" dir "/" int(i / 100) "\"")
			file = dir "/" int(i / 100) "/page " i ".html"
			print "<h1>Page " i "</h1>" > file
			close(file)
		}
	}'
}

# Each file that visitors see is one of the site or one of this older copy.
expect_whole() {
	(cd "$htdocs" && find . -name .sandferry -prune -o -type f -print) \
	    >"$tmp/whole"
	while IFS= read -r file; do
		cmp -s "$htdocs/$file" "$site/$file" ||
		    cmp -s "$htdocs/$file" "$1/$file" ||
		    fail "visitors see half of $file"
	done <"$tmp/whole"
	(cd "$1" && find . -name .sandferry -prune -o -type f -print) \
	    >"$tmp/whole"
	while IFS= read -r file; do
		[ -e "$htdocs/$file" ] || [ ! -e "$site/$file" ] ||
		    fail "visitors miss $file"
	done <"$tmp/whole"
}

# What visitors see, in one word.
live() {
	(cd "$htdocs" && find . -name .sandferry -prune -o -type f -print0 |
	    LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum)
}

# Every name and inode with its times and modes, ours too.
fingerprint_of() {
	(cd "$1" && find . -printf '%p %y %i %s %m %T@ %C@\n' | LC_ALL=C sort)
}
