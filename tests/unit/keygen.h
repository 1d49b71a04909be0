/* Throwaway keys in a temporary folder, made by ssh-keygen and openssl. */
#ifndef TESTS_UNIT_KEYGEN_H
#define TESTS_UNIT_KEYGEN_H

#include "auth/key.h"
#include "base/buf.h"
#include "base/secret.h"

int keygen_setup(void **state); /* *state: the folder's path */
int keygen_teardown(void **state);

/* Run a shell command in the folder; fails the test unless it succeeds. */
void keygen_run(const char *dir, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The bytes of a file in the folder; the caller frees. */
struct buf keygen_read(const char *dir, const char *name);
void keygen_write(const char *dir, const char *name, const void *p, size_t n);
/* The public key blob in a .pub file. */
struct buf keygen_blob(const char *dir, const char *name);
/* -----BEGIN label-----, base64 in lines, -----END label-----. */
struct buf keygen_armour(const char *label, const void *p, size_t n);
/* Parse bytes with a passphrase (NULL: none): 0 or the negated code. */
int keygen_parse(struct key **out, const void *p, size_t n,
    const char *passphrase, struct ferry_error *err);

#endif
