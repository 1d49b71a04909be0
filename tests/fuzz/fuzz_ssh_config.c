/*
 * An ssh_config that the user named: whatever its bytes, it is read, and each
 * key that it names for the host is an absolute path of one line, found once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/ssh_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ssh_config_query query = { "h", 22, "u", "/home/u" };
	struct ssh_config c;
	struct ferry_error err;
	int rc = ssh_config_read(&c, (const char *)data, size, &query, &err);

	if (rc != 0 && rc != -ferry_EUSAGE)
		abort();
	for (size_t i = 0; i < c.key_count; i++) {
		if (c.keys[i].path[0] != '/' ||
		    strchr(c.keys[i].path, '\n') != NULL ||
		    c.keys[i].line == 0 ||
		    (i > 0 && c.keys[i].line < c.keys[i - 1].line))
			abort();
		for (size_t j = 0; j < i; j++) {
			if (strcmp(c.keys[i].path, c.keys[j].path) == 0)
				abort();
		}
	}
	ssh_config_free(&c);
	return 0;
}
