/*
 * help: one screen of verbs, the options of one, or its manual page.  All of it
 * comes from the tables and keeps within the terminal's width.  Hub (the
 * command).
 */
#include "cmd/cmd.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MIN_COLUMNS = 40,
	MAX_COLUMNS = 100, /* longer lines are hard to read */
	STANDARD_COLUMNS = 80, /* of no terminal */
	NAME_COLUMNS = 28, /* of options, with what they take */
	VERB_COLUMNS = 12,
	DEEP = 10, /* what stands below its name */
};

/* A text in words, each of which starts a new line where it does not fit. */
struct page {
	FILE *to;
	size_t columns, at, indent;
};

static size_t
columns_of(FILE *to)
{
	struct winsize size;

	if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return STANDARD_COLUMNS;
	if (size.ws_col < MIN_COLUMNS)
		return MIN_COLUMNS;
	return size.ws_col < MAX_COLUMNS ? size.ws_col : MAX_COLUMNS;
}

/* The next word begins at this column, on this line or on the next one. */
static void
move_to(struct page *p, size_t column)
{
	if (p->at > column || (p->at > 0 && p->at + 1 > column)) {
		fputc('\n', p->to);
		p->at = 0;
	}
	fprintf(p->to, "%*s", (int)(column - p->at), "");
	p->at = column;
	p->indent = column;
}

/* The bytes up to the last `|' among the first few, or 0. */
static size_t
last_choice(const char *word, size_t n)
{
	while (n > 0 && word[n - 1] != '|')
		n--;
	return n;
}

static void
put_word(struct page *p, const char *word, size_t n)
{
	bool first = p->at == p->indent;
	size_t cut;

	if (!first && p->at + 1 + n > p->columns) {
		fprintf(p->to, "\n%*s", (int)p->indent, "");
		p->at = p->indent;
		first = true;
	}
	/* What is too long for any line is cut behind one of its choices. */
	while (p->at + !first + n > p->columns &&
	    (cut = last_choice(word, p->columns - p->at - !first)) > 0) {
		fprintf(p->to, "%s%.*s\n%*s", first ? "" : " ", (int)cut, word,
		    (int)p->indent, "");
		word += cut;
		n -= cut;
		p->at = p->indent;
		first = true;
	}
	fprintf(p->to, "%s%.*s", first ? "" : " ", (int)n, word);
	p->at += n + !first;
}

static void
put_words(struct page *p, const char *words)
{
	size_t n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		put_word(p, words, n);
	}
}

static void
end_line(struct page *p)
{
	fputc('\n', p->to);
	p->at = p->indent = 0;
}

/* Its blanks in front are part of it. */
static void
put_name(struct page *p, const char *name)
{
	size_t n = strspn(name, " ");

	fprintf(p->to, "%.*s", (int)n, name);
	p->at += n;
	p->indent = p->at;
	put_words(p, name + n);
}

/* A name, and beside it, or below where there is no room, what it is. */
static void
put_entry(struct page *p, const char *name, size_t width, const char *text)
{
	bool narrow = p->columns < STANDARD_COLUMNS - 20 && width > 20;

	move_to(p, 2);
	put_name(p, name);
	move_to(p, narrow ? DEEP : 2 + width + 1);
	put_words(p, text);
	end_line(p);
}

/* A command to be typed; where it is cut, the shell reads on. */
static void
put_example(struct page *p, const char *command)
{
	size_t n;

	move_to(p, 2);
	for (; *command != '\0'; command += n + (command[n] == ' ')) {
		n = strcspn(command, " ");
		if (p->at + 1 + n + 2 > p->columns && p->at > 2) {
			fputs(" \\", p->to);
			move_to(p, 0);
			move_to(p, 4);
		}
		put_word(p, command, n);
	}
	end_line(p);
}

void
cmd_help_print(FILE *to)
{
	struct page p = { to, columns_of(to), 0, 0 };
	const struct options_verb_row *row, *last = NULL;

	put_words(&p,
	    "sandferry brings a web site to its server, by SFTP, FTP or into "
	    "a folder: only what changed, and no visitor sees half of it.");
	end_line(&p);
	end_line(&p);
	for (row = options_verbs; row->name != NULL; last = row++) {
		if (row->verb == VERB_HELP || row->verb == VERB_VERSION ||
		    (last != NULL && strcmp(last->name, row->name) == 0))
			continue;
		put_entry(&p, row->name, VERB_COLUMNS, options_summary(row));
	}
	fputs("\nExamples:\n", to);
	put_example(&p, "sandferry init");
	put_example(&p,
	    "sandferry plan --source public --url "
	    "sftp://me@example.org/~/www");
	put_example(&p, "sandferry publish");
	end_line(&p);
	put_words(
	    &p, "`sandferry help VERB' explains one, sandferry(1) all of it.");
	end_line(&p);
}

static void
put_usage(struct page *p, const struct options_verb_row *row, const char *lead)
{
	put_words(p, lead);
	move_to(p, 7);
	put_words(p, "sandferry");
	p->indent = 11;
	put_words(p, row->name);
	if (row->sub != NULL)
		put_words(p, row->sub);
	if ((row->verb & (VERB_HELP | VERB_VERSION | VERB_COMPLETION)) == 0)
		put_words(p, "[OPTION]...");
	put_words(p, row->args);
	end_line(p);
	move_to(p, 9);
	put_words(p, row->help);
	end_line(p);
}

/* "-c, --config FILE" */
static void
name_option(char *dst, size_t size, const struct options_row *row)
{
	snprintf(dst, size, "%c%c%s --%s%s%s", row->letter != 0 ? '-' : ' ',
	    row->letter != 0 ? row->letter : ' ', row->letter != 0 ? "," : " ",
	    row->name, row->arg != NULL ? " " : "",
	    row->arg != NULL ? row->arg : "");
}

static void
put_options(struct page *p, unsigned verbs)
{
	const struct options_row *row;
	char name[96];
	bool more = false;

	fputs("\nOptions:\n", p->to);
	for (row = options_rows; row->name != NULL; row++) {
		if ((row->verbs & verbs) == 0)
			continue;
		name_option(name, sizeof(name), row);
		if ((row->verbs & OPTIONS_RARE) == 0)
			put_entry(p, name, NAME_COLUMNS, row->help);
		else
			more = true;
	}
	if (!more)
		return;
	fputs("\nMore, explained in sandferry(1):\n", p->to);
	move_to(p, 2);
	for (row = options_rows; row->name != NULL; row++) {
		if ((row->verbs & verbs) == 0 ||
		    (row->verbs & OPTIONS_RARE) == 0)
			continue;
		snprintf(name, sizeof(name), "--%s", row->name);
		put_word(p, name, strlen(name));
	}
	end_line(p);
}

/* Is this verb the one, or one of those, that help is wanted for? */
static bool
is_meant(const struct options_verb_row *row, const struct options *o)
{
	if (o->about == NULL)
		return row->verb == o->verb;
	if (strcmp(row->name, o->about) != 0 &&
	    (row->alias == NULL || strcmp(row->alias, o->about) != 0))
		return false;
	return o->about_sub == NULL || row->sub == NULL ||
	    strcmp(row->sub, o->about_sub) == 0;
}

/* Is there a manual, and somebody before a terminal to read it? */
static bool
has_manual(void)
{
	char *const argv[] = { "man", "-w", "1", "sandferry", NULL };
	const char *term = getenv("TERM");
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || term == NULL ||
	    strcmp(term, "dumb") == 0)
		return false;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	posix_spawn_file_actions_addopen(
	    &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(
	    &actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, "man", &actions, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		status = -1;
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

/*
 * Become man(1), which shows the page from the verb on if the pager is less(1).
 * Returns only where that fails.
 */
static void
open_manual(const struct options_verb_row *row)
{
	const char *less = getenv("LESS");
	char from[256];

	snprintf(from, sizeof(from), "%s%s+/^ +%s%s%s( |$)",
	    less != NULL ? less : "", less != NULL ? " " : "", row->name,
	    row->sub != NULL ? " " : "", row->sub != NULL ? row->sub : "");
	setenv("LESS", from, 1);
	signal(SIGPIPE, SIG_DFL);
	execlp("man", "man", "1", "sandferry", (char *)NULL);
}

int
cmd_help(const struct options *o)
{
	struct page p = { stdout, columns_of(stdout), 0, 0 };
	const struct options_verb_row *row, *first = NULL;
	unsigned verbs = 0;

	for (row = options_verbs; row->name != NULL; row++) {
		if (!is_meant(row, o))
			continue;
		if (first == NULL)
			first = row;
		verbs |= row->verb;
	}
	if (verbs == 0 || (verbs == VERB_HELP && o->about == NULL)) {
		cmd_help_print(stdout);
		return 0;
	}
	if (o->verb == VERB_HELP && o->about != NULL && has_manual())
		open_manual(first);
	for (row = options_verbs; row->name != NULL; row++) {
		if ((row->verb & verbs) != 0)
			put_usage(&p, row, row == first ? "Usage:" : "");
	}
	put_options(&p, verbs);
	return 0;
}
