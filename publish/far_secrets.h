/*
 * What a login asks of its user: passphrases, passwords, and answers to a
 * server's own questions.  Hub; a part of far_login.c.
 */
#ifndef PUBLISH_FAR_SECRETS_H
#define PUBLISH_FAR_SECRETS_H

#include "publish/far_login.h"

/* Which sources there are, by the job's options and the access file. */
void far_secrets_begin(struct far_login *l);

/* Passphrases for the bytes of a key file, until one opens it into l->key. */
int far_secrets_unlock(
    struct far_login *l, const struct secret *file, struct ferry_error *err);

/* For struct session_config; ctx is the far_login. */
int far_secrets_password(void *ctx, unsigned attempt, const char *asked,
    struct secret **out, struct ferry_error *err);
int far_secrets_answer(void *ctx, const char *asked, bool echo,
    struct secret **out, struct ferry_error *err);

/* The server's words may have many lines; ours have one.  Returns dst. */
const char *far_secrets_one_line(char *dst, size_t size, const char *text);

#endif
