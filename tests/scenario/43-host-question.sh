# Goal: the question about a host key shows what is known and takes only yes or
# the very fingerprint; all else, and silence, is no; a changed key is never
# asked about.
. tests/scenario/lib.sh
command -v script >/dev/null || skip 'no script: bsdutils'
small_site
start_sshd
own=$HOME/.local/share/sandferry/known_hosts
offered=$(fingerprint "$host_key")
make_key "$tmp/other" ed25519
make_key "$tmp/ecdsa" ecdsa
known() {
	printf '%s %s\n' "[127.0.0.1]:$port" "$(cut -d ' ' -f 1,2 "$1.pub")"
}

# at_terminal KEYS VERB...: with these keys typed; \004 is Ctrl-D.  The
# keyboard stays open, for script(1) is slow when it is closed.
cat >"$tmp/command" <<END
exec "$FERRY" --fallback-known-hosts "\$fallback" "\$@"
END
at_terminal() {
	keys=$1
	shift
	rm -f "$tmp/keys"
	mkfifo "$tmp/keys"
	exec 7<>"$tmp/keys"
	# shellcheck disable=SC2059
	printf "$keys" >&7
	fallback=$fallback timeout 20 script -qec "sh '$tmp/command' $*" \
	    /dev/null <"$tmp/keys" >"$tmp/all" 7<&-
	rc=$?
	exec 7<&-
	: >"$tmp/out"
	: >"$tmp/err"
}

# asked ANSWERS EXIT: host trust ends so, and records only with 0.
asked() {
	rm -f "$own"
	at_terminal "$1" host trust --url "$url"
	expect_exit "$2"
	expect_text "127.0.0.1, port $port, is not known yet"
	expect_text "ssh-ed25519 $offered"
	expect_text '[no]'
	if [ "$2" -eq 0 ]; then
		[ "$(cat "$own")" = "$(known "$host_key")" ] ||
		    fail "not recorded: $1"
		expect_text "recorded in $own"
	else
		[ ! -e "$own" ] || fail "recorded: $1"
	fi
}

# What a line means is test_ui's; here, what becomes of it.
asked 'yes\n' 0
asked "  ${offered#SHA256:} \n" 0
asked '\n' 11
asked '\004' 11
asked 'yes\004\004' 11 # no line
asked 'y\nok\nsure\nyes\n' 11
expect_text "--fingerprint $offered"
asked "$(fingerprint "$tmp/other")\n" 12
expect_text 'THAT IS NOT THE KEY'
expect_no_match 'host trust'

# never with --no-input; never about a changed key
rm -f "$own"
at_terminal 'yes\n' host trust --no-input --url "$url"
expect_exit 11
expect_no_match 'Trust it'
known "$tmp/other" >"$own"
at_terminal 'yes\n' host trust --url "$url"
expect_exit 12
expect_no_match 'Trust it'

# another type: both files and their lines are shown, and told as JSON
known "$tmp/ecdsa" >"$own"
fallback=$tmp/fallback
echo '# nothing' >"$fallback"
at_terminal 'no\n' host trust --url "$url"
expect_exit 11
expect_text 'is known by keys of other types only'
expect_text "$own:1: ecdsa-sha2-nistp256 $(fingerprint "$tmp/ecdsa")"
expect_text "$fallback: nothing about it"
at_terminal 'no\n' host trust --json --url "$url"
shown=$(fingerprint "$tmp/ecdsa" | sed 's/+/\\+/g')
expect_match "\"ask\":\"host_key\".*\"verdict\":\"new_type\".*\"own\":\{\"path\":\
\"$own\",\"verdict\":\"new_type\",\"line\":1,\"key_type\":\
\"ecdsa-sha2-nistp256\",\"fingerprint\":\"$shown\"\},\
\"fallback\":\{\"path\":\"$fallback\",\"verdict\":\"unknown\"\}"

# asked while publishing: the note says where the answer is kept
rm "$own"
at_terminal 'yes\n' publish --source "$site" --url "$url" --key "$key"
expect_exit 0
expect_text "recorded in $own"
same_tree "$site" "$htdocs"
