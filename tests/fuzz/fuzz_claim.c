/*
 * Fuzz the judge of what may be signed: it accepts one request, byte for byte,
 * per algorithm.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/certificate.h"
#include "auth/claim.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
judge(const struct claim *c, const uint8_t *data, size_t n)
{
	char algorithm[CLAIM_ALGORITHM_SIZE];
	bool certified = strstr(c->key_type, CERTIFICATE_SUFFIX) != NULL;
	struct buf want;

	if (claim_judge(c, data, n, algorithm, NULL) != 0)
		return;
	buf_init(&want, 4096);
	buf_put_string(&want, c->session_id, c->session_id_len);
	buf_put_u8(&want, 50);
	buf_put_cstring(&want, c->user);
	buf_put_cstring(&want, "ssh-connection");
	buf_put_cstring(&want, "publickey");
	buf_put_u8(&want, 1);
	buf_put_u32(&want,
	    (uint32_t)(strlen(algorithm) +
		(certified ? strlen(CERTIFICATE_SUFFIX) : 0)));
	buf_put(&want, algorithm, strlen(algorithm));
	if (certified)
		buf_put(&want, CERTIFICATE_SUFFIX, strlen(CERTIFICATE_SUFFIX));
	buf_put_string(&want, c->key_blob, c->key_blob_len);
	if (want.len != n || memcmp(want.data, data, n) != 0 ||
	    strcmp(algorithm, "ssh-rsa") == 0)
		abort();
	buf_free(&want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char session[] = "0123456789abcdef0123456789abcdef";
	struct claim c = { session, strlen(session), "deploy", "ssh-ed25519",
		"blob", 4 };

	judge(&c, data, n);
	c.key_type = "ssh-rsa";
	judge(&c, data, n);
	c.key_type = "ssh-rsa" CERTIFICATE_SUFFIX;
	judge(&c, data, n);
	return 0;
}
