/* What a line is like, and whether to compress on it.  Hub. */
#include "publish/line.h"

#include <stdio.h>
#include <string.h>

enum {
	NEAR_US = 3000, /* microseconds: the same machine, or the same house */
	ENOUGH_MS = 200, /* to tell a rate from a burst */
	AGE_S = 7 * 24 * 3600, /* the laptop has moved, the site has changed */
};

static const uint64_t ENOUGH = 4 << 20, /* bytes */
    RATE_MAX = 1ULL << 40, FAST = 40 * 1000 * 1000; /* bytes per second */

/* A clock that was set back makes it old. */
static bool
is_young(uint64_t when, uint64_t now)
{
	return when != 0 && when <= now && now - when < AGE_S;
}

/*
 * `auto' asks for compression unless
 *
 *   the server is near: its kernel answers within 3 ms, and the line is most
 *     likely faster than we can compress; or nobody knows;
 *   the line was fast: a publish within the last week brought more than 40 MB/s
 *     of bytes as they travelled, which is about what compressing makes; or
 *   it was of no use: it saved less than a twentieth within the last week,
 *     as with pictures; or
 *   it would be of no use: nearly all that is to be sent is packed already.
 *
 * So a first publish of pages far away compresses.  That it must not be slower there is
 * the worker's business, which stores what does not get smaller, and all as
 * long as nothing waits for the line (remote/ssh_deflate.c).
 */
bool
line_judge(const struct line *l, enum site_compression wish, unsigned rtt_us,
    bool packed, uint64_t now)
{
	if (wish != SITE_COMPRESS_AUTO)
		return wish == SITE_COMPRESS_YES;
	if (rtt_us < NEAR_US || packed)
		return false;
	if (is_young(l->rate_at, now) && l->rate >= FAST)
		return false;
	return !is_young(l->dull_at, now);
}

/* The worker's numbers: nothing here may overflow, whatever they are. */
bool
line_learn(struct line *l, const struct line_run *run, uint64_t now)
{
	const uint64_t saved = run->saved < run->bytes ? run->saved : 0;

	if (run->bytes < ENOUGH || run->bytes > RATE_MAX)
		return false;
	if (run->ms >= ENOUGH_MS) {
		l->rate = (run->bytes - saved) * 1000 / run->ms;
		l->rate_at = now;
	}
	if (run->compressed)
		l->dull_at = saved < run->bytes / 20 ? now : 0;
	return true;
}

void
line_parse(struct line *l, const char *text)
{
	unsigned long long rate, at;

	*l = (struct line){ 0 };
	for (; *text != '\0';
	     text += strcspn(text, "\n"), text += *text == '\n') {
		if (sscanf(text, "rate %llu %llu", &rate, &at) == 2) {
			l->rate = rate;
			l->rate_at = at;
		} else if (sscanf(text, "dull %llu", &at) == 1) {
			l->dull_at = at;
		}
	}
}

void
line_print(const struct line *l, struct buf *b)
{
	if (l->rate_at != 0)
		buf_printf(b, "rate %llu %llu\n", (unsigned long long)l->rate,
		    (unsigned long long)l->rate_at);
	if (l->dull_at != 0)
		buf_printf(b, "dull %llu\n", (unsigned long long)l->dull_at);
}
