/*
 * Compress by zlib.  Hub.
 *
 * A gzip file as reproducible as can be: no time, no name, no system.  Another
 * version of zlib may still find other matches.
 */
#define ZLIB_CONST /* it only reads what it is given */
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "publish/sidecar_coder.h"

enum {
	LEVEL = 9,
	WINDOW = 15 + 16, /* with a gzip header, zlib.h */
	MEMORY = 9,
	UNKNOWN_SYSTEM = 255, /* RFC 1952, 2.3.1 */
};

struct gzip {
	z_stream z;
	gz_header header;
};

static void *
begin(void)
{
	struct gzip *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->header.os = UNKNOWN_SYSTEM;
	if (deflateInit2(&g->z, LEVEL, Z_DEFLATED, WINDOW, MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK) {
		free(g);
		return NULL;
	}
	deflateSetHeader(&g->z, &g->header);
	return g;
}

static bool
run(void *state, struct sidecar_flow *f, bool last, bool *more)
{
	struct gzip *g = state;

	g->z.next_in = f->from;
	g->z.avail_in = (unsigned)f->left;
	g->z.next_out = f->to;
	g->z.avail_out = (unsigned)f->room;
	deflate(&g->z, last ? Z_FINISH : Z_NO_FLUSH); /* fails on misuse only */
	f->from = g->z.next_in;
	f->left = g->z.avail_in;
	f->to = g->z.next_out;
	f->room = g->z.avail_out;
	*more = f->room == 0;
	return true;
}

static void
end(void *state)
{
	struct gzip *g = state;

	if (g != NULL)
		deflateEnd(&g->z);
	free(g);
}

struct sidecar_coder
sidecar_gzip(void)
{
	struct sidecar_coder c = { .begin = begin, .run = run, .end = end };

	snprintf(c.version, sizeof(c.version), "%s", zlibVersion());
	return c;
}
