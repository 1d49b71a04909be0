/* What to say of a login that fails.  Hub. */
#include "remote/login_parts.h"

#include <stdio.h>
#include <string.h>

#include "auth/certificate.h"
#include "base/err.h"
#include "base/hash.h"

enum { PARTING_SIZE = 128 };

static const char *
offered(const struct login *l)
{
	return l->methods[0] ? l->methods : "nothing";
}

/* " and closed the connection (Too many authentication failures)" */
static const char *
parting(const struct login *l, char dst[PARTING_SIZE])
{
	const char *words = l->refused.words;

	dst[0] = '\0';
	if (l->refused.how == REFUSAL_CLOSED)
		snprintf(dst, PARTING_SIZE,
		    words[0] ? " and closed the connection (%.80s)"
			     : " and closed the connection",
		    words);
	return dst;
}

static int
certificate_refused(const struct login *l, struct ferry_error *err)
{
	const struct certificate *c = key_certificate(l->key);
	char closed[PARTING_SIZE];

	err_set(err, ferry_ELOGIN, "login_certificate_refused",
	    "the server refused this certificate for user %s%s; it offers: %s",
	    l->config->user, parting(l, closed), offered(l));
	err_hint(err,
	    "It is for %s, by %s: does the server trust that authority? "
	    "--certificate none logs in with the key alone",
	    c->principals[0] != '\0' ? c->principals : "nobody", c->authority);
	return -ferry_ELOGIN;
}

int
login_key_refused(const struct login *l, struct ferry_error *err)
{
	char fingerprint[HASH_FINGERPRINT_SIZE], closed[PARTING_SIZE];
	const unsigned char *blob;
	size_t n;

	if (key_certificate(l->key) != NULL)
		return certificate_refused(l, err);
	err_set(err, ferry_ELOGIN, "login_key_refused",
	    "the server refused this key for user %s%s; it offers: %s",
	    l->config->user, parting(l, closed), offered(l));
	blob = key_blob(l->key, &n);
	hash_fingerprint(blob, n, fingerprint);
	if (login_offers(l, "publickey"))
		err_hint(err,
		    "Check the user, or add the public half of this key (%s "
		    "%s) to authorized_keys on the server.",
		    key_type(l->key), fingerprint);
	else
		err_hint(err, "This server takes no keys from this user.");
	return -ferry_ELOGIN;
}

int
login_password_refused(const struct login *l, struct ferry_error *err)
{
	char closed[PARTING_SIZE];

	err_set(err, ferry_ELOGIN, "login_password_refused",
	    "the server refused the password for user %s%s; it offers: %s",
	    l->config->user, parting(l, closed), offered(l));
	if (login_offers_password(l))
		err_hint(err, "Check the user and the password.");
	else
		err_hint(err,
		    "This server takes no passwords: select a private key.");
	return -ferry_ELOGIN;
}

int
login_stuck(const struct login *l, struct ferry_error *err)
{
	const char *user = l->config->user;

	if (l->accepted != NULL)
		err_set(err, ferry_ELOGIN, "login_partial",
		    "the server took %s for user %s but wants more: %s",
		    l->accepted, user, offered(l));
	else
		err_set(err, ferry_ELOGIN, "login_no_method",
		    "the server does not let user %s in by what we have; it "
		    "offers: %s",
		    user, offered(l));
	if (login_offers_password(l))
		err_hint(err, "Give a password as well.");
	else if (login_offers(l, "publickey") && !l->key)
		err_hint(err, "Select a private key: --key FILE");
	else
		err_hint(err, "Ask who runs the server how to log in.");
	return -ferry_ELOGIN;
}

int
login_no_secret(const struct login *l, int rc, struct ferry_error *err)
{
	if (l->accepted != NULL)
		err_prefix(err, "the server took %s but wants more (%s)",
		    l->accepted, offered(l));
	else if (l->key && !l->key_tried)
		err_prefix(err, "the server takes no key yet (it offers: %s)",
		    offered(l));
	return rc;
}
