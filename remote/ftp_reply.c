/* Replies of an FTP server (RFC 959, 4.2), and the table of them.  Worker. */
#include "remote/ftp_reply.h"

#include <string.h>
#include <strings.h>

enum {
	TEXT_MAX = 64 * 1024, /* of one reply; a long FEAT has 2 KiB */
	LINES_MAX = 1000,
};

/* The first that fits: code, or all up to it in its hundred (x99). */
static const struct {
	unsigned code;
	enum msg_result result;
} meanings[] = {
	{ 399, RESULT_OK },
	{ 421, RESULT_AGAIN }, /* closing; too many connections */
	{ 425, RESULT_AGAIN }, /* no data connection */
	{ 426, RESULT_AGAIN }, /* it broke */
	{ 430, RESULT_DENIED }, /* wrong user or password */
	{ 450, RESULT_AGAIN }, /* the file is busy */
	{ 451, RESULT_AGAIN }, /* a fault of the server's; perhaps no room */
	{ 452, RESULT_FULL }, { 499, RESULT_AGAIN },
	{ 500, RESULT_UNSUPPORTED }, { 501, RESULT_UNSUPPORTED },
	{ 502, RESULT_UNSUPPORTED },
	{ 503, RESULT_FAILED }, /* in this order: we made a mistake */
	{ 504, RESULT_UNSUPPORTED }, { 521, RESULT_EXISTS },
	{ 522, RESULT_AGAIN }, /* the session was not resumed, or IPv6 */
	{ 530, RESULT_DENIED }, { 532, RESULT_DENIED }, { 533, RESULT_DENIED },
	{ 534, RESULT_UNSUPPORTED }, { 536, RESULT_UNSUPPORTED },
	{ 550, RESULT_FAILED }, /* anything: the words tell */
	{ 551, RESULT_FAILED }, { 552, RESULT_FULL }, { 553, RESULT_DENIED },
	{ 599, RESULT_FAILED },
	{ 699, RESULT_FAILED }, /* RFC 2228: protected, and not for us */
};

/* What servers write behind 451, 550, 553 and the like. */
static const struct {
	const char *words;
	enum msg_result result;
} phrases[] = {
	{ "no such file", RESULT_ABSENT },
	{ "not found", RESULT_ABSENT },
	{ "cannot find", RESULT_ABSENT },
	{ "doesn't exist", RESULT_ABSENT },
	{ "does not exist", RESULT_ABSENT },
	{ "no such directory", RESULT_ABSENT },
	{ "file exists", RESULT_EXISTS },
	{ "already exist", RESULT_EXISTS },
	{ "quota", RESULT_FULL },
	{ "no space", RESULT_FULL },
	{ "disk full", RESULT_FULL },
	{ "disc full", RESULT_FULL },
	{ "not enough space", RESULT_FULL },
	{ "failure writing", RESULT_FULL }, /* vsftpd: disk full, or quota */
	{ "error during write", RESULT_FULL }, /* Pure-FTPd: the same */
	{ "denied", RESULT_DENIED },
	{ "not permitted", RESULT_DENIED },
	{ "not allowed", RESULT_DENIED },
	{ "forbidden", RESULT_DENIED },
	{ "read-only", RESULT_DENIED },
};

static const char *const crowds[] = { "too many", "maximum", "connections",
	"limit", "clients", "already logged" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
ftp_reply_init(struct ftp_reply *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->lines, TEXT_MAX);
}

void
ftp_reply_free(struct ftp_reply *r)
{
	buf_free(&r->lines);
}

void
ftp_reply_clear(struct ftp_reply *r)
{
	buf_reset(&r->lines);
	r->code = r->open = 0;
	r->count = 0;
}

/* "226 ..." or "226-..."; 0: the line begins otherwise. */
static unsigned
code_of(const char *line, size_t n)
{
	unsigned code = 0, i;

	if (n < 3)
		return 0;
	for (i = 0; i < 3; i++) {
		if (line[i] < '0' || line[i] > '9')
			return 0;
		code = code * 10 + (unsigned)(line[i] - '0');
	}
	if (n > 3 && line[3] != ' ' && line[3] != '-')
		return 0;
	return code >= 100 && code < 700 ? code : 0;
}

bool
ftp_reply_line(struct ftp_reply *r, const char *line, size_t n)
{
	size_t skip = 0;
	bool goes_on;
	unsigned code;

	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	code = code_of(line, n);
	goes_on = n > 3 && line[3] == '-';
	if (r->open == 0) {
		if (code == 0)
			return true; /* whatever it is: no reply */
		ftp_reply_clear(r);
		if (goes_on)
			r->open = code;
		else
			r->code = code;
	} else if (code == r->open && !goes_on) {
		r->code = code;
		r->open = 0;
	}
	if (code != 0 && (code == r->code || code == r->open))
		skip = n > 4 ? 4 : n;
	buf_put(&r->lines, line + skip, n - skip);
	buf_put_u8(&r->lines, '\n');
	return ++r->count <= LINES_MAX && buf_ok(&r->lines);
}

void
ftp_reply_text(const struct ftp_reply *r, char *dst, size_t size)
{
	size_t i, n = 0;
	bool gap = false;

	for (i = 0; i < r->lines.len && n + 2 < size; i++) {
		char c = (char)r->lines.data[i];

		if (c == '\n' || c == ' ' || c == '\0') {
			gap = n > 0;
			continue;
		}
		if (gap)
			dst[n++] = ' ';
		gap = false;
		dst[n++] = c;
	}
	dst[n] = '\0';
}

/* Has it these words, whatever their case? */
static bool
says(const struct ftp_reply *r, const char *words)
{
	size_t n = strlen(words), i;

	for (i = 0; i + n <= r->lines.len; i++)
		if (strncasecmp((const char *)r->lines.data + i, words, n) == 0)
			return true;
	return false;
}

bool
ftp_reply_number(const struct ftp_reply *r, uint64_t *out)
{
	const char *p = (const char *)r->lines.data;
	size_t n = r->lines.len, i;

	*out = 0;
	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == ' '))
		n--;
	for (i = 0; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
		if (*out > (INT64_MAX - 9) / 10)
			break;
		*out = *out * 10 + (uint64_t)(p[i] - '0');
	}
	return r->code != 0 && n > 0 && i == n;
}

enum msg_result
ftp_reply_judge(const struct ftp_reply *r)
{
	enum msg_result result = RESULT_FAILED;
	size_t i;

	if (r->code < 100)
		return RESULT_FAILED;
	for (i = 0; i < COUNT(meanings); i++) {
		unsigned code = meanings[i].code;

		if (code == r->code || (code % 100 == 99 && r->code <= code)) {
			result = meanings[i].result;
			break;
		}
	}
	if (r->code != 451 && r->code != 550 && r->code != 551 &&
	    r->code != 553)
		return result;
	for (i = 0; i < COUNT(phrases); i++)
		if (says(r, phrases[i].words))
			return phrases[i].result;
	return result;
}

bool
ftp_reply_is_crowded(const struct ftp_reply *r)
{
	size_t i;

	if (r->code == 421)
		return true;
	for (i = 0; i < COUNT(crowds); i++)
		if (r->code == 530 && says(r, crowds[i]))
			return true;
	return false;
}

bool
ftp_reply_is_oops(const struct ftp_reply *r)
{
	static const char oops[] = "OOPS:";

	return r->code == 500 && r->lines.len >= strlen(oops) &&
	    memcmp(r->lines.data, oops, strlen(oops)) == 0;
}
