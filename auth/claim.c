/*
 * What may be signed: our own login to the proven server, and nothing else
 * (RFC 4252, 7).  Hub only; the data comes from the worker and is hostile.
 */
#include "auth/claim.h"

#include <string.h>

#include "auth/certificate.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

enum { USERAUTH_REQUEST = 50, MAX_SESSION_ID = 64, NAME_SIZE = 64 };

static bool
take(struct buf_reader *r, const void *want, size_t n)
{
	size_t len;
	const unsigned char *p = buf_get_string(r, &len, LIMIT_MESSAGE);

	return p != NULL && n > 0 && len == n && memcmp(p, want, n) == 0;
}

static bool
take_text(struct buf_reader *r, const char *want)
{
	return take(r, want, strlen(want));
}

/* Drop the end that marks a certificate's algorithm, if it is there. */
static bool
drop_suffix(char *name)
{
	size_t n = strlen(name), tail = strlen(CERTIFICATE_SUFFIX);

	if (n <= tail || strcmp(name + n - tail, CERTIFICATE_SUFFIX) != 0)
		return false;
	name[n - tail] = '\0';
	return true;
}

/*
 * May this type log in with this algorithm?  A certificate signs as its key
 * does: the name of the signature is left in algorithm.
 */
static bool
algorithm_ok(const char *offered, char *algorithm)
{
	char type[NAME_SIZE];

	if (strlen(offered) >= sizeof(type))
		return false;
	strcpy(type, offered);
	if (drop_suffix(type) != drop_suffix(algorithm))
		return false;
	if (strcmp(type, "ssh-rsa") != 0)
		return strcmp(algorithm, type) == 0;
	return strcmp(algorithm, "rsa-sha2-512") == 0 ||
	    strcmp(algorithm, "rsa-sha2-256") == 0;
}

static int
refuse(struct ferry_error *err, const char *what)
{
	err_set(err, ferry_EWALL, "claim_refused",
	    "the worker asked to sign something else than this login (%s)",
	    what);
	err_hint(err,
	    "Nothing was signed, and it was stopped. Try again; if it happens "
	    "again, please report it with the log at its most detailed.");
	return -ferry_EWALL;
}

int
claim_judge(const struct claim *c, const void *data, size_t n,
    char algorithm[CLAIM_ALGORITHM_SIZE], struct ferry_error *err)
{
	struct buf_reader r = buf_read(data, n);
	char name[NAME_SIZE];

	algorithm[0] = '\0';
	if (!take(&r, c->session_id, c->session_id_len))
		return refuse(err, "another session");
	if (buf_get_u8(&r) != USERAUTH_REQUEST)
		return refuse(err, "not a login");
	if (!take_text(&r, c->user))
		return refuse(err, "another user");
	if (!take_text(&r, "ssh-connection"))
		return refuse(err, "another service");
	if (!take_text(&r, "publickey") || buf_get_u8(&r) != 1)
		return refuse(err, "another method");
	buf_get_cstring(&r, name, sizeof(name));
	if (r.bad || !algorithm_ok(c->key_type, name) ||
	    strlen(name) >= CLAIM_ALGORITHM_SIZE)
		return refuse(err, "another algorithm");
	if (!take(&r, c->key_blob, c->key_blob_len))
		return refuse(err, "another key");
	if (!buf_get_end(&r))
		return refuse(err, "bytes behind it");
	strcpy(algorithm, name);
	return 0;
}
