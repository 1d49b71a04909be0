# ftp_client.sh: the product against a server of ftp.sh; sourced after it.
#
#   ftp_url [PATH]        of the account on the server that runs
#   ask VERB [OPTION...]  run a verb, in $trusted what it asks of TLS
#   send VERB [OPTION...] the same with the account's password
#   publish, published    as in lib.sh, by FTP
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
}

send() {
	printf '%s' "${password:-$ftp_password}" >"$tmp/password"
	ask "$@" --password-fd 3 3<"$tmp/password"
}

publish() {
	send publish --source "$site" --url "$url" --json "$@"
}
