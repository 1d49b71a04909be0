/*
 * Read one known_hosts line: [marker] hosts type base64 [comment].  Hub.
 *
 * Where this is not as in OpenSSH, it is so on purpose.  More counts as a line,
 * which can only make us refuse: a tab may end a marker; a key may be of a type
 * that nobody knows, or a point off its curve; a certificate that is @revoked
 * revokes its key, whoever signed it.  Less does: a NUL ends the line even
 * before the key, and the type inside the key is spelt as in the RFCs only.
 */
#include "known_hosts/entry.h"

#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "known_hosts/match.h"
#include "sandferry.h"

enum { BASE64_MAX = LIMIT_KEY_BLOB / 3 * 4 + 64 };

struct word {
	const char *p;
	size_t n;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip_blanks(struct word *rest)
{
	while (rest->n > 0 && is_blank(*rest->p)) {
		rest->p++;
		rest->n--;
	}
}

/* The next word; empty at the end of the line. */
static struct word
take(struct word *rest)
{
	struct word w;

	skip_blanks(rest);
	w.p = rest->p;
	for (w.n = 0; w.n < rest->n && !is_blank(w.p[w.n]); w.n++)
		;
	rest->p += w.n;
	rest->n -= w.n;
	return w;
}

static bool
is(struct word w, const char *s)
{
	return w.n == strlen(s) && memcmp(w.p, s, w.n) == 0;
}

static const char *
parse_hosts(struct entry *e, struct word w)
{
	e->hosts = w.p;
	e->hosts_len = w.n;
	if (w.n == 0)
		return "no host name";
	if (w.p[0] == '@')
		return "two markers";
	if (w.p[0] == '|' && !match_hash_ok(w.p, w.n))
		return "bad hash of a host name";
	return NULL;
}

/* Base64 may hold blanks of other kinds (a CR, first of all): as OpenSSH. */
static size_t
copy_base64(char *dst, struct word text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r' && text.p[i] != '\v' && text.p[i] != '\f')
			dst[n++] = text.p[i];
	return n;
}

/* *fault is set for a bad key; the return value speaks of memory only. */
static int
parse_key(struct entry *e, struct word type, struct word text,
    const char **fault, struct arena *a)
{
	unsigned char *blob;
	char base64[BASE64_MAX];
	size_t n, len;

	*fault = "no key";
	if (type.n == 0 || text.n == 0)
		return 0;
	*fault = "key too long";
	if (text.n > sizeof(base64))
		return 0;
	n = copy_base64(base64, text);
	blob = arena_alloc(a, n / 4 * 3 + 1);
	if (blob == NULL)
		return -ferry_EINTERNAL;
	*fault = "bad base64";
	if (!hash_unbase64(base64, n, blob, &len))
		return 0;
	*fault = "bad key";
	if (!blob_parse(&e->key, blob, len))
		return 0;
	*fault = "the key is of another type than the line says";
	if (!blob_is_named(&e->key, type.p, type.n))
		return 0;
	e->blob = blob;
	e->blob_len = len;
	*fault = NULL;
	return 0;
}

int
entry_parse(struct entry *e, const char *line, size_t n, struct arena *a)
{
	struct word rest = { line, strnlen(line, n) }, hosts, type;
	enum entry_kind kind = ENTRY_HOST;
	int rc;

	memset(e, 0, sizeof(*e));
	if (rest.n > 0 && rest.p[rest.n - 1] == '\r')
		rest.n--;
	skip_blanks(&rest);
	if (rest.n == 0 || rest.p[0] == '#')
		return 0;
	e->kind = ENTRY_BAD;
	if (rest.p[0] == '@') {
		struct word marker = take(&rest);

		e->fault = "unknown marker";
		if (is(marker, "@revoked"))
			kind = ENTRY_REVOKED;
		else if (is(marker, "@cert-authority"))
			kind = ENTRY_AUTHORITY;
		else
			return 0;
	}
	hosts = take(&rest);
	e->fault = parse_hosts(e, hosts);
	if (e->fault != NULL)
		return 0;
	type = take(&rest);
	rc = parse_key(e, type, take(&rest), &e->fault, a);
	if (rc == 0 && e->fault == NULL)
		e->kind = kind;
	return rc;
}

bool
entry_has_key(const struct entry *e, const void *blob, size_t n)
{
	bool revoked = e->kind == ENTRY_REVOKED;
	struct blob key;

	if (e->blob_len == n && n > 0 && memcmp(e->blob, blob, n) == 0)
		return true;
	/* Zeros in front of a number make no other key: as OpenSSH. */
	return (e->key.modulus_len > 0 || (revoked && e->key.inside != NULL)) &&
	    blob_parse(&key, blob, n) && blob_same_key(&key, &e->key, revoked);
}
