/*
 * A client certificate for TLS, as its PEM file has it, with those of the
 * authorities below the root.  Hub only; its key is a key.h.
 */
#ifndef AUTH_CLIENT_CERT_H
#define AUTH_CLIENT_CERT_H

#include <stdint.h>

#include "auth/key.h"

struct client_cert {
	EVP_PKEY *half; /* of its key; the public one */
	struct buf chain; /* DER: its own, then all others of the file */
	int64_t since, until; /* valid, Unix seconds */
	char subject[128]; /* "CN = deploy", cut; raw */
};

/*
 * The texts speak of "the client certificate": a caller who knows its name
 * prefixes it.  ferry_EKEY: "client_cert_none" (there is none in the file),
 * "client_cert_damaged", "client_cert_type" (its key is not for us),
 * "client_cert_too_large".
 */
int client_cert_parse(struct client_cert **out, const void *pem, size_t n,
    struct ferry_error *err);
void client_cert_free(struct client_cert *c); /* NULL is fine */

/*
 * May it be shown now (Unix seconds), and with this key (NULL: not looked at)?
 * ferry_EKEY: "client_cert_early", "client_cert_expired",
 * "client_cert_other_key".
 */
int client_cert_judge(const struct client_cert *c, const struct key *k,
    int64_t now, struct ferry_error *err);

/*
 * Leave the private key alone in the bytes of a file that holds certificates
 * as well.  What has no private key stays as it is: key_parse() has words for
 * it.
 */
void client_cert_leave_key(struct secret *file);

#endif
