/*
 * Compress what goes out for as long as that pays.  Worker only.
 *
 * libssh2 has zlib compress every packet alike, at a level at which a CPU is
 * slower than many a line, and pictures are not left out.  So this program
 * defines deflate() itself, chooses the level, and passes the call on:
 *
 *   the line is full, much waits  well: there is time for it
 *   else                          fast
 *   it looks packed already       stored: pictures, films, fonts
 *   it gets hardly smaller        stored, for the next 1, 2, 4, 8 packets
 *
 * Hardly is by an eighth, or by half while the line takes all: it then carries
 * bytes about as fast as we could save them.  Stored packets cost next to
 * nothing at both ends.  What the level is, the other side need not know.
 */
#include <dlfcn.h>
#include <string.h>
#include <zlib.h>

#include "base/packed.h"
#include "remote/ssh_parts.h"

enum {
	STORED = 0,
	FAST = 3,
	WELL = 6,
	HEADER_MAX = 512, /* libssh2 brings those of packets by themselves */
	MUCH = 512 * 1024, /* bytes, which wait for the line */
	REST_MAX = 8, /* packets */
};

static bool
looks_packed(const unsigned char *p, size_t n)
{
	return n >= 2 * PACKED_SAMPLE && packed_looks(p + n / 2);
}

static int
choose(const struct ssh *s, struct ssh_deflate *d, const z_stream *z)
{
	if (looks_packed(z->next_in, z->avail_in))
		return STORED;
	if (d->rest == 0)
		return s->full && ssh_unsent(s) >= MUCH ? WELL : FAST;
	d->rest--;
	return STORED;
}

/* Only between two packets: nothing of the last one is left in the stream. */
static void
set_level(struct ssh_deflate *d, z_stream *z, int level)
{
	const uInt n = z->avail_in;

	if (level == d->level)
		return;
	z->avail_in = 0;
	if (deflateParams(z, level, Z_DEFAULT_STRATEGY) == Z_OK)
		d->level = level;
	z->avail_in = n;
}

static void
judge(struct ssh_deflate *d, size_t n, size_t packed, bool full)
{
	if (d->level == STORED)
		return;
	if (packed < (full ? n - n / 8 : n / 2))
		d->dull = 0;
	else if (d->dull == 0)
		d->dull = d->rest = 1;
	else if (d->dull < REST_MAX)
		d->rest = d->dull *= 2;
	else
		d->rest = REST_MAX;
}

/* zlib's deflateParams() comes by here too, as do streams of other people. */
__attribute__((visibility("default"))) int
deflate(z_stream *z, int flush)
{
	int (*next)(z_stream *, int);
	void *symbol = dlsym(RTLD_NEXT, "deflate");
	const uInt n = z->avail_in, room = z->avail_out;
	struct ssh_deflate *d;
	struct ssh *s;
	int rc;

	memcpy(&next, &symbol, sizeof next);
	if (flush != Z_PARTIAL_FLUSH) /* which is libssh2's alone */
		return next(z, flush);
	s = *libssh2_session_abstract((LIBSSH2_SESSION *)z->opaque);
	d = &s->deflate;
	if (z->total_in == 0) /* a new stream, as after each key exchange */
		d->level = Z_DEFAULT_COMPRESSION;
	if (n >= HEADER_MAX)
		set_level(d, z, choose(s, d, z));
	rc = next(z, flush);
	d->plain += n - z->avail_in;
	d->packed += room - z->avail_out;
	if (n >= HEADER_MAX)
		judge(d, n, room - z->avail_out, s->full);
	return rc;
}

uint64_t
ssh_saved(const struct ssh *s)
{
	const struct ssh_deflate *d = &s->deflate;

	return d->plain > d->packed ? d->plain - d->packed : 0;
}
