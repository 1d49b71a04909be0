/*
 * The older PEM forms of a private key: PKCS#1 (RFC 8017) and SEC1 (RFC 5915),
 * plain or encrypted as DEK-Info says (RFC 1421).  Hub only.
 *
 * OpenSSL gets the passphrase at every place where it would otherwise ask for
 * one on the terminal.
 */
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "auth/key_parts.h"
#include "base/err.h"

int
key_pem_judge(const void *der, size_t n, struct ferry_error *err)
{
	const unsigned char *p = der;
	long len = 0;
	int tag = 0, class = 0, flags;
	size_t head;

	flags = ASN1_get_object(&p, &len, &tag, &class, (long)n);
	head = (size_t)(p - (const unsigned char *)der);
	if (tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL || head > n)
		return key_wrong_content(err, "it holds no private key");
	if ((size_t)len > n - head)
		return key_wrong_end(err);
	if ((flags & 0x81) != 0)
		return key_wrong_content(err, "it holds no private key");
	return (size_t)len == n - head ? 0 : key_wrong_trailing(err);
}

bool
key_pem_has_cipher(const char *name)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);

	EVP_CIPHER_free(cipher);
	return cipher != NULL;
}

static int
give_passphrase(char *dst, int size, int writing, void *ctx)
{
	const struct secret *passphrase = ctx;

	(void)writing;
	if (size < 0 || passphrase->len > (size_t)size)
		return -1;
	memcpy(dst, passphrase->data, passphrase->len);
	return (int)passphrase->len;
}

/* Undo RFC 1421's encryption in place. */
static int
decrypt(const struct key_armour *a, const struct secret *passphrase, long *n,
    struct ferry_error *err)
{
	char header[sizeof(a->header)], name[32] = "an unnamed cipher";
	const char *dek = strstr(a->header, "DEK-Info: ");
	EVP_CIPHER_INFO info;

	if (dek != NULL)
		sscanf(dek, "DEK-Info: %31[^,\n]", name);
	memcpy(header, a->header, sizeof(header)); /* it is written to */
	if (PEM_get_EVP_CIPHER_INFO(header, &info) != 1 ||
	    info.cipher == NULL ||
	    !key_pem_has_cipher(EVP_CIPHER_get0_name(info.cipher)))
		return key_wrong_cipher(err, name);
	if (passphrase == NULL ||
	    PEM_do_header(&info, a->body->data, n, give_passphrase,
		(void *)(uintptr_t)passphrase) != 1)
		return key_wrong_passphrase(err, passphrase);
	return 0;
}

int
key_pem_parse(EVP_PKEY **pkey, const struct key_armour *a,
    const struct secret *passphrase, struct ferry_error *err)
{
	bool sealed = strstr(a->header, "ENCRYPTED") != NULL;
	const unsigned char *p = a->body->data;
	long n = (long)a->body->len;
	int rc;

	if (sealed && (rc = decrypt(a, passphrase, &n, err)) != 0)
		return rc;
	rc = key_pem_judge(p, (size_t)n, err);
	if (rc == 0) {
		*pkey = a->label[0] == 'R' ? key_der_rsa(p, (size_t)n)
					   : key_der_ecdsa(p, (size_t)n);
		if (*pkey == NULL)
			rc = key_wrong_content(err, "it holds no private key");
	}
	/* one wrong passphrase in 256 leaves a padding that looks right */
	if (rc != 0 && sealed)
		return key_wrong_passphrase(err, passphrase);
	return rc;
}
