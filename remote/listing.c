/* Lines of FTP listings, each judged on its own.  Worker. */
#include "remote/listing.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/path.h"

enum {
	WORDS = 12, /* before the name: ls has 8, with a date of three */
	DAY = 24 * 3600,
};

/* A piece of the line. */
struct word {
	const char *p;
	size_t n;
};

static bool
is(struct word w, const char *text)
{
	return w.n == strlen(text) && strncasecmp(w.p, text, w.n) == 0;
}

/* Digits only; false also where they are too many. */
static bool
number(struct word w, unsigned base, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < w.n; i++) {
		unsigned digit = (unsigned char)w.p[i] - (unsigned)'0';

		if (digit >= base || v > (UINT64_MAX - digit) / base)
			return false;
		v = v * base + digit;
	}
	*out = v;
	return w.n > 0;
}

static bool
in_range(const char *p, size_t n, unsigned low, unsigned high, unsigned *out)
{
	uint64_t v;

	if (!number((struct word){ p, n }, 10, &v) || v < low || v > high)
		return false;
	*out = (unsigned)v;
	return true;
}

struct date {
	unsigned year, month, day, hour, minute, second;
};

/* Howard Hinnant's days_from_civil, for years from 1970. */
static uint64_t
seconds(const struct date *d)
{
	unsigned y = d->month <= 2 ? d->year - 1 : d->year;
	unsigned era = y / 400, in_era = y % 400;
	unsigned month = d->month > 2 ? d->month - 3 : d->month + 9;
	unsigned in_year = (153 * month + 2) / 5 + d->day - 1;
	uint64_t day = (uint64_t)era * 146097 + in_era * 365 + in_era / 4 -
	    in_era / 100 + in_year - 719468;

	return day * DAY + d->hour * 3600 + d->minute * 60 + d->second;
}

bool
listing_time(const char *text, size_t n, uint64_t *out)
{
	struct date d;

	*out = 0;
	if (n < 14 || (n > 14 && text[14] != '.') ||
	    !in_range(text, 4, 1970, 9999, &d.year) ||
	    !in_range(text + 4, 2, 1, 12, &d.month) ||
	    !in_range(text + 6, 2, 1, 31, &d.day) ||
	    !in_range(text + 8, 2, 0, 23, &d.hour) ||
	    !in_range(text + 10, 2, 0, 59, &d.minute) ||
	    !in_range(text + 12, 2, 0, 60, &d.second))
		return false;
	*out = seconds(&d);
	return true;
}

static enum listing_kind
take_name(struct listing *l, const char *name, size_t n)
{
	if ((n == 1 && name[0] == '.') ||
	    (n == 2 && name[0] == '.' && name[1] == '.'))
		return LISTING_SELF;
	if (!path_name_ok(name, n))
		return LISTING_EVIL;
	memcpy(l->name, name, n);
	l->name[n] = '\0';
	return LISTING_ENTRY;
}

/* ---- MLSD and MLST: "size=1;type=file; name" ---- */

static enum listing_kind
take_type(struct listing *l, struct word value)
{
	if (is(value, "file"))
		l->mode |= S_IFREG;
	else if (is(value, "dir"))
		l->mode |= S_IFDIR;
	else if (is(value, "cdir") || is(value, "pdir"))
		return LISTING_SELF;
	else if (value.n >= 13 &&
	    strncasecmp(value.p, "OS.unix=slink", 13) == 0)
		l->mode |= S_IFLNK;
	else if (value.n >= 15 &&
	    strncasecmp(value.p, "OS.unix=symlink", 15) == 0)
		l->mode |= S_IFLNK;
	return LISTING_ENTRY;
}

static enum listing_kind
take_fact(struct listing *l, struct word name, struct word value)
{
	uint64_t v;

	if (is(name, "type"))
		return take_type(l, value);
	if (is(name, "size") && number(value, 10, &l->size))
		l->has |= LISTING_SIZE;
	else if (is(name, "modify") &&
	    listing_time(value.p, value.n, &l->mtime))
		l->has |= LISTING_TIME;
	else if (is(name, "UNIX.mode") && number(value, 8, &v)) {
		l->mode |= (uint32_t)(v & 07777);
		l->has |= LISTING_MODE;
	}
	return LISTING_ENTRY;
}

/* Facts up to the first blank; *used counts it in. */
static enum listing_kind
take_facts(struct listing *l, const char *line, size_t n, size_t *used)
{
	const char *space = memchr(line, ' ', n), *p = line, *end, *equals;
	enum listing_kind kind = LISTING_ENTRY, this;

	if (space == NULL)
		return LISTING_ODD;
	while (p < space) {
		end = memchr(p, ';', (size_t)(space - p));
		if (end == NULL)
			return LISTING_ODD;
		equals = memchr(p, '=', (size_t)(end - p));
		if (equals == NULL)
			return LISTING_ODD;
		this = take_fact(l, (struct word){ p, (size_t)(equals - p) },
		    (struct word){ equals + 1, (size_t)(end - equals - 1) });
		if (this != LISTING_ENTRY)
			kind = this;
		p = end + 1;
	}
	*used = (size_t)(space - line) + 1;
	return kind;
}

enum listing_kind
listing_mlsd(const char *line, size_t n, struct listing *l)
{
	enum listing_kind kind;
	size_t used = 0;

	memset(l, 0, sizeof(*l));
	kind = take_facts(l, line, n, &used);
	if (kind == LISTING_ENTRY)
		kind = take_name(l, line + used, n - used);
	if (kind != LISTING_ENTRY)
		memset(l, 0, sizeof(*l));
	return kind;
}

enum listing_kind
listing_mlst(const char *line, size_t n, struct listing *l)
{
	enum listing_kind kind;
	size_t used = 0;

	memset(l, 0, sizeof(*l));
	while (n > 0 && *line == ' ') { /* RFC 3659, 7.2: one; some omit it */
		line++;
		n--;
	}
	kind = take_facts(l, line, n, &used);
	if (kind == LISTING_SELF) { /* "type=cdir": it is a folder */
		l->mode |= S_IFDIR;
		kind = LISTING_ENTRY;
	}
	if (kind != LISTING_ENTRY)
		memset(l, 0, sizeof(*l));
	return kind;
}

/* ---- LIST ---- */

struct line {
	struct word words[WORDS];
	size_t count;
	const char *end; /* of all */
};

static void
split(struct line *s, const char *p, size_t n)
{
	const char *end = p + n;

	s->count = 0;
	s->end = end;
	while (s->count < WORDS) {
		struct word *w = &s->words[s->count];

		while (p < end && *p == ' ')
			p++;
		if (p == end)
			return;
		w->p = p;
		while (p < end && *p != ' ')
			p++;
		w->n = (size_t)(p - w->p);
		s->count++;
	}
}

/* What stands one blank behind a word: blanks may begin a name. */
static enum listing_kind
name_after(struct listing *l, const struct line *s, size_t i)
{
	const char *p = s->words[i].p + s->words[i].n;

	if (p == s->end)
		return LISTING_ODD;
	p++;
	return take_name(l, p, (size_t)(s->end - p));
}

static bool
take_clock(struct word w, struct date *d)
{
	size_t hours = w.n >= 5 && w.p[2] == ':' ? 2 : 1;

	if (w.n < hours + 3 || w.p[hours] != ':')
		return false;
	d->second = 0;
	return in_range(w.p, hours, 0, 23, &d->hour) &&
	    in_range(w.p + hours + 1, 2, 0, 59, &d->minute);
}

static bool
take_month(struct word w, unsigned *month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	unsigned m;

	for (m = 0; m < 12 && w.n == 3; m++)
		if (strncasecmp(w.p, names + 3 * m, 3) == 0) {
			*month = m + 1;
			return true;
		}
	return false;
}

/* A date without a year is of the last twelve months, or of tomorrow. */
static void
guess_year(struct date *d, uint64_t now)
{
	d->year = 1970 + (unsigned)(now / (365 * DAY + DAY / 4)) % 8000;
	d->year++;
	while (d->year > 1970 && seconds(d) > now + DAY)
		d->year--;
}

/* "Nov 22 06:15", "22 Nov 2025", "2026-11-22 06:15": words used, or 0. */
static size_t
take_date(const struct line *s, size_t i, uint64_t now, struct date *d)
{
	const struct word *w = &s->words[i];
	size_t left = s->count - i, day = 1;

	memset(d, 0, sizeof(*d));
	if (left >= 2 && w[0].n == 10 && w[0].p[4] == '-' && w[0].p[7] == '-' &&
	    in_range(w[0].p, 4, 1970, 9999, &d->year) &&
	    in_range(w[0].p + 5, 2, 1, 12, &d->month) &&
	    in_range(w[0].p + 8, 2, 1, 31, &d->day) && take_clock(w[1], d))
		return 2;
	if (left < 3)
		return 0;
	if (!take_month(w[0], &d->month)) {
		if (!take_month(w[1], &d->month))
			return 0;
		day = 0;
	}
	if (!in_range(w[day].p, w[day].n, 1, 31, &d->day))
		return 0;
	if (in_range(w[2].p, w[2].n, 1970, 9999, &d->year))
		return 3;
	if (!take_clock(w[2], d))
		return 0;
	guess_year(d, now);
	return 3;
}

/* "drwxr-xr-x", perhaps with '+' or '.' behind. */
static bool
take_permissions(struct word w, struct listing *l)
{
	static const char letters[] = "rwxrwxrwx";
	unsigned i;

	if (w.n < 10 || w.n > 11 || strchr("-dlbcps", w.p[0]) == NULL)
		return false;
	l->mode = w.p[0] == 'd' ? S_IFDIR
	    : w.p[0] == 'l'     ? S_IFLNK
	    : w.p[0] == '-'     ? S_IFREG
				: 0;
	for (i = 0; i < 9; i++) {
		char c = w.p[1 + i];

		if (strchr("-rwxsStTlL", c) == NULL)
			return false;
		if (c == letters[i] || c == 's' || c == 't')
			l->mode |= 0400u >> i;
	}
	l->has |= LISTING_MODE;
	return true;
}

static enum listing_kind
unix_line(struct listing *l, const struct line *s, uint64_t now)
{
	enum listing_kind kind;
	struct date d;
	size_t i, used = 0;
	char *arrow;

	if (!take_permissions(s->words[0], l))
		return LISTING_ODD;
	for (i = 2; i + 1 < s->count && used == 0; i++)
		if (number(s->words[i - 1], 10, &l->size))
			used = take_date(s, i, now, &d);
	if (used == 0)
		return LISTING_ODD;
	l->has |= LISTING_SIZE | LISTING_TIME;
	l->mtime = seconds(&d);
	kind = name_after(l, s, i - 1 + used - 1);
	if (kind == LISTING_ENTRY || kind == LISTING_EVIL)
		if (S_ISLNK(l->mode)) {
			const char *p = s->words[i - 1 + used - 1].p +
			    s->words[i - 1 + used - 1].n + 1;
			size_t n = (size_t)(s->end - p);

			arrow = memmem(p, n, " -> ", 4);
			if (arrow != NULL)
				kind = take_name(l, p, (size_t)(arrow - p));
		}
	return kind;
}

/* "11-22-26  06:15AM       <DIR>          name" */
static enum listing_kind
windows_line(struct listing *l, const struct line *s)
{
	const struct word *w = s->words;
	struct date d = { 0 };
	size_t size = 2, year;
	char half = 0;

	if (s->count < 4 || (w[0].n != 8 && w[0].n != 10) || w[0].p[2] != '-' ||
	    w[0].p[5] != '-' || !in_range(w[0].p, 2, 1, 12, &d.month) ||
	    !in_range(w[0].p + 3, 2, 1, 31, &d.day) || !take_clock(w[1], &d))
		return LISTING_ODD;
	year = w[0].n - 6;
	if (!in_range(w[0].p + 6, year, 0, 9999, &d.year))
		return LISTING_ODD;
	if (year == 2)
		d.year += d.year < 70 ? 2000 : 1900;
	if (is(w[2], "AM") || is(w[2], "PM")) {
		half = (char)toupper((unsigned char)w[2].p[0]);
		size = 3;
	} else if (w[1].n == 7) {
		half = (char)toupper((unsigned char)w[1].p[5]);
	}
	if (half != 0)
		d.hour = d.hour % 12 + (half == 'P' ? 12 : 0);
	if (d.year < 1970 || size + 1 >= s->count)
		return LISTING_ODD;
	if (is(w[size], "<DIR>")) {
		l->mode = S_IFDIR;
	} else if (number(w[size], 10, &l->size)) {
		l->mode = S_IFREG;
		l->has |= LISTING_SIZE;
	} else {
		return LISTING_ODD;
	}
	l->has |= LISTING_TIME;
	l->mtime = seconds(&d);
	/* blanks fill the column: a name does not begin with one */
	return take_name(l, w[size + 1].p, (size_t)(s->end - w[size + 1].p));
}

enum listing_kind
listing_list(const char *line, size_t n, uint64_t now, struct listing *l)
{
	enum listing_kind kind = LISTING_ODD;
	struct line s;

	memset(l, 0, sizeof(*l));
	split(&s, line, n);
	if (s.count == 2 && is(s.words[0], "total"))
		return LISTING_SELF;
	if (s.count >= 4)
		kind = unix_line(l, &s, now);
	if (kind == LISTING_ODD && s.count >= 4) {
		memset(l, 0, sizeof(*l));
		kind = windows_line(l, &s);
	}
	if (kind != LISTING_ENTRY)
		memset(l, 0, sizeof(*l));
	return kind;
}
