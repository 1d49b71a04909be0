/*
 * The container openssh-key-v1 (OpenSSH's PROTOCOL.key): a public key, and a
 * box with the private one, open or encrypted.  Hub only.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "auth/bcrypt_kdf.h"
#include "auth/key_parts.h"
#include "base/err.h"
#include "base/limits.h"

enum {
	CHACHA_KEY = 32,
	CHACHA_IV = 16,
	TAG = 16,
	MAX_KEY_AND_IV = 64,
	MAX_COMMENT = 1024, /* a longer one is cut */
};

/* What ssh-keygen -Z offers. */
static const struct key_cipher {
	const char *name; /* SSH's */
	const char *engine; /* OpenSSL's */
	int key, iv, block, tag;
} ciphers[] = {
	{ "aes256-ctr", "AES-256-CTR", 32, 16, 16, 0 },
	{ "aes192-ctr", "AES-192-CTR", 24, 16, 16, 0 },
	{ "aes128-ctr", "AES-128-CTR", 16, 16, 16, 0 },
	{ "aes256-cbc", "AES-256-CBC", 32, 16, 16, 0 },
	{ "aes192-cbc", "AES-192-CBC", 24, 16, 16, 0 },
	{ "aes128-cbc", "AES-128-CBC", 16, 16, 16, 0 },
	{ "aes256-gcm@openssh.com", "AES-256-GCM", 32, 12, 16, TAG },
	{ "aes128-gcm@openssh.com", "AES-128-GCM", 16, 12, 16, TAG },
	{ "chacha20-poly1305@openssh.com", "ChaCha20", 64, 0, 8, TAG },
	{ "3des-cbc", "DES-EDE3-CBC", 24, 8, 8, 0 },
};

/* The names of cipher and key derivation, and the latter's options. */
static int
read_seal(struct key_openssh *k, struct buf_reader *r, struct ferry_error *err)
{
	char cipher[64], kdf[32];
	size_t n;
	const unsigned char *options;
	struct buf_reader o;

	buf_get_cstring(r, cipher, sizeof(cipher));
	buf_get_cstring(r, kdf, sizeof(kdf));
	options = buf_get_string(r, &n, LIMIT_KEY_FILE);
	if (r->bad)
		return 0; /* the caller asks once for all */
	if (strcmp(cipher, "none") == 0 && strcmp(kdf, "none") == 0)
		return 0;
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++) {
		if (strcmp(cipher, ciphers[i].name) == 0)
			k->cipher = &ciphers[i];
	}
	if (k->cipher == NULL || strcmp(kdf, "bcrypt") != 0)
		return key_wrong_cipher(err, k->cipher == NULL ? cipher : kdf);
	o = buf_read(options, n);
	k->salt = buf_get_string(&o, &k->salt_len, LIMIT_KEY_FILE);
	k->rounds = buf_get_u32(&o);
	if (!buf_get_end(&o) || k->salt_len == 0 || k->rounds == 0)
		return key_wrong_content(
		    err, "its bcrypt options make no sense");
	if (k->rounds > LIMIT_BCRYPT_ROUNDS)
		return key_wrong_work(err, k->rounds, LIMIT_BCRYPT_ROUNDS);
	return 0;
}

/* A key of which kind?  The public half says so without a passphrase. */
static int
read_kind(struct key_openssh *k, struct ferry_error *err)
{
	struct buf_reader r = buf_read(k->blob, k->blob_len);
	char type[64];

	buf_get_cstring(&r, type, sizeof(type));
	if (r.bad)
		return key_wrong_content(err, "its public half has no type");
	k->kind = key_kind_of_type(type);
	return k->kind != NULL ? 0 : key_wrong_type(err, type);
}

/*
 * byte[] "openssh-key-v1\0", string cipher, string kdf, string kdf options,
 * uint32 keys, string public key, string private key, tag
 */
int
key_openssh_read(
    struct key_openssh *k, const void *bytes, size_t n, struct ferry_error *err)
{
	static const char magic[] = "openssh-key-v1"; /* and its NUL */
	struct buf_reader r = buf_read(bytes, n);
	const unsigned char *p;
	uint32_t keys;
	int rc;

	*k = (struct key_openssh){ .cipher = NULL };
	p = buf_get(&r, sizeof(magic));
	if (p != NULL && memcmp(p, magic, sizeof(magic)) != 0)
		return key_wrong_content(
		    err, "it does not begin with openssh-key-v1");
	if ((rc = read_seal(k, &r, err)) != 0)
		return rc;
	keys = buf_get_u32(&r);
	if (!r.bad && keys != 1)
		return key_wrong_content(
		    err, "it says that it holds several keys");
	k->blob = buf_get_string(&r, &k->blob_len, LIMIT_KEY_FILE);
	k->box = buf_get_string(&r, &k->box_len, LIMIT_KEY_FILE);
	if (!r.bad && (rc = read_kind(k, err)) != 0)
		return rc;
	if (k->cipher != NULL && k->cipher->tag != 0)
		k->tag = buf_get(&r, (size_t)k->cipher->tag);
	if (r.bad)
		return key_wrong_end(err);
	return buf_get_end(&r) ? 0 : key_wrong_trailing(err);
}

/* All ciphers but chacha20-poly1305; false: the tag is wrong, or a failure. */
static bool
decrypt(
    const struct key_openssh *k, const unsigned char *key, struct secret *plain)
{
	EVP_CIPHER *engine = EVP_CIPHER_fetch(NULL, k->cipher->engine, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const unsigned char *iv = key + k->cipher->key;
	int n = 0, last = 0;
	bool ok = engine != NULL && ctx != NULL &&
	    EVP_DecryptInit_ex2(ctx, engine, key, iv, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;

	if (ok && k->cipher->tag != 0)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG,
			 (void *)(uintptr_t)k->tag) == 1;
	ok = ok &&
	    EVP_DecryptUpdate(ctx, plain->data, &n, k->box, (int)k->box_len) ==
		1 &&
	    EVP_DecryptFinal_ex(ctx, plain->data + n, &last) == 1;
	plain->len = ok ? (size_t)(n + last) : 0;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(engine);
	return ok && plain->len == k->box_len;
}

/*
 * chacha20-poly1305@openssh.com (PROTOCOL.chacha20poly1305) as packet 0 without
 * a header: Poly1305's key is the first bytes of block 0 of the key stream, the
 * text begins with block 1.  The second half of the key, for the header's
 * length, is idle.
 */
static bool
decrypt_chacha(
    const struct key_openssh *k, const unsigned char *key, struct secret *plain)
{
	static const unsigned char zeros[CHACHA_KEY];
	unsigned char iv[CHACHA_IV] = { 0 }; /* counter, little-endian; nonce */
	unsigned char poly_key[CHACHA_KEY], tag[TAG];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t tag_len = 0;
	int n = 0;
	bool ok = ctx != NULL &&
	    EVP_DecryptInit_ex2(ctx, EVP_chacha20(), key, iv, NULL) == 1 &&
	    EVP_DecryptUpdate(ctx, poly_key, &n, zeros, sizeof(zeros)) == 1 &&
	    EVP_Q_mac(NULL, "POLY1305", NULL, NULL, NULL, poly_key,
		sizeof(poly_key), k->box, k->box_len, tag, sizeof(tag),
		&tag_len) != NULL &&
	    tag_len == TAG && CRYPTO_memcmp(tag, k->tag, TAG) == 0;

	iv[0] = 1;
	ok = ok && EVP_DecryptInit_ex2(ctx, NULL, NULL, iv, NULL) == 1 &&
	    EVP_DecryptUpdate(ctx, plain->data, &n, k->box, (int)k->box_len) ==
		1;
	plain->len = ok ? (size_t)n : 0;
	EVP_CIPHER_CTX_free(ctx);
	secret_wipe(poly_key, sizeof(poly_key));
	return ok && plain->len == k->box_len;
}

/* The box's content, decrypted into plain. */
static int
unseal(const struct key_openssh *k, const struct secret *passphrase,
    struct secret *plain, struct ferry_error *err)
{
	unsigned char key[MAX_KEY_AND_IV];
	int rc = 0;

	if (k->box_len == 0 || k->box_len % (size_t)k->cipher->block != 0)
		return key_wrong_content(
		    err, "the private key is not of whole blocks");
	if (passphrase == NULL || passphrase->len == 0)
		return key_wrong_passphrase(err, passphrase);
	if (!bcrypt_kdf(passphrase->data, passphrase->len, k->salt, k->salt_len,
		k->rounds, key, (size_t)(k->cipher->key + k->cipher->iv)))
		return err_memory(err);
	if (!(k->cipher->iv == 0 ? decrypt_chacha(k, key, plain)
				 : decrypt(k, key, plain)))
		rc = key_wrong_passphrase(err, passphrase);
	secret_wipe(key, sizeof(key));
	return rc;
}

/* The padding is 1, 2, 3 ... up to a whole block. */
static bool
padding_ok(const struct buf_reader *r)
{
	for (size_t i = 0; i < r->left; i++) {
		if (r->p[i] != (unsigned char)(i + 1))
			return false;
	}
	return r->left < 256;
}

/*
 * uint32 check, uint32 check (the same), string type, fields, string comment,
 * padding
 */
static int
read_box(struct key **out, const struct key_openssh *k,
    const struct secret *plain, const struct secret *passphrase,
    struct ferry_error *err)
{
	struct buf_reader r = buf_read(plain->data, plain->len);
	uint32_t check = buf_get_u32(&r);
	char type[64], comment[MAX_COMMENT];
	const unsigned char *p;
	EVP_PKEY *pkey = NULL;
	size_t n;
	int rc;

	if (check != buf_get_u32(&r) || r.bad)
		return k->cipher != NULL
		    ? key_wrong_passphrase(err, passphrase)
		    : key_wrong_content(err, "its two check numbers differ");
	buf_get_cstring(&r, type, sizeof(type));
	if (!r.bad && strcmp(type, k->kind->type) == 0)
		pkey = key_fields_get(k->kind, &r);
	p = buf_get_string(&r, &n, LIMIT_KEY_FILE);
	snprintf(comment, sizeof(comment), "%.*s", (int)n,
	    p != NULL ? (const char *)p : "");
	if (pkey == NULL || r.bad || !padding_ok(&r)) {
		EVP_PKEY_free(pkey);
		return key_wrong_content(
		    err, "its private half makes no sense");
	}
	if ((rc = key_new(out, pkey, comment, err)) != 0)
		return rc;
	if ((*out)->blob.len != k->blob_len ||
	    memcmp((*out)->blob.data, k->blob, k->blob_len) != 0) {
		key_free(*out);
		*out = NULL;
		return key_wrong_content(
		    err, "its two halves are of different keys");
	}
	return 0;
}

int
key_openssh_parse(struct key **out, const void *bytes, size_t n,
    const struct secret *passphrase, struct ferry_error *err)
{
	struct secret *plain = NULL;
	struct key_openssh k;
	int rc;

	*out = NULL;
	if ((rc = key_openssh_read(&k, bytes, n, err)) != 0)
		return rc;
	if ((plain = secret_new(k.box_len + 1)) == NULL)
		return err_memory(err);
	if (k.cipher != NULL) {
		rc = unseal(&k, passphrase, plain, err);
	} else {
		memcpy(plain->data, k.box, k.box_len);
		plain->len = k.box_len;
	}
	if (rc == 0)
		rc = read_box(out, &k, plain, passphrase, err);
	secret_free(plain);
	return rc;
}
