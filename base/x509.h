/*
 * What a certificate says, as numbers and text.  Hub (the user's own) and worker
 * (the server's).
 */
#ifndef BASE_X509_H
#define BASE_X509_H

#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

/* Since 1970; 0 of what is no time. */
int64_t x509_seconds(const ASN1_TIME *t);

/* "CN = example.org, O = ...", not escaped; cut if need be, "" of none. */
void x509_print_name(char *dst, size_t size, const X509_NAME *name);

#endif
