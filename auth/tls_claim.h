/*
 * What may be signed with the key of a client certificate.  Hub only.  The
 * worker asks for the signature of a TLS handshake that it is in the middle of,
 * and brings every message of it so far: only a handshake that the trusted
 * server has signed, too, is signed.  So whatever has become of the worker, the
 * signature is of use with that server and in that handshake alone.
 */
#ifndef AUTH_TLS_CLAIM_H
#define AUTH_TLS_CLAIM_H

#include "base/buf.h"
#include "base/hash.h"
#include "sandferry.h"

struct tls_claim { /* from the worker; hostile */
	unsigned scheme; /* RFC 8446, 4.2.3 */
	const void *server; /* its key: a SubjectPublicKeyInfo, DER */
	size_t server_len;
	/* from ClientHello to the message before our CertificateVerify */
	const void *handshake;
	size_t handshake_len;
};

/*
 * Is this one handshake, by TLS 1.3 or by TLS 1.2 with a key exchange that is
 * signed, with the server whose key has this SHA-256?  *content (LIMIT_MESSAGE)
 * gets the bytes to sign.  ferry_EWALL otherwise.
 */
int tls_claim_judge(const struct tls_claim *c, const struct digest *trusted,
    struct buf *content, struct ferry_error *err);

#endif
