/*
 * The stat cache's file: any bytes, and any entries under a digest that fits
 * them, which the fuzzer could not find by itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "publish/scan_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
parse(const uint8_t *data, size_t size, int seal)
{
	struct scan_cache c;
	struct scan_stamp stamp = { .size = 1 };
	struct digest digest;
	bool secret;

	scan_cache_init(&c, 0);
	buf_put(&c.old, data, size);
	if (seal) {
		hash_bytes(data, size, &digest);
		buf_put(&c.old, digest.b, HASH_SIZE);
	}
	if (!scan_cache_parse(&c) && c.count != 0)
		abort();
	for (size_t i = 0; i < c.count; i++)
		scan_cache_find(&c, c.index[i], &stamp, &digest, &secret);
	scan_cache_find(&c, "a", &stamp, &digest, &secret);
	scan_cache_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse(data, size, 0);
	parse(data, size, 1);
	return 0;
}
