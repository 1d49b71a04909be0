/*
 * Text for people: numbers, widths, escapes, near misses.  Pure functions;
 * `utf8` says whether the reader's terminal takes UTF-8, else ASCII comes out.
 */
#ifndef CMD_TEXT_H
#define CMD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_NUMBER_SIZE = 32 };

/* "2 803" */
char *text_count(char dst[TEXT_NUMBER_SIZE], uint64_t n);
/* Bytes in decimal units: "999 B", "1.2 kB", "340 MB" */
char *text_bytes(char dst[TEXT_NUMBER_SIZE], uint64_t n);
/* How long something took: "0.2 s", "4 min 05 s", "2 h 10 min" */
char *text_seconds(char dst[TEXT_NUMBER_SIZE], double seconds);
/* How long it will take: "0:07", "12:30", "1:02:03" */
char *text_clock(char dst[TEXT_NUMBER_SIZE], double seconds);

/* "2026-01-31 23:59 UTC", from seconds since 1970. */
enum { TEXT_TIME_SIZE = 32 };
char *text_time(char dst[TEXT_TIME_SIZE], int64_t seconds);

/*
 * A name as it is on disk, made showable: control bytes, bidirectional
 * overrides and what is not UTF-8 become \xNN, a backslash becomes \\.
 * Always terminated; cut at a whole character when it does not fit.
 */
char *text_escape(char *dst, size_t size, const char *src, bool utf8);
/* Text that is escaped already: without utf8, its other bytes become \xNN. */
char *text_show(char *dst, size_t size, const char *src, bool utf8);

/*
 * One word for a shell, quoted if need be, without backslashes, which would be
 * escaped when shown; "" when it does not fit.
 */
char *text_quote(char *dst, size_t size, const char *word);

/* Columns that escaped text takes on a terminal. */
size_t text_columns(const char *s);
/*
 * Copy at most so many columns of s; what is too long loses its middle to an
 * ellipsis, for the end of a path tells as much as its beginning.
 */
char *
text_cut(char *dst, size_t size, const char *s, size_t columns, bool utf8);

/*
 * Bytes of s that fit into so many columns, up to a blank; a word that is
 * longer is never cut.
 */
size_t text_fit(const char *s, size_t columns);

/* How many letters have to be typed differently to turn a into b. */
unsigned text_distance(const char *a, const char *b);
/* What somebody who typed `word` is likely to have meant, of what is offered. */
struct text_near {
	const char *word;
	char best[48]; /* "": nothing is near */
	unsigned distance; /* of the best */
};

struct text_near text_near_to(const char *word);
void text_near_offer(struct text_near *near, const char *known);

#endif
