/* The command line, taken apart by options_table.c.  Hub (the command). */
#include "cmd/options.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options_parts.h"
#include "cmd/text.h"

enum { RETRY_SECONDS = 5, RETRY_MOST = 1000, RETRY_LONGEST = 300 };

int
options_error(
    struct ferry_error *err, const char *hint, const char *format, ...)
{
	char raw[240];
	va_list ap;

	if (err == NULL)
		return -ferry_EUSAGE;
	memset(err, 0, sizeof(*err));
	err->code = ferry_EUSAGE;
	snprintf(err->id, sizeof(err->id), "usage");
	va_start(ap, format);
	vsnprintf(raw, sizeof(raw), format, ap);
	va_end(ap);
	text_show(err->text, sizeof(err->text), raw, true);
	if (hint != NULL)
		text_show(err->hint, sizeof(err->hint), hint, true);
	return -ferry_EUSAGE;
}

/* What was probably meant, or else where to look. */
static int
unknown(struct ferry_error *err, const struct text_near *near, const char *lead,
    const char *elsewhere, const char *what)
{
	char hint[120];

	snprintf(hint, sizeof(hint), "Did you mean `%s%s'?", lead, near->best);
	return options_error(
	    err, near->best[0] != '\0' ? hint : elsewhere, "unknown %s", what);
}

static int
unknown_option(const char *name, struct ferry_error *err)
{
	struct text_near near = text_near_to(name);
	const struct options_row *row;
	char what[80];

	for (row = options_rows; row->name != NULL; row++)
		text_near_offer(&near, row->name);
	snprintf(what, sizeof(what), "option --%.60s", name);
	return unknown(
	    err, &near, "--", "`sandferry help VERB' lists the options.", what);
}

static int
unknown_verb(const char *word, struct ferry_error *err)
{
	struct text_near near = text_near_to(word);
	const struct options_verb_row *row;
	char what[80];

	for (row = options_verbs; row->name != NULL; row++) {
		text_near_offer(&near, row->name);
		if (row->alias != NULL)
			text_near_offer(&near, row->alias);
	}
	snprintf(what, sizeof(what), "verb `%.60s'", word);
	return unknown(
	    err, &near, "", "`sandferry help' lists all verbs.", what);
}

/* "Say show, trust, forget or list." */
static const char *
list_subs(char *dst, size_t size, const char *name)
{
	const struct options_verb_row *row, *last = NULL;
	size_t n = (size_t)snprintf(dst, size, "Say ");

	for (row = options_verbs; row->name != NULL; row++) {
		if (row->sub == NULL || strcmp(row->name, name) != 0)
			continue;
		if (last != NULL && n < size)
			n += (size_t)snprintf(dst + n, size - n, "%s%s",
			    n > 4 ? ", " : "", last->sub);
		last = row;
	}
	if (last != NULL && n < size)
		snprintf(dst + n, size - n, " or %s.", last->sub);
	return dst;
}

/* Which form of a verb that has several; word NULL: the line ended. */
static int
parse_sub(struct options *o, const char *name, const char *word,
    struct ferry_error *err)
{
	struct text_near near = text_near_to(word != NULL ? word : "");
	const struct options_verb_row *row;
	char hint[120], lead[24], what[100];

	for (row = options_verbs; row->name != NULL; row++) {
		if (row->sub == NULL || strcmp(row->name, name) != 0)
			continue;
		if (word != NULL && strcmp(row->sub, word) == 0) {
			o->verb = row->verb;
			return 0;
		}
		text_near_offer(&near, row->sub);
	}
	list_subs(hint, sizeof(hint), name);
	if (word == NULL)
		return options_error(
		    err, hint, "`%s' needs to know what to do", name);
	snprintf(lead, sizeof(lead), "%s ", name);
	snprintf(what, sizeof(what), "verb `%s %.60s'", name, word);
	return unknown(err, &near, lead, hint, what);
}

static const struct options_verb_row *
find_verb(const char *word)
{
	const struct options_verb_row *row;

	for (row = options_verbs; row->name != NULL; row++) {
		if (strcmp(word, row->name) == 0 ||
		    (row->alias != NULL && strcmp(word, row->alias) == 0))
			return row;
	}
	return NULL;
}

/* A parse in progress. */
struct parser {
	struct options *o;
	int argc, next;
	char *const *argv;
	const char *half_verb; /* "host" was read, its form was not */
	bool seen[OPTIONS_MOST]; /* as options_rows */
};

/* A word that is no option: verb, form of the verb, or argument. */
static int
parse_word(struct parser *p, const char *word, struct ferry_error *err)
{
	const struct options_verb_row *row;
	struct options *o = p->o;
	const char *name = p->half_verb;

	if (name != NULL) {
		p->half_verb = NULL;
		return parse_sub(o, name, word, err);
	}
	if (o->verb == 0) {
		row = find_verb(word);
		if (row == NULL)
			return unknown_verb(word, err);
		if (row->sub != NULL)
			p->half_verb = row->name;
		else
			o->verb = row->verb;
		return 0;
	}
	if (o->verb == VERB_HELP && o->about == NULL) {
		o->about = word;
		return find_verb(word) == NULL ? unknown_verb(word, err) : 0;
	}
	if (o->verb == VERB_HELP && o->about_sub == NULL) {
		o->about_sub = word;
		return 0;
	}
	if (o->verb == VERB_COMPLETION && o->shell == NULL) {
		o->shell = word;
		/* What the shells ask is what somebody types, mistakes too. */
		if (strcmp(word, "offer") == 0) {
			o->words = p->argv + p->next;
			p->next = p->argc;
		}
		return 0;
	}
	if (o->verb == VERB_ACCESS_IMPORT && o->ssh_config == NULL) {
		o->ssh_config = word;
		return 0;
	}
	if (o->verb == VERB_UNDO && o->generation == NULL &&
	    word[strspn(word, "0123456789")] == '\0') {
		o->generation = word;
		return 0;
	}
	if ((o->verb & WORKS) == 0 || o->target != NULL)
		return options_error(err,
		    "`sandferry help VERB' shows what it takes.",
		    "`%.60s' is one word too many", word);
	o->target = word;
	return 0;
}

static int
parse_number(int *out, const struct options_row *row, const char *value,
    struct ferry_error *err)
{
	char *end;
	long n;

	n = strtol(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || n > INT_MAX)
		return options_error(err, NULL,
		    "--%s needs a number, not `%.60s'", row->name, value);
	*out = (int)n;
	return 0;
}

/* N, or N:SECONDS */
static int
parse_retry(struct options_retry *out, const struct options_row *row,
    const char *value, struct ferry_error *err)
{
	char *end = NULL;
	long n = -1, seconds = RETRY_SECONDS;

	if (value[0] >= '0' && value[0] <= '9')
		n = strtol(value, &end, 10);
	if (n >= 0 && *end == ':' && end[1] >= '0' && end[1] <= '9')
		seconds = strtol(end + 1, &end, 10);
	if (n < 0 || n > RETRY_MOST || *end != '\0' || seconds > RETRY_LONGEST)
		return options_error(err,
		    "Say how often, at most 1000, and after how many seconds "
		    "first, at most 300: 5 or 5:10.",
		    "--%s does not understand `%.60s'", row->name, value);
	*out = (struct options_retry){ (int)n, (int)seconds };
	return 0;
}

/* One of its words; out: which, as an int, which the enums here are. */
static int
parse_choice(int *out, const struct options_row *row, const char *value,
    struct ferry_error *err)
{
	struct text_near near = text_near_to(value);
	char word[32], hint[120];
	size_t i;

	for (i = 0; options_word(word, sizeof(word), row->arg, i); i++) {
		if (strcmp(value, word) == 0) {
			*out = (int)i;
			return 0;
		}
		text_near_offer(&near, word);
	}
	if (near.best[0] != '\0')
		snprintf(hint, sizeof(hint), "Did you mean `%s'?", near.best);
	else
		options_list_words(hint, sizeof(hint), row->arg);
	return options_error(
	    err, hint, "--%s does not know `%.60s'", row->name, value);
}

static int
store(struct parser *p, const struct options_row *row, const char *value,
    struct ferry_error *err)
{
	void *at = (char *)p->o + row->offset;
	struct options_setting *setting;

	p->seen[row - options_rows] = true;
	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)at = true;
		return 0;
	case KIND_COUNT:
		++*(int *)at;
		return 0;
	case KIND_TEXT:
		*(const char **)at = value;
		return 0;
	case KIND_NUMBER:
		return parse_number(at, row, value, err);
	case KIND_RETRY:
		return parse_retry(at, row, value, err);
	case KIND_COLOR:
	case KIND_CONFINE:
		return parse_choice(at, row, value, err);
	case KIND_SITE:
	default:
		setting = &p->o->settings[p->o->setting_count++];
		setting->key = row->key;
		setting->value = row->arg != NULL ? value : "yes";
		return 0;
	}
}

/* --name, --name=value, --name value */
static int
parse_long(struct parser *p, const char *word, struct ferry_error *err)
{
	const struct options_row *row;
	const char *value = strchr(word, '=');
	char name[64];
	size_t n = value != NULL ? (size_t)(value - word) : strlen(word);

	/* The name alone: a value may be a secret, typed by mistake. */
	snprintf(name, sizeof(name), "%.*s", n < 60 ? (int)n : 60, word);
	for (row = options_rows; row->name != NULL; row++) {
		if (strcmp(row->name, name) == 0)
			break;
	}
	if (row->name == NULL)
		return unknown_option(name, err);
	if (value != NULL && row->arg == NULL)
		return options_error(err,
		    row->offset == offsetof(struct options, use_password)
			? "A secret is never given in words: use --password-fd."
			: NULL,
		    "--%s takes no value", name);
	if (row->arg == NULL)
		return store(p, row, NULL, err);
	if (value == NULL && p->next == p->argc)
		return options_error(
		    err, NULL, "--%s needs a value: %s", name, row->arg);
	return store(
	    p, row, value != NULL ? value + 1 : p->argv[p->next++], err);
}

/* -n, -nv, -C DIR, -CDIR */
static int
parse_letters(struct parser *p, const char *letters, struct ferry_error *err)
{
	const struct options_row *row;
	const char *value;
	int r = 0;

	for (; r == 0 && *letters != '\0'; letters++) {
		for (row = options_rows; row->name != NULL; row++) {
			if (row->letter == *letters)
				break;
		}
		if (row->name == NULL)
			return options_error(err,
			    "`sandferry help VERB' lists the options.",
			    "unknown option -%c", *letters);
		if (row->arg == NULL) {
			r = store(p, row, NULL, err);
			continue;
		}
		value = letters + 1;
		if (*value == '\0' && p->next == p->argc)
			return options_error(err, NULL, "-%c needs a value: %s",
			    row->letter, row->arg);
		return store(
		    p, row, *value != '\0' ? value : p->argv[p->next++], err);
	}
	return r;
}

/* Does what was typed go together? */
static int
judge(const struct parser *p, struct ferry_error *err)
{
	const struct options_verb_row *verb;
	const struct options *o = p->o;
	size_t i;

	if (p->half_verb != NULL && !o->help)
		return parse_sub(p->o, p->half_verb, NULL, err);
	for (verb = options_verbs; verb->name != NULL; verb++) {
		if (verb->verb == o->verb)
			break;
	}
	for (i = 0; verb->name != NULL && options_rows[i].name != NULL; i++) {
		if (p->seen[i] && (options_rows[i].verbs & o->verb) == 0)
			return options_error(err,
			    "`sandferry help VERB' lists the options.",
			    "--%s means nothing to `%s%s%s'",
			    options_rows[i].name, verb->name,
			    verb->sub != NULL ? " " : "",
			    verb->sub != NULL ? verb->sub : "");
	}
	if (o->verb == VERB_ACCESS_IMPORT && o->ssh_config == NULL && !o->help)
		return options_error(err,
		    "Name the file, such as ~/.ssh/config.",
		    "`access import' needs an ssh_config to read");
	if (o->quiet && o->verbose > 0)
		return options_error(err, "Leave out one of them.",
		    "--quiet and --verbose contradict each other");
	if (options_value(o, "url") != NULL &&
	    (o->target != NULL || o->site_file != NULL))
		return options_error(err, "Leave out one of them.",
		    "--url reads no site file, so it has no targets");
	if (options_value(o, "url") != NULL && (o->verb & SENDS) != 0 &&
	    options_value(o, "source") == NULL)
		return options_error(err, "Add --source DIR.",
		    "--url says where to, but not what to publish");
	return 0;
}

int
options_parse(
    struct options *out, int argc, char *const argv[], struct ferry_error *err)
{
	struct parser p;
	bool only_words = false;
	const char *word;
	int r = 0;

	memset(out, 0, sizeof(*out));
	out->key_fd = out->secret_fd = -1;
	out->settings = calloc((size_t)argc + 1, sizeof(*out->settings));
	if (out->settings == NULL) {
		options_error(err, NULL, "out of memory");
		if (err != NULL)
			err->code = ferry_EINTERNAL;
		return -ferry_EINTERNAL;
	}
	p = (struct parser){ .o = out, .argc = argc, .next = 1, .argv = argv };
	while (r == 0 && p.next < argc) {
		word = argv[p.next++];
		if (only_words || word[0] != '-' || word[1] == '\0')
			r = parse_word(&p, word, err);
		else if (strcmp(word, "--") == 0)
			only_words = true;
		else if (word[1] == '-')
			r = parse_long(&p, word + 2, err);
		else
			r = parse_letters(&p, word + 1, err);
	}
	if (r != 0)
		return r;
	/* `sandferry host --help` explains all of `host`. */
	if (p.half_verb != NULL && out->help)
		out->about = p.half_verb;
	return judge(&p, err);
}

void
options_free(struct options *o)
{
	free(o->settings);
	o->settings = NULL;
}

const char *
options_value(const struct options *o, const char *key)
{
	size_t i = o->setting_count;

	while (i-- > 0) {
		if (strcmp(o->settings[i].key, key) == 0)
			return o->settings[i].value;
	}
	return NULL;
}
