/*
 * The stages of a worker that was taken over, by SFTP; and what it then wants
 * the hub to sign.  Worker, of the tests only.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "confine/chan.h"
#include "remote/sftp.h"
#include "remote/ssh.h"
#include "tests/walls/attack.h"

int __real_ssh_new(struct ssh **out, int sock, const char *algorithms,
    struct ferry_error *err);
int __wrap_ssh_new(struct ssh **out, int sock, const char *algorithms,
    struct ferry_error *err);

int
__wrap_ssh_new(
    struct ssh **out, int sock, const char *algorithms, struct ferry_error *err)
{
	int rc = __real_ssh_new(out, sock, algorithms, err);

	targets.socket = sock;
	attack_all("connected");
	return rc;
}

bool __real_ssh_proof(const struct ssh *s, struct msg_hostkey *out);
bool __wrap_ssh_proof(const struct ssh *s, struct msg_hostkey *out);

bool
__wrap_ssh_proof(const struct ssh *s, struct msg_hostkey *out)
{
	attack_all("handshaken");
	return __real_ssh_proof(s, out);
}

int __real_sftp_new(struct sftp **out, struct ssh *ssh,
    const struct sftp_hooks *hooks, unsigned max_files,
    struct ferry_error *err);
int __wrap_sftp_new(struct sftp **out, struct ssh *ssh,
    const struct sftp_hooks *hooks, unsigned max_files,
    struct ferry_error *err);

int
__wrap_sftp_new(struct sftp **out, struct ssh *ssh,
    const struct sftp_hooks *hooks, unsigned max_files, struct ferry_error *err)
{
	attack_all("logged in");
	return __real_sftp_new(out, ssh, hooks, max_files, err);
}

int __real_sftp_step(struct sftp *s, const struct msg_step *step, int fd,
    struct ferry_error *err);
int __wrap_sftp_step(struct sftp *s, const struct msg_step *step, int fd,
    struct ferry_error *err);

int
__wrap_sftp_step(struct sftp *s, const struct msg_step *step, int fd,
    struct ferry_error *err)
{
	if (step->op != STEP_PUT || step->length < ATTACK_LARGE)
		return __real_sftp_step(s, step, fd, err);
	targets.file = fd;
	attack_all("sending");
	attack_misbehave();
	targets.file = -1; /* it is the engine's now */
	return __real_sftp_step(s, step, fd, err);
}

/* ---- What the hub would have to sign ---- */

static void (*ask_hub)(void *ctx, const void *data, size_t n);

/* Wait for the answer, as the worker would. */
static void
swallow(void)
{
	static unsigned char packet[LIMIT_MESSAGE];
	struct pollfd p = { .fd = CHAN_DOOR_FD, .events = POLLIN };
	int fd;

	if (poll(&p, 1, ATTACK_PATIENCE * 1000) == 1)
		(void)chan_receive(CHAN_DOOR_FD, packet, sizeof(packet), &fd);
}

/* The claim: string session id, byte, string user, ... (RFC 4252, 7) */
static void
ask_for_more(void *ctx, const void *data, size_t n)
{
	unsigned char *forged = malloc(n);
	size_t id, i;

	if (forged == NULL)
		abort();
	memcpy(forged, data, n);
	id = forged[3];
	if (attack_mode("sign-session"))
		forged[4 + id / 2] ^= 1;
	else if (attack_mode("sign-user"))
		forged[4 + id + 1 + 4] ^= 1;
	for (i = 0; attack_mode("sign-four") && i < 3; i++) {
		ask_hub(ctx, forged, n);
		swallow();
	}
	ask_hub(ctx, forged, n);
	free(forged);
}

int __real_ssh_login_key(struct ssh *s, const char *user,
    const struct msg_blob *blob,
    void (*ask)(void *ctx, const void *data, size_t n), void *ctx,
    enum ssh_login *out, struct ferry_error *err);
int __wrap_ssh_login_key(struct ssh *s, const char *user,
    const struct msg_blob *blob,
    void (*ask)(void *ctx, const void *data, size_t n), void *ctx,
    enum ssh_login *out, struct ferry_error *err);

int
__wrap_ssh_login_key(struct ssh *s, const char *user,
    const struct msg_blob *blob,
    void (*ask)(void *ctx, const void *data, size_t n), void *ctx,
    enum ssh_login *out, struct ferry_error *err)
{
	ask_hub = ask;
	return __real_ssh_login_key(s, user, blob, ask_for_more, ctx, out, err);
}
