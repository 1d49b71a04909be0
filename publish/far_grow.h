/*
 * How many FTP sessions are worth having?  Hub; no I/O: the decision alone, by
 * what was done with how many, at times (ms) that the caller tells.
 */
#ifndef PUBLISH_FAR_GROW_H
#define PUBLISH_FAR_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct far_grow {
	unsigned given; /* by the user; 0: as many as help */
	unsigned known; /* that helped before, or now; 0: nobody knows */
	unsigned most;
	bool settled; /* more do not help, or are refused */
	size_t left; /* loose steps to come */
	unsigned open; /* in this sample */
	uint64_t since; /* when it began */
	uint64_t work, steps; /* done since then */
	unsigned before; /* sessions in the sample before this one */
	double rate; /* of that one */
};

/* At most so many; given 0: the best number is to be found. */
void far_grow_init(struct far_grow *g, unsigned given, unsigned most);
/* So many were best in an earlier run; 0: nobody knows. */
void far_grow_remember(struct far_grow *g, unsigned known);

/* So many loose steps are to come. */
void far_grow_expect(struct far_grow *g, size_t steps, uint64_t now);
/* One of them was sent. */
void far_grow_sent(struct far_grow *g);
/* A step is done, which moved so many bytes. */
void far_grow_done(struct far_grow *g, uint64_t bytes);

/*
 * So many should there be now, where `open` are at work and `opening` are
 * logging in.  Never less than both together.
 */
unsigned far_grow_wanted(
    struct far_grow *g, unsigned open, unsigned opening, uint64_t now);

/* So many it stays at: the server refuses more.  At least one. */
void far_grow_settle(struct far_grow *g, unsigned most);

#endif
