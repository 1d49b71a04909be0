# Goal: somebody who never published before answers four questions, with
# mistakes, sees what is tried, and has a site file and a grant with which plan
# works; until then, and after Ctrl-C, nothing is written.
. tests/scenario/lib.sh
small_site
mkdir "$tmp/work" "$tmp/work/content"
mv "$site" "$tmp/work/public"
start_sshd
make_key "$tmp/sealed" ed25519 '' secret
make_key "$tmp/other" ed25519
cat "$tmp/sealed.pub" >>"$tmp/server/authorized_keys"
answer=$PWD/tests/scenario/answer.py
cd "$tmp/work" || exit

# dialogue [QUESTION ANSWER]... -- [OPTION...]: init in a terminal.
dialogue() {
	for arg; do
		shift
		[ "$arg" = -- ] && set -- "$@" -- "$FERRY" init \
		    --fallback-known-hosts none || set -- "$@" "$arg"
	done
	USER=$user timeout -k 5 60 python3 "$answer" "$tmp/all" "$@"
	rc=$? # whether all was asked
	tr -d '\r' <"$tmp/all" >"$tmp/shown"
	mv "$tmp/shown" "$tmp/all"
	: >"$tmp/out"
	: >"$tmp/err"
	expect_exit 0
}

# Ctrl-C, at a question and in the middle of the test's: nothing is left
dialogue 'Folder [public]: ' "$(printf '\003')" --
expect_text 'Nothing was written'
dialogue 'that you have: ' "$(printf '\003')" -- --source public --url "$url" \
    --key "$key" --site-url none
[ "$(ls -A)" = "$(printf 'content\npublic')" ] || fail "left: $(ls -A)"
[ ! -e "$HOME/.config/sandferry/access.ini" ] || fail 'a grant is left'

# every answer is wrong at first; the test fails twice, too
dialogue 'Folder [public]: ' publc 'Folder [public]: ' '' \
    'Address: ' https://example.org 'Address: ' 127.0.0.1:1 \
    'User name there ' '' 'Folder there: ' "$htdocs" \
    'or password [password]: ' "$tmp/nokey" \
    'or password [password]: ' "$tmp/other.pub" \
    'or password [password]: ' "$tmp/other" 'type [none]: ' '' \
    'or stop [again]: ' '' 'Address [' "$user@127.0.0.1:$port$htdocs" \
    'that you have: ' yes \
    'or stop [again]: ' '' 'Address [' '' 'or password [' "$tmp/sealed" \
    'Passphrase of ' secret --
expect_text 'Here: public (with index.html); besides: content'
expect_text 'publc: No such file or directory'
expect_text 'that is where visitors go, not where files are sent to'
expect_text "That is sftp://$user@127.0.0.1:1$htdocs"
expect_text "$tmp/other.pub is the public half of a key"
expect_match 'FAIL  connect .*Connection refused'
expect_match 'FAIL  login .*refused this key'
expect_match 'ok    login '
expect_match 'ok    write '
expect_match 'ok    replace '
expect_match 'ok    remove '
expect_text 'Wrote sandferry.ini'
expect_match '^Next: sandferry plan$'
[ ! -e "$htdocs/.sandferry" ] || fail 'something stays there'
[ "$(grep -c '' sandferry.ini)" -eq 6 ] || fail "$(cat sandferry.ini)"
expect_match '^source = public$' sandferry.ini
expect_match "^url = sftp://$user@127.0.0.1:$port$htdocs\$" sandferry.ini
[ "$(ls -A)" = "$(printf 'content\npublic\nsandferry.ini')" ] ||
    fail "left: $(ls -A)"

# the two commands that follow
echo secret >"$tmp/secret"
for verb in plan publish; do
	ferry $verb --password-fd 3 3<"$tmp/secret"
	expect_exit 0
done
same_tree public "$htdocs"

# never over one that is there
sum=$(sha256sum sandferry.ini)
dialogue --
expect_text 'there is a sandferry.ini here already'
[ "$sum" = "$(sha256sum sandferry.ini)" ] || fail 'it was changed'

# stopping after a test that failed
rm sandferry.ini
dialogue 'that you have: ' no 'or stop [again]: ' stop 'Nothing was' '' -- \
    --source public --url "$url" --key "$key" --site-url none \
    --known-hosts "$tmp/nobody"
expect_match 'FAIL  host key '
[ "$(ls -A)" = "$(printf 'content\npublic')" ] || fail "left: $(ls -A)"

# nobody can reach the server now, and the file is wanted all the same
stop_sshd
dialogue 'or stop [again]: ' write 'Next:' '' -- --source public/ \
    --url "$user@127.0.0.1:$port:$htdocs" --key "$key" --site-url example.org
[ -e sandferry.ini ] || fail 'it was not written'
expect_match '^site-url = https://example.org$' sandferry.ini
expect_match '^Next: sandferry plan$'
