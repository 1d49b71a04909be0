/*
 * Fuzz the judge of what may be signed in TLS: whatever it accepts is the
 * handshake itself, or what TLS 1.3 makes of it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/tls_claim.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* u16 length of the server's key, the key, the handshake */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char label[] = "TLS 1.3, client CertificateVerify";
	enum { BLANKS = 64, LABEL = BLANKS + sizeof(label) };
	struct buf_reader r = buf_read(data, n);
	struct tls_claim c = { .scheme = 0x0804 };
	struct digest trusted;
	struct buf content;

	c.server_len = buf_get_u16(&r);
	c.server = buf_get(&r, c.server_len);
	if (c.server == NULL || !hash_bytes(c.server, c.server_len, &trusted))
		return 0;
	c.handshake_len = r.left;
	c.handshake = buf_get(&r, r.left);
	buf_init(&content, LIMIT_MESSAGE);
	if (tls_claim_judge(&c, &trusted, &content, NULL) != 0) {
		if (content.len != 0)
			abort();
	} else if (content.len != c.handshake_len ||
	    memcmp(content.data, c.handshake, content.len) != 0) {
		if ((content.len != LABEL + 32 && content.len != LABEL + 48) ||
		    memcmp(content.data + BLANKS, label, sizeof(label)) != 0)
			abort();
	}
	trusted.b[0] ^= 1;
	if (tls_claim_judge(&c, &trusted, &content, NULL) == 0)
		abort();
	buf_free(&content);
	return 0;
}
