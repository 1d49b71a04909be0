/*
 * The text around a private key: "-----BEGIN label-----", header lines, base64
 * (RFC 7468, RFC 1421).  Hub only.
 */
#include <string.h>

#include "auth/key_parts.h"
#include "base/err.h"
#include "base/hash.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

struct line {
	const char *p;
	size_t n; /* without the newline */
};

static bool
next_line(struct buf_reader *text, struct line *line)
{
	const unsigned char *end;

	if (text->left == 0)
		return false;
	line->p = (const char *)text->p;
	end = memchr(text->p, '\n', text->left);
	line->n = end != NULL ? (size_t)(end - text->p) : text->left;
	buf_get(text, line->n + (end != NULL));
	while (line->n > 0 &&
	    (line->p[line->n - 1] == ' ' || line->p[line->n - 1] == '\t'))
		line->n--;
	return true;
}

static bool
starts(const struct line *line, const char *with)
{
	return line->n >= strlen(with) &&
	    memcmp(line->p, with, strlen(with)) == 0;
}

/* "-----BEGIN label-----" alone on its line. */
static int
get_label(
    struct key_armour *a, const struct line *line, struct ferry_error *err)
{
	const char *p = line->p + strlen(BEGIN);
	size_t n = line->n - strlen(BEGIN), tail = strlen(DASHES);

	for (size_t i = 0; i + tail < n; i++) {
		if (memcmp(p + i, DASHES, tail) == 0)
			return key_wrong_lines(err);
	}
	if (n <= tail || n - tail >= sizeof(a->label) ||
	    memcmp(p + n - tail, DASHES, tail) != 0 ||
	    memchr(p, '\0', n) != NULL)
		return key_wrong_header(
		    err, "the key file's -----BEGIN line is damaged");
	memcpy(a->label, p, n - tail);
	a->label[n - tail] = '\0';
	return 0;
}

/* The END line that belongs to the label; text is left behind it. */
static bool
is_end(const struct key_armour *a, const struct line *line)
{
	size_t n = strlen(a->label);

	return starts(line, END) &&
	    line->n == strlen(END) + n + strlen(DASHES) &&
	    memcmp(line->p + strlen(END), a->label, n) == 0 &&
	    memcmp(line->p + strlen(END) + n, DASHES, strlen(DASHES)) == 0;
}

/* Collect the lines up to END: base64 into joined, "Name: value" above it. */
static int
get_lines(struct key_armour *a, struct buf_reader *text, struct secret *joined,
    struct ferry_error *err)
{
	size_t used = 0;
	struct line line;

	while (next_line(text, &line)) {
		if (is_end(a, &line))
			return 0;
		if (memchr(line.p, ':', line.n) != NULL && joined->len == 0 &&
		    used + line.n + 1 < sizeof(a->header)) {
			memcpy(a->header + used, line.p, line.n);
			used += line.n;
			a->header[used++] = '\n';
			a->header[used] = '\0';
			continue;
		}
		memcpy(joined->data + joined->len, line.p, line.n);
		joined->len += line.n;
	}
	return key_wrong_end(err);
}

/* The first block that is a key; openssl writes the curve's name before it. */
static int
get_block(struct key_armour *a, struct buf_reader *text, struct secret *joined,
    struct ferry_error *err)
{
	struct line line;
	bool end_seen = false;
	int rc;

	while (next_line(text, &line)) {
		end_seen = end_seen || starts(&line, END);
		if (!starts(&line, BEGIN))
			continue;
		joined->len = 0;
		a->header[0] = '\0';
		if ((rc = get_label(a, &line, err)) != 0)
			return rc;
		if (strcmp(a->label, "EC PARAMETERS") != 0 &&
		    (rc = key_wrong_label(a->label, err)) != 0)
			return rc;
		if ((rc = get_lines(a, text, joined, err)) != 0)
			return rc;
		if (strcmp(a->label, "EC PARAMETERS") != 0)
			return 0;
	}
	return key_wrong_header(err,
	    end_seen ? "the key file has lost its -----BEGIN line"
		     : "this is not a private key: it has no -----BEGIN line");
}

static int
decode(
    struct key_armour *a, const struct secret *joined, struct ferry_error *err)
{
	a->body = secret_new(joined->len / 4 * 3 + 1);
	if (a->body == NULL)
		return err_memory(err);
	if (joined->len > 0 &&
	    hash_unbase64((const char *)joined->data, joined->len,
		a->body->data, &a->body->len))
		return 0;
	return key_wrong_base64(err);
}

int
key_armour_parse(
    struct key_armour *a, const void *bytes, size_t n, struct ferry_error *err)
{
	struct buf_reader text = buf_read(bytes, n);
	struct secret *joined = NULL;
	struct line line;
	int rc;

	*a = (struct key_armour){ .body = NULL };
	if ((rc = key_wrong_file(bytes, n, err)) != 0)
		goto out;
	if ((joined = secret_new(n)) == NULL) {
		rc = err_memory(err);
		goto out;
	}
	if ((rc = get_block(a, &text, joined, err)) != 0)
		goto out;
	while (next_line(&text, &line)) {
		if (line.n == 0)
			continue;
		rc = key_wrong_trailing(err);
		goto out;
	}
	rc = decode(a, joined, err);
out:
	secret_free(joined);
	if (rc != 0)
		key_armour_free(a);
	return rc;
}

void
key_armour_free(struct key_armour *a)
{
	secret_free(a->body);
	a->body = NULL;
}
