/*
 * Compress by Brotli, where its encoder was there at build time.  Hub.
 *
 * The format has neither time nor name in it.  Another version of the library
 * may find other matches.
 */
#include "publish/sidecar_coder.h"

#ifdef FERRY_BROTLI
#include <brotli/encode.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUALITY = BROTLI_MAX_QUALITY, WINDOW = BROTLI_DEFAULT_WINDOW };

static void *
begin(void)
{
	BrotliEncoderState *b = BrotliEncoderCreateInstance(NULL, NULL, NULL);

	if (b != NULL) {
		BrotliEncoderSetParameter(
		    b, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT);
		BrotliEncoderSetParameter(b, BROTLI_PARAM_QUALITY, QUALITY);
		BrotliEncoderSetParameter(b, BROTLI_PARAM_LGWIN, WINDOW);
	}
	return b;
}

static bool
run(void *state, struct sidecar_flow *f, bool last, bool *more)
{
	BrotliEncoderState *b = state;
	const BrotliEncoderOperation op =
	    last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;

	*more = false;
	if (!BrotliEncoderCompressStream(
		b, op, &f->left, &f->from, &f->room, &f->to, NULL))
		return false;
	*more = f->left > 0 || BrotliEncoderHasMoreOutput(b) ||
	    (last && !BrotliEncoderIsFinished(b));
	return true;
}

static void
end(void *state)
{
	BrotliEncoderDestroyInstance(state);
}
#endif

struct sidecar_coder
sidecar_brotli(void)
{
	struct sidecar_coder c = { .begin = NULL };
#ifdef FERRY_BROTLI
	const uint32_t v = BrotliEncoderVersion(); /* 8, 12 and 12 bits */

	c = (struct sidecar_coder){ .begin = begin, .run = run, .end = end };
	snprintf(c.version, sizeof(c.version), "%u.%u.%u", v >> 24,
	    v >> 12 & 0xfff, v & 0xfff);
#endif
	return c;
}
