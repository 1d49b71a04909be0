/*
 * From CONNECT to READY: the host proves itself, we prove ourselves.  Hub; for
 * session.c only.
 */
#ifndef REMOTE_LOGIN_H
#define REMOTE_LOGIN_H

#include "remote/door.h"
#include "remote/session.h"
#include "remote/tls_sign.h"

struct login {
	struct door *door;
	const struct session_config *config;
	const char *address; /* numeric peer */

	struct buf host_key; /* blob, proven by: */
	unsigned char hash[WORKER_MSG_HASH_MAX];
	size_t hash_len; /* the session id from here on */

	const struct key *key; /* the granted one, while it is in use */
	struct buf signature; /* the answer to a SIGN */
	unsigned signatures;
	const char *methods; /* that the server takes now */
	struct msg_offer offer;
	struct msg_login_refused refused;
	struct msg_prompts prompts;
	unsigned rounds; /* of prompts */
	unsigned questions; /* in this attempt */
	bool key_tried;
	bool mute; /* keyboard-interactive asks nothing */
	const char *accepted; /* "this key"; NULL: nothing yet */
	struct msg_ready ready;

	/* FTP */
	struct dial_target target; /* where the control connection leads to */
	struct msg_certificate certificate;
	enum login_next {
		LOGIN_CONNECT,
		LOGIN_JUDGE,
		LOGIN_PASSWORD,
	} next; /* what to do when it is our turn */
	unsigned attempt; /* at a password */
	int sock; /* the control connection, until the worker has it; or -1 */
	bool redial; /* the worker wants another one, which is: */
	int dialled; /* being connected; or -1 */
	uint64_t deadline; /* of that */
	struct tls_sign sign; /* also behind the login */
};

void login_init(struct login *l, struct door *door,
    const struct session_config *config, const char *address);
void login_free(struct login *l);

/*
 * Hand the connected socket to the worker and log in, or, with host_only, end
 * when judge_host has spoken.  The socket stays the caller's.
 */
int login_run(struct login *l, int sock, struct ferry_error *err);

/*
 * The same for FTP, by turns that wait for no server: login_ftp.c.  sock
 * becomes the login's.  What to wait for before the next turn: in p, which has
 * room for DOOR_POLLS + 1; *left_ms is how long at most.
 */
int login_ftp_begin(struct login *l, int sock, struct ferry_error *err);
size_t login_ftp_poll(const struct login *l, struct pollfd *p, int *left_ms);
int login_ftp_turn(struct login *l, struct ferry_error *err);
bool login_ftp_over(const struct login *l);

/* With a folder in place of a server; it stays the caller's. */
int login_folder_run(struct login *l, int folder, struct ferry_error *err);

#endif
