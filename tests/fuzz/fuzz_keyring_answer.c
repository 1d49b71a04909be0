/*
 * What the keyring helper answers, and what it is asked: whatever the bytes,
 * they are refused, or come back as they were.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/keyring_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(struct secret *s, const uint8_t *data, size_t size)
{
	if (s == NULL || s->len != size || memcmp(s->data, data, size) != 0)
		abort();
	secret_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring_answer answer;
	struct keyring_request request;

	if (keyring_get_answer(&answer, data, size))
		same(keyring_put_answer(&answer), data, size);
	if (keyring_get_request(&request, data, size))
		same(keyring_put_request(&request), data, size);
	return 0;
}
