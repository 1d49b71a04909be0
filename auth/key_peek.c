/* What a private key file tells without its passphrase.  Hub only. */
#include "auth/key_peek.h"

#include <stdio.h>
#include <string.h>

#include "auth/key_parts.h"

void
key_peek_parsed(struct key_peek *out, const struct key *k)
{
	size_t n;
	const unsigned char *blob = key_blob(k, &n);

	snprintf(out->type, sizeof(out->type), "%s", key_type(k));
	snprintf(out->comment, sizeof(out->comment), "%s", key_comment(k));
	hash_fingerprint(blob, n, out->fingerprint);
}

/* It is encrypted: is its public half not? */
static int
peek_public(
    struct key_peek *out, const void *bytes, size_t n, struct ferry_error *err)
{
	struct key_armour armour;
	struct key_openssh box;
	struct ferry_error ignored;

	if (key_armour_parse(&armour, bytes, n, err) != 0)
		return -ferry_EKEY;
	if (strcmp(armour.label, "OPENSSH PRIVATE KEY") != 0 ||
	    key_openssh_read(
		&box, armour.body->data, armour.body->len, &ignored) != 0) {
		key_armour_free(&armour);
		return -ferry_ESECRET;
	}
	snprintf(out->type, sizeof(out->type), "%s", box.kind->type);
	hash_fingerprint(box.blob, box.blob_len, out->fingerprint);
	key_armour_free(&armour);
	return 0;
}

int
key_peek(
    struct key_peek *out, const void *bytes, size_t n, struct ferry_error *err)
{
	struct key *k;
	int rc = key_parse(&k, bytes, n, NULL, err);

	memset(out, 0, sizeof(*out));
	if (rc == -ferry_ESECRET)
		return peek_public(out, bytes, n, err);
	if (rc == 0)
		key_peek_parsed(out, k);
	key_free(k);
	return rc;
}
