# Goal: what goes wrong has its exit status, one line that says what, one that
# says what to do, and an end.  The site that visitors see is untouched.
# Long: it waits for servers that say nothing.
. tests/scenario/lib.sh

# however little was said, there is a summary
ferry --json
expect_exit 2
expect_words
small_site
start_proxy
trust
published
printf 'more\n' >>"$site/index.html"
before=$(live)

# failed CODES ID: the run that just ended.
failed() {
	expect_exit $1
	shift
	[ $# -eq 0 ] || expect_outcome "$@"
	expect_words
	[ "$before" = "$(live)" ] || fail 'the live site was touched'
	[ -z "${VERBOSE:-}" ] ||
	    printf '%s %s: %s | %s\n' $rc "$(summary outcome)" \
		"$(summary text)" "$(summary hint)"
}

to() {
	ferry publish --source "$site" --url "$1" --key "$key" --json \
	    --hostkey SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \
	    --connect-timeout 1 --stall-timeout 1
}

# ---- No server, or none that is one

to "sftp://$user@no-such-host.invalid$htdocs"
failed 20
expect_text no-such-host.invalid

start_peer close
stop_peer
to "sftp://$user@127.0.0.1:$peer_port$htdocs"
failed 20
expect_text "$peer_port"

for how in blackhole silence close http ftp garbage endless-line \
    endless-lines ssh1 banner-close banner-silence kex-close huge-packet \
    no-common; do
	start_peer $how
	to "sftp://$user@127.0.0.1:$peer_port$htdocs"
	[ -z "${VERBOSE:-}" ] || printf '%s: ' "$how"
	failed '20 21'
	stop_peer
done

# the real server, with nothing that we know
stop_sshd
start_sshd 'KexAlgorithms diffie-hellman-group1-sha1' \
    'Ciphers 3des-cbc'
publish
failed 20
stop_sshd

# ---- A server that does not let us

start_sshd
was=$subsystem
stop_sshd
subsystem=/bin/false
start_sshd
publish --stall-timeout 2
failed '21 30'
stop_sshd
subsystem=$was
start_sshd
sed -i '/^Subsystem/d' "$tmp/server/config"
stop_sshd
try_sshd || fail 'sshd does not start'
publish
failed 30 no_sftp
stop_sshd
start_sshd 'ForceCommand echo This account is not for you.'
publish --stall-timeout 2
failed '21 30'
stop_sshd
start_sshd 'MaxSessions 0'
publish --stall-timeout 2
failed '21 22 30'
stop_sshd

# ---- A server that lives, but whose file system hangs

start_sshd 'ClientAliveInterval 1' 'ClientAliveCountMax 100'
rules 'silent WRITE:stage 1'
publish --stall-timeout 2
failed 21 server_silent
stop_sshd

# ---- A server that says no

start_sshd
rules 'status MKDIR:site 1 3 Permission denied' \
    'status OPEN:site 1 3 Permission denied'
url=sftp://$user@127.0.0.1:$port$htdocs/site
mkdir "$htdocs/site"
before=$(live)
publish
failed 30
expect_text site
url=sftp://$user@127.0.0.1:$port$htdocs
rmdir "$htdocs/site"
rules

# a name that is too long for the server's file system, and for any
mkdir "$site/long"
long=$(printf '%0250d' 0)
: >"$site/long/$long.html"
rules 'status posix-rename:stage 2 4 File name too long'
publish
expect_exit 51 30 41
rules
rm -r "$site/long"
published
same_tree "$site" "$htdocs"

(
	cd "$site" || exit
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
		mkdir "$long" 2>/dev/null && cd "$long" 2>/dev/null || break
	done
	: >page.html
)
before=$(live)
publish
failed '30 41'
rm -r "${site:?}/$long"
