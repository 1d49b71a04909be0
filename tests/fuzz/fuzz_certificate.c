/*
 * Fuzz the reading of a certificate: the bytes as its file, and as what lies
 * inside the base64.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/certificate.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
use(const void *p, size_t n)
{
	struct ferry_error err = { 0 };
	struct certificate *c;
	struct buf line;
	int rc = certificate_parse(&c, p, n, &err);

	if ((rc == 0) != (c != NULL) || rc != -err.code)
		abort();
	if (rc != 0)
		return;
	if (certificate_judge(c, c->key.data, c->key.len, c->after, NULL) !=
		0 &&
	    c->after < c->before)
		abort();
	if (certificate_judge(c, c->key.data, c->key.len, c->before, NULL) == 0)
		abort();
	buf_init(&line, 4096);
	certificate_print(c, &line);
	if (!buf_ok(&line))
		abort();
	buf_free(&line);
	certificate_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf_reader r = buf_read(data, n);
	struct buf line;
	char type[64], *base64;

	use(data, n);
	buf_get_cstring(&r, type, sizeof(type));
	if (r.bad || n > 1 << 16)
		return 0;
	base64 = malloc(4 * ((n + 2) / 3) + 1);
	if (base64 == NULL)
		abort();
	hash_base64(data, n, base64);
	buf_init(&line, 1 << 20);
	buf_printf(&line, "%s %s comment\n", type, base64);
	use(line.data, line.len);
	buf_free(&line);
	free(base64);
	return 0;
}
