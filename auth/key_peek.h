/* What a private key file tells without its passphrase.  Hub only. */
#ifndef AUTH_KEY_PEEK_H
#define AUTH_KEY_PEEK_H

#include <stddef.h>

#include "base/hash.h"
#include "sandferry.h"

struct key_peek {
	char type[64]; /* "ssh-ed25519" */
	char comment[128]; /* raw, cut; "" also when it is encrypted */
	char fingerprint[HASH_FINGERPRINT_SIZE]; /* of the public half */
};

struct key;

/*
 * Look at the bytes of a key file.  An encrypted openssh-key-v1 file shows its
 * public half; of others that are encrypted: ferry_ESECRET.  ferry_EKEY as
 * key_parse() says.
 */
int key_peek(
    struct key_peek *out, const void *bytes, size_t n, struct ferry_error *err);
/* The same of a key that has been parsed. */
void key_peek_parsed(struct key_peek *out, const struct key *k);

#endif
