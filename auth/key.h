/* A private key file: reading it and signing with it.  Hub only. */
#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "sandferry.h"

struct certificate;
struct key;

/*
 * Read a key from the bytes of its file: openssh-key-v1 (PROTOCOL.key), PEM
 * PKCS#1, SEC1, PKCS#8; plain or encrypted.  passphrase NULL: none given.
 * The texts speak of "the key file": a caller who knows its name prefixes it.
 *
 * ferry_ESECRET: "passphrase_needed", "passphrase_wrong".
 * ferry_EKEY, the file is something else: "key_empty", "key_public",
 * "key_putty", "key_type" (DSA, FIDO, ...), "key_cipher", "key_rounds",
 * "key_short", "key_encoding", "key_header" (no key in it); or it is damaged:
 * "key_crlf", "key_lines" (joined into one), "key_truncated", "key_base64",
 * "key_trailing", "key_too_large", "key_damaged".
 */
int key_parse(struct key **out, const void *bytes, size_t n,
    const struct secret *passphrase, struct ferry_error *err);

/*
 * Put the file's name before a text of key_parse()'s, and into the commands of
 * its hint.  NULL: there is no file, the application gave the key.
 */
void key_name_file(struct ferry_error *err, const char *path);

/*
 * A key that stays elsewhere, by the one line of its public half, or of its
 * certificate, which is judged by now (Unix seconds).  What sign() gives is
 * the caller's to verify.  ferry_EKEY: "public_key_wrong", "public_key_type",
 * and for a certificate as certificate.h says.
 */
int key_elsewhere(struct key **out, const char *line, ferry_sign_fn *sign,
    void *ctx, uint64_t now, struct ferry_error *err);
bool key_is_elsewhere(const struct key *k);

enum key_worry {
	KEY_EXPOSED = 1, /* other accounts may read or write the file */
	KEY_FOREIGN = 2, /* it belongs to another account (not the system's) */
};

/*
 * Read the file that the user selected into a secret, without waiting for
 * anything.  *worries (NULL is fine): enum key_worry, or'ed.
 * ferry_EKEY: "key_missing", "key_unreadable", "key_not_file", "key_too_large".
 */
int key_read_file(struct secret **out, unsigned *worries, const char *path,
    struct ferry_error *err);

/*
 * Let a certificate speak for the key: read the file path, or where path is
 * NULL the one that ssh-keygen puts beside the key file, FILE-cert.pub, if it
 * is there (key_path NULL: there is no file).  now: Unix seconds.  ferry_EKEY as certificate.h says, and
 * "certificate_missing", "certificate_unreadable", "certificate_not_file",
 * "certificate_too_large"; the texts name the file.
 */
int key_certify(struct key *k, const char *key_path, const char *path,
    uint64_t now, struct ferry_error *err);

void key_free(struct key *k); /* wipes */

/* The public key blob (RFC 4253, 6.6; RFC 5656, 3.1; RFC 8709, 4). */
const unsigned char *key_blob(const struct key *k, size_t *n);
const char *key_type(const struct key *k); /* "ssh-ed25519" */
const char *key_comment(const struct key *k); /* "" if none */

/* What the server is offered: the certificate, or else the public key. */
const unsigned char *key_offer(const struct key *k, size_t *n);
const char *key_offer_type(const struct key *k);
const struct certificate *key_certificate(const struct key *k); /* or NULL */

/*
 * Sign data; signature gets "string algorithm, string blob" (RFC 4253, 6.6).
 * algorithm: the key's type, or rsa-sha2-512 / rsa-sha2-256 for RSA.
 * ferry_EKEY: "sign_refused", by whoever has a key that stays elsewhere.
 */
int key_sign(const struct key *k, const char *algorithm, const void *data,
    size_t n, struct buf *signature, struct ferry_error *err);

/*
 * The same for a TLS handshake; scheme: a number of RFC 8446, 4.2.3.  signature
 * gets the bytes alone.
 */
int key_sign_tls(const struct key *k, unsigned scheme, const void *data,
    size_t n, struct buf *signature, struct ferry_error *err);
/* Is this public key its other half? */
bool key_fits(const struct key *k, EVP_PKEY *half);

/*
 * The file of a client certificate for TLS, which may hold the key as well.
 * ferry_EKEY: "client_cert_missing", "client_cert_unreadable",
 * "client_cert_not_file", "client_cert_too_large"; the texts name the file.
 */
int key_read_client_cert(
    struct secret **out, const char *path, struct ferry_error *err);

#endif
