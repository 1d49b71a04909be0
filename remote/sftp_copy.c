/*
 * A copy that the server makes: OPEN both, FSTAT, copy-data..., then FSETSTAT,
 * fsync, FSTAT and CLOSE in one go.  Worker.
 *
 * OpenSSH's PROTOCOL, 4.10.  The server does nothing else meanwhile, and says
 * nothing: so a large file is copied piece by piece.  As for what is sent, mode
 * and mtime mean that all of it is there.
 */
#include <string.h>

#include "remote/sftp_engine.h"

enum {
	FROM,
	TO, /* handles; both live on the first channel */
	PIECE = 8 * 1024 * 1024, /* by a slow disk within any patience */
	PIECES = 2, /* asked for at once */
};

static struct sftp_channel *
first(struct sftp *s)
{
	return &s->channels[0];
}

void
copy_start(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = first(s);

	if ((s->ready.features & MSG_COPY_DATA) == 0) {
		sftp_fail(t, RESULT_UNSUPPORTED, SSH_FX_OP_UNSUPPORTED, NULL);
		sftp_finish(s, t);
		return;
	}
	put_forget(s, t->target);
	t->opened = true;
	t->phase = PUT_OPENING;
	s->files += COPY_FILES;
	sftp_msg_open(&ch->out, channel_request(ch, t, FOR_OPEN, 0, 0), t->path,
	    SSH_FXF_READ, 0);
	sftp_msg_open(&ch->out, channel_request(ch, t, FOR_OPEN_TARGET, 0, 0),
	    t->target, SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC,
	    PUT_PARTIAL_MODE);
}

static void
ask(struct sftp *s, struct sftp_task *t, enum sftp_purpose purpose,
    enum sftp_type type, unsigned handle)
{
	struct sftp_channel *ch = first(s);

	sftp_msg_handle(&ch->out, channel_request(ch, t, purpose, 0, 0), type,
	    sftp_handle(t, handle));
}

static void
close_both(struct sftp *s, struct sftp_task *t)
{
	t->phase = PUT_CLOSING;
	for (unsigned i = FROM; i <= TO; i++) {
		if (t->handles[i].n > 0)
			ask(s, t, FOR_CLOSE, SSH_FXP_CLOSE, i);
		t->handles[i].n = 0;
	}
}

static void
ask_pieces(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = first(s);

	while (t->asked < t->length && t->in_flight < PIECES) {
		uint32_t n = PIECE;

		if (t->length - t->asked < n)
			n = (uint32_t)(t->length - t->asked);
		sftp_msg_copy(&ch->out,
		    channel_request(ch, t, FOR_COPY, t->asked, n),
		    sftp_handle(t, FROM), t->asked, n, sftp_handle(t, TO));
		t->asked += n;
	}
}

static void
finish_file(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = first(s);
	struct sftp_blob to = sftp_handle(t, TO);
	const struct sftp_attrs attrs = {
		.flags =
		    SSH_FILEXFER_ATTR_PERMISSIONS | SSH_FILEXFER_ATTR_ACMODTIME,
		.permissions = t->mode,
		.atime = (uint32_t)t->mtime,
		.mtime = (uint32_t)t->mtime,
	};

	sftp_msg_fsetstat(
	    &ch->out, channel_request(ch, t, FOR_ATTRIBUTES, 0, 0), to, &attrs);
	if ((t->flags & PUT_DURABLE) && (s->ready.features & MSG_FSYNC))
		sftp_msg_extended(&ch->out,
		    channel_request(ch, t, FOR_FSYNC, 0, 0),
		    "fsync@openssh.com", &to, NULL);
	ask(s, t, FOR_VERIFY, SSH_FXP_FSTAT, TO);
	close_both(s, t);
}

/* A size that is not told is no reason to believe in it. */
static void
judge_size(struct sftp_task *t, const struct sftp_reply *reply)
{
	if (!sftp_take_attrs(t, reply))
		return;
	if ((reply->attrs.flags & SSH_FILEXFER_ATTR_SIZE) == 0 ||
	    reply->attrs.size != t->length)
		sftp_fail(t, RESULT_SHORT, 0, NULL);
}

/* Every reply is in: what now? */
static void
settle(struct sftp *s, struct sftp_task *t)
{
	if (t->phase == PUT_WRITING && !t->failed)
		ask_pieces(s, t);
	if (t->in_flight > 0)
		return;
	if (t->failed && t->phase != PUT_CLOSING) {
		close_both(s, t);
	} else if (t->phase == PUT_OPENING) {
		t->phase = PUT_SIZING;
		ask(s, t, FOR_SIZE, SSH_FXP_FSTAT, FROM);
		return;
	} else if (t->phase == PUT_SIZING) {
		t->phase = PUT_WRITING;
		ask_pieces(s, t);
	}
	if (t->in_flight == 0 && t->phase == PUT_WRITING)
		finish_file(s, t);
	if (t->in_flight == 0)
		sftp_finish(s, t);
}

int
copy_reply(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err)
{
	switch (rq->purpose) {
	case FOR_OPEN:
		sftp_keep_handle(t, FROM, reply);
		break;
	case FOR_OPEN_TARGET:
		sftp_keep_handle(t, TO, reply);
		break;
	case FOR_SIZE:
	case FOR_VERIFY:
		judge_size(t, reply);
		break;
	case FOR_COPY:
		if (sftp_status_ok(t, reply))
			s->confirmed += rq->length;
		break;
	case FOR_ATTRIBUTES:
	case FOR_FSYNC:
	case FOR_CLOSE:
		sftp_status_ok(t, reply);
		break;
	default:
		return sftp_broken(err, "a reply of the wrong kind");
	}
	settle(s, t);
	return 0;
}
