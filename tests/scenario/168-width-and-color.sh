# Goal: each stream is spoken to as what it is: colour and a redrawn line where
# a terminal takes them, and NO_COLOR, TERM=dumb and the locale agree; words are
# wrapped at the terminal's width, and not at all elsewhere.
. tests/scenario/lib.sh
. tests/scenario/terminal.sh
command -v script >/dev/null || skip 'no script: bsdutils'
small_site
start_sshd
trust
echo x >"$site/日本語.html"
escape=$(printf '\033')
LC_ALL=C.UTF-8 TERM=xterm
export LC_ALL TERM

# at_terminal COMMAND: what it wrote there is in $tmp/all.
at_terminal() {
	script -qec "$1" /dev/null </dev/null >"$tmp/all" 2>&1
}

has() {
	grep -q "$escape$1" "$2"
}

cat >"$tmp/plan" <<END
exec "$FERRY" plan --source "$site" --url "$url" --key "$key" --no-input \
    --fallback-known-hosts none "\$@"
END
plan="sh '$tmp/plan'"

at_terminal "$plan"
has '\[32m+ index' "$tmp/all" || fail 'no colour'
has '\[K' "$tmp/all" || fail 'no status line'
expect_text '+ 日本語.html'
! has '\[[0-9;]*33m' "$tmp/all" || fail 'yellow is not for white'

at_terminal "NO_COLOR=1 $plan"
! has '\[[0-9;]*m' "$tmp/all" || fail 'colour with NO_COLOR'
has '\[K' "$tmp/all" || fail 'no status line with NO_COLOR'
at_terminal "NO_COLOR=1 $plan --color always"
has '\[32m' "$tmp/all" || fail '--color always was not obeyed'
at_terminal "$plan --color never"
! has '\[[0-9;]*m' "$tmp/all" || fail '--color never was not obeyed'
at_terminal "TERM=dumb $plan -v"
! grep -q "$escape" "$tmp/all" || fail 'TERM=dumb is sent escapes'
at_terminal "LC_ALL=C $plan"
expect_text '+ \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.html'
! LC_ALL=C grep -q '[^ -~[:cntrl:]]' "$tmp/all" || fail 'more than ASCII'

# one of the streams is a file
at_terminal "$plan 2>'$tmp/err'"
has '\[32m+ index' "$tmp/all" || fail 'no colour on standard output'
! grep -q "$escape" "$tmp/err" || fail 'escapes in a file'
at_terminal "$plan >'$tmp/out'"
! grep -q "$escape" "$tmp/out" || fail 'escapes in a file'
has '\[K' "$tmp/all" || fail 'no status line on standard error'
eval "$plan --color always" >"$tmp/out" 2>"$tmp/err"
has '\[32m+ index' "$tmp/out" || fail '--color always was not obeyed'
! has '\[K' "$tmp/err" || fail 'a status line in a file'

# Words are wrapped, a command is not: it is there to be copied.
open_terminal 40 24
url=sftp://me@127.0.0.1:9/~/www
cat >"$tmp/go" <<END
#!/bin/sh
exec sandferry publish --source site --url $url
END
chmod 755 "$tmp/go"
type_line 'clear; go'
expect_screen <<'END'
sandferry: no key is granted to
    URL
  Name one for this run with --key, or
  grant it:
  sandferry access add --url URL --key FILE
$
END
resize 80 24
type_line 'clear; go'
expect_screen <<'END'
sandferry: no key is granted to URL
  Name one for this run with --key, or grant it:
  sandferry access add --url URL --key FILE
$
END
type_line 'clear; go 2>&1 | cat'
expect_screen <<'END'
sandferry: no key is granted to URL
  Name one for this run with --key, or grant it: sandferry access add --url URL --key FILE
$
END
