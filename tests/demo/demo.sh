#!/bin/sh
# demo.sh: publish a sample site to a throwaway OpenSSH server, and prove it.
#
# Everything lies in one temporary folder that is removed at the end: the site,
# the server with keys and configuration of its own on a free port of the
# loopback interface, and the home folder that sandferry sees.  The real one is
# left alone.  Runs as root or as anybody else.
#
# SSHD=/path/to/sshd picks the server, KEEP=1 leaves the folder behind.
set -u

cd "$(dirname "$0")/../.." || exit 1
root=$PWD
case ${OUT:=out} in
/*) ;;
*) OUT=$root/$OUT ;;
esac
sandferry=${SANDFERRY:-$OUT/${BUILD:-release}/sandferry}
real_home=${HOME:-/}
sshd_pid=
failed=0

die() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

stop_server() {
	[ -z "$sshd_pid" ] || {
		kill "$sshd_pid" 2>/dev/null
		wait "$sshd_pid" 2>/dev/null
	}
	sshd_pid=
}

clean_up() {
	trap - EXIT
	stop_server
	if [ "${KEEP:-}" = 1 ]; then
		printf 'demo: left behind in %s\n' "$tmp" >&2
	else
		rm -rf "$tmp"
	fi
}

[ -x "$sandferry" ] || die "no $sandferry: run make first"
command -v ssh-keygen >/dev/null || die 'no ssh-keygen: openssh-client'
sshd=${SSHD:-$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd)}
[ -x "$sshd" ] || die 'no sshd: install openssh-server'

tmp=$(mktemp -d "${TMPDIR:-/tmp}/sandferry-demo.XXXXXX") || exit 1
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
# Programs of ours and of OpenSSH's keep to these.
HOME=$tmp/home
export HOME
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME \
    SSH_AUTH_SOCK
mkdir -p "$HOME" "$tmp/server" "$tmp/htdocs" "$tmp/work"
: >"$tmp/started"

# ---- The server -------------------------------------------------------------

# start_server HOST_KEY PORT: false when the port is taken.
start_server() {
	"$sshd" -D -e -f "$tmp/server/config" -h "$1" -p "$2" \
	    2>"$tmp/server/log" &
	sshd_pid=$!
	tries=0
	while ! grep -q '^Server listening' "$tmp/server/log"; do
		tries=$((tries + 1))
		if ! kill -0 "$sshd_pid" 2>/dev/null || [ $tries -gt 100 ]; then
			stop_server
			return 1
		fi
		sleep 0.1
	done
}

make_server() {
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/server/host" &&
	    ssh-keygen -q -t ed25519 -N '' -f "$tmp/server/other_host" &&
	    ssh-keygen -q -t ed25519 -N '' -f "$tmp/key" || return
	cp "$tmp/key.pub" "$tmp/server/authorized_keys"
	pam=no
	if [ "$(id -u)" -eq 0 ]; then
		# As root, sshd wants an empty folder of this name.  It stays:
		# another sshd may have come to need it meanwhile.
		[ -d /run/sshd ] || mkdir -m 755 /run/sshd || return
		# Without PAM it refuses an account that has no password at all.
		case $(passwd -S root 2>/dev/null) in
		*' L '*) pam=yes ;;
		esac
	fi
	cat >"$tmp/server/config" <<-EOF
	ListenAddress 127.0.0.1
	PidFile $tmp/server/pid
	AuthorizedKeysFile $tmp/server/authorized_keys
	PermitRootLogin prohibit-password
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	StrictModes no
	UsePAM $pam
	Subsystem sftp internal-sftp
	EOF
	port=$((20000 + $$ % 10000))
	last=$((port + 1000))
	until start_server "$tmp/server/host" $port; do
		port=$((port + 37))
		[ $port -lt $last ] || return 1
	done
}

# ---- What is shown ----------------------------------------------------------

step() {
	printf '\n== %s\n' "$*"
}

# run [VERB ...]: show the command, its output, and leave both in $said, $rc.
run() {
	printf '$ sandferry %s\n' "$*"
	"$sandferry" -C "$tmp/work" "$@" --fallback-known-hosts none \
	    --no-input >"$tmp/said" 2>&1
	rc=$?
	cat "$tmp/said"
	said=$(cat "$tmp/said")
}

said_once() {
	[ "$(printf '%s\n' "$said" | grep -c -- "$1")" -eq 1 ]
}

# What visitors see, in one word.
live() {
	(cd "$tmp/htdocs" && find . -name .sandferry -prune -o -type f -print0 |
	    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}

same_tree() {
	diff -r -x .sandferry "$tmp/work/public" "$tmp/htdocs" >&2
}

# prove N/4 WHAT STATUS
prove() {
	if [ "$3" -eq 0 ]; then
		answer=yes
	else
		answer=NO
		failed=1
	fi
	proofs="${proofs}PROOF $1 $2: $answer
"
}
proofs=

# ---- The story --------------------------------------------------------------

step 'A sample site, and a server that nobody else uses'
sh tests/demo/site.sh "$tmp/work/public" || die 'cannot make the sample site'
make_server || die "sshd does not start: $(tail -n 3 "$tmp/server/log")"
url=sftp://$(id -un)@127.0.0.1:$port$tmp/htdocs
printf '[demo]\nsource = public\nurl = %s\n' "$url" >"$tmp/work/sandferry.ini"
printf '%s files, %s\n' "$(find "$tmp/work/public" -type f | wc -l)" "$url"

step 'Its host key, compared with the one that the server was given'
fingerprint=$(ssh-keygen -lf "$tmp/server/host.pub" | cut -d ' ' -f 2)
run host trust --hostkey "$fingerprint"
[ $rc -eq 0 ] || die 'the host key was not accepted'

step 'The first publish'
run publish --key "$tmp/key"
[ $rc -eq 0 ] || die "exit $rc; the server says: $(tail "$tmp/server/log")"
same_tree
first=$?
[ $first -eq 0 ] || die 'the server does not have what was published'

step 'One page changes, and a rebuild touches every file'
printf '<p>The ferry sails at noon.\n' >>"$tmp/work/public/naïve café.html"
find "$tmp/work/public" -exec touch {} +
run plan --key "$tmp/key"
run publish --key "$tmp/key"
[ $rc -eq 0 ] && said_once '  1 sent (' && said_once ', 0 removed, '
prove 1/4 'one page changed, every mtime touched: exactly one file sent' $?

step 'One page is removed'
rm "$tmp/work/public/notes [draft].html"
run publish --key "$tmp/key"
[ $rc -eq 0 ] && said_once '  0 sent (' && said_once ', 1 removed, '
prove 2/4 'one page removed: exactly one removal, nothing sent' $?

same_tree
prove 3/4 'the server has the site, byte for byte' $?

step 'Another server answers in its place'
stop_server
start_server "$tmp/server/other_host" "$port" || die 'sshd does not start'
before=$(live)
printf '<p>For the right server only.\n' >>"$tmp/work/public/index.html"
run publish --key "$tmp/key"
[ $rc -eq 12 ] && [ "$(live)" = "$before" ]
prove 4/4 'a wrong host key is refused (exit 12), nothing is changed' $?

for place in .ssh .config/sandferry .local/share/sandferry \
    .local/state/sandferry; do
	touched=$(find "$real_home/$place" -newer "$tmp/started" \
	    2>/dev/null | head -n 3)
	[ -z "$touched" ] || die "the real home was touched: $touched"
done

printf '\n%s' "$proofs"
exit $failed
