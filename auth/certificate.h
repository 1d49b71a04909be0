/*
 * An OpenSSH user certificate (OpenSSH's PROTOCOL.certkeys): a public key with
 * an authority's word about who may log in with it, and when.  Hub only.
 */
#ifndef AUTH_CERTIFICATE_H
#define AUTH_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "sandferry.h"

#define CERTIFICATE_SUFFIX "-cert-v01@openssh.com"

struct certificate {
	const char *type; /* "ssh-ed25519-cert-v01@openssh.com" */
	struct buf blob; /* all of it, as the server gets it */
	struct buf key; /* the public key's own blob */
	uint64_t serial;
	uint64_t after, before; /* valid from, and until just before; Unix */
	char id[64]; /* as the authority named it; cut */
	char principals[128]; /* "deploy, www"; cut; "" is nobody */
	char authority[HASH_FINGERPRINT_SIZE]; /* of the signing key */
};

/*
 * Read the one line of a FILE-cert.pub.  The texts speak of "the certificate":
 * a caller who knows its name prefixes it.  What the authority signed is the
 * server's to verify, who knows the authority.
 *
 * ferry_EKEY: "certificate_none" (the file is something else),
 * "certificate_type" (FIDO, DSA), "certificate_host", "certificate_damaged".
 */
int certificate_parse(struct certificate **out, const void *bytes, size_t n,
    struct ferry_error *err);

/*
 * Is it the certificate of this key, and valid now (Unix seconds)?
 * ferry_EKEY: "certificate_other_key", "certificate_early",
 * "certificate_expired".
 */
int certificate_judge(const struct certificate *c, const void *key_blob,
    size_t n, uint64_t now, struct ferry_error *err);

/* One line for people: whose, for whom, until when, by which authority. */
void certificate_print(const struct certificate *c, struct buf *out);

void certificate_free(struct certificate *c); /* NULL is fine */

#endif
