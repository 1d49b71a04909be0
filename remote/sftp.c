/*
 * The SFTP engine: tasks in a queue, and what drives them.  Worker.
 *
 * Steps start in the order in which they came, and are many in flight.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "remote/sftp_engine.h"

int
sftp_new(struct sftp **out, struct ssh *ssh, const struct sftp_hooks *hooks,
    unsigned max_files, struct ferry_error *err)
{
	struct sftp *s = calloc(1, sizeof *s);

	*out = s;
	if (s == NULL)
		return err_memory(err);
	s->ssh = ssh;
	s->hooks = *hooks;
	s->chunk = SFTP_CHUNK;
	window_init(s, max_files);
	s->rtt_min = UINT32_MAX;
	s->waiting_end = &s->waiting;
	s->writing_end = &s->writing;
	s->channels[0].state = CHANNEL_OPENING;
	s->heard = ssh_now_ms();
	return 0;
}

static void
task_free(struct sftp *s, struct sftp_task *t)
{
	if (t->newer != NULL)
		t->newer->older = t->older;
	else if (s->newest == t)
		s->newest = t->older;
	if (t->older != NULL)
		t->older->newer = t->newer;
	if (t->hash.ctx != NULL)
		hash_free(&t->hash);
	if (t->fd >= 0) {
		close(t->fd);
		s->held--;
	}
	free(t->path);
	free(t);
}

void
sftp_free(struct sftp *s)
{
	unsigned c;

	if (s == NULL)
		return;
	while (s->newest != NULL)
		task_free(s, s->newest);
	for (c = 0; c < SFTP_CHANNELS; c++)
		channel_free(&s->channels[c]);
	free(s);
}

int
sftp_step(struct sftp *s, const struct msg_step *step, int fd,
    struct ferry_error *err)
{
	struct sftp_task *t = calloc(1, sizeof *t);
	size_t path = strlen(step->path) + 1;
	size_t target = strlen(step->target) + 1;
	size_t aside = strlen(step->aside) + 1;

	if (t != NULL)
		t->path = malloc(path + target + aside);
	if (t == NULL || t->path == NULL) {
		free(t);
		if (fd >= 0)
			close(fd);
		return err_memory(err);
	}
	t->target = t->path + path;
	t->aside = t->target + target;
	memcpy(t->path, step->path, path);
	memcpy(t->target, step->target, target);
	memcpy(t->aside, step->aside, aside);
	t->id = t->done.id = step->id;
	t->op = step->op;
	t->flags = step->flags;
	t->mode = step->mode;
	t->mtime = step->mtime;
	t->offset = step->offset;
	t->length = step->length;
	t->wanted = step->digest;
	t->fd = fd;
	if (fd >= 0)
		s->held++;
	if (t->op == STEP_PUT)
		s->backlog += t->length;
	t->older = s->newest;
	if (s->newest != NULL)
		s->newest->newer = t;
	s->newest = t;
	*s->waiting_end = t;
	s->waiting_end = &t->next;
	return 0;
}

int
sftp_broken(struct ferry_error *err, const char *what)
{
	int rc = err_set(err, ferry_ELOST, "server_broke_protocol",
	    "the SFTP server sent %s; the session is over", what);

	err_hint(err,
	    "Every file of the site is whole, old or new. Run it again; if it "
	    "happens again, tell the provider which server this is.");
	return rc;
}

static enum msg_result
result_of(uint32_t status)
{
	switch (status) {
	case SSH_FX_OK:
		return RESULT_OK;
	case SSH_FX_NO_SUCH_FILE:
		return RESULT_ABSENT;
	case SSH_FX_PERMISSION_DENIED:
		return RESULT_DENIED;
	case SSH_FX_OP_UNSUPPORTED:
		return RESULT_UNSUPPORTED;
	default:
		return RESULT_FAILED;
	}
}

void
sftp_fail(struct sftp_task *t, enum msg_result result, uint32_t status,
    const struct sftp_blob *text)
{
	if (t->failed)
		return;
	t->failed = true;
	t->done.result = (uint8_t)result;
	t->done.status = status;
	if (text != NULL && text->p != NULL)
		msg_copy_text(
		    t->done.text, sizeof t->done.text, text->p, text->n);
}

bool
sftp_status_ok(struct sftp_task *t, const struct sftp_reply *reply)
{
	if (reply->type != SSH_FXP_STATUS) {
		sftp_fail(t, RESULT_FAILED, SSH_FX_BAD_MESSAGE, NULL);
		return false;
	}
	if (reply->status == SSH_FX_OK)
		return true;
	sftp_fail(t, result_of(reply->status), reply->status, &reply->blob);
	return false;
}
void
sftp_note_attrs(struct sftp_task *t, const struct sftp_attrs *a)
{
	t->done.size = a->size;
	t->done.mtime = a->mtime;
	t->done.mode = a->permissions;
}

bool
sftp_take_attrs(struct sftp_task *t, const struct sftp_reply *reply)
{
	if (reply->type == SSH_FXP_ATTRS) {
		sftp_note_attrs(t, &reply->attrs);
		return true;
	}
	if (sftp_status_ok(t, reply))
		sftp_fail(t, RESULT_FAILED, SSH_FX_BAD_MESSAGE, NULL);
	return false;
}

struct sftp_blob
sftp_handle(const struct sftp_task *t, unsigned c)
{
	return (struct sftp_blob){ t->handles[c].p, t->handles[c].n };
}

bool
sftp_keep_handle(
    struct sftp_task *t, unsigned c, const struct sftp_reply *reply)
{
	if (reply->type != SSH_FXP_HANDLE) {
		if (reply->type == SSH_FXP_STATUS && reply->status == SSH_FX_OK)
			sftp_fail(t, RESULT_FAILED, SSH_FX_BAD_MESSAGE, NULL);
		else
			sftp_status_ok(t, reply);
		return false;
	}
	t->handles[c].n = (uint16_t)reply->blob.n;
	memcpy(t->handles[c].p, reply->blob.p, reply->blob.n);
	return true;
}

void
sftp_close(struct sftp *s, struct sftp_task *t, unsigned c)
{
	struct sftp_channel *ch = &s->channels[c];

	if (t->handles[c].n == 0)
		return;
	sftp_msg_handle(&ch->out, channel_request(ch, t, FOR_CLOSE, 0, 0),
	    SSH_FXP_CLOSE, sftp_handle(t, c));
	t->handles[c].n = 0;
}

void
sftp_finish(struct sftp *s, struct sftp_task *t)
{
	if (t->opened)
		window_finished(s, t);
	if (t->op == STEP_PUT)
		s->backlog -= t->length - t->at;
	s->hooks.done(s->hooks.ctx, &t->done);
	task_free(s, t);
}

void
sftp_again(struct sftp *s, struct sftp_task *t)
{
	t->again = true;
	t->opened = false;
	s->files--;
	t->next = s->waiting;
	if (s->waiting == NULL)
		s->waiting_end = &t->next;
	s->waiting = t;
}

static const struct {
	const char *name;
	enum msg_feature feature;
} extensions[] = {
	{ "posix-rename@openssh.com", MSG_POSIX_RENAME },
	{ "fsync@openssh.com", MSG_FSYNC },
	{ "limits@openssh.com", MSG_LIMITS },
	{ "statvfs@openssh.com", MSG_STATVFS },
	{ "hardlink@openssh.com", MSG_HARDLINK },
	{ "copy-data", MSG_COPY_DATA },
	{ "lsetstat@openssh.com", MSG_LSETSTAT },
};

static void
note_extensions(struct sftp *s, struct sftp_reply *version)
{
	struct sftp_blob name, value;
	size_t i;

	while (sftp_msg_next_extension(version, &name, &value))
		for (i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
			if (name.n == strlen(extensions[i].name) &&
			    memcmp(name.p, extensions[i].name, name.n) == 0)
				s->ready.features |= extensions[i].feature;
}

int
sftp_greeted(struct sftp *s, unsigned c, struct sftp_reply *version,
    struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];

	if (version->id != SFTP_VERSION) {
		err_set(err, ferry_EDENIED, "sftp_version",
		    "the server speaks SFTP version %u, and we only %d",
		    version->id, SFTP_VERSION);
		err_hint(err,
		    "Ask the provider for an SFTP server of version "
		    "3, as OpenSSH has it.");
		return -ferry_EDENIED;
	}
	if (c > 0)
		return 0;
	note_extensions(s, version);
	if (s->ready.features & MSG_LIMITS)
		sftp_msg_extended(&ch->out,
		    channel_request(ch, NULL, FOR_LIMITS, 0, 0),
		    "limits@openssh.com", NULL, NULL);
	snprintf(
	    s->ready.server, sizeof s->ready.server, "%s", ssh_server(s->ssh));
	s->hooks.ready(s->hooks.ctx, &s->ready);
	return 0;
}

/* limits@openssh.com: the largest packet, READ, WRITE; open handles */
static void
note_limits(struct sftp *s, struct sftp_reply *reply)
{
	uint64_t packet, write, handles;

	if (reply->type != SSH_FXP_EXTENDED_REPLY)
		return;
	packet = buf_get_u64(&reply->rest);
	(void)buf_get_u64(&reply->rest);
	write = buf_get_u64(&reply->rest);
	handles = buf_get_u64(&reply->rest);
	if (reply->rest.bad)
		return;
	if (write > packet - 1024 && packet > 1024)
		write = packet - 1024;
	if (write >= SFTP_CHUNK_MAX)
		s->chunk = SFTP_CHUNK_MAX;
	else if (write > 0)
		s->chunk =
		    write > SFTP_CHUNK_MIN ? (uint32_t)write : SFTP_CHUNK_MIN;
	window_handles(s, handles);
}

int
sftp_replied(struct sftp *s, unsigned c, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err)
{
	if (rq->purpose == FOR_LIMITS)
		note_limits(s, reply);
	if (rq->task == NULL)
		return 0;
	if (rq->task->op == STEP_PUT)
		return put_reply(s, rq->task, c, rq, reply, err);
	if (rq->task->op == STEP_COPY)
		return copy_reply(s, rq->task, rq, reply, err);
	return ops_reply(s, rq->task, rq, reply, err);
}

static bool
opens_files(const struct sftp_task *t)
{
	return t->op == STEP_PUT || t->op == STEP_COPY;
}

static void
start_steps(struct sftp *s, bool *moved)
{
	struct sftp_task *t;

	while ((t = s->waiting) != NULL && channel_room(&s->channels[0])) {
		if (opens_files(t) && !window_admits(s, t))
			break;
		s->waiting = t->next;
		if (s->waiting == NULL)
			s->waiting_end = &s->waiting;
		t->next = NULL;
		*moved = true;
		if (t->op == STEP_PUT)
			put_start(s, t);
		else if (t->op == STEP_COPY)
			copy_start(s, t);
		else
			ops_start(s, t);
	}
}

/* Let the files that are open fill this channel. */
static void
fill_channel(struct sftp *s, unsigned c, bool *moved)
{
	struct sftp_task *t, *next;

	for (t = s->writing; t != NULL && channel_room(&s->channels[c]);
	     t = next) {
		enum put_turn turn;

		next = t->next;
		if (c != t->home)
			put_stripe(s, t, c);
		while (channel_room(&s->channels[c]) &&
		    (turn = put_produce(s, t, c)) != PUT_WAITS) {
			*moved = true;
			if (turn == PUT_DONE)
				break;
		}
	}
}

/*
 * One channel carries at most its window per round trip.  Where that is what
 * holds us up, open others: one after the other, as libssh2 wants it, but
 * without waiting for the server to start what serves them.
 */
static void
widen(struct sftp *s)
{
	bool shut = false;
	unsigned c;

	if (s->backlog < SFTP_WIDEN_MIN || s->rtt_min < SFTP_STRIPE_RTT)
		return;
	for (c = 0; c < SFTP_CHANNELS; c++) {
		switch (s->channels[c].state) {
		case CHANNEL_READY:
			shut |= s->channels[c].window_shut;
			break;
		case CHANNEL_NONE:
			if (shut)
				s->channels[c].state = CHANNEL_OPENING;
			return;
		case CHANNEL_STARTING:
		case CHANNEL_GREETING:
			break;
		case CHANNEL_OPENING:
		case CHANNEL_REFUSED: /* and it will refuse the next */
			return;
		}
	}
}

int
sftp_pump(struct sftp *s, struct ferry_error *err)
{
	bool moved = true;
	unsigned c;
	int rc = 0;

	if (!sftp_waiting(s))
		s->heard = ssh_now_ms();
	while (moved && rc == 0) {
		moved = false;
		for (c = 0; c < SFTP_CHANNELS && rc == 0; c++)
			rc = channel_drive(s, c, &moved, err);
		if (rc != 0)
			break;
		start_steps(s, &moved);
		for (c = 0; c < SFTP_CHANNELS; c++)
			if (s->channels[c].state == CHANNEL_READY)
				fill_channel(s, c, &moved);
		rc = ssh_flush(s->ssh, err);
	}
	widen(s);
	return rc;
}

void
sftp_idle(struct sftp *s)
{
	struct sftp_channel *ch = &s->channels[0];

	sftp_msg_path(&ch->out, channel_request(ch, NULL, FOR_LIFE, 0, 0),
	    SSH_FXP_STAT, ".");
}

unsigned
sftp_held(const struct sftp *s)
{
	return s->held;
}

bool
sftp_waiting(const struct sftp *s)
{
	unsigned c;

	for (c = 0; c < SFTP_CHANNELS; c++) {
		const struct sftp_channel *ch = &s->channels[c];

		if (ch->in_flight > 0 || (c == 0 && ch->state != CHANNEL_READY))
			return true;
	}
	return false;
}

uint64_t
sftp_confirmed(const struct sftp *s)
{
	return s->confirmed;
}

uint64_t
sftp_heard(const struct sftp *s)
{
	return s->heard;
}
