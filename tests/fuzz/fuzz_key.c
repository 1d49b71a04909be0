/*
 * Fuzz the reading of private keys: the bytes as a file, and as what lies
 * inside the base64 of each form.  What is read must sign.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/key_parts.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
use(int rc, struct key *k, const struct ferry_error *err)
{
	const char *algorithm;
	struct buf signature;
	size_t blob_len;

	if ((rc == 0) != (k != NULL) || rc != -err->code)
		abort();
	if (rc != 0)
		return;
	algorithm = key_type(k);
	if (strcmp(algorithm, "ssh-rsa") == 0)
		algorithm = "rsa-sha2-256";
	buf_init(&signature, 8192);
	if (key_sign(k, algorithm, "x", 1, &signature, NULL) != 0 ||
	    key_blob(k, &blob_len) == NULL || key_comment(k) == NULL)
		abort();
	buf_free(&signature);
	key_free(k);
}

typedef int parse_fn(EVP_PKEY **, const struct key_armour *,
    const struct secret *, struct ferry_error *);

/* As the bytes inside the base64 of a form of OpenSSL's. */
static void
inside(parse_fn *parse, struct key_armour a, const uint8_t *data, size_t n,
    const struct secret *passphrase)
{
	struct ferry_error err = { 0 };
	EVP_PKEY *pkey = NULL;
	struct key *k = NULL;
	int rc;

	a.body = secret_copy(data, n);
	rc = parse(&pkey, &a, passphrase, &err);
	if (rc == 0)
		rc = key_new(&k, pkey, "", &err);
	use(rc, k, &err);
	key_armour_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct key_armour rsa = { .label = "RSA PRIVATE KEY" };
	static const struct key_armour ec = { .label = "EC PRIVATE KEY" };
	static const struct key_armour plain = { .label = "PRIVATE KEY" };
	static const struct key_armour sealed = { .label =
						      "ENCRYPTED PRIVATE KEY" };
	static const struct key_armour dek = { .label = "RSA PRIVATE KEY",
		.header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
			  "000102030405060708090A0B0C0D0E0F\n" };
	struct secret *passphrase = secret_copy("right", 5);
	struct ferry_error err = { 0 };
	struct key_openssh outside;
	struct key *k = NULL;
	int rc;

	rc = key_parse(&k, data, n, NULL, &err);
	use(rc, k, &err);

	/* opening a sealed box costs what it says: open the cheap ones */
	rc = key_openssh_read(&outside, data, n, NULL);
	k = NULL;
	err_clear(&err);
	rc = key_openssh_parse(&k, data, n,
	    rc == 0 && outside.rounds == 1 ? passphrase : NULL, &err);
	use(rc, k, &err);

	inside(key_pem_parse, rsa, data, n, NULL);
	inside(key_pem_parse, ec, data, n, NULL);
	inside(key_pem_parse, dek, data, n, passphrase);
	inside(key_pkcs8_parse, plain, data, n, NULL);
	inside(key_pkcs8_parse, sealed, data, n, NULL);
	secret_free(passphrase);
	return 0;
}
