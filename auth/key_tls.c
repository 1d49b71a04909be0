/* A private key at work for TLS: that of a client certificate.  Hub only. */
#include "auth/key_parts.h"
#include "auth/tls_scheme.h"
#include "base/err.h"

bool
key_fits(const struct key *k, EVP_PKEY *half)
{
	return k->pkey != NULL && EVP_PKEY_eq(k->pkey, half) == 1;
}

int
key_sign_tls(const struct key *k, unsigned scheme, const void *data, size_t n,
    struct buf *signature, struct ferry_error *err)
{
	const struct tls_scheme *s = tls_scheme_find(scheme);

	if (s == NULL || !EVP_PKEY_is_a(k->pkey, s->key))
		return err_set(err, ferry_EKEY, "key_algorithm",
		    "a key of type %s does not sign with TLS's %#06x",
		    k->kind->type, scheme);
	if (tls_scheme_sign(s, k->pkey, data, n, signature))
		return 0;
	return err_set(err, ferry_EINTERNAL, "key_sign_failed",
	    "the key cannot sign with TLS's %#06x", scheme);
}
