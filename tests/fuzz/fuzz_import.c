/* Another tool's state: no crash, and each claim is whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ferry_error err;
	struct import m;

	if (import_parse(&m, (const char *)data, size, "state", &err) == 0) {
		if (m.count == 0)
			abort();
		for (size_t i = 0; i < m.count; i++)
			if (m.claims[i].path[0] == '\0' ||
			    m.claims[i].size > INT64_MAX)
				abort();
	}
	import_free(&m);
	return 0;
}
