/*
 * The worker's loop: door on one side, server on the other.  Worker.
 *
 * Two tables say what may come through the door and when; what is unknown,
 * early, repeated or malformed ends the process.  The session goes through
 * the stages below in order, and each stage is one function that does what can
 * be done without waiting.
 */
#include "remote/worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "confine/chan.h"
#include "remote/worker_parts.h"

enum {
	PROGRESS_MS = 100,
	HEARTBEAT_MS = 1000, /* answers come, but no byte was confirmed */
	TICK_MS = 1000,
	DOOR_QUEUE_MAX = 512, /* messages; do not listen to the server above */
	MESSAGES_AT_ONCE = 256,
	OWN_FILES = 8, /* descriptors that are not a step's; 5 in fact */
};

void
worker_die(struct worker *w, const char *why)
{
	(void)!write(STDERR_FILENO, why, strlen(why));
	(void)!write(STDERR_FILENO, "\n", 1);
	w->stage = STAGE_OVER;
	w->status = 1;
}

void
worker_say(struct worker *w, struct buf *b)
{
	const char *why = worker_mail_send(&w->mail, b);

	if (why != NULL)
		worker_die(w, why);
}

/* The session is over, and the hub is told why. */
void
worker_fail(struct worker *w, const struct ferry_error *err)
{
	struct buf b = worker_mail_paper();

	msg_put_fail(&b, err);
	worker_say(w, &b);
	w->stage = STAGE_OVER;
}

/* What the engine says goes out as it is. */
void
worker_on_ready(void *ctx, const struct msg_ready *ready)
{
	struct worker *w = ctx;
	struct buf b = worker_mail_paper();
	struct msg_ready m = *ready;

	if (w->ssh != NULL && ssh_compresses(w->ssh))
		m.features |= MSG_COMPRESSED;
	msg_put_ready(&b, &m);
	worker_say(w, &b);
}

void
worker_on_done(void *ctx, const struct msg_done *done)
{
	struct buf b = worker_mail_paper();

	msg_put_done(&b, done);
	worker_say(ctx, &b);
}

void
worker_on_entry(void *ctx, const struct msg_entry *entry)
{
	struct buf b = worker_mail_paper();

	msg_put_entry(&b, entry);
	worker_say(ctx, &b);
}

/* What comes through the door.  False: it is malformed or senseless. */

static bool
take_step(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_step m;
	bool wants_file;
	int file = *fd;

	if (!msg_get_step(r, &m))
		return false;
	wants_file = m.op == STEP_PUT || m.op == STEP_GET;
	if (wants_file != (file >= 0))
		return false;
	*fd = -1;
	if (w->progress_at == 0)
		w->progress_at = ssh_now_ms();
	if (w->ftp != NULL)
		return worker_ftp_take_step(w, &m, file);
	if (w->folder != NULL) {
		worker_folder_take_step(w, &m, file);
		return true;
	}
	if (sftp_step(w->sftp, &m, file, err) != 0)
		worker_fail(w, err);
	return true;
}

static bool
take_quit(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	(void)fd;
	(void)err;
	w->stage = STAGE_OVER;
	return buf_get_end(r);
}

static const struct rule {
	enum worker_msg_type type;
	unsigned stages; /* in which it may come */
	bool file; /* may bring a descriptor */
	worker_take_fn *take;
} rules[] = {
	{ MSG_CONNECT, STAGE_START, true, worker_take_connect },
	{ MSG_VERDICT, STAGE_VERDICT, false, worker_take_verdict },
	{ MSG_LOGIN_KEY, STAGE_WAIT_LOGIN, false, worker_take_login_key },
	{ MSG_LOGIN_PASSWORD, STAGE_WAIT_LOGIN, false,
	    worker_take_login_password },
	{ MSG_LOGIN_PROMPTED, STAGE_WAIT_LOGIN, false,
	    worker_take_login_prompted },
	{ MSG_ANSWERS, STAGE_PROMPTED, false, worker_take_answers },
	{ MSG_SIGNATURE, STAGE_LOGIN, false, worker_take_signature },
	{ MSG_STEP, STAGE_READY, true, take_step },
	{ MSG_CONNECT_FTP, STAGE_START, true, worker_ftp_take_connect },
	{ MSG_AUTHORITIES, STAGE_AUTHORITIES, true,
	    worker_ftp_take_authorities },
	{ MSG_SOCKET, STAGE_LOGIN | STAGE_READY | STAGE_HTTP_GET, true,
	    worker_take_socket },
	{ MSG_CLIENT_CERTIFICATE, STAGE_WAIT_LOGIN, false,
	    worker_ftp_take_client },
	{ MSG_TLS_SIGNATURE, STAGE_LOGIN | STAGE_READY, false,
	    worker_ftp_take_signature },
	{ MSG_CONNECT_HTTP, STAGE_START, false, worker_http_take_connect },
	{ MSG_AUTHORITIES, STAGE_HTTP_BUNDLE, true,
	    worker_http_take_authorities },
	{ MSG_HTTP_GET, STAGE_HTTP, false, worker_http_take_get },
	{ MSG_QUIT, ~0u, false, take_quit },
};

static void
take_message(struct worker *w, const void *packet, size_t n, int fd)
{
	struct ferry_error err = { 0 };
	struct buf_reader body;
	unsigned type;
	bool good = false;
	size_t i;

	if (worker_msg_open(packet, n, &type, &body))
		for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
			if (rules[i].type == type &&
			    (rules[i].stages & w->stage) != 0 &&
			    (rules[i].file || fd < 0))
				good = rules[i].take(w, &body, &fd, &err);
	if (fd >= 0)
		close(fd);
	if (!good)
		worker_die(w, "a message that may not come");
}

/* While the hub does not take what we have, the server has to wait too. */
static bool
hub_listens(const struct worker *w)
{
	return w->mail.count < DOOR_QUEUE_MAX;
}

/* Could we take a step with a file?  If not, the hub waits at the door. */
static bool
door_open(const struct worker *w)
{
	if (w->folder != NULL)
		return hub_listens(w); /* it answers as it takes them */
	if (w->ftp != NULL)
		return worker_ftp_held(w->ftp) < w->files_max;
	return w->sftp == NULL || sftp_held(w->sftp) < w->files_max;
}

void
worker_read_door(struct worker *w)
{
	unsigned i;

	for (i = 0;
	     i < MESSAGES_AT_ONCE && w->stage != STAGE_OVER && door_open(w);
	     i++) {
		int fd;
		ssize_t n = chan_receive(
		    w->mail.door, w->packet, sizeof w->packet, &fd);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			worker_die(w, "a packet that cannot be received whole");
		else if (n == 0)
			w->stage = STAGE_OVER; /* the hub is gone */
		else
			take_message(w, w->packet, (size_t)n, fd);
		if (n > 0)
			secret_wipe(w->packet, (size_t)n); /* a password? */
	}
}

bool
worker_start_engine(struct worker *w, struct ferry_error *err)
{
	struct sftp_hooks hooks = {
		.ctx = w,
		.ready = worker_on_ready,
		.done = worker_on_done,
		.entry = worker_on_entry,
	};

	secret_free(w->password);
	w->password = NULL;
	if (sftp_new(&w->sftp, w->ssh, &hooks, w->connect.max_files, err) !=
	    0) {
		worker_fail(w, err);
		return false;
	}
	w->stage = STAGE_READY;
	return true;
}

static uint64_t
confirmed(const struct worker *w)
{
	if (w->folder != NULL)
		return worker_folder_moved(w->folder);
	return w->ftp != NULL ? worker_ftp_sent(w->ftp)
			      : sftp_confirmed(w->sftp);
}

static uint64_t
last_heard(const struct worker *w)
{
	if (w->folder != NULL)
		return worker_folder_heard(w->folder);
	return w->ftp != NULL ? worker_ftp_heard(w->ftp) : sftp_heard(w->sftp);
}

void
worker_report_progress(struct worker *w)
{
	struct msg_progress m = {
		.bytes = confirmed(w),
		.saved = w->ssh != NULL ? ssh_saved(w->ssh) : 0,
	};
	uint64_t now = ssh_now_ms(), at = w->progress_at;
	uint64_t heard = last_heard(w);
	struct buf b = worker_mail_paper();

	if (at == 0)
		return; /* no step yet: the hub may still be about READY */
	if (m.bytes == w->progress_sent) {
		at += HEARTBEAT_MS;
		if (heard < w->progress_at)
			return;
	}
	if (now < at)
		return;
	w->progress_sent = m.bytes;
	w->progress_at = now + PROGRESS_MS;
	msg_put_progress(&b, &m);
	worker_say(w, &b);
}

/* However long the hub thinks: is the server still there? */
static void
keep_alive(struct worker *w)
{
	const uint64_t now = ssh_now_ms(), after = w->connect.keepalive_ms;

	if (w->idle_since == 0 || sftp_waiting(w->sftp))
		w->idle_since = now;
	else if (after != 0 && now - w->idle_since >= after)
		sftp_idle(w->sftp);
}

static bool
ready(struct worker *w, struct ferry_error *err)
{
	if (w->ftp != NULL)
		return worker_ftp_ready(w, err);
	if (w->folder == NULL) {
		keep_alive(w);
		if (sftp_pump(w->sftp, err) != 0) {
			worker_fail(w, err);
			return false;
		}
	}
	worker_report_progress(w);
	return false;
}

static void
advance(struct worker *w)
{
	struct ferry_error err = { 0 };
	bool more = true;

	while (more && hub_listens(w)) {
		switch (w->stage) {
		case STAGE_HANDSHAKE:
			more = worker_handshake(w, &err);
			break;
		case STAGE_LOOK:
			more = worker_ftp_look(w, &err);
			break;
		case STAGE_LOGIN:
			more = w->ftp != NULL ? worker_ftp_login(w, &err)
					      : worker_login(w, &err);
			break;
		case STAGE_OFFER:
			more = worker_offer(w, &err);
			break;
		case STAGE_READY:
			more = ready(w, &err);
			break;
		case STAGE_HTTP_GET:
			worker_http_get(w);
			more = false;
			break;
		default:
			more = false;
		}
	}
	if (w->ssh != NULL && w->stage != STAGE_OVER &&
	    ssh_flush(w->ssh, &err) != 0)
		worker_fail(w, &err);
}

/* Do we wait for the server, rather than for the hub? */
static bool
server_owes(const struct worker *w)
{
	if (!hub_listens(w) || w->ftp != NULL || w->folder != NULL)
		return false; /* the FTP engine watches over it by itself */
	switch (w->stage) {
	case STAGE_HANDSHAKE:
	case STAGE_OFFER:
		return true;
	case STAGE_LOGIN:
		return !ssh_signing(w->ssh);
	case STAGE_READY:
		return sftp_waiting(w->sftp);
	default:
		return false;
	}
}

/*
 * For how long, in ms?  Bytes are no answer: a keepalive shows only that the
 * far kernel lives.  Before the login each stage has this time as a whole.
 */
static uint64_t
silent_for(const struct worker *w)
{
	uint64_t since = w->owes_since;

	if (w->stage == STAGE_READY) {
		if (sftp_heard(w->sftp) > since)
			since = sftp_heard(w->sftp);
		if (ssh_last_sent(w->ssh) > since)
			since = ssh_last_sent(w->ssh);
	}
	return ssh_now_ms() - since;
}

static void
judge_silence(struct worker *w)
{
	struct ferry_error err = { 0 };

	if (!server_owes(w) || w->stage != w->owes_stage) {
		w->owes_stage = w->stage;
		w->owes_since = ssh_now_ms();
	}
	if (!server_owes(w) || silent_for(w) < w->connect.silence_ms)
		return;
	if (w->stage == STAGE_HANDSHAKE && ssh_is_stranger(w->ssh, &err)) {
		worker_fail(w, &err);
		return;
	}
	err_set(&err, w->stage == STAGE_READY ? ferry_ELOST : ferry_EREACH,
	    "server_silent", "the server has been silent for %u s %s",
	    w->connect.silence_ms / 1000,
	    w->stage == STAGE_READY ? "in the middle of the work"
				    : "before we were logged in");
	err_hint(&err,
	    "Run the same command again; --stall-timeout waits "
	    "longer.");
	worker_fail(w, &err);
}

static int
wait_time(const struct worker *w)
{
	uint64_t silent;

	if (!server_owes(w))
		return w->stage == STAGE_READY ? TICK_MS : -1;
	silent = silent_for(w);
	if (silent >= w->connect.silence_ms)
		return 0;
	silent = w->connect.silence_ms - silent;
	return silent < TICK_MS ? (int)silent : TICK_MS;
}

static void
wait_for_something(struct worker *w)
{
	struct ferry_error err = { 0 };
	struct pollfd fds[] = { { .fd = w->mail.door }, { .fd = -1 } };

	if (door_open(w))
		fds[0].events |= POLLIN;
	if (w->mail.letters != NULL)
		fds[0].events |= POLLOUT;
	if (w->ssh != NULL && !ssh_ended(w->ssh)) {
		if (hub_listens(w) && ssh_room(w->ssh))
			fds[1].events |= POLLIN;
		if (ssh_unsent(w->ssh) > 0)
			fds[1].events |= POLLOUT;
		if (fds[1].events != 0)
			fds[1].fd = ssh_socket(w->ssh);
	}
	if (poll(fds, 2, wait_time(w)) < 0 && errno != EINTR) {
		worker_die(w, "poll");
		return;
	}
	if (fds[1].revents != 0 && ssh_fill(w->ssh, &err) < 0)
		worker_fail(w, &err);
	if ((fds[0].revents & POLLHUP) && !door_open(w))
		w->stage = STAGE_OVER; /* the hub is gone */
	else if (fds[0].revents & (POLLIN | POLLHUP))
		worker_read_door(w);
	if (fds[0].revents & POLLOUT)
		if (!worker_mail_post(&w->mail))
			w->stage = STAGE_OVER; /* the hub is gone */
}

/* How many may steps bring at one time? */
static unsigned
count_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
		return INT_MAX;
	return limit.rlim_cur > OWN_FILES ? (unsigned)limit.rlim_cur - OWN_FILES
					  : 1;
}

int
worker_run(int door, int folder)
{
	struct worker w = {
		.stage = STAGE_START,
		.files_max = count_files(),
	};

	worker_mail_init(&w.mail, door);
	buf_init(&w.key, LIMIT_KEY_BLOB);
	if (folder >= 0)
		worker_folder_begin(&w, folder);
	while (w.stage != STAGE_OVER) {
		wait_for_something(&w);
		advance(&w);
		if (w.stage != STAGE_OVER)
			judge_silence(&w);
	}
	worker_mail_end(&w.mail);
	if (w.ssh != NULL)
		ssh_goodbye(w.ssh);
	worker_ftp_free(w.ftp);
	worker_http_free(w.http);
	worker_folder_free(w.folder);
	sftp_free(w.sftp);
	ssh_free(w.ssh);
	secret_free(w.password);
	buf_free(&w.key);
	return w.status;
}
