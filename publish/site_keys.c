/* The keys of sandferry.ini(5), and how each value is read.  Hub. */
#include "publish/site_keys.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/near.h"
#include "base/path.h"
#include "publish/sidecar.h"
#include "publish/site_pins.h"

/* Of a key that is "auto|yes|no", the word that was meant. */
static void
hint_word(struct ferry_error *err, const char *key, const char *value)
{
	char words[8][16];
	struct near near = near_to(value);
	const struct site_key *k = site_keys;
	const char *form;
	size_t n, count = 0;

	while (k->name != NULL && strcmp(k->name, key) != 0)
		k++;
	for (form = k->name != NULL ? k->value : ""; *form != '\0';
	     form += n + (form[n] == '|')) {
		n = strcspn(form, "|");
		if (n >= sizeof(words[0]) || count == 8 || *form < 'a' ||
		    *form > 'z')
			continue;
		memcpy(words[count], form, n);
		words[count][n] = '\0';
		near_offer(&near, words[count++]);
	}
	if (near.best != NULL)
		err_hint(err, "Did you mean `%s'?", near.best);
}

static int
bad_value(struct ferry_error *err, const char *key, const char *value,
    const char *wanted)
{
	err_set(err, ferry_EUSAGE, "bad_value", "%s: `%s' is not %s", key,
	    value, wanted);
	hint_word(err, key, value);
	return -ferry_EUSAGE;
}

static int
set_text(char **out, const char *value, struct ferry_error *err)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return err_memory(err);
	free(*out);
	*out = copy;
	return 0;
}

static int
set_bool(struct ferry_site *site, const struct site_key *key, const char *value,
    const char *base, struct ferry_error *err)
{
	bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;

	(void)base;
	if (!yes && strcmp(value, "no") != 0 && strcmp(value, "false") != 0)
		return bad_value(err, key->name, value, "yes or no");
	*(bool *)((char *)site + key->field) = yes;
	return 0;
}

/* A number in this base without sign or blank, in low..high. */
static bool
number(unsigned *out, const char *value, unsigned base, unsigned low,
    unsigned high)
{
	unsigned long n = 0;

	if (*value == '\0')
		return false;
	for (; *value != '\0'; value++) {
		if (*value < '0' || *value >= (char)('0' + base))
			return false;
		n = n * base + (unsigned)(*value - '0');
		if (n > high)
			return false;
	}
	*out = (unsigned)n;
	return n >= low;
}

static int
set_number(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	unsigned n;

	(void)base;
	if (!number(&n, value, 10, key->low, key->high))
		return err_set(err, ferry_EUSAGE, "bad_value",
		    "%s: `%s' is not a number from %u to %u", key->name, value,
		    key->low, key->high);
	*(unsigned *)((char *)site + key->field) = n;
	return 0;
}

/* Permission bits, in octal. */
static int
set_mode(struct ferry_site *site, const struct site_key *key, const char *value,
    const char *base, struct ferry_error *err)
{
	unsigned n;

	(void)base;
	if (!number(&n, value, 8, 0, key->high))
		return bad_value(
		    err, key->name, value, "a mode in octal, 0 to 0777");
	if ((n & key->low) != key->low)
		return err_set(err, ferry_EUSAGE, "bad_value",
		    "%s: %s would lock out the owner, who needs 0%o", key->name,
		    value, key->low);
	*(unsigned *)((char *)site + key->field) = n;
	return 0;
}

/* Join base and path without "." names; ".." stays: it may cross a link. */
static int
set_source(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	struct buf b;
	int rc;

	if (*value == '\0')
		return bad_value(err, key->name, value, "a folder");
	if (*value != '/' && base == NULL)
		return err_set(err, ferry_EUSAGE, "no_current_folder",
		    "%s: there is no folder in which %s could be", key->name,
		    value);
	buf_init(&b, 64 * 1024);
	if (*value != '/')
		buf_put(&b, base, strlen(base));
	while (*value != '\0') {
		size_t n = strcspn(value, "/");

		if (n > 0 && !(n == 1 && *value == '.')) {
			if (b.len == 0 || b.data[b.len - 1] != '/')
				buf_put_u8(&b, '/');
			buf_put(&b, value, n);
		}
		value += n;
		value += *value == '/';
	}
	if (b.len == 0)
		buf_put_u8(&b, '/');
	buf_put_u8(&b, '\0');
	rc = buf_ok(&b) ? set_text(&site->source, (char *)b.data, err)
			: err_memory(err);
	buf_free(&b);
	return rc;
}

static int
set_url(struct ferry_site *site, const struct site_key *key, const char *value,
    const char *base, struct ferry_error *err)
{
	struct site_url url;
	int rc = site_parse_url(&url, value, err);

	(void)key;
	(void)base;
	if (rc != 0)
		return rc;
	site_free_url(&site->url);
	site->url = url;
	return 0;
}

/* Where visitors see the site. */
static int
set_site_url(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	static const char *const schemes[] = { "https://", "http://" };
	const char *host = NULL;
	size_t n;

	(void)base;
	for (size_t i = 0; i < 2; i++) {
		n = strlen(schemes[i]);
		if (strncasecmp(value, schemes[i], n) == 0)
			host = value + n;
	}
	n = host != NULL ? strcspn(host, "/") : 0;
	if (n == 0 || memchr(host, '@', n) != NULL ||
	    strpbrk(host, "?# \t\\") != NULL)
		return bad_value(
		    err, key->name, value, "http(s)://host/ or a folder there");
	return set_text(&site->site_url, value, err);
}

static int
set_hostkey(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	(void)base;
	return site_add_pin(
	    site->pins, &site->pin_count, key->name, value, err);
}

static int
set_tls_pin(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	(void)base;
	return site_add_pin(
	    site->tls_pins, &site->tls_pin_count, key->name, value, err);
}

static int
set_connections(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	if (strcmp(value, "auto") == 0) {
		site->connections = 0;
		return 0;
	}
	return set_number(site, key, value, base, err);
}

/*
 * There is one mode.  The other one has the server connect to us, and nothing
 * in this program can listen.
 */
static int
set_ftp_mode(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	(void)site;
	(void)base;
	if (strcmp(value, "passive") == 0)
		return 0;
	if (strcmp(value, "active") != 0)
		return bad_value(err, key->name, value, "passive");
	err_set(err, ferry_EPOLICY, "active_ftp",
	    "%s: active FTP would have the server connect to this machine, "
	    "where nothing listens",
	    key->name);
	err_hint(err,
	    "Leave it out: passive FTP works wherever active FTP does, and "
	    "behind firewalls too.");
	return -ferry_EPOLICY;
}

static int
set_exclude(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	size_t n = strlen(value), slashes = 0;

	(void)base;
	while (slashes < n && value[n - slashes - 1] == '\\')
		slashes++;
	if (n == 0 || slashes % 2 == 1) /* its escaped blank was cut off */
		return bad_value(err, key->name, value, "a pattern");
	return glob_add(&site->exclude, value) ? 0 : err_memory(err);
}

static int
set_symlinks(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	(void)base;
	if (strcmp(value, "follow") == 0)
		site->symlinks = SITE_FOLLOW;
	else if (strcmp(value, "skip") == 0)
		site->symlinks = SITE_SKIP;
	else
		return bad_value(err, key->name, value, "follow or skip");
	return 0;
}

static int
no_brotli(const struct site_key *key, struct ferry_error *err)
{
	err_set(err, ferry_EUSAGE, "bad_value",
	    "%s: Brotli is not built in, gzip is", key->name);
	err_hint(err,
	    "Build it where libbrotlienc is (package libbrotli-dev), or write "
	    "gzip; files *.br that the site itself has are published beside "
	    "what they are made of.");
	return -ferry_EUSAGE;
}

static int
set_compression(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	(void)base;
	if (strcmp(value, "auto") == 0)
		site->compression = SITE_COMPRESS_AUTO;
	else if (strcmp(value, "yes") == 0)
		site->compression = SITE_COMPRESS_YES;
	else if (strcmp(value, "no") == 0)
		site->compression = SITE_COMPRESS_NO;
	else
		return bad_value(err, key->name, value, "auto, yes or no");
	return 0;
}

static int
set_layout(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	(void)base;
	if (strcmp(value, "flat") == 0)
		site->layout = SITE_FLAT;
	else if (strcmp(value, "releases") == 0)
		site->layout = SITE_RELEASES;
	else
		return bad_value(err, key->name, value, "flat or releases");
	return 0;
}

static int
set_precompress(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	static const char *const words[] = { "gzip", "br" };
	static const char blank[] = " \t,";
	const char *word = value;
	bool forms[SITE_FORMS] = { false };
	char version[SIDECAR_VERSION];
	enum site_form f;
	size_t n;

	(void)base;
	while (strcmp(value, "no") != 0) {
		word += strspn(word, blank);
		n = strcspn(word, blank);
		for (f = SITE_GZIP; f < SITE_FORMS; f++)
			if (strlen(words[f]) == n &&
			    memcmp(words[f], word, n) == 0)
				break;
		if (f == SITE_FORMS)
			return bad_value(
			    err, key->name, value, "gzip, br or no");
		if (!sidecar_version(f, version))
			return no_brotli(key, err);
		forms[f] = true;
		word += n;
		if (word[strspn(word, blank)] == '\0')
			break;
	}
	memcpy(site->precompress, forms, sizeof(forms));
	return 0;
}

static int
set_drift(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	static const char *const names[] = { "stop", "keep", "overwrite" };

	(void)base;
	for (int i = SITE_DRIFT_STOP; i <= SITE_DRIFT_OVERWRITE; i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		site->drift = (enum site_drift)i;
		return 0;
	}
	return bad_value(err, key->name, value, "stop, keep or overwrite");
}

/* "500M": bytes, or with K, M, G, T so many times 1024. */
static int
set_keep_bytes(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	static const char units[] = "KMGT";
	char *end = NULL;
	unsigned long long n =
	    *value >= '0' && *value <= '9' ? strtoull(value, &end, 10) : 0;
	const char *unit =
	    end != NULL && *end != '\0' ? strchr(units, *end) : NULL;
	unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;

	(void)base;
	if (end == NULL || (unit == NULL ? *end != '\0' : end[1] != '\0') ||
	    n > UINT64_MAX >> 1 >> shift)
		return bad_value(
		    err, key->name, value, "a size such as 500M or 2G");
	site->keep_bytes = (uint64_t)n << shift;
	return 0;
}

/* "3 publishes", "30 days": a number of one of both. */
static int
set_grace(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	static const char *const units[] = { "publishes", "publish", "days",
		"day" };
	size_t n = strspn(value, "0123456789"), unit = 0;
	const char *rest = value + n + strspn(value + n, " \t");
	char digits[8] = "";
	unsigned count = 0;

	(void)base;
	if (n < sizeof(digits))
		memcpy(digits, value, n);
	while (unit < 4 && strcmp(rest, units[unit]) != 0)
		unit++;
	if (!number(&count, digits, 10, key->low, key->high) ||
	    (unit == 4 && (*rest != '\0' || count > 0)))
		return bad_value(err, key->name, value,
		    "a time such as `3 publishes' or `30 days'");
	site->grace_publishes = unit < 2 ? count : 0;
	site->grace_days = unit >= 2 ? count : 0;
	return 0;
}

/* Absolute, or from where a login begins, as "state" or "~/state". */
static int
set_remote_state(struct ferry_site *site, const struct site_key *key,
    const char *value, const char *base, struct ferry_error *err)
{
	char *copy;
	size_t n;
	int rc;

	(void)base;
	if (strncmp(value, "~/", 2) == 0)
		value += 2;
	copy = strdup(value);
	if (copy == NULL)
		return err_memory(err);
	n = strlen(copy);
	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = '\0';
	if (path_relative_ok(copy + (*copy == '/')) &&
	    strpbrk(copy, "\r\n") == NULL)
		rc = set_text(&site->remote_state, copy, err);
	else
		rc = bad_value(err, key->name, value,
		    "a folder on the server, without . and ..");
	free(copy);
	return rc;
}

#define FIELD(name) offsetof(struct ferry_site, name)

const struct site_key site_keys[] = {
	{ "source", "FOLDER", "The folder to publish.", SITE_KEY_ONCE,
	    set_source, 0, 0, 0 },
	{ "url", "URL", "Where to: sftp://user@host[:port]/path; ftp, ftps.",
	    SITE_KEY_ONCE, set_url, 0, 0, 0 },
	{ "hostkey", "FINGERPRINT", "A host key that the server may have.",
	    SITE_KEY_ADDS_UP, set_hostkey, 0, 0, 0 },
	{ "tls-pin", "FINGERPRINT", "A key that an FTP server may have.",
	    SITE_KEY_ADDS_UP, set_tls_pin, 0, 0, 0 },
	{ "connections", "auto|NUMBER", "FTP connections at once; auto.",
	    SITE_KEY_ONCE, set_connections, FIELD(connections), 1,
	    SITE_MAX_CONNECTIONS },
	{ "compression", "auto|yes|no",
	    "Compress what is sent over SSH; auto: on slow lines.",
	    SITE_KEY_ONCE, set_compression, 0, 0, 0 },
	{ "ftp-mode", "passive", "There is no other.", SITE_KEY_ONCE,
	    set_ftp_mode, 0, 0, 0 },
	{ "exclude", "PATTERN", "Leave out what matches, as gitignore(5).",
	    SITE_KEY_ADDS_UP, set_exclude, 0, 0, 0 },
	{ "symlinks", "follow|skip", "Publish what links lead to, or nothing.",
	    SITE_KEY_ONCE, set_symlinks, 0, 0, 0 },
	{ "precompress", "gzip|br|no",
	    "Publish texts compressed as well: NAME.gz beside NAME.",
	    SITE_KEY_ONCE, set_precompress, 0, 0, 0 },
	{ "drift", "stop|keep|overwrite",
	    "When somebody else changed a file on the server.", SITE_KEY_ONCE,
	    set_drift, 0, 0, 0 },
	{ "layout", "flat|releases",
	    "A folder for each publish, and a link to the live one.",
	    SITE_KEY_ONCE, set_layout, 0, 0, 0 },
	{ "keep", "NUMBER", "Publishes that can be undone; 3.", SITE_KEY_ONCE,
	    set_number, FIELD(keep), 0, 1000 },
	{ "keep-bytes", "SIZE", "Room for that on the server; 1G.",
	    SITE_KEY_ONCE, set_keep_bytes, 0, 0, 0 },
	{ "grace", "NUMBER publishes|days",
	    "How long what left the source stays on the server.", SITE_KEY_ONCE,
	    set_grace, 0, 0, 9999 },
	{ "remote-state", "FOLDER",
	    "The folder for ledger and stage there; .sandferry in the site.",
	    SITE_KEY_ONCE, set_remote_state, 0, 0, 0 },
	{ "durable", "yes|no", "Have the server flush files to its disk.",
	    SITE_KEY_ONCE, set_bool, FIELD(durable), 0, 0 },
	{ "keep-times", "yes|no",
	    "FTP: give files their modification time, one by one.",
	    SITE_KEY_ONCE, set_bool, FIELD(keep_times), 0, 0 },
	{ "allow-empty", "yes|no", "An empty source is meant.", SITE_KEY_ONCE,
	    set_bool, FIELD(allow_empty), 0, 0 },
	{ "strict-links", "yes|no",
	    "Refuse pages that refer to files that are not there.",
	    SITE_KEY_ONCE, set_bool, FIELD(strict_links), 0, 0 },
	{ "site-url", "URL", "Where visitors see the site: https://host/.",
	    SITE_KEY_ONCE, set_site_url, 0, 0, 0 },
	{ "hash-known-hosts", "yes|no", "Record host names hashed.",
	    SITE_KEY_ONCE, set_bool, FIELD(hash_known_hosts), 0, 0 },
	{ "file-mode", "MODE", "Permissions of files; 0644.", SITE_KEY_ONCE,
	    set_mode, FIELD(file_mode), 0600, 0777 },
	{ "dir-mode", "MODE", "Permissions of folders; 0755.", SITE_KEY_ONCE,
	    set_mode, FIELD(dir_mode), 0700, 0777 },
	{ "connect-timeout", "SECONDS", "How long connecting may take; 15.",
	    SITE_KEY_ONCE, set_number, FIELD(connect_seconds), 1, 3600 },
	{ "stall-timeout", "SECONDS", "How long a server may be silent; 30.",
	    SITE_KEY_ONCE, set_number, FIELD(silence_seconds), 1, 3600 },
	{ "max-removals", "NUMBER", "Remove so many files unasked; 20.",
	    SITE_KEY_ONCE, set_number, FIELD(max_removals), 0, 100000000 },
	{ "max-removals-percent", "NUMBER",
	    "Or so many of a hundred, if that is more; 10.", SITE_KEY_ONCE,
	    set_number, FIELD(max_removals_percent), 0, 100 },
	{ "default", "TARGET", "The target when none is named.", SITE_KEY_FILE,
	    NULL, 0, 0, 0 },
	{ NULL, NULL, NULL, SITE_KEY_ONCE, NULL, 0, 0, 0 },
};

/*
 * What a site file must never hold, however it is called: it is shared, and
 * would give everybody who can change it what only the user may give.
 */
static const char no_secret[] =
    "A site file holds no secrets: use --password-fd, or wait to be asked.";
static const char no_program[] = "A site file never names a program to run.";
static const char no_key[] = "A site file never grants access to a key: name "
			     "it with --key, or to `access add'.";
static const char no_plain[] =
    "Unencrypted FTP shows the password to everybody on the way: only you may "
    "allow it, by plain-ftp = yes in your access file or --plain-ftp.";

static const struct refused {
	const char *part, *hint;
} refused[] = {
	{ "command", no_program }, /* before "pass": a password command */
	{ "program", no_program },
	{ "exec", no_program },
	{ "hook", no_program },
	{ "worker", no_program },
	{ "shell", no_program },
	{ "pass", no_secret },
	{ "secret", no_secret },
	{ "identity", no_key },
	{ "agent", no_key },
	{ "key", no_key },
	{ "plain", no_plain },
};

enum { REFUSED = sizeof(refused) / sizeof(refused[0]) };

/* Say what helps about a key that is none. */
static void
not_a_key(const char *name, const char *nearest, struct ferry_error *err)
{
	const char *hint = NULL;

	for (size_t i = 0; nearest == NULL && hint == NULL && i < REFUSED;
	     i++) {
		if (strcasestr(name, refused[i].part) != NULL)
			hint = refused[i].hint;
	}
	err_set(err, ferry_EUSAGE, hint != NULL ? "refused_key" : "unknown_key",
	    hint != NULL ? "`%s' is not for a site file" : "unknown key `%s'",
	    name);
	if (hint != NULL)
		err_hint(err, "%s", hint);
	else if (nearest != NULL)
		err_hint(err, "Did you mean `%s'?", nearest);
}

const struct site_key *
site_keys_find(const char *name, struct ferry_error *err)
{
	struct near near = near_to(name);

	for (const struct site_key *k = site_keys; k->name != NULL; k++) {
		if (strcmp(name, k->name) == 0)
			return k;
		near_offer(&near, k->name);
	}
	not_a_key(name, near.best, err);
	return NULL;
}
