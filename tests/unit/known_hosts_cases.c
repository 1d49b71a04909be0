/* Make cases from a seeded grammar of known_hosts files.  Tests. */
#include "tests/unit/known_hosts_cases.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "base/hash.h"
#include "tests/unit/known_hosts_keys.h"

#define ONE_OF(c, list) (list)[cases_pick(c, sizeof(list) / sizeof((list)[0]))]

enum { NAME_SIZE = 300 };

/* Nobody presents these. */
static const char *const others[CASES_KEYS] = { LINE_ED_A, LINE_P256, LINE_P384,
	LINE_P521, LINE_RSA };

static const struct cases_host odd_hosts[] = {
	{ .name = "h", .known_as = "h" },
	{ .name = "h.x", .known_as = "h.x" },
	{ .name = "H.X", .known_as = "h.x" },
	{ .name = "a.h.x", .known_as = "a.h.x" },
	{ .name = "h.x.", .known_as = "h.x." },
	{ .name = "b\xc3\xbc.x", .known_as = "b\xc3\xbc.x" },
	{ .name = "192.0.2.1", .known_as = "192.0.2.1" },
	{ .name = "192.0.513", .known_as = "192.0.2.1" },
	{ .name = "0xc0.0.2.1", .known_as = "192.0.2.1" },
	{ .name = "::1", .known_as = "::1" },
	{ .name = "2001:DB8:0::1", .known_as = "2001:db8::1" },
	{ .name = "fe80:0::1%lo", .known_as = "fe80::1%lo" },
	{ .name = "::ffff:c000:201", .known_as = "::ffff:192.0.2.1" },
};

unsigned
cases_pick(struct cases *c, unsigned n)
{
	c->seed = c->seed * 1664525U + 1013904223U;
	return (c->seed >> 8) % n;
}

static void
put(struct cases_line *line, const void *p, size_t n)
{
	if (n > sizeof(line->text) - line->len)
		n = sizeof(line->text) - line->len;
	memcpy(line->text + line->len, p, n);
	line->len += n;
}

static void
put_text(struct cases_line *line, const char *text)
{
	put(line, text, strlen(text));
}

/* A name by which the server may be listed, or nearly so. */
static void
make_name(struct cases *c, char name[NAME_SIZE])
{
	const struct cases_host *h = &c->host;
	unsigned port = h->port;

	switch (cases_pick(c, 12)) {
	case 0:
		port = 22;
		break;
	case 1:
		port = 2022;
		break;
	case 2:
		snprintf(name, NAME_SIZE, "[%s]:%u", h->known_as, port);
		return;
	case 3:
		snprintf(name, NAME_SIZE, "%s", h->name);
		return;
	case 4:
		h = &ONE_OF(c, odd_hosts);
		break;
	default:
		break;
	}
	if (port == 22)
		snprintf(name, NAME_SIZE, "%s", h->known_as);
	else
		snprintf(name, NAME_SIZE, "[%s]:%u", h->known_as, port);
}

static void
bend_name(struct cases *c, char *name)
{
	char *at = name + cases_pick(c, (unsigned)strlen(name));

	switch (cases_pick(c, 6)) {
	case 0:
		*at = '*';
		break;
	case 1:
		*at = '?';
		break;
	case 2:
		*at = (char)toupper((unsigned char)*at);
		break;
	case 3:
		memmove(at + 1, at, strlen(at) + 1);
		*at = '*';
		break;
	case 4:
		at[1] = '\0';
		break;
	default:
		memmove(at + 1, at, strlen(at) + 1);
		break;
	}
}

static void
put_hash(struct cases *c, struct cases_line *line)
{
	unsigned char salt[20], mac[EVP_MAX_MD_SIZE];
	char name[NAME_SIZE], text[2][32], field[80];
	unsigned len;

	make_name(c, name);
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (unsigned char)cases_pick(c, 256);
	HMAC(EVP_sha1(), salt, sizeof(salt), (const unsigned char *)name,
	    strlen(name), mac, &len);
	hash_base64(salt, sizeof(salt), text[0]);
	hash_base64(mac, len, text[1]);
	snprintf(field, sizeof(field), "|1|%s|%s", text[0], text[1]);
	if (cases_pick(c, 8) == 0)
		field[cases_pick(c, 60)] ^= 1;
	put_text(line, field);
	if (cases_pick(c, 16) == 0)
		put_text(line, ",*");
}

static void
put_element(struct cases *c, struct cases_line *line)
{
	char name[NAME_SIZE];

	make_name(c, name);
	if (cases_pick(c, 4) == 0)
		bend_name(c, name);
	if (cases_pick(c, 6) == 0)
		put_text(line, "!");
	put_text(line, name);
}

static void
put_names(struct cases *c, struct cases_line *line)
{
	static const char *const odd[] = { "*", "!*", "!", ",", "*,!h.x",
		"[*]:*", "[*.x]:2222", "*:*", "?", "|", "|1|", "@", "*\r" };

	if (cases_pick(c, 5) == 0) {
		put_hash(c, line);
	} else if (cases_pick(c, 10) == 0) {
		put_text(line, ONE_OF(c, odd));
	} else {
		for (unsigned n = cases_pick(c, 3); n > 0; n--) {
			put_element(c, line);
			put_text(line, ",");
		}
		put_element(c, line);
	}
}

/* A whole key of a type that only a later OpenSSH may know. */
static void
put_strange_key(struct cases_line *line)
{
	static const unsigned char blob[] = "\0\0\0\x07ssh-zzz\0\0\0\x01z";
	char text[64];

	hash_base64(blob, sizeof(blob) - 1, text);
	put_text(line, "ssh-zzz ");
	put_text(line, text);
	line->only_ours = true;
}

static void
put_bad_key(struct cases *c, struct cases_line *line, const char *key)
{
	static const char *const types[] = { "ssh-ed25519", "ssh-rsa",
		"rsa-sha2-512", "ecdsa-sha2-nistp256", "1024", "" };
	const char *base64 = strchr(key, ' ') + 1;

	switch (cases_pick(c, 4)) {
	case 0:
		put_text(line, ONE_OF(c, types));
		put_text(line, " ");
		put_text(line, base64);
		break;
	case 1:
		put(line, key, cases_pick(c, (unsigned)strlen(key)));
		break;
	case 2:
		put_text(line, key);
		put_text(line, cases_pick(c, 2) ? "AAAA" : "=");
		break;
	default:
		put_text(line, cases_pick(c, 2) ? "" : "#");
		break;
	}
}

/* The same RSA key with zeros in front of its numbers. */
static void
put_padded_key(struct cases_line *line, const char *key)
{
	static const unsigned char zeros[2];
	const char *base64 = strchr(key, ' ') + 1;
	unsigned char raw[CASES_LINE_SIZE];
	char text[CASES_LINE_SIZE];
	struct buf_reader r;
	struct buf b;
	size_t n;

	if (!hash_unbase64(base64, strlen(base64), raw, &n))
		return;
	r = buf_read(raw, n);
	buf_init(&b, sizeof(raw) / 2);
	for (int i = 0; i < 3; i++) {
		const unsigned char *p = buf_get_string(&r, &n, sizeof(raw));

		buf_put_u32(&b, (uint32_t)(n + (i > 0 ? sizeof(zeros) : 0)));
		buf_put(&b, zeros, i > 0 ? sizeof(zeros) : 0);
		buf_put(&b, p, n);
	}
	hash_base64(b.data, b.len, text);
	buf_free(&b);
	put_text(line, "ssh-rsa ");
	put_text(line, text);
}

static void
put_key(struct cases *c, struct cases_line *line, const char *const keys[])
{
	switch (cases_pick(c, 16)) {
	case 0:
		put_bad_key(c, line, keys[c->host.key]);
		break;
	case 1:
		if (cases_pick(c, 2) == 0)
			put_strange_key(line);
		else
			put_text(line, LINE_DSA);
		break;
	case 2:
		put_text(line, keys[cases_pick(c, CASES_KEYS)]);
		break;
	case 9:
		if (c->host.key == CASES_KEYS - 1)
			put_padded_key(line, keys[c->host.key]);
		else
			put_text(line, keys[c->host.key]);
		break;
	case 3:
	case 4:
		put_text(line, others[cases_pick(c, CASES_KEYS)]);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		put_text(line, others[c->host.key]);
		break;
	default:
		put_text(line, keys[c->host.key]);
		break;
	}
}

static void
put_marker(struct cases *c, struct cases_line *line)
{
	static const char *const markers[] = { "@revoked ", "@revoked ",
		"@revoked ", "@cert-authority ", "@cert-authority ",
		"@Revoked ", "@x ", "@revoked @revoked ", "@revoked\t",
		"@cert-authority\t" };
	const char *marker = ONE_OF(c, markers);

	put_text(line, marker);
	line->only_ours = strchr(marker, '\t') != NULL;
}

static void
put_blanks(struct cases *c, struct cases_line *line, bool some)
{
	static const char *const blanks[] = { " ", " ", " ", "\t", "  ",
		" \t" };

	if (some || cases_pick(c, 8) == 0)
		put_text(line, ONE_OF(c, blanks));
}

static void
put_line(struct cases *c, struct cases_line *line, const char *const keys[])
{
	static const char *const ends[] = { " comment", " # c", "\t", " \r",
		" @revoked", "\v" };

	memset(line, 0, sizeof(*line));
	if (cases_pick(c, 24) == 0)
		return;
	put_blanks(c, line, false);
	if (cases_pick(c, 24) == 0)
		put_text(line, "#");
	if (cases_pick(c, 6) == 0)
		put_marker(c, line);
	put_names(c, line);
	put_blanks(c, line, cases_pick(c, 48) != 0);
	put_key(c, line, keys);
	if (cases_pick(c, 4) == 0)
		put_text(line, ONE_OF(c, ends));
	if (cases_pick(c, 32) == 0)
		put(line, "\0junk", cases_pick(c, 6));
}

void
cases_make(struct cases *c, uint32_t seed, const struct cases_host *host,
    const char *const keys[CASES_KEYS])
{
	static const unsigned ports[] = { 22, 22, 2222, 2222, 65535 };

	c->seed = seed * 2654435761U;
	if (host != NULL) {
		c->host = *host;
	} else {
		c->host = ONE_OF(c, odd_hosts);
		c->host.port = ONE_OF(c, ports);
		c->host.key = cases_pick(c, CASES_KEYS);
	}
	for (size_t i = 0; i < CASES_FILES; i++) {
		struct cases_file *f = &c->files[i];
		bool crlf = cases_pick(c, 6) == 0;
		bool cut = cases_pick(c, 6) == 0;

		f->count = cases_pick(c, CASES_LINES + 1);
		if (i == CASES_FILES - 1 && cases_pick(c, 3) > 0)
			f->count = 0;
		for (size_t n = 0; n < f->count; n++) {
			put_line(c, &f->lines[n], keys);
			if (crlf)
				put(&f->lines[n], "\r", 1);
			if (!cut || n + 1 < f->count)
				put(&f->lines[n], "\n", 1);
		}
	}
}
