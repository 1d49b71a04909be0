/*
 * Open a session for a job: the host is judged, the user's key is read when
 * the server has asked for it, and forgotten when the login is done.  Hub.
 */
#ifndef PUBLISH_FAR_LOGIN_H
#define PUBLISH_FAR_LOGIN_H

#include "auth/key.h"
#include "auth/secrets.h"
#include "publish/far_ftp.h"
#include "publish/far_line.h"
#include "publish/host.h"
#include "publish/job.h"
#include "publish/places.h"
#include "remote/session.h"

/* Who hears of the steps' replies; all with ctx. */
struct far_steps {
	void *ctx;
	void (*on_done)(void *ctx, const struct msg_done *done);
	void (*on_entry)(void *ctx, const struct msg_entry *entry);
	void (*on_progress)(void *ctx, uint64_t bytes);
	struct far_line *line; /* SFTP: to be met; outlives the login */
};

/* What is known of a login behind it, where job->seen wants to know. */
struct far_seen {
	unsigned sessions; /* logged in so far */
	enum secrets_source source; /* of the last secret of the first one */
	struct msg_ready ready; /* of the first one */
	struct far_ftp *ftp; /* for more sessions like it; NULL: SFTP */
};

struct far_login {
	struct ferry_job *job;
	struct host *host;
	struct far_ftp *ftp; /* NULL: SFTP */
	struct session_ftp ftp_config;
	struct far_steps steps;
	struct secrets secrets;
	char keyring[PLACES_SIZE]; /* the helper, if it may be asked */
	struct key *key;
	struct session *session;

	/* for another connection, where the first was lost behind a question */
	uint64_t asked_ms; /* in this one answers were waited for so long */
	uint64_t since; /* when the last of them was asked for */
	unsigned again; /* connections after the first */
	char trusted[HASH_FINGERPRINT_SIZE]; /* the host key; or "" */
	struct secret *password; /* the last one; or NULL */
	bool resend; /* ... which nobody has refused yet */
};

/*
 * login->session is open afterwards; with steps NULL the host is judged only,
 * and it stays NULL.  host outlives the login, which must not move.
 * cancel_fd: see struct session_config.
 */
int
far_login_open(struct far_login *l, struct ferry_job *job, struct host *host,
    const struct far_steps *steps, int cancel_fd, struct ferry_error *err);
/* The same for FTP; ftp outlives the login. */
int far_login_open_ftp(struct far_login *l, struct ferry_job *job,
    struct far_ftp *ftp, const struct far_steps *steps, int cancel_fd,
    struct ferry_error *err);
/* The same for a folder, which stays open as long as the login lives. */
int far_login_open_folder(struct far_login *l, struct ferry_job *job,
    const int *folder, const struct far_steps *steps, int cancel_fd,
    struct ferry_error *err);
/*
 * One more beside a session that is logged in, with the key and the password
 * that were right for it, and without waiting: session_turn() goes on.
 */
int far_login_begin_ftp(struct far_login *l, const struct far_login *beside,
    const struct far_steps *steps, int cancel_fd, struct ferry_error *err);
/*
 * Only read and unlock the job's key file, as a login does.  login->key is the
 * caller's to free.
 */
int far_login_load_key(
    struct far_login *l, struct ferry_job *job, struct ferry_error *err);
void
far_login_close(struct far_login *l); /* one that was only zeroed is fine */

#endif
