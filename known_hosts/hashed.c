/*
 * Write a host name as HashKnownHosts does: HMAC-SHA1 of it, the key a random
 * salt (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).  Hub.
 */
#include "known_hosts/hashed.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/hash.h"

enum { RAW_SIZE = 20, TEXT_SIZE = 29 }; /* of salt and hash alike */

bool
hashed_print(char dst[HASHED_SIZE], const char *name)
{
	unsigned char salt[RAW_SIZE], mac[EVP_MAX_MD_SIZE];
	char salt_text[TEXT_SIZE], mac_text[TEXT_SIZE];
	unsigned n;

	dst[0] = '\0';
	if (getentropy(salt, sizeof(salt)) != 0 ||
	    HMAC(EVP_sha1(), salt, sizeof(salt), (const unsigned char *)name,
		strlen(name), mac, &n) == NULL ||
	    n != RAW_SIZE)
		return false;
	hash_base64(salt, sizeof(salt), salt_text);
	hash_base64(mac, n, mac_text);
	snprintf(dst, HASHED_SIZE, "|1|%s|%s", salt_text, mac_text);
	return true;
}
