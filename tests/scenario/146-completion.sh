# Goal: bash, zsh and fish complete verbs, options, their values, paths, targets,
# hosts and grants, as the program says; what a file holds is never executed.
. tests/scenario/lib.sh
for shell in bash zsh fish python3; do
	command -v $shell >/dev/null || skip "no $shell"
done
PATH=$BIN:$PATH
export PATH
evil='$(touch${IFS}'$tmp'/evil)'
mkdir -p "$tmp/work/deep" "$HOME/.local/share/sandferry"
cat >"$tmp/work/sandferry.ini" <<END
url = sftp://me@example.org/www
[staging]
[production]
END
for shell in bash zsh fish; do
	"$FERRY" completion $shell >"$tmp/$shell" || fail "no $shell script"
	"$shell" -n "$tmp/$shell" || fail "$shell does not like its script"
done

# a script that is not written is no success, and nothing is silent about it
"$FERRY" completion bash >/dev/full 2>"$tmp/err"
[ $? -eq 1 ] || fail 'a full disk is no failure'
grep -q 'cannot write to standard output: ' "$tmp/err" ||
    fail 'the full disk is not named'

# offered "WORDS BEFORE" LAST: on one line
offered() {
	(
		cd "$tmp/work" || exit
		IFS=' '
		set -f
		printf '%s' "$1" | xargs -E '' sh -c \
		    'sandferry completion offer "$@" "'"$2"'"' sh |
		    cut -f 1 | tr '\n' ' '
	)
}
expect_offer() {
	said=$(offered "$1" "$2")
	[ "$said" = "$3 " ] || fail "behind \`$1 $2' it offers $said"
}
expect_offer '' pl 'words plan'
expect_offer '' publ 'words publish'
expect_offer host '' 'words show trust forget list'
expect_offer 'host forget' --fi 'words'
expect_offer 'host trust' --fi 'words --fingerprint'
expect_offer 'publish' --no- 'words --no-input'
expect_offer 'deploy' --no- 'words --no-input'
expect_offer 'publish --color' '' 'words auto always never'
expect_offer 'publish' --color=n 'words --color=never'
expect_offer 'explain --format' l 'words landlock'
expect_offer 'check --confine' '' 'words auto require off'
expect_offer 'publish --drift' '' 'words stop keep overwrite'
expect_offer 'publish --key' '' 'files'
expect_offer 'publish --fallback-known-hosts' '' 'files none'
expect_offer 'publish -qC' '' 'folders'
expect_offer 'publish --wait' '' 'words'
expect_offer 'access import' '' 'files'
expect_offer 'publish' '' 'words staging production'
expect_offer 'publish staging' '' 'words'
expect_offer 'access import config' s 'words staging'
expect_offer 'undo 3' p 'words production'
expect_offer 'undo' p 'words production'
expect_offer '-C deep publish -t' '' 'words staging production'
expect_offer '-C /no/where publish' '' 'words'
expect_offer 'publish --target' s 'words staging'
expect_offer 'publish --url' '' 'words'
expect_offer 'publish --no-such-option' '' 'words staging production'
expect_offer 'host forget --url' '' 'words'
expect_offer 'access remove --url' '' 'words'
[ -z "$(find "$HOME" -type f)" ] ||
    fail 'an offer wrote something'

# Each verb and each option of it that help names is offered, and no other.
"$FERRY" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >"$tmp/verbs"
[ "$(grep -c . "$tmp/verbs")" -gt 10 ] || fail 'help names no verbs'
{
	cat "$tmp/verbs"
	printf 'help\nversion\n'
} | sort >"$tmp/helped"
"$FERRY" completion offer '' | sed '1d; s/	.*//' | sort |
    diff "$tmp/helped" - >"$tmp/all" || fail 'verbs: help is not what is offered'
for verb in $(cat "$tmp/verbs"); do
	"$FERRY" "$verb" --help | awk '
		/^More/ { all = 1 }
		all || /^  (-.,|   ) --/ {
			gsub(/^  -., /, "")
			n = split($0, word)
			for (i = 1; i <= (all ? n : 1); i++)
				if (word[i] ~ /^--/)
					print word[i]
		}' | sort -u >"$tmp/helped"
	subs=$("$FERRY" completion offer "$verb" '' | sed '1d; s/	.*//')
	case $verb in
	host | access) ;;
	*) subs= ;;
	esac
	for sub in ${subs:-''}; do
		"$FERRY" completion offer "$verb" ${sub:+"$sub"} -- |
		    sed '1d; s/	.*//'
	done | sort -u | diff "$tmp/helped" - \
	    >"$tmp/all" || fail "$verb: help is not what is offered"
done

# What is recorded; a name in a file may be anything.
make_key "$key" ed25519
for host in example.org '[other.example]:2222' '*.pattern' "$evil"; do
	echo "$host $(cut -d ' ' -f 1-2 "$key.pub")"
done >"$HOME/.local/share/sandferry/known_hosts"
expect_offer 'host forget --url' sftp://o 'words sftp://other.example:2222/'
expect_offer 'host forget --url' '' \
    "words sftp://example.org/ sftp://other.example:2222/ sftp://$evil/"
ferry host forget --url sftp://other.example:2222/
expect_exit 0
ferry access add --key "$key" --url sftp://me@example.org/www
expect_exit 0
expect_offer 'access remove --url' s 'words sftp://me@example.org/www'

# At the keyboard.
cat >"$tmp/typed" <<END
sandferry publ
sandferry host fo
sandferry check --confine=req
sandferry check --confine of
sandferry -C deep plan st
sandferry access remove --url sftp://me@exa
sandferry host forget --url=sftp://ex
sandferry publish --key secret\\ f
sandferry publish --key=de
sandferry publish --source de
sandferry host forget --url sftp://\\\$
sandferry xyz
END
sed 's/^/sandferry /' >"$tmp/wanted" <<END
publish
host forget
check --confine=require
check --confine off
-C deep plan staging
access remove --url sftp://me@example.org/www
host forget --url=sftp://example.org/
publish --key secret\\ file
publish --key=deep/
publish --source deep/
host forget --url $(printf %s "sftp://$evil/" | sed 's/[$(){}]/\\&/g')
xyz
END
: >"$tmp/work/secret file"
for shell in bash zsh; do
	setup="cd $tmp/work; . $tmp/$shell"
	[ $shell != zsh ] || setup="autoload -U compinit; compinit -D -u; $setup"
	rm -f "$tmp/lines"
	python3 tests/scenario/type.py $shell "$setup" "$tmp/lines" \
	    <"$tmp/typed" >"$tmp/$shell.all" 2>&1 ||
	    fail "$shell: $(cat "$tmp/$shell.all")"
	sed 's/ *$//' "$tmp/$shell.all" | diff "$tmp/wanted" - >"$tmp/all" ||
	    fail "$shell completes otherwise: $(cat "$tmp/all")"
done

# fish says what it would offer; what it inserts it quotes itself.
fished() {
	(cd "$tmp/work" && fish --no-config -c '
		source $argv[1]
		complete -C "$argv[2]"' "$tmp/fish" "$1" | cut -f 1 | tr '\n' ' ')
}
expect_fish() {
	said=$(fished "$1")
	[ "$said" = "$2 " ] || fail "behind \`$1' fish offers $said"
}
expect_fish 'sandferry publ' 'publish'
expect_fish 'sandferry host fo' 'forget'
expect_fish 'sandferry check --confine=req' '--confine=require'
expect_fish 'sandferry plan -t ' 'production staging'
expect_fish 'sandferry -C deep plan st' 'staging'
expect_fish 'sandferry publish --key secret\ f' 'secret file'
expect_fish 'sandferry publish --key=de' '--key=deep/'
expect_fish 'sandferry publish --source de' 'deep/'
expect_fish 'sandferry host forget --url sftp://\$' "sftp://$evil/"
[ ! -e "$tmp/evil" ] || fail 'a name in a file was executed'

# A site file that tells nothing, or would tell something else.
for line in '[$(touch evil)]' '[a b]' "$(printf '[pro\001d]')" 'no = key' '['; do
	printf 'url = sftp://a@b/c\n%s\n' "$line" >"$tmp/work/sandferry.ini"
	expect_offer publish '' words
done
rm "$tmp/work/sandferry.ini"
mkfifo "$tmp/work/sandferry.ini"
expect_offer publish '' words

# wrong WORD HINT
wrong() {
	"$FERRY" completion $1 >"$tmp/all" 2>&1
	[ $? -eq 2 ] || fail "completion $1 does not end with 2"
	expect_text "$2"
}
wrong tcsh "there is no completion for \`tcsh'"
wrong tcsh 'Say bash, zsh or fish.'
wrong zhs "Did you mean \`zsh'?"
wrong '' 'Say bash, zsh or fish.'
