/*
 * Fuzz the replies to a burst: however the bytes are cut, by the first one of
 * the input, the same replies are read, and nothing outside of what came.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "remote/ftp_burst.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct heard {
	unsigned count, codes;
	bool bad;
};

static void
hear(struct heard *h, const char *p, size_t n, size_t piece)
{
	struct burst_line line;
	struct ftp_reply r;
	size_t used, k;

	memset(h, 0, sizeof(*h));
	line.n = 0;
	ftp_reply_init(&r);
	while (n > 0 && !h->bad) {
		char *copy; /* so that a sanitizer sees its end */

		k = piece < n ? piece : n;
		copy = malloc(k);
		if (copy == NULL)
			break;
		memcpy(copy, p, k);
		switch (burst_take(&line, &r, copy, k, &used)) {
		case BURST_REPLY:
			if (r.code < 100 || r.code > 699 || used == 0)
				abort();
			h->count++;
			h->codes = h->codes * 31 + r.code;
			ftp_reply_clear(&r);
			break;
		case BURST_MORE:
			if (used != k)
				abort();
			break;
		case BURST_BAD:
			h->bad = true;
		}
		free(copy);
		if (used > k || line.n > sizeof(line.half))
			abort();
		p += used;
		n -= used;
	}
	ftp_reply_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct heard whole, pieces;

	if (n < 1)
		return 0;
	hear(&whole, (const char *)data + 1, n - 1, n);
	hear(&pieces, (const char *)data + 1, n - 1, 1 + data[0] % 7u);
	if (whole.bad != pieces.bad || whole.count != pieces.count ||
	    whole.codes != pieces.codes)
		abort();
	return 0;
}
