/*
 * The signature of a client certificate's key: the worker is in the middle of a
 * handshake and has no key, the hub has one.  Hub.
 */
#include "remote/tls_sign.h"

#include "auth/tls_claim.h"
#include "base/err.h"

void
tls_sign_init(struct tls_sign *t)
{
	*t = (struct tls_sign){ .client = NULL };
	buf_init(&t->signature, LIMIT_SIGNATURE);
}

void
tls_sign_free(struct tls_sign *t)
{
	buf_free(&t->signature);
}

static int
sign(struct tls_sign *t, const struct msg_tls_sign *m, struct ferry_error *err)
{
	const struct tls_claim claim = { m->scheme, m->server.p, m->server.n,
		m->handshake.p, m->handshake.n };
	struct buf content;
	int rc;

	buf_init(&content, LIMIT_MESSAGE);
	rc = tls_claim_judge(&claim, &t->server, &content, err);
	if (rc == 0)
		rc = key_sign_tls(t->client->key, m->scheme, content.data,
		    content.len, &t->signature, err);
	buf_free(&content);
	return rc;
}

int
tls_sign_take(
    struct tls_sign *t, struct buf_reader *body, struct ferry_error *err)
{
	struct msg_tls_sign m;

	if (!msg_get_tls_sign(body, &m))
		return door_malformed(err, MSG_TLS_SIGN);
	if (t->client == NULL)
		return door_breach(
		    err, "wall_sign", "TLS_SIGN, and there is no certificate");
	if (t->waiting || ++t->signatures > t->connections)
		return door_breach(err, "wall_sign",
		    "more signatures than connections: %u", t->signatures);
	buf_reset(&t->signature);
	t->waiting = true;
	return sign(t, &m, err);
}

int
tls_sign_answer(struct tls_sign *t, struct door *door, struct ferry_error *err)
{
	const struct msg_blob m = { t->signature.data, t->signature.len };

	t->waiting = false;
	msg_put_blob(&door->out, MSG_TLS_SIGNATURE, &m);
	log_line(door->log, LOG_TRACE, "-> TLS_SIGNATURE");
	return door_send(door, -1, err);
}
