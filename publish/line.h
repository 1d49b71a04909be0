/*
 * Is the line to the server slower than compressing is?  Hub.  Decided before
 * the key exchange, from what is known by then: how long the server's kernel
 * took to answer, and what earlier publishes on this machine met.
 */
#ifndef PUBLISH_LINE_H
#define PUBLISH_LINE_H

#include <stdint.h>

#include "base/buf.h"
#include "publish/site.h"

/* What is remembered of the line; zeroed: nothing. */
struct line {
	uint64_t rate; /* bytes per second that it carried; 0: unknown */
	uint64_t rate_at; /* when; seconds since 1970 */
	uint64_t dull_at; /* when compression was last of no use; 0: never */
};

/* What one publish was like. */
struct line_run {
	uint64_t bytes; /* of files, that the server has confirmed */
	uint64_t saved; /* of them, as the worker says, by compression */
	uint64_t ms; /* between the first and the last of them */
	bool compressed;
};

/*
 * Ask for compression?  rtt_us: microseconds, 0: unknown; packed: what is to be
 * sent would not get smaller; now: seconds since 1970.
 */
bool line_judge(const struct line *l, enum site_compression wish,
    unsigned rtt_us, bool packed, uint64_t now);

/* Is there anything new to be remembered? */
bool line_learn(struct line *l, const struct line_run *run, uint64_t now);

/* The lines of a host's profile; what is not understood counts as nothing. */
void line_parse(struct line *l, const char *text);
void line_print(const struct line *l, struct buf *b);

#endif
