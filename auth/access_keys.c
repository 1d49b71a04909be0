/* The keys of an access file, and what their values look like.  Hub. */
#include "auth/access_keys.h"

#include <string.h>

#include "auth/secrets_command.h"
#include "base/err.h"
#include "base/near.h"

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool
is_bool(const char *s)
{
	return strcmp(s, "yes") == 0 || strcmp(s, "no") == 0;
}

static bool
is_path(const char *s)
{
	return *s == '/';
}

static bool
is_path_or_none(const char *s)
{
	return is_path(s) || strcmp(s, "none") == 0;
}

/* As ssh-keygen -lf prints it. */
static bool
is_fingerprint(const char *s)
{
	enum { PREFIX = 7, SIZE = 43 };

	return strncmp(s, "SHA256:", PREFIX) == 0 &&
	    strspn(s + PREFIX, LETTERS DIGITS "+/") == SIZE &&
	    s[PREFIX + SIZE] == '\0';
}

/* One or more, with blanks between them. */
static bool
is_fingerprints(const char *s)
{
	char one[64];
	size_t n;

	do {
		s += strspn(s, " \t");
		n = strcspn(s, " \t");
		if (n >= sizeof(one))
			return false;
		memcpy(one, s, n);
		one[n] = '\0';
		if (!is_fingerprint(one))
			return false;
		s += n;
	} while (*s != '\0');
	return true;
}

/* RFC 3339, in UTC and whole seconds; whether the day exists is not asked. */
static bool
is_time(const char *s)
{
	static const char shape[] = "0000-00-00T00:00:00Z";

	for (size_t i = 0; i < sizeof(shape); i++) {
		if (shape[i] == '0' ? strchr(DIGITS, s[i]) == NULL || !s[i]
				    : s[i] != shape[i])
			return false;
	}
	return true;
}

static bool
is_mac(const char *s)
{
	return *s != '\0' && s[strspn(s, LETTERS DIGITS "+/=:_-")] == '\0';
}

/* Device and inode, either of which may mean nothing. */
static bool
is_identity(const char *s)
{
	size_t n = strspn(s, DIGITS "-");

	return n > 0 && s[n] == ':' && s[n + 1] != '\0' &&
	    s[n + 1 + strspn(s + n + 1, DIGITS "-")] == '\0';
}

static bool
is_command(const char *s)
{
	struct secrets_command command;
	bool ok = secrets_command_split(&command, s);

	secrets_command_free(&command);
	return ok;
}

static const char a_bool[] = "yes or no";
static const char a_path[] = "a path that begins with `/'";
static const char a_path_or_none[] = "a path that begins with `/', or none";
static const char a_fingerprint[] = "a fingerprint SHA256:...";
static const char a_time[] = "a time like 2026-01-02T03:04:05Z";

const struct access_key access_keys[] = {
	{ "fallback-known-hosts", false, is_path_or_none, a_path_or_none },
	{ "system-known-hosts", false, is_bool, a_bool },
	{ "hash-known-hosts", false, is_bool, a_bool },
	{ "check-host-ip", false, is_bool, a_bool },
	{ "key", true, is_path, a_path },
	{ "certificate", true, is_path_or_none, a_path_or_none },
	{ "fingerprint", true, is_fingerprint, a_fingerprint },
	{ "host-key", true, is_fingerprint, a_fingerprint },
	{ "folder", true, is_path, a_path },
	{ "identity", true, is_identity, "two numbers like 2049:131" },
	{ "made", true, is_time, a_time },
	{ "used", true, is_time, a_time },
	{ "mac", true, is_mac, "letters, digits and +/=:_-" },
	{ "password-command", true, is_command, "a program and its arguments" },
	{ "keyring", true, is_bool, a_bool },
	{ "plain-ftp", true, is_bool, a_bool },
	{ "tls-pin", true, is_fingerprints, a_fingerprint },
	{ NULL, false, NULL, NULL },
};

const struct access_key *
access_keys_find(const char *name, struct ferry_error *err)
{
	struct near near = near_to(name);

	for (const struct access_key *k = access_keys; k->name != NULL; k++) {
		if (strcmp(name, k->name) == 0)
			return k;
		near_offer(&near, k->name);
	}
	err_set(err, ferry_EUSAGE, "unknown_key", "unknown key `%s'", name);
	if (near.best != NULL)
		err_hint(err, "Did you mean `%s'?", near.best);
	return NULL;
}

int
access_keys_judge(
    const struct access_key *key, const char *value, struct ferry_error *err)
{
	if (key->good(value))
		return 0;
	return err_set(err, ferry_EUSAGE, "bad_value", "%s: `%s' is not %s",
	    key->name, value, key->wanted);
}

bool
access_keys_url_ok(const char *url)
{
	const char *user = strstr(url, "://"), *at;

	if (user == NULL || user == url)
		return false;
	user += 3;
	if (strncmp(url, "file:///", 8) == 0)
		return url[strcspn(url, " \t")] == '\0';
	at = user + strcspn(user, "@/");
	return *at == '@' && at > user && at[1] != '\0' &&
	    url[strcspn(url, " \t")] == '\0';
}
