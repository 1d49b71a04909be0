/*
 * How many FTP sessions are worth having.  Hub; no I/O.
 *
 * A login costs some ten round trips, in which the others go on working.  So
 * where the user has named a number, or an earlier run has found one, all begin
 * to log in at once, if there is work for them.  Else two begin, and then half
 * as many again, for as long as the last ones have brought a quarter of what
 * they could bring at best.
 */
#include "publish/far_grow.h"

#include <string.h>

enum {
	FIRST = 2,
	WORTH = 6, /* steps that pay for a login */
	STEP_WEIGHT = 64 * 1024, /* bytes that a step's round trips cost */
	SAMPLE_MS = 300,
	SAMPLE_STEPS = 3, /* for each session */
};

static const double SHARE = 0.25;

void
far_grow_init(struct far_grow *g, unsigned given, unsigned most)
{
	memset(g, 0, sizeof(*g));
	g->given = given;
	g->most = given > 0 && given < most ? given : most;
}

void
far_grow_remember(struct far_grow *g, unsigned known)
{
	if (g->given > 0 || known == 0)
		return;
	g->known = known;
	g->settled = true;
	if (known < g->most)
		g->most = known;
}

static void
begin_sample(struct far_grow *g, unsigned open, uint64_t now)
{
	g->open = open;
	g->since = now;
	g->work = g->steps = 0;
}

void
far_grow_expect(struct far_grow *g, size_t steps, uint64_t now)
{
	g->left = steps;
	g->rate = 0; /* other work, another measure */
	begin_sample(g, 0, now);
}

void
far_grow_sent(struct far_grow *g)
{
	if (g->left > 0)
		g->left--;
}

void
far_grow_done(struct far_grow *g, uint64_t bytes)
{
	g->steps++;
	g->work += STEP_WEIGHT + bytes;
}

void
far_grow_settle(struct far_grow *g, unsigned most)
{
	g->settled = true;
	g->most = most > 0 ? most : 1;
	if (g->given == 0)
		g->known = g->most;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* As many as there is work for, with so many steps for each. */
static unsigned
worth(const struct far_grow *g, size_t steps)
{
	return g->left / steps >= g->most ? g->most
					  : (unsigned)(g->left / steps);
}

/* Judge the last ones that came by what was done with them. */
static bool
helped(struct far_grow *g, unsigned open, uint64_t now)
{
	const uint64_t ms = now - g->since;
	double rate, best;

	if (g->steps < (uint64_t)SAMPLE_STEPS * open || ms < SAMPLE_MS)
		return false;
	rate = (double)g->work / (double)ms;
	if (open > FIRST && g->rate > 0 && open > g->before) {
		best = (double)open / g->before - 1;
		if (rate < g->rate * (1 + SHARE * best)) {
			far_grow_settle(g, g->before);
			return false;
		}
	}
	g->rate = rate;
	g->before = open;
	return true;
}

unsigned
far_grow_wanted(
    struct far_grow *g, unsigned open, unsigned opening, uint64_t now)
{
	const unsigned all = open + opening;
	unsigned n;

	if (open != g->open) /* one has come, or is lost */
		begin_sample(g, open, now);
	if (g->given > 0)
		n = worth(g, 1);
	else if (g->settled)
		n = least(g->most, 1 + worth(g, WORTH));
	else if (open < FIRST)
		n = g->left >= WORTH ? FIRST : 1;
	else if (opening == 0 && g->left >= (size_t)WORTH * open &&
	    helped(g, open, now))
		n = open + (open + 1) / 2;
	else
		n = all;
	n = least(n, g->most);
	return n > all ? n : all;
}
