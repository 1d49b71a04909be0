/*
 * completion: what a shell runs to complete our command line.  The scripts know
 * nothing of verbs and options: they ask this program, which has the tables.
 * None of them evaluates what it gets.  Hub (the command).
 */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "cmd/offer.h"
#include "cmd/text.h"

/* clang-format off */
/*
 * bash splits words at `=', `:' and `@' as well.  So they are put together
 * again, and of an offer it gets what stands behind the last of these; an `@'
 * it wants as well.
 */
static const char bash_script[] =
	"# sandferry(1) for bash\n"
	"_sandferry() {\n"
	"\tlocal IFS=$' \\t\\n' rest=${COMP_LINE:0:COMP_POINT} gap word how= head i\n"
	"\tlocal n=0 words=()\n"
	"\tfor ((i = 0; i <= COMP_CWORD; i++)); do\n"
	"\t\tgap=${rest%%[![:space:]]*}\n"
	"\t\trest=${rest#\"$gap\"}\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\t((i < COMP_CWORD)) || word=$rest\n"
	"\t\trest=${rest#\"$word\"}\n"
	"\t\t[[ -z $gap && $i -gt 0 ]] || n=$((n + 1))\n"
	"\t\twords[n]=${words[n]-}${word//[\\\\\\\"\\']/}\n"
	"\tdone\n"
	"\tword=${words[n]}\n"
	"\tfor ((i = ${#word}; i > 0; i--)); do\n"
	"\t\t[[ ${word:i-1:1} != [=:@] ||\n"
	"\t\t\t$COMP_WORDBREAKS != *\"${word:i-1:1}\"* ]] || break\n"
	"\tdone\n"
	"\thead=${word:0:i}\n"
	"\thead=${head%@}\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS=$'\\t' read -r word gap; do\n"
	"\t\tif [[ -z $how ]]; then\n"
	"\t\t\thow=$word\n"
	"\t\telif [[ $how == words || -n ${words[n]#\"$head\"} ]]; then\n"
	"\t\t\tprintf -v word %q \"$word\"\n"
	"\t\t\tCOMPREPLY+=(\"${word#\"$head\"}\")\n"
	"\t\tfi\n"
	"\tdone <<<\"$(command sandferry completion offer \"${words[@]:2}\" 2>/dev/null)\"\n"
	"\tcase $how in\n"
	"\tfiles) compopt -o default ;;\n"
	"\tfolders) compopt -o dirnames ;;\n"
	"\tesac 2>/dev/null\n"
	"}\n"
	"complete -F _sandferry sandferry\n";

static const char zsh_script[] =
	"#compdef sandferry\n"
	"# sandferry(1) for zsh\n"
	"_sandferry() {\n"
	"\tlocal line how\n"
	"\tlocal -a answer plain shown\n"
	"\tanswer=(\"${(@f)$(command sandferry completion offer \\\n"
	"\t\t\"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)}\")\n"
	"\thow=$answer[1]\n"
	"\tshift answer\n"
	"\tfor line in \"${answer[@]}\"; do\n"
	"\t\tplain+=(\"${line%%$'\\t'*}\")\n"
	"\t\tshown+=(\"${line/$'\\t'/  }\")\n"
	"\tdone\n"
	"\t(( $#plain )) && compadd -l -d shown -a plain\n"
	"\t[[ $PREFIX == --*=* ]] && compset -P '*='\n"
	"\tcase $how in\n"
	"\tfiles) _files ;;\n"
	"\tfolders) _files -/ ;;\n"
	"\tesac\n"
	"}\n"
	"if [[ $funcstack[1] == _sandferry ]]; then\n"
	"\t_sandferry \"$@\"\n"
	"else\n"
	"\tcompdef _sandferry sandferry\n"
	"fi\n";

static const char fish_script[] =
	"# sandferry(1) for fish\n"
	"function __sandferry_offer\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l word (commandline -ct | string unescape | string collect)\n"
	"\tset -l lead (string match -r '^--[^=]*=' -- \"$word\" | string collect)\n"
	"\tset -l path (string replace -r '^--[^=]*=' '' -- \"$word\" | string collect)\n"
	"\tset -e words[1]\n"
	"\tset -l answer (command sandferry completion offer $words \"$word\" 2>/dev/null)\n"
	"\tset -l how $answer[1]\n"
	"\tset -e answer[1]\n"
	"\tprintf '%s\\n' $answer\n"
	"\tswitch \"$how\"\n"
	"\tcase files\n"
	"\t\tset answer (__fish_complete_path \"$path\")\n"
	"\tcase folders\n"
	"\t\tset answer (__fish_complete_directories \"$path\" '')\n"
	"\tcase '*'\n"
	"\t\treturn\n"
	"\tend\n"
	"\tfor path in $answer\n"
	"\t\tprintf '%s\\n' \"$lead$path\"\n"
	"\tend\n"
	"end\n"
	"complete -c sandferry -f -a '(__sandferry_offer)'\n";
/* clang-format on */

static const struct {
	const char *name, *script;
} shells[] = {
	{ "bash", bash_script },
	{ "zsh", zsh_script },
	{ "fish", fish_script },
};

int
cmd_completion(const struct options *o, struct ferry_error *err)
{
	struct text_near near = text_near_to(o->shell != NULL ? o->shell : "");
	char hint[80];
	size_t i;

	if (o->words != NULL) {
		offer_print(o->words);
		return 0;
	}
	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (o->shell != NULL && strcmp(shells[i].name, o->shell) == 0) {
			fputs(shells[i].script, stdout);
			return 0;
		}
		text_near_offer(&near, shells[i].name);
	}
	if (o->shell == NULL)
		return options_error(err, "Say bash, zsh or fish.",
		    "`completion' needs to know for which shell");
	snprintf(hint, sizeof(hint), "Did you mean `%s'?", near.best);
	return options_error(err,
	    near.best[0] != '\0' ? hint : "Say bash, zsh or fish.",
	    "there is no completion for `%.60s'", o->shell);
}
