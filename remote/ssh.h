/*
 * One SSH connection: libssh2's transport over buffers of ours.  Worker.
 *
 * libssh2 never touches the socket: its send callback appends to a buffer and
 * never falls short (a short send at a rekey hangs it for good), its receive
 * callback reads from one.  The worker's loop moves bytes between buffers and
 * socket.  Calls that have to wait return 1: call again when more has come.
 */
#ifndef REMOTE_SSH_H
#define REMOTE_SSH_H

#include <libssh2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "remote/worker_msg.h"
#include "sandferry.h"

struct ssh;

/* Takes the socket. */
int ssh_new(struct ssh **out, int sock, const char *algorithms,
    struct ferry_error *err);
/*
 * Before the handshake: ask for compression, from the login on.  A server that
 * has none is fine.
 */
int
ssh_compress(struct ssh *s, enum msg_compress what, struct ferry_error *err);
/* Is any in use, once the handshake is done? */
bool ssh_compresses(const struct ssh *s);
/* Bytes that were kept off the line by it. */
uint64_t ssh_saved(const struct ssh *s);
void ssh_free(struct ssh *s);
/* Tell the server that we go (SSH_MSG_DISCONNECT), without waiting. */
void ssh_goodbye(struct ssh *s);

LIBSSH2_SESSION *ssh_session(struct ssh *s);
int ssh_socket(const struct ssh *s);

/* Is there room for more of the server's bytes? */
bool ssh_room(const struct ssh *s);
/* Socket to buffer.  1: something came; 0: nothing now; negative: lost. */
int ssh_fill(struct ssh *s, struct ferry_error *err);
/* Buffer to socket, as far as it goes. */
int ssh_flush(struct ssh *s, struct ferry_error *err);
/* Bytes that wait for the socket. */
size_t ssh_unsent(const struct ssh *s);
/* The server sent its last byte (there is nothing more to poll for). */
bool ssh_ended(const struct ssh *s);
/* When more than a keepalive last went out, on the monotonic clock in ms. */
uint64_t ssh_last_sent(const struct ssh *s);
/* Did something come that is no SSH greeting?  Then this is what to say. */
bool ssh_is_stranger(const struct ssh *s, struct ferry_error *err);
uint64_t ssh_now_ms(void);

/* Version exchange, key exchange.  1, 0, or negated code. */
int ssh_handshake(struct ssh *s, struct ferry_error *err);
/* What the server proved. */
bool ssh_proof(const struct ssh *s, struct msg_hostkey *out);
/* "SSH-2.0-OpenSSH_9.2p1" */
const char *ssh_server(const struct ssh *s);

enum ssh_login { SSH_LOGIN_DONE, SSH_LOGIN_WAIT, SSH_LOGIN_REFUSED };

/*
 * Ask how the server lets this user in, by the method "none", which no server
 * counts when it comes first.  SSH_LOGIN_REFUSED: *offer is filled in.
 */
int ssh_login_none(struct ssh *s, const char *user, struct msg_offer *offer,
    enum ssh_login *out, struct ferry_error *err);

/*
 * Log in with a key that somebody else holds.  ask is called with the bytes to
 * sign; ssh_signature() brings the answer: an RFC 4253 signature blob, or
 * nothing for a refusal.
 */
int ssh_login_key(struct ssh *s, const char *user, const struct msg_blob *blob,
    void (*ask)(void *ctx, const void *data, size_t n), void *ctx,
    enum ssh_login *out, struct ferry_error *err);
/*
 * What somebody took his time for goes out now.  A server that has closed the
 * connection meanwhile has not refused it.
 */
void ssh_attempt(struct ssh *s);
/* Has ask been called, and no answer come yet? */
bool ssh_signing(const struct ssh *s);
bool ssh_signature(struct ssh *s, const struct msg_blob *signature);

int ssh_login_password(struct ssh *s, const char *user, const char *password,
    enum ssh_login *out, struct ferry_error *err);

/*
 * By keyboard-interactive.  libssh2 wants the answers at once, so prompted
 * waits for them: prompts->count secrets, which are freed here.  False: there
 * will be none, the session is over.
 */
int ssh_login_prompted(struct ssh *s, const char *user,
    bool (*prompted)(
	void *ctx, const struct msg_prompts *prompts, struct secret **answers),
    void *ctx, enum ssh_login *out, struct ferry_error *err);

/* What the server said to the last attempt, which it refused. */
void ssh_refusal(struct ssh *s, struct msg_login_refused *out);

/* The negative libssh2 result rc as an error of ours. */
int
ssh_error(struct ssh *s, int rc, const char *doing, struct ferry_error *err);

#endif
