/*
 * What may be signed.  Hub only.  The worker asks the hub to sign bytes; only
 * bytes that are our own login are ever signed (RFC 4252, 7).
 */
#ifndef AUTH_CLAIM_H
#define AUTH_CLAIM_H

#include <stddef.h>

#include "sandferry.h"

enum { CLAIM_ALGORITHM_SIZE = 32 };

struct claim { /* what we would sign */
	const void *session_id;
	size_t session_id_len;
	const char *user;
	const char *key_type; /* decides which algorithms are allowed */
	const void *key_blob; /* what was offered: a key or a certificate */
	size_t key_blob_len;
};

/*
 * Judge the data: string session id, byte 50, string user, string
 * "ssh-connection", string "publickey", TRUE, string algorithm, string key,
 * and no byte more.  Everything must equal the claim; algorithm gets the name
 * to sign with, which for a certificate is its key's.  ferry_EWALL otherwise.
 */
int claim_judge(const struct claim *c, const void *data, size_t n,
    char algorithm[CLAIM_ALGORITHM_SIZE], struct ferry_error *err);

#endif
