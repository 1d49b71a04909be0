/*
 * What is never published: the folders of version control, what holds secrets,
 * our own files.  Hub; judges names and first bytes.
 */
#include "publish/scan_never.h"

#include <string.h>
#include <strings.h>

#include "base/glob.h"
#include "base/limits.h"

static const struct never {
	const char *pattern, *reason;
} never[] = {
	{ ".git", "version control" },
	{ ".svn", "version control" },
	{ ".hg", "version control" },
	{ ".bzr", "version control" },
	{ "CVS", "version control" },
	{ ".env*", "may hold secrets" },
	{ ".netrc", "may hold secrets" },
	{ ".ssh", "may hold secrets" },
	{ ".gnupg", "may hold secrets" },
	{ "id_rsa", "private key" },
	{ "id_dsa", "private key" },
	{ "id_ecdsa", "private key" },
	{ "id_ecdsa_sk", "private key" },
	{ "id_ed25519", "private key" },
	{ "id_ed25519_sk", "private key" },
	{ "*.ppk", "private key" },
	{ "sandferry.ini", "site file" },
	{ ".sandferry*", "sandferry's own" },
	{ ".ds_store", "the Finder's own" },
};

enum { NEVER = sizeof(never) / sizeof(never[0]) };

const char *
scan_never_name(const char *name)
{
	char lower[LIMIT_NAME + 1];
	size_t n = 0;

	/* a server may not care: .GIT would be served as .git */
	for (; n < sizeof(lower) - 1 && name[n] != '\0'; n++)
		lower[n] = name[n] >= 'A' && name[n] <= 'Z'
		    ? (char)(name[n] - 'A' + 'a')
		    : name[n];
	lower[n] = '\0';
	for (size_t i = 0; i < NEVER; i++) {
		if (glob_simple(never[i].pattern, lower) ||
		    glob_simple(never[i].pattern, name))
			return never[i].reason;
	}
	return NULL;
}

const char *
scan_never_path(const char *path)
{
	const char *reason = NULL;

	while (*path != '\0' && reason == NULL) {
		size_t n = strcspn(path, "/");
		char name[LIMIT_NAME + 1];

		if (n < sizeof(name)) {
			memcpy(name, path, n);
			name[n] = '\0';
			reason = scan_never_name(name);
		}
		path += n;
		path += *path == '/';
	}
	return reason;
}

/* Does the word stand in p[0..n)? */
static bool
holds(const char *p, size_t n, const char *word)
{
	return memmem(p, n, word, strlen(word)) != NULL;
}

/* Files of this kind hold several blocks: certificates, then the key. */
static bool
is_bundle(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
	    (strcasecmp(dot, ".pem") == 0 || strcasecmp(dot, ".key") == 0);
}

bool
scan_never_secret(const char *name, const void *bytes, size_t n)
{
	static const char putty[] = "PuTTY-User-Key-File";
	const char *p = bytes, *eol;

	if (is_bundle(name) && holds(p, n, "PRIVATE KEY--"))
		return true;
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	while (n > 0 && strchr(" \t\r\n", *p) != NULL && *p != '\0') {
		p++;
		n--;
	}
	if (n >= sizeof(putty) - 1 && memcmp(p, putty, sizeof(putty) - 1) == 0)
		return true;
	/* "-----BEGIN X PRIVATE KEY-----", or with "---- BEGIN SSH2 ..." */
	if (n < 4 || memcmp(p, "----", 4) != 0)
		return false;
	eol = memchr(p, '\n', n);
	if (eol != NULL)
		n = (size_t)(eol - p);
	return holds(p, n, "BEGIN ") && holds(p, n, "PRIVATE KEY");
}
