/*
 * Fuzz the lines of listings.  First byte: which form; the rest is lines, split
 * as the engine does.  A name that comes out is one component, and nothing
 * comes out of what is refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "remote/listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
one(unsigned form, const char *line, size_t n)
{
	static const struct listing nothing;
	enum listing_kind kind;
	struct listing l;

	memset(&l, 0xee, sizeof(l));
	switch (form % 3) {
	case 0:
		kind = listing_list(line, n, 1795328000, &l);
		break;
	case 1:
		kind = listing_mlsd(line, n, &l);
		break;
	default:
		kind = listing_mlst(line, n, &l);
		if (l.name[0] != '\0')
			abort();
		return;
	}
	if (kind == LISTING_ENTRY ? !path_name_ok(l.name, strlen(l.name))
				  : memcmp(&l, &nothing, sizeof(l)) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data + 1, *end = p + n - 1, *next;
	char *line;

	for (; n > 0 && p < end; p = next + 1) {
		next = memchr(p, '\n', (size_t)(end - p));
		if (next == NULL)
			next = end;
		/* memory of exactly its size */
		line = malloc((size_t)(next - p) + (next == p));
		if (line == NULL)
			return 0;
		memcpy(line, p, (size_t)(next - p));
		one(data[0], line, (size_t)(next - p));
		free(line);
	}
	return 0;
}
