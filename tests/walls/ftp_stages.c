/*
 * The stages of a worker that was taken over, by FTP, where the engine comes
 * back when a step is done.  Worker, of the tests only.
 */
#include <openssl/ssl.h>
#include <stdbool.h>

#include "remote/ftp.h"
#include "remote/worker_parts.h"
#include "tests/walls/attack.h"

int __real_ftp_new(struct ftp **out, const struct msg_connect_ftp *config,
    int sock, const struct buf *authorities, const struct ftp_hooks *hooks,
    struct ferry_error *err);
int __wrap_ftp_new(struct ftp **out, const struct msg_connect_ftp *config,
    int sock, const struct buf *authorities, const struct ftp_hooks *hooks,
    struct ferry_error *err);

int
__wrap_ftp_new(struct ftp **out, const struct msg_connect_ftp *config, int sock,
    const struct buf *authorities, const struct ftp_hooks *hooks,
    struct ferry_error *err)
{
	targets.socket = sock;
	attack_all("connected");
	return __real_ftp_new(out, config, sock, authorities, hooks, err);
}

/* Only the look at the server's key is ours; libcurl calls its own. */
int __real_SSL_connect(SSL *tls);
int __wrap_SSL_connect(SSL *tls);

int
__wrap_SSL_connect(SSL *tls)
{
	int rc = __real_SSL_connect(tls);

	if (rc == 1)
		attack_all("looking");
	return rc;
}

int __real_ftp_login(struct ftp *f, const struct secret *password,
    enum ftp_login *result, struct msg_login_refused *refused,
    struct ferry_error *err);
int __wrap_ftp_login(struct ftp *f, const struct secret *password,
    enum ftp_login *result, struct msg_login_refused *refused,
    struct ferry_error *err);

static int control = -1; /* its connection */

int
__wrap_ftp_login(struct ftp *f, const struct secret *password,
    enum ftp_login *result, struct msg_login_refused *refused,
    struct ferry_error *err)
{
	int rc;

	targets.socket = -1; /* that of the look is closed */
	attack_all("logging in");
	rc = __real_ftp_login(f, password, result, refused, err);
	control = targets.socket;
	attack_all("logged in");
	return rc;
}

/* The newest connection: amid a transfer that of the data. */
bool __real_worker_take_socket(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err);
bool __wrap_worker_take_socket(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err);

bool
__wrap_worker_take_socket(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	targets.socket = *fd;
	return __real_worker_take_socket(w, r, fd, err);
}

static bool amid_transfer;

int
__real_ftp_work(struct ftp *f, struct ftp_queue *q, struct ferry_error *err);
int
__wrap_ftp_work(struct ftp *f, struct ftp_queue *q, struct ferry_error *err);

int
__wrap_ftp_work(struct ftp *f, struct ftp_queue *q, struct ferry_error *err)
{
	const struct ftp_todo *t = q->first;
	int rc;

	if (t != NULL && t->step.op == STEP_PUT &&
	    t->step.length >= ATTACK_LARGE) {
		amid_transfer = true;
		targets.file = t->fd;
	}
	rc = __real_ftp_work(f, q, err);
	amid_transfer = false;
	targets.file = -1;
	targets.socket = control;
	return rc;
}

/* The file's next bytes, on their way to the data connection. */
void __real_hash_update(struct hash *h, const void *p, size_t n);
void __wrap_hash_update(struct hash *h, const void *p, size_t n);

void
__wrap_hash_update(struct hash *h, const void *p, size_t n)
{
	__real_hash_update(h, p, n);
	if (!amid_transfer)
		return;
	amid_transfer = false;
	attack_all("sending");
	attack_misbehave();
}

bool __real_worker_ftp_ready(struct worker *w, struct ferry_error *err);
bool __wrap_worker_ftp_ready(struct worker *w, struct ferry_error *err);

bool
__wrap_worker_ftp_ready(struct worker *w, struct ferry_error *err)
{
	static bool seen;
	bool more = __real_worker_ftp_ready(w, err);

	if (!more && !seen) {
		seen = true;
		attack_all("idle");
	}
	return more;
}
