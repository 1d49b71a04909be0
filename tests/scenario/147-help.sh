# Goal: help is one screen with three examples, that of a verb two at most, and
# nothing is wider than the terminal; `help VERB' opens the manual where it can;
# what was nearly right is named.
. tests/scenario/lib.sh
for tool in script stty; do
	command -v $tool >/dev/null || skip "no $tool"
done
unset LESS MANPAGER PAGER

# screen COLUMNS WORD...: on a terminal of that width; what it shows is in
# $tmp/all.
screen() {
	columns=$1
	shift
	TERM=${term:-xterm} script -qec "stty cols $columns rows 24;
	    exec $FERRY $*" /dev/null </dev/null 2>&1 | tr -d '\r' >"$tmp/all"
}
lines() {
	grep -c '' "$tmp/$1"
}

"$FERRY" -h >"$tmp/short" || fail '-h fails'
for how in --help help 'help help' "-C / -h"; do
	"$FERRY" $how >"$tmp/all" || fail "$how fails"
	[ "$how" = 'help help' ] || cmp -s "$tmp/short" "$tmp/all" ||
	    fail "$how is not -h"
done
[ "$(lines short)" -le 24 ] || fail "-h has $(lines short) lines"
[ "$(awk '/^Examples/ { on = 1 } on && /^  sandferry/' "$tmp/short" |
    grep -c .)" -eq 3 ] || fail 'not three examples'
! grep -q '.\{81\}' "$tmp/short" || fail '-h is too wide'
"$FERRY" >"$tmp/out" 2>"$tmp/all"
[ $? -eq 2 ] || fail 'no verb is no mistake'
cmp -s "$tmp/short" "$tmp/all" || fail 'without a verb it says something else'

# The examples are no mistakes.
awk '/^Examples/ { on = 1 } on && /^  sandferry/ { print $2, $3, $4, $5, $6 }' \
    "$tmp/short" | while read -r words; do
	"$FERRY" $words --help >"$tmp/all" 2>&1 || fail "example: $words"
done || exit 1

# Each verb, at each width: within it, and with each of its options.
verbs=$(sed -n 's/^  \([a-z]*\)  .*/\1/p' "$tmp/short")
for verb in $verbs help version; do
	"$FERRY" "$verb" -h >"$tmp/$verb.80"
	[ "$(lines "$verb.80")" -le 48 ] ||
	    fail "$verb -h has $(lines "$verb.80") lines"
	! grep -q '.\{81\}' "$tmp/$verb.80" || fail "$verb -h is too wide"
done
for columns in 40 200; do
	for verb in '' publish explain access; do
		screen $columns $verb -h
		! grep -q ".\{$((columns + 1))\}" "$tmp/all" ||
		    fail "$verb -h is wider than $columns"
		tr -s ' \n' '\n\n' <"$tmp/${verb:-short}${verb:+.80}" |
		    grep '^--' | sort -u >"$tmp/want"
		tr -s ' \n' '\n\n' <"$tmp/all" | grep '^--' | sort -u |
		    diff "$tmp/want" - >"$tmp/diff" ||
		    fail "$verb -h at $columns: $(cat "$tmp/diff")"
	done
done
screen 10 publish -h
expect_text '--no-input'

# The manual: on a terminal, where man has it.
mkdir "$tmp/bin"
cat >"$tmp/bin/man" <<END
#!/bin/sh
case \$* in
'-w 1 sandferry') [ ! -e $tmp/no-page ] ;;
'1 sandferry') echo "PAGE <\$LESS>" ;;
*) echo "WRONG \$*" ;;
esac
END
chmod 755 "$tmp/bin/man"
PATH=$tmp/bin:$PATH
screen 80 help adopt
expect_text 'PAGE <+/^ +adopt( |$)>'
screen 80 help host trust
expect_text 'PAGE <+/^ +host trust( |$)>'
screen 80 help deploy
expect_text 'PAGE <+/^ +publish( |$)>'
LESS=-R screen 80 help adopt
expect_text 'PAGE <-R +/^ +adopt( |$)>'
expect_no_man() {
	expect_no_match 'PAGE|WRONG'
	expect_text 'Usage: sandferry adopt'
}
screen 80 adopt -h
expect_no_man
"$FERRY" help adopt >"$tmp/all" 2>&1
expect_no_man
term=dumb screen 80 help adopt
expect_no_man
: >"$tmp/no-page"
screen 80 help adopt
expect_no_man
if command -v man >/dev/null && [ -n "$(command -v less)" ]; then
	PATH=${PATH#*:}
	man man/sandferry.1 2>/dev/null | grep -q '^ *adopt ' ||
	    fail 'no line of the page begins with the verb'
fi

# What was nearly right.
# meant HINT WORD...
meant() {
	hint=$1
	shift
	"$FERRY" -C "$tmp" "$@" >"$tmp/all" 2>&1
	rc=$?
	expect_exit 2
	expect_text "  Did you mean \`$hint'?"
}
cat >"$tmp/sandferry.ini" <<END
url = sftp://me@example.org/~/www
[staging]
[production]
END
meant publish publsh
meant 'host forget' host forgte
meant --dry-run publish --dryrun
meant --key publish --kye x
meant production plan prodution
meant staging plan -t stagign
meant require publish --confine=requrie
meant overwrite plan staging --drift=overwite
meant flatpak explain staging --format flatpack
meant always plan --color=alwys
echo 'sorce = x' >>"$tmp/sandferry.ini"
meant source plan staging
printf 'url = sftp://me@example.org/x\ndrift = kep\n' >"$tmp/sandferry.ini"
meant keep plan

# Each command that the manual and README show is one.
shown=0
cat man/*.[1-8] README.md | sed 's/^\.Dl //; s/\\(aq/'"'"'/g; s/\\(dq/"/g
	:more
	/\\e*$/{ N; s/\\e*\n */ /; b more
	}' | grep '^sandferry [a-z]' | grep -v '^sandferry carries' | sed 's/ [0-9]*<.*//; s/ [|#&].*//' \
	>"$tmp/shown"
set -f
while read -r line; do
	eval "set -- $line"
	shift
	"$FERRY" "$@" --help >"$tmp/all" 2>&1 || fail "shown: $line"
	shown=$((shown + 1))
done <"$tmp/shown"
[ $shown -gt 25 ] || fail "only $shown commands were found"
