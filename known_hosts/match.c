/*
 * Match host names against the first field of a known_hosts line: names,
 * ports, patterns, hashes (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).  Hub.
 */
#include "known_hosts/match.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/hash.h"

enum { SALT_SIZE = 20, SALT_TEXT = 28, MAGIC_LEN = 3 };

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * OpenSSH knows an address by its canonical form: "127.1" as "127.0.0.1",
 * "2001:DB8:0::1" as "2001:db8::1".  Put it into text, with *zone what follows
 * it.  False when the name is no address.
 */
static bool
print_address(char text[INET6_ADDRSTRLEN], const char *name, const char **zone)
{
	size_t n = strcspn(name, "%");
	struct in_addr v4;
	struct in6_addr v6;

	*zone = name + n;
	/* inet_aton() would not look behind a blank. */
	if (**zone == '\0' && name[strcspn(name, " \t\n\v\f\r")] == '\0' &&
	    inet_aton(name, &v4) != 0)
		return inet_ntop(AF_INET, &v4, text, INET6_ADDRSTRLEN) != NULL;
	if (n >= INET6_ADDRSTRLEN)
		return false;
	memcpy(text, name, n);
	text[n] = '\0';
	return inet_pton(AF_INET6, text, &v6) == 1 &&
	    inet_ntop(AF_INET6, &v6, text, INET6_ADDRSTRLEN) != NULL;
}

void
match_name(char dst[MATCH_NAME_SIZE], const char *name, unsigned port)
{
	char address[INET6_ADDRSTRLEN];
	const char *zone = "";

	if (print_address(address, name, &zone))
		name = address;
	else
		zone = "";
	if (port == 0 || port == MATCH_PORT)
		snprintf(dst, MATCH_NAME_SIZE, "%s%s", name, zone);
	else
		snprintf(dst, MATCH_NAME_SIZE, "[%s%s]:%u", name, zone, port);
	for (char *p = dst; *p != '\0'; p++)
		*p = lower(*p);
}

bool
match_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > MATCH_PATTERN_MAX - sizeof("[]:65535"))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f ||
		    strchr(",*?!|@#[]", name[i]) != NULL)
			return false;
	return true;
}

/* Linear in the name for each '*': only the last one is ever tried again. */
bool
match_pattern(const char *pattern, size_t n, const char *name)
{
	size_t p = 0, s = 0, star = n, from = 0;

	while (name[s] != '\0') {
		if (p < n && pattern[p] == '*') {
			star = p++;
			from = s;
		} else if (p < n &&
		    (pattern[p] == '?' || lower(pattern[p]) == name[s])) {
			p++;
			s++;
		} else if (star < n) {
			p = star + 1;
			s = ++from;
		} else {
			return false;
		}
	}
	while (p < n && pattern[p] == '*')
		p++;
	return p == n;
}

static bool
match_list(const char *list, size_t n, const char *name)
{
	bool found = false;

	while (n > 0) {
		const char *comma;
		bool negated = *list == '!';
		size_t len;

		list += negated;
		n -= negated;
		comma = memchr(list, ',', n);
		len = comma != NULL ? (size_t)(comma - list) : n;
		if (len > MATCH_PATTERN_MAX)
			return false;
		if (match_pattern(list, len, name)) {
			if (negated)
				return false;
			found = true;
		}
		len += comma != NULL;
		list += len;
		n -= len;
	}
	return found;
}

/*
 * The salt, when the field has the form "|1|salt|hash".  Its base64 has one form
 * only, so that it need not be compared; the hash's own is.
 */
static bool
get_salt(const char *field, size_t n, unsigned char salt[SALT_SIZE + 1])
{
	size_t len;

	return n == MATCH_HASH_LEN && memcmp(field, "|1|", MAGIC_LEN) == 0 &&
	    field[MAGIC_LEN + SALT_TEXT] == '|' &&
	    hash_unbase64(field + MAGIC_LEN, SALT_TEXT, salt, &len) &&
	    len == SALT_SIZE;
}

bool
match_hash_ok(const char *field, size_t n)
{
	unsigned char raw[SALT_SIZE + 1];
	size_t len;

	return get_salt(field, n, raw) &&
	    hash_unbase64(field + n - SALT_TEXT, SALT_TEXT, raw, &len) &&
	    len == SALT_SIZE;
}

void
match_init(struct match *m, const char *name)
{
	m->name = name;
	m->name_len = strlen(name);
	m->mac = NULL;
}

void
match_free(struct match *m)
{
	EVP_MAC_CTX_free(m->mac);
	m->mac = NULL;
}

/* HMAC-SHA1 without a key: finding the algorithms takes longer than a hash. */
static EVP_MAC_CTX *
new_mac(void)
{
	OSSL_PARAM digest[] = { OSSL_PARAM_utf8_string(
				    OSSL_MAC_PARAM_DIGEST, "SHA1", 4),
		OSSL_PARAM_END };
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);

	EVP_MAC_free(hmac);
	if (mac != NULL && EVP_MAC_CTX_set_params(mac, digest) == 1)
		return mac;
	EVP_MAC_CTX_free(mac);
	return NULL;
}

static bool
match_hash(struct match *m, const char *field, size_t n)
{
	unsigned char salt[SALT_SIZE + 1], hash[SALT_SIZE];
	char text[SALT_TEXT + 1];
	size_t len;

	if (!get_salt(field, n, salt))
		return false;
	if (m->mac == NULL)
		m->mac = new_mac();
	if (m->mac == NULL ||
	    EVP_MAC_init(m->mac, salt, SALT_SIZE, NULL) != 1 ||
	    EVP_MAC_update(
		m->mac, (const unsigned char *)m->name, m->name_len) != 1 ||
	    EVP_MAC_final(m->mac, hash, &len, sizeof(hash)) != 1 ||
	    len != SALT_SIZE)
		return false;
	hash_base64(hash, SALT_SIZE, text);
	return memcmp(text, field + n - SALT_TEXT, SALT_TEXT) == 0;
}

bool
match_field(struct match *m, const char *field, size_t n)
{
	if (n > 0 && field[0] == '|')
		return match_hash(m, field, n);
	return match_list(field, n, m->name);
}

bool
match_hosts(const char *field, size_t n, const char *name)
{
	struct match m;
	bool means;

	match_init(&m, name);
	means = match_field(&m, field, n);
	match_free(&m);
	return means;
}
