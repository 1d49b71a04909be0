/*
 * The key files that an ssh_config(5) names for one host: each Host name of
 * the file is looked up as ssh(1) would, and counts if it leads there.  Hub;
 * no I/O.
 */
#include "auth/ssh_config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* The work grows with names times lines; a person's file has some dozens. */
enum { LIMIT_ALIASES = 1024, LIMIT_VALUE = 4096 };

enum keyword {
	OTHER,
	HOST,
	MATCH,
	INCLUDE,
	HOST_NAME,
	USER,
	PORT,
	IDENTITY_FILE,
};

static const struct {
	const char *name;
	enum keyword keyword;
} keywords[] = {
	{ "Host", HOST },
	{ "Match", MATCH },
	{ "Include", INCLUDE },
	{ "HostName", HOST_NAME },
	{ "User", USER },
	{ "Port", PORT },
	{ "IdentityFile", IDENTITY_FILE },
};

struct line {
	enum keyword keyword;
	unsigned number;
	const char *const *words; /* the arguments; NULL-terminated */
};

struct reader {
	struct ssh_config *out;
	const struct ssh_config_query *query;
	struct line *lines; /* that say something to us */
	size_t count, cap;
	const char *aliases[LIMIT_ALIASES];
	size_t alias_count;
	struct ferry_error *err;
};

/* What a name leads to. */
struct target {
	const char *alias, *host, *user, *port;
};

/* Room for one more; false: out of memory. */
static bool
grow(void **items, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap > 0 ? 2 * *cap : 16;
	void *p;

	if (count < *cap)
		return true;
	p = realloc(*items, more * size);
	if (p == NULL)
		return false;
	*items = p;
	*cap = more;
	return true;
}

/* ---- The lines ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

/*
 * The next word of [*p, end), unquoted; NULL: there is none.  A quotation that
 * does not end, and an escape, are taken as they stand.
 */
static const char *
next_word(struct arena *names, const char **p, const char *end)
{
	const char *s = *p, *from;

	while (s < end && is_blank(*s))
		s++;
	*p = s;
	if (s == end || *s == '#')
		return NULL;
	from = s;
	if (*s == '"') {
		from = ++s;
		while (s < end && *s != '"')
			s++;
		*p = s < end ? s + 1 : s;
	} else {
		while (s < end && !is_blank(*s))
			s++;
		*p = s;
	}
	return arena_copy(names, from, (size_t)(s - from));
}

/* The keyword in front; *p goes to its first argument. */
static enum keyword
read_keyword(const char **p, const char *end)
{
	const char *s = *p, *from;
	size_t n;

	while (s < end && is_blank(*s))
		s++;
	from = s;
	while (s < end && !is_blank(*s) && *s != '=')
		s++;
	n = (size_t)(s - from);
	while (s < end && is_blank(*s))
		s++;
	*p = s < end && *s == '=' ? s + 1 : s;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
		if (strlen(keywords[i].name) == n &&
		    strncasecmp(keywords[i].name, from, n) == 0)
			return keywords[i].keyword;
	}
	return OTHER;
}

static int
add_odd(struct reader *r, unsigned line, const char *what)
{
	struct ssh_config *c = r->out;

	if (!grow((void **)&c->odd, c->odd_count, &c->odd_cap, sizeof(*c->odd)))
		return err_memory(r->err);
	c->odd[c->odd_count++] = (struct ssh_config_odd){ what, line };
	return 0;
}

static int
add_line(struct reader *r, enum keyword keyword, unsigned number, const char *p,
    const char *end)
{
	struct arena *names = &r->out->names;
	const char **words;
	size_t n = 0;

	if (!grow((void **)&r->lines, r->count, &r->cap, sizeof(*r->lines)))
		return err_memory(r->err);
	/* Every other byte begins a word at most. */
	words =
	    arena_alloc(names, ((size_t)(end - p) / 2 + 2) * sizeof(*words));
	if (words == NULL)
		return err_memory(r->err);
	while ((words[n] = next_word(names, &p, end)) != NULL)
		n++;
	r->lines[r->count++] = (struct line){ keyword, number, words };
	return 0;
}

static int
read_lines(struct reader *r, const char *text, size_t n)
{
	const char *p = text, *end = text + n, *stop;
	unsigned number = 0;
	int rc = 0;

	for (; rc == 0 && p < end; p = stop + (stop < end)) {
		enum keyword keyword;

		number++;
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		/* A name cannot hold it: the line is not for us. */
		if (memchr(p, '\0', (size_t)(stop - p)) != NULL)
			continue;
		keyword = read_keyword(&p, stop);
		if (keyword == INCLUDE)
			rc = add_odd(r, number, "Include is not followed");
		else if (keyword != OTHER)
			rc = add_line(r, keyword, number, p, stop);
		if (rc == 0 && keyword == MATCH)
			rc = add_odd(r, number, "Match is not followed");
	}
	return rc;
}

/* ---- What a name leads to ---- */

/* '*' and '?', as PATTERNS in ssh_config(5). */
static bool
is_like(const char *pattern, const char *name)
{
	const char *star = NULL, *again = NULL;

	while (*name != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			again = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star != NULL) {
			pattern = star;
			name = ++again;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

/* One that is negated and matches outweighs all others. */
static bool
is_for(const struct line *host, const char *alias)
{
	bool found = false;

	for (size_t i = 0; host->words[i] != NULL; i++) {
		const char *pattern = host->words[i];

		if (*pattern == '!' && is_like(pattern + 1, alias))
			return false;
		found = found || is_like(pattern, alias);
	}
	return found;
}

/* The next line that counts for this name, from *i on; NULL: no more. */
static const struct line *
next_line(const struct reader *r, const char *alias, size_t *i, bool *active)
{
	for (; *i < r->count; ++*i) {
		const struct line *line = &r->lines[*i];

		if (line->keyword == HOST || line->keyword == MATCH) {
			*active = line->keyword == HOST && is_for(line, alias);
		} else if (*active && line->words[0] != NULL) {
			++*i;
			return line;
		}
	}
	return NULL;
}

/* ~/ in front, %h %n %r %d and %%; NULL: it has others, or is too long. */
static const char *
expand(struct reader *r, const struct target *t, const char *s)
{
	const struct ssh_config_query *q = r->query;
	const char *copy = NULL;
	bool known = true;
	struct buf b;

	buf_init(&b, LIMIT_VALUE);
	if (s[0] == '~' && s[1] == '/') {
		buf_put(&b, q->home, strlen(q->home));
		s++;
	}
	for (; known && *s != '\0'; s++) {
		const char *by = NULL;

		if (*s != '%') {
			buf_put_u8(&b, (uint8_t)*s);
			continue;
		}
		switch (*++s) {
		case '%':
			by = "%";
			break;
		case 'h':
			by = t->host != NULL ? t->host : t->alias;
			break;
		case 'n':
			by = t->alias;
			break;
		case 'r':
			by = q->user;
			break;
		case 'd':
			by = q->home;
			break;
		default:
			known = false;
			break;
		}
		if (!known)
			break;
		buf_put(&b, by, strlen(by));
	}
	if (known && buf_ok(&b))
		copy = arena_copy(&r->out->names, buf_text(&b), b.len);
	buf_free(&b);
	return copy;
}

/* The first value of each counts. */
static struct target
find_target(struct reader *r, const char *alias)
{
	struct target t = { .alias = alias }, plain = { .alias = alias };
	const struct line *line;
	bool active = true;
	size_t i = 0;

	while ((line = next_line(r, alias, &i, &active)) != NULL) {
		if (line->keyword == HOST_NAME && t.host == NULL)
			t.host = line->words[0];
		if (line->keyword == USER && t.user == NULL)
			t.user = line->words[0];
		if (line->keyword == PORT && t.port == NULL)
			t.port = line->words[0];
	}
	/* "%h" in it is the name that was typed */
	if (t.host != NULL)
		t.host = expand(r, &plain, t.host);
	else
		t.host = alias;
	return t;
}

static bool
is_ours(const struct ssh_config_query *q, const struct target *t)
{
	char port[16];

	snprintf(port, sizeof(port), "%u", q->port);
	return t->host != NULL && strcasecmp(t->host, q->host) == 0 &&
	    (t->user == NULL || strcmp(t->user, q->user) == 0) &&
	    strcmp(t->port != NULL ? t->port : "22", port) == 0;
}

static bool
is_known(const struct ssh_config *c, const char *path)
{
	for (size_t i = 0; i < c->key_count; i++) {
		if (strcmp(c->keys[i].path, path) == 0)
			return true;
	}
	return false;
}

static int
add_key(struct reader *r, const struct target *t, const struct line *line)
{
	struct ssh_config *c = r->out;
	const char *path;

	if (strcmp(line->words[0], "none") == 0)
		return 0;
	path = expand(r, t, line->words[0]);
	if (path == NULL || *path != '/')
		return add_odd(
		    r, line->number, "this IdentityFile is not understood");
	if (is_known(c, path))
		return 0;
	if (!grow(
		(void **)&c->keys, c->key_count, &c->key_cap, sizeof(*c->keys)))
		return err_memory(r->err);
	c->keys[c->key_count++] =
	    (struct ssh_config_key){ path, t->alias, line->number };
	return 0;
}

static int
look_up(struct reader *r, const char *alias)
{
	struct target t = find_target(r, alias);
	const struct line *line;
	bool active = true;
	size_t i = 0;
	int rc = 0;

	if (!is_ours(r->query, &t))
		return 0;
	while (rc == 0 && (line = next_line(r, alias, &i, &active)) != NULL) {
		if (line->keyword == IDENTITY_FILE)
			rc = add_key(r, &t, line);
	}
	return rc;
}

/* ---- The names ---- */

static int
add_alias(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->alias_count; i++) {
		if (strcmp(r->aliases[i], name) == 0)
			return 0;
	}
	if (r->alias_count == LIMIT_ALIASES)
		return err_set(r->err, ferry_EUSAGE, "ssh_config_hosts",
		    "more than %d names of hosts", LIMIT_ALIASES);
	r->aliases[r->alias_count++] = name;
	return 0;
}

/* The site's own name, and all that are no patterns. */
static int
find_aliases(struct reader *r)
{
	int rc = add_alias(r, r->query->host);

	for (size_t i = 0; rc == 0 && i < r->count; i++) {
		const char *const *word = r->lines[i].words;

		if (r->lines[i].keyword != HOST)
			continue;
		for (; rc == 0 && *word != NULL; word++) {
			if (strpbrk(*word, "*?!") == NULL)
				rc = add_alias(r, *word);
		}
	}
	return rc;
}

static int
by_line(const void *a, const void *b)
{
	const struct ssh_config_key *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

int
ssh_config_read(struct ssh_config *out, const char *text, size_t n,
    const struct ssh_config_query *query, struct ferry_error *err)
{
	struct reader r = { .out = out, .query = query, .err = err };
	int rc;

	memset(out, 0, sizeof(*out));
	arena_init(&out->names);
	rc = read_lines(&r, text, n);
	if (rc == 0)
		rc = find_aliases(&r);
	for (size_t i = 0; rc == 0 && i < r.alias_count; i++)
		rc = look_up(&r, r.aliases[i]);
	if (rc == 0 && out->key_count > 1)
		qsort(out->keys, out->key_count, sizeof(*out->keys), by_line);
	free(r.lines);
	return rc;
}

void
ssh_config_free(struct ssh_config *c)
{
	arena_free(&c->names);
	free(c->keys);
	free(c->odd);
	memset(c, 0, sizeof(*c));
}
