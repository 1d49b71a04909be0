# Goal: a listing with names that are none ends the session; one with ugly names
# touches nothing beside our own folder, and nothing reaches the terminal as it
# is.
. tests/scenario/hostile.sh
printf 'mine\n' >"$tmp/outside"

# Only a run behind an interrupted one lists: the stage.
names() {
	while read -r codes rule; do
		case $codes in
		'' | '#'*) continue ;;
		esac
		change_site
		rules 'cut WRITE:stage 2 0'
		publish
		expect_exit 21
		rm -rf "$tmp/old"
		cp -a "$htdocs" "$tmp/old"
		rules "$rule"
		publish --stall-timeout "$(patience "$codes" "$rule")"
		what="$rule: exit $rc, $(summary text)"
		grep -q '^OPENDIR' "$tmp/requests" || fail "no listing: $what"
		case ",$codes," in
		*",$rc,"*) ;;
		*) fail "$what" ;;
		esac
		[ $rc -eq 0 ] || expect_words
		expect_whole "$tmp/old"
		[ -z "$(grep -a '^REMOVE' "$tmp/requests" |
		    grep -av "^REMOVE $htdocs/")" ] || fail "$what: outside"
		[ -e "$tmp/outside" ] || fail "$what: a file outside is gone"
		rules
		publish
		[ $rc -eq 0 ] || fail "$what; then exit $rc, $(summary text)"
		same_tree "$site" "$htdocs"
	done
}

names <<'END'
# names that cannot be
21 name READDIR 1 1 ../../outside
21 name READDIR 1 1 a/b
21 name READDIR 1 1 /etc/passwd
21 name READDIR 1 1
21 name READDIR 1 1 nul\x00nul
21 name READDIR 1 1 \x00
21 name READDIR 1 2 /

# that may be, whatever they look like
0 name READDIR 1 1 .
0 name READDIR 1 1 ..
0 name READDIR 1 1 ...
0 name READDIR 1 1 \x1b[31mred\x1b[0m\x07
0 name READDIR 1 1 not\xff\xfeutf8
0 name READDIR 1 1 two\x0alines
0 name READDIR 1 900 the same again and again
21 name READDIR 1 1 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345

# counts, lengths, ends
21 raw READDIR 1 0000000968IDffffffff
21 raw READDIR 1 0000000968ID00000000
21 raw READDIR 1 0000000d68ID00000001ffffffff
21 raw READDIR 1 0000001968ID00000001000000000000000000000000ffffffff
21 status READDIR * 0 fine
30 status READDIR 1 3 no
30 status OPENDIR 1 4 no
21 handle OPENDIR 1 0
21 handle OPENDIR 1 257
21 cut READDIR 1 9
21 silent READDIR 1
END

# a listing without end is ended by us
change_site
rules 'cut WRITE:stage 2 0'
publish
expect_exit 21
rules 'name READDIR * 4000 again and again'
publish
expect_exit 21
expect_words
rules
published
same_tree "$site" "$htdocs"
