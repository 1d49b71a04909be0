# ftp_client.sh: the product against a server of ftp.sh; sourced after it, or after lib.sh alone for a peer of its own.
#
#   ftp_url [PATH]        of the account on the server that runs
#   ask VERB [OPTION...]  run a verb, in $trusted what it asks of TLS
#   send VERB [OPTION...] the same with the account's password
#   publish, published    as in lib.sh, by FTP
#   killed COMMAND PART   a publish to start_ftp_peer's server, by kill -9, while
#                         that is silent about this command
# shellcheck shell=sh

ftp_url() {
	scheme=ftp
	[ "$ftp_tls" != implicit ] || scheme=ftps
	url=$scheme://$ftp_user@localhost:$ftp_port/${1:-www}
	live=$ftp_root/${1:-www}
	# what the server's kind of TLS asks for
	case $ftp_tls in
	plain) trusted=--plain-ftp ;;
	*) trusted="--cacert $ftp_ca" ;;
	esac
}

ask() {
	(
		# shellcheck disable=SC2086 # words
		exec "$FERRY" "$@" $trusted --fallback-known-hosts none \
		    --no-input >"$tmp/out" 2>"$tmp/err" </dev/null
	)
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	case $rc in
	13[4-9]) fail 'it crashed' ;;
	esac
	! grep -q 'Sanitizer' "$tmp/all" || fail 'a sanitizer speaks'
	! grep -q "$ftp_password" "$tmp/all" || fail 'the password is shown'
	# whatever a scenario is about
	! grep -Eq '(^(CLEAR )?|FTP command: .*")(PORT|EPRT|LPRT)' "$ftp_log" ||
	    fail 'active FTP'
}

send() {
	printf '%s' "${password:-$ftp_password}" >"$tmp/password"
	ask "$@" --password-fd 3 3<"$tmp/password"
}

publish() {
	send publish --source "$site" --url "$url" --json "$@"
}

# start_ftp_peer [RULE...]: ftp_peer.py, with these rules; with $ftp_pem, a key
# and its certificate, it wants TLS
start_ftp_peer() {
	ftp_root=$tmp/ftp
	ftp_log=$tmp/ftp.log
	ftp_user=ferryman
	ftp_password='right horse'
	ftp_tls=plain
	[ -z "${ftp_pem:-}" ] || ftp_tls=explicit
	ftp_ca=${ftp_pem:-}
	mkdir -p "$ftp_root"
	: >"$ftp_log"
	ftp_rules "$@"
	: >"$tmp/ftp.port"
	python3 tests/scenario/ftp_peer.py "$ftp_root" "$tmp/ftp.rules" \
	    "$ftp_log" ${ftp_pem:+"$ftp_pem"} >"$tmp/ftp.port" \
	    2>"$tmp/server/log" &
	ftp_pid=$!
	started="$started $ftp_pid"
	wait_for test -s "$tmp/ftp.port" || fail 'the FTP peer does not start'
	ftp_port=$(cat "$tmp/ftp.port")
	ftp_url
}

stop_ftp_peer() {
	kill "$ftp_pid"
	wait "$ftp_pid" 2>/dev/null
}

# ftp_rules [RULE...]: from the next command on
ftp_rules() {
	printf '%s\n' "$@" >"$tmp/ftp.rules.new"
	mv "$tmp/ftp.rules.new" "$tmp/ftp.rules"
}

# afresh [RULE...]: nothing was ever published
afresh() {
	ftp_rules "$@"
	rm -rf "$live" "$HOME/.local"
	: >"$ftp_log"
}

# whole: it was published, as it is
whole() {
	expect_exit 0
	same_tree "$site" "$live"
	[ -z "$(ls "$live/.sandferry/stage")" ] || fail 'left in the stage'
	[ ! -e "$live/.sandferry/lock" ] || fail 'the lock is still there'
}

# untouched CODE: nothing but our own folder is there
untouched() {
	expect_exit "$1"
	expect_words
	[ "$(ls "$live" 2>/dev/null | wc -l)" -eq 0 ] || fail 'something is live'
}

killed() {
	: >"$ftp_log"
	ftp_rules "$1 /$2 * stall"
	printf '%s' "$ftp_password" >"$tmp/password"
	"$FERRY" publish --source "$site" --url "$url" --plain-ftp \
	    --password-fd 3 --no-input --fallback-known-hosts none \
	    3<"$tmp/password" >"$tmp/out" 2>&1 </dev/null &
	pid=$!
	wait_for grep -q "^$1.*$2" "$ftp_log" || fail "it never came to $1 $2"
	kill -9 $pid
	wait $pid 2>/dev/null
	ftp_rules
}
