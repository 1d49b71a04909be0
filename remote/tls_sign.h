/*
 * A TLS_SIGN from the worker: judged, signed, answered.  Hub; for login_ftp.c
 * and session.c only.
 */
#ifndef REMOTE_TLS_SIGN_H
#define REMOTE_TLS_SIGN_H

#include "remote/door.h"
#include "remote/session.h"

struct tls_sign {
	const struct session_client *client; /* NULL: nothing is signed */
	struct digest server; /* SHA-256 of the key that was trusted */
	unsigned
	    connections; /* that the worker was given: one signature each */
	unsigned signatures;
	bool waiting; /* for: */
	struct buf signature;
};

void tls_sign_init(struct tls_sign *t);
void tls_sign_free(struct tls_sign *t);

/* The rule for MSG_TLS_SIGN. */
int tls_sign_take(
    struct tls_sign *t, struct buf_reader *body, struct ferry_error *err);
/* Send what waits. */
int
tls_sign_answer(struct tls_sign *t, struct door *door, struct ferry_error *err);

#endif
