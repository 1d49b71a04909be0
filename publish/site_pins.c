/* Fingerprints of servers' keys, as a site or its user writes them.  Hub. */
#include "publish/site_pins.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"

/* What is wrong with what should be a fingerprint? */
static const char *
fingerprint_hint(const char *value, size_t n)
{
	if (strncasecmp(value, "MD5:", 4) == 0 ||
	    strchr(value, ':') == value + 2)
		return "MD5 is too weak: take what `ssh-keygen -lf' prints.";
	if (n > 0 && value[n - 1] == '=')
		return "Leave out the `=' at its end.";
	if (strncmp(value, "SHA256:", 7) != 0)
		return "Write SHA256: before it, as `ssh-keygen -lf' does.";
	return "Write all of it, as `ssh-keygen -lf' prints it.";
}

int
site_judge_fingerprint(const char *value, struct ferry_error *err)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char last[] = "AEIMQUYcgkosw048"; /* 4 of its 6 bits */
	enum { PREFIX = 7, DIGITS = 43 };
	size_t n = strlen(value);

	if (n == PREFIX + DIGITS && strncmp(value, "SHA256:", PREFIX) == 0 &&
	    strspn(value + PREFIX, base64) == DIGITS &&
	    strchr(last, value[n - 1]) != NULL)
		return 0;
	err_set(err, ferry_EUSAGE, "bad_value",
	    "`%s' is not a fingerprint SHA256:...", value);
	err_hint(err, "%s", fingerprint_hint(value, n));
	return -ferry_EUSAGE;
}

int
site_add_pin(char pins[][HASH_FINGERPRINT_SIZE], unsigned *count,
    const char *key, const char *value, struct ferry_error *err)
{
	if (site_judge_fingerprint(value, err) != 0) {
		err_prefix(err, "%s", key);
		return -ferry_EUSAGE;
	}
	for (unsigned i = 0; i < *count; i++) {
		if (strcmp(pins[i], value) == 0)
			return 0;
	}
	if (*count == SITE_MAX_PINS)
		return err_set(err, ferry_EUSAGE, "too_many_hostkeys",
		    "more than %d %ss", SITE_MAX_PINS, key);
	memcpy(pins[(*count)++], value, strlen(value) + 1);
	return 0;
}
