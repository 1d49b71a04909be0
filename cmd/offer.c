/*
 * What may be typed next, from the tables, the site file, and what is recorded
 * of servers and grants.  Hub (the command).
 */
#include "cmd/offer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "cmd/text.h"

enum { MAX_ARGS = 4 };

/* What was typed so far. */
struct line {
	const char *last; /* up to the cursor */
	const char *value; /* of "--name=value" in it, else all of it */
	const char *args[MAX_ARGS]; /* words that are no options */
	size_t count;
	bool only_words; /* behind "--" */
	const struct options_row *asks; /* this option's value is the last */
	const struct options_verb_row *verb; /* or NULL: not typed yet */
	const char *half_verb; /* "host", its form still to come */
	size_t taken; /* args that are the verb's name */
	struct options typed; /* as far as it can be read */
};

/* Whatever a file says, it is shown as it is: without control characters. */
static bool
is_plain(const char *text)
{
	char shown[1024];

	return strcmp(text_show(shown, sizeof(shown), text, true), text) == 0;
}

static void
put(const struct line *l, const char *word, const char *about)
{
	size_t lead = (size_t)(l->value - l->last);

	if (*word == '\0' || !is_plain(word) ||
	    strncmp(word, l->value, strlen(l->value)) != 0)
		return;
	printf("%.*s%s\t%s\n", (int)lead, l->last, word,
	    is_plain(about) ? about : "");
}

static void
put_target(void *ctx, const char *name)
{
	put(ctx, name, "target");
}

/* "[host]:port", "host,address": a url to name it by, which needs a path. */
static void
put_host(const struct line *l, const struct ferry_host_entry *entry)
{
	const char *host = entry->hosts, *scheme = "sftp://";
	int n = host != NULL ? (int)strcspn(host, ",") : 0, name = 0;
	char url[300];

	if (n == 0 || entry->hashed || entry->only_read ||
	    strpbrk(host, "*?!|") != NULL)
		return;
	if (strstr(host, "://") != NULL)
		scheme = "";
	/* An address of IP version 6 keeps its brackets. */
	else if (*host == '[' && strcspn(host, ":") > strcspn(host, "]"))
		name = (int)strcspn(host, "]");
	if (name > 0)
		snprintf(url, sizeof(url), "%s%.*s%.*s/", scheme, name - 1,
		    host + 1, n - name - 1, host + name + 1);
	else
		snprintf(url, sizeof(url), "%s%.*s/", scheme, n, host);
	put(l, url, entry->type);
}

static void
on_event(void *ctx, const struct ferry_event *e)
{
	if (e->kind == ferry_EVENT_HOST_ENTRY)
		put_host(ctx, e->entry);
	if (e->kind == ferry_EVENT_GRANT)
		put(ctx, e->grant->url, "");
}

/* What is recorded of all servers, or granted to all sites. */
static void
put_recorded(struct line *l, enum ferry_verb verb)
{
	struct ferry_options options;
	struct ferry_site *site = NULL;
	struct ferry_job *job = NULL;

	ferry_options_init(&options);
	options.known_hosts = l->typed.known_hosts;
	options.access_file = l->typed.access_file;
	options.fallback_known_hosts = "none";
	if (ferry_site_new(&site, NULL) == 0 &&
	    ferry_job_new(&job, site, verb, &options, NULL) == 0)
		ferry_job_run(job, on_event, l, NULL);
	ferry_job_free(job);
	ferry_site_free(site);
}

static void
put_verbs(const struct line *l)
{
	const struct options_verb_row *row, *last = NULL;

	for (row = options_verbs; row->name != NULL; last = row++) {
		if (last == NULL || strcmp(last->name, row->name) != 0)
			put(l, row->name, options_summary(row));
	}
}

static void
put_forms(const struct line *l, const char *name)
{
	const struct options_verb_row *row;

	for (row = options_verbs; row->name != NULL; row++) {
		if (row->sub != NULL && strcmp(row->name, name) == 0)
			put(l, row->sub, row->help);
	}
}

static void
put_options(const struct line *l)
{
	const struct options_row *row;
	char name[64];

	for (row = options_rows; row->name != NULL; row++) {
		if (l->verb != NULL ? (row->verbs & l->verb->verb) == 0
				    : (row->verbs & VERB_HELP) == 0)
			continue;
		snprintf(name, sizeof(name), "--%s", row->name);
		put(l, name, row->help);
	}
}

/* Is NAME among "NAME|none"? */
static bool
takes(const char *arg, const char *name)
{
	size_t n;

	for (; *arg != '\0'; arg += n + (arg[n] == '|')) {
		n = strcspn(arg, "|");
		if (n == strlen(name) && strncmp(arg, name, n) == 0)
			return true;
	}
	return false;
}

/* A value in this form, of an option or as a word of a verb. */
static void
put_values(struct line *l, const char *arg, const struct options_row *row)
{
	const unsigned verb = l->verb != NULL ? l->verb->verb : 0;
	char word[32];
	size_t i;

	if (takes(arg, "FILE") || takes(arg, "PATH") ||
	    takes(arg, "SSH_CONFIG"))
		puts("files");
	else
		puts(takes(arg, "DIR") ? "folders" : "words");
	for (i = 0; options_word(word, sizeof(word), arg, i); i++)
		put(l, word, "");
	if (takes(arg, "TARGET"))
		ferry_site_targets(
		    l->typed.site_file, NULL, put_target, l, NULL);
	if (takes(arg, "VERB"))
		put_verbs(l);
	if (row != NULL && strcmp(row->name, "url") == 0) {
		if (verb == VERB_HOST_FORGET)
			put_recorded(l, ferry_HOST_LIST);
		if (verb == VERB_ACCESS_REMOVE)
			put_recorded(l, ferry_ACCESS_LIST);
	}
}

/* The i-th word that a verb takes: "TARGET" of "[N] [TARGET] --key FILE". */
static bool
verb_arg(char *dst, size_t size, const struct options_verb_row *verb, size_t i)
{
	const char *args = verb->args;
	size_t n;

	for (; *args != '\0'; args += n + (args[n] == ' ')) {
		n = strcspn(args, " ");
		if (args[0] == '-')
			return false;
		if (i-- > 0)
			continue;
		if (args[0] == '[')
			snprintf(dst, size, "%.*s", (int)n - 2, args + 1);
		else
			snprintf(dst, size, "%.*s", (int)n, args);
		return true;
	}
	return false;
}

/* A word that is no option. */
static void
put_words(struct line *l)
{
	char arg[64];
	size_t i = l->count - l->taken;

	if (l->verb == NULL) {
		puts("words");
		if (l->half_verb != NULL)
			put_forms(l, l->half_verb);
		else
			put_verbs(l);
		return;
	}
	/* `undo production': N may be left out. */
	if (!verb_arg(arg, sizeof(arg), l->verb, i)) {
		puts("words");
		return;
	}
	if (strcmp(arg, "N") == 0 && *l->last != '\0' &&
	    strspn(l->last, "0123456789") == 0)
		verb_arg(arg, sizeof(arg), l->verb, i + 1);
	put_values(l, arg, NULL);
	if (strcmp(arg, "N") == 0 && *l->last == '\0')
		ferry_site_targets(
		    l->typed.site_file, NULL, put_target, l, NULL);
}

static const struct options_row *
find_option(const char *word)
{
	const struct options_row *row;
	size_t n = strcspn(word, "=");
	const char *p;

	if (word[1] == '-') {
		for (row = options_rows; row->name != NULL; row++) {
			if (n == strlen(row->name) + 2 &&
			    strncmp(row->name, word + 2, n - 2) == 0)
				return row;
		}
		return NULL;
	}
	/* -nC: a value is asked for by the first letter that takes one. */
	for (p = word + 1; *p != '\0'; p++) {
		for (row = options_rows; row->name != NULL; row++) {
			if (row->letter == *p && row->arg != NULL)
				return p[1] == '\0' ? row : NULL;
		}
	}
	return NULL;
}

/* Which verb do the words name? */
static void
find_verb(struct line *l)
{
	const struct options_verb_row *row;

	for (row = options_verbs; l->count > 0 && row->name != NULL; row++) {
		if (strcmp(row->name, l->args[0]) != 0 &&
		    (row->alias == NULL || strcmp(row->alias, l->args[0]) != 0))
			continue;
		if (row->sub == NULL) {
			l->verb = row;
			l->taken = 1;
			return;
		}
		l->half_verb = row->name;
		if (l->count > 1 && strcmp(row->sub, l->args[1]) == 0) {
			l->verb = row;
			l->taken = 2;
			return;
		}
	}
}

static void
read_line(struct line *l, char *const words[])
{
	const struct options_row *row = NULL;
	const char *word;
	size_t i;

	for (i = 0; words[i + 1] != NULL; i++) {
		word = words[i];
		if (row != NULL) {
			row = NULL;
		} else if (l->only_words || word[0] != '-' || word[1] == '\0') {
			if (l->count < MAX_ARGS)
				l->args[l->count++] = word;
		} else if (strcmp(word, "--") == 0) {
			l->only_words = true;
		} else if (strncmp(word, "--", 2) != 0 ||
		    strchr(word, '=') == NULL) {
			row = find_option(word);
			if (row != NULL && row->arg == NULL)
				row = NULL;
		}
	}
	l->last = l->value = words[i];
	l->asks = row;
	word = strchr(l->last, '=');
	if (row == NULL && !l->only_words && word != NULL &&
	    strncmp(l->last, "--", 2) == 0) {
		l->asks = find_option(l->last);
		l->value = word + 1;
	}
	find_verb(l);
}

void
offer_print(char *const words[])
{
	struct line l = { .count = 0 };
	char *argv[64] = { "sandferry" };
	int argc = 1;

	if (words[0] == NULL)
		return;
	read_line(&l, words);
	while (argc < 63 && words[argc] != NULL) {
		argv[argc] = words[argc - 1];
		argc++;
	}
	/* What was typed is not finished, so that mistakes are none. */
	(void)options_parse(&l.typed, argc, argv, NULL);
	if (l.typed.dir != NULL && chdir(l.typed.dir) != 0) {
		puts("words");
	} else if (l.asks != NULL) {
		if (l.asks->arg != NULL)
			put_values(&l, l.asks->arg, l.asks);
	} else if (l.value != l.last) {
		puts("words");
	} else if (!l.only_words && l.last[0] == '-') {
		puts("words");
		put_options(&l);
	} else {
		put_words(&l);
	}
	options_free(&l.typed);
}
