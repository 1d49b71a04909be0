/* All steps but PUT: folders, names, looking, reading.  Worker. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"
#include "remote/sftp_engine.h"

enum {
	GET_CHUNK = SFTP_CHUNK,
	GET_AHEAD = 8, /* before the size is known */
	GET_IN_FLIGHT = 64,
	LIST_IN_FLIGHT = 2,
};

/* Everything here travels on the first channel. */
static struct sftp_channel *
first(struct sftp *s)
{
	return &s->channels[0];
}

static struct sftp_blob
blob(const char *text)
{
	return (struct sftp_blob){ (const unsigned char *)text, strlen(text) };
}

static void
rename_plain(struct sftp *s, struct sftp_task *t, enum sftp_purpose purpose,
    const char *from, const char *to)
{
	struct sftp_channel *ch = first(s);

	sftp_msg_rename(
	    &ch->out, channel_request(ch, t, purpose, 0, 0), from, to);
}

static void
start_rename(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = first(s);
	struct sftp_blob from = blob(t->path), to = blob(t->target);

	if (s->ready.features & MSG_POSIX_RENAME)
		sftp_msg_extended(&ch->out,
		    channel_request(ch, t, FOR_ONLY, 0, 0),
		    "posix-rename@openssh.com", &from, &to);
	else
		rename_plain(s, t, FOR_ONLY, t->path, t->target);
}

static void
start_space(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = first(s);
	struct sftp_blob path = blob(t->path);

	if ((s->ready.features & MSG_STATVFS) == 0) {
		sftp_fail(t, RESULT_UNSUPPORTED, SSH_FX_OP_UNSUPPORTED, NULL);
		sftp_finish(s, t);
		return;
	}
	sftp_msg_extended(&ch->out, channel_request(ch, t, FOR_ONLY, 0, 0),
	    "statvfs@openssh.com", &path, NULL);
}

static void
start_link(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = first(s);
	struct sftp_blob from = blob(t->path), to = blob(t->target);

	if ((s->ready.features & MSG_HARDLINK) == 0) {
		sftp_fail(t, RESULT_UNSUPPORTED, SSH_FX_OP_UNSUPPORTED, NULL);
		sftp_finish(s, t);
		return;
	}
	sftp_msg_extended(&ch->out, channel_request(ch, t, FOR_ONLY, 0, 0),
	    "hardlink@openssh.com", &from, &to);
}

void
ops_start(struct sftp *s, struct sftp_task *t)
{
	static const enum sftp_type types[] = {
		[STEP_REMOVE] = SSH_FXP_REMOVE,
		[STEP_RMDIR] = SSH_FXP_RMDIR,
		[STEP_STAT] = SSH_FXP_LSTAT,
		[STEP_READLINK] = SSH_FXP_READLINK,
	};
	struct sftp_channel *ch = first(s);

	if (t->op == STEP_RENAME || t->op == STEP_REMOVE)
		put_forget(s, t->op == STEP_RENAME ? t->target : t->path);
	switch (t->op) {
	case STEP_MKDIR:
	case STEP_CHMOD:
		sftp_msg_mode(&ch->out, channel_request(ch, t, FOR_ONLY, 0, 0),
		    t->op == STEP_MKDIR ? SSH_FXP_MKDIR : SSH_FXP_SETSTAT,
		    t->path, t->mode);
		break;
	case STEP_RENAME:
		start_rename(s, t);
		break;
	case STEP_SPACE:
		start_space(s, t);
		break;
	case STEP_LINK:
		start_link(s, t);
		break;
	case STEP_SYMLINK:
		sftp_msg_symlink(&ch->out,
		    channel_request(ch, t, FOR_ONLY, 0, 0), t->target, t->path);
		break;
	case STEP_GET:
		sftp_msg_open(&ch->out, channel_request(ch, t, FOR_OPEN, 0, 0),
		    t->path, SSH_FXF_READ, 0);
		break;
	case STEP_LIST:
		sftp_msg_path(&ch->out, channel_request(ch, t, FOR_OPEN, 0, 0),
		    SSH_FXP_OPENDIR, t->path);
		break;
	default:
		sftp_msg_path(&ch->out, channel_request(ch, t, FOR_ONLY, 0, 0),
		    types[t->op], t->path);
	}
}

/* bsize, frsize, blocks, bfree, bavail, ...: 11 numbers of 64 bits */
static void
note_space(struct sftp_task *t, struct sftp_reply *reply)
{
	uint64_t unit, blocks;

	(void)buf_get_u64(&reply->rest);
	unit = buf_get_u64(&reply->rest);
	(void)buf_get_u64(&reply->rest);
	(void)buf_get_u64(&reply->rest);
	blocks = buf_get_u64(&reply->rest);
	if (reply->rest.bad) {
		sftp_fail(t, RESULT_FAILED, SSH_FX_BAD_MESSAGE, NULL);
		return;
	}
	if (unit != 0 && blocks > UINT64_MAX / unit)
		t->done.size = UINT64_MAX;
	else
		t->done.size = unit * blocks;
}

/* A link holds one name, whose attributes mean nothing. */
static void
note_held(struct sftp_task *t, struct sftp_reply *reply)
{
	struct sftp_attrs attrs;
	struct sftp_blob held;

	if (reply->count != 1 || !sftp_msg_next_name(reply, &held, &attrs))
		sftp_fail(t, RESULT_FAILED, SSH_FX_BAD_MESSAGE, NULL);
	else
		msg_copy_text(
		    t->done.text, sizeof(t->done.text), held.p, held.n);
}

/* Version 3 has no status for "is there already"; servers say FAILURE. */
static bool
may_exist(const struct sftp_reply *reply)
{
	return reply->type == SSH_FXP_STATUS && reply->status != SSH_FX_OK &&
	    reply->status != SSH_FX_NO_SUCH_FILE &&
	    reply->status != SSH_FX_PERMISSION_DENIED;
}

/* It went wrong, but not for good. */
static void
forgive(struct sftp_task *t)
{
	t->failed = false;
	t->done.result = RESULT_OK;
	t->done.status = SSH_FX_OK;
	t->done.text[0] = '\0';
}

static bool
is_status(const struct sftp_reply *reply, uint32_t status)
{
	return reply->type == SSH_FXP_STATUS && reply->status == status;
}

/* The one reply of a simple step; true: the task is over. */
static bool
only_reply(struct sftp *s, struct sftp_task *t, struct sftp_reply *reply)
{
	struct sftp_channel *ch = first(s);

	if (t->op == STEP_STAT && reply->type == SSH_FXP_ATTRS) {
		sftp_note_attrs(t, &reply->attrs);
		return true;
	}
	if (t->op == STEP_SPACE && reply->type == SSH_FXP_EXTENDED_REPLY) {
		note_space(t, reply);
		return true;
	}
	if (t->op == STEP_READLINK && reply->type == SSH_FXP_NAME) {
		note_held(t, reply);
		return true;
	}
	if (sftp_status_ok(t, reply)) {
		if (t->op == STEP_STAT || t->op == STEP_SPACE ||
		    t->op == STEP_READLINK)
			sftp_fail(t, RESULT_FAILED, SSH_FX_BAD_MESSAGE, NULL);
		return true;
	}
	if (t->op == STEP_MKDIR && !is_status(reply, SSH_FX_NO_SUCH_FILE)) {
		/* is it there already?  A link to a folder will do */
		sftp_msg_path(&ch->out, channel_request(ch, t, FOR_LOOK, 0, 0),
		    SSH_FXP_STAT, t->path);
		return false;
	}
	if (may_exist(reply) && t->op == STEP_LINK) {
		sftp_msg_path(&ch->out, channel_request(ch, t, FOR_LOOK, 0, 0),
		    SSH_FXP_LSTAT, t->target);
		return false;
	}
	if (may_exist(reply) && t->op == STEP_RENAME && t->aside[0] != '\0' &&
	    (s->ready.features & MSG_POSIX_RENAME) == 0) {
		rename_plain(s, t, FOR_ASIDE, t->target, t->aside);
		return false;
	}
	return true;
}

/*
 * The replies of a rename without posix-rename: aside, in, tidy; or aside, in
 * fails, back.  The target is there (the first rename met it), so what lies
 * aside already is older.
 */
static bool
rename_reply(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    struct sftp_reply *reply)
{
	struct sftp_channel *ch = first(s);

	switch (rq->purpose) {
	case FOR_ASIDE:
		if (may_exist(reply)) {
			sftp_msg_path(&ch->out,
			    channel_request(ch, t, FOR_CLEAR, 0, 0),
			    SSH_FXP_REMOVE, t->aside);
			return false;
		}
		/* fall through */
	case FOR_ASIDE_AGAIN:
		if (is_status(reply, SSH_FX_NO_SUCH_FILE))
			return true; /* so that was not why */
		forgive(t);
		if (!sftp_status_ok(t, reply))
			return true;
		rename_plain(s, t, FOR_IN, t->path, t->target);
		return false;
	case FOR_IN:
		if (!sftp_status_ok(t, reply)) {
			rename_plain(s, t, FOR_BACK, t->aside, t->target);
			return false;
		}
		sftp_msg_path(&ch->out, channel_request(ch, t, FOR_TIDY, 0, 0),
		    SSH_FXP_REMOVE, t->aside);
		return false;
	case FOR_CLEAR:
		rename_plain(s, t, FOR_ASIDE_AGAIN, t->target, t->aside);
		return false;
	default: /* back or tidied, as well as it went */
		return true;
	}
}

static void
look_reply(struct sftp_task *t, const struct sftp_reply *reply)
{
	if (reply->type != SSH_FXP_ATTRS)
		return;
	if (t->op == STEP_MKDIR && S_ISDIR(reply->attrs.permissions))
		forgive(t);
	if (t->op == STEP_LINK && S_ISREG(reply->attrs.permissions))
		t->done.result = RESULT_EXISTS;
}

static void
note_size(struct sftp_task *t, const struct sftp_attrs *a)
{
	if ((a->flags & SSH_FILEXFER_ATTR_SIZE) == 0)
		return; /* it ends where reading ends */
	t->sized = true;
	t->there = a->size;
}

/* How far a GET goes: the end of the file or of what was asked for. */
static uint64_t
get_end(const struct sftp_task *t)
{
	uint64_t end = t->offset + t->length;

	if (end < t->offset)
		end = UINT64_MAX;
	return t->there < end ? t->there : end;
}

static void
get_range(struct sftp *s, struct sftp_task *t, uint64_t at, uint32_t n)
{
	struct sftp_channel *ch = first(s);

	sftp_msg_read(&ch->out, channel_request(ch, t, FOR_READ, at, n),
	    sftp_handle(t, 0), at, n);
}

static void
get_more(struct sftp *s, struct sftp_task *t, unsigned in_flight)
{
	uint64_t end = get_end(t);

	while (t->asked < end && t->in_flight < in_flight && !t->failed &&
	    !t->end_seen && (t->in_flight == 0 || channel_room(first(s)))) {
		uint32_t n = GET_CHUNK;

		if (end - t->asked < n)
			n = (uint32_t)(end - t->asked);
		get_range(s, t, t->asked, n);
		t->asked += n;
	}
}

static int
get_data(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err)
{
	size_t n = reply->blob.n;

	if (is_status(reply, SSH_FX_EOF)) {
		t->end_seen = true;
		if (!t->sized && rq->offset < t->there)
			t->there = rq->offset;
		return 0;
	}
	if (reply->type != SSH_FXP_DATA)
		return sftp_status_ok(t, reply)
		    ? sftp_broken(err, "no data and no reason")
		    : 0;
	if (n > rq->length || n == 0)
		return sftp_broken(err, "data that nobody asked for");
	if (pwrite(t->fd, reply->blob.p, n, (off_t)(rq->offset - t->offset)) !=
	    (ssize_t)n) {
		sftp_fail(t, RESULT_SOURCE, 0, NULL);
		return 0;
	}
	t->done.sent += n;
	if (n < rq->length)
		get_range(s, t, rq->offset + n, rq->length - (uint32_t)n);
	return 0;
}

static void
list_more(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = first(s);

	while (t->in_flight < LIST_IN_FLIGHT && !t->end_seen && !t->failed)
		sftp_msg_handle(&ch->out,
		    channel_request(ch, t, FOR_NAMES, 0, 0), SSH_FXP_READDIR,
		    sftp_handle(t, 0));
}

static int
list_names(struct sftp *s, struct sftp_task *t, struct sftp_reply *reply,
    struct ferry_error *err)
{
	struct msg_entry entry = { .id = t->id };
	struct sftp_attrs attrs;
	struct sftp_blob name;

	if (is_status(reply, SSH_FX_EOF)) {
		t->end_seen = true;
		return 0;
	}
	if (reply->type != SSH_FXP_NAME)
		return sftp_status_ok(t, reply)
		    ? sftp_broken(err, "no names and no reason")
		    : 0;
	if (reply->count == 0)
		return sftp_broken(err, "an empty piece of a listing");
	while (reply->count > 0) {
		if (!sftp_msg_next_name(reply, &name, &attrs))
			return sftp_broken(err, "a listing that is cut");
		if (++t->names > SFTP_NAMES_MAX)
			return sftp_broken(err, "a listing without end");
		if ((name.n == 1 && name.p[0] == '.') ||
		    (name.n == 2 && name.p[0] == '.' && name.p[1] == '.'))
			continue; /* the folder itself and its parent */
		if (!path_name_ok((const char *)name.p, name.n))
			return sftp_broken(
			    err, "a listing with a name that is not one");
		memcpy(entry.name, name.p, name.n);
		entry.name[name.n] = '\0';
		entry.size = attrs.size;
		entry.mtime = attrs.mtime;
		entry.mode = attrs.permissions;
		s->hooks.entry(s->hooks.ctx, &entry);
	}
	return 0;
}

/* GET and LIST: go on, or be done. */
static void
settle(struct sftp *s, struct sftp_task *t)
{
	if (t->op == STEP_GET)
		get_more(s, t, GET_IN_FLIGHT);
	else
		list_more(s, t);
	if (t->in_flight > 0)
		return;
	/* nothing was written, nothing can be lost: nobody waits for this */
	if (t->handles[0].n > 0)
		sftp_msg_handle(&first(s)->out,
		    channel_request(first(s), NULL, FOR_CLOSE, 0, 0),
		    SSH_FXP_CLOSE, sftp_handle(t, 0));
	if (t->op == STEP_GET && !t->failed && get_end(t) > t->offset &&
	    t->done.sent != get_end(t) - t->offset)
		sftp_fail(t, RESULT_SHORT, 0, NULL);
	if (t->op == STEP_GET && !t->sized)
		t->done.size = get_end(t);
	sftp_finish(s, t);
}

static int
stream_reply(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err)
{
	struct sftp_channel *ch = first(s);
	int rc = 0;

	switch (rq->purpose) {
	case FOR_OPEN:
		if (!sftp_keep_handle(t, 0, reply)) {
			t->end_seen = true;
			break;
		}
		if (t->op == STEP_GET) {
			t->there = UINT64_MAX;
			t->asked = t->offset;
			sftp_msg_handle(&ch->out,
			    channel_request(ch, t, FOR_SIZE, 0, 0),
			    SSH_FXP_FSTAT, sftp_handle(t, 0));
			get_more(s, t, 1 + GET_AHEAD);
			return 0;
		}
		break;
	case FOR_SIZE:
		if (reply->type == SSH_FXP_ATTRS) {
			sftp_note_attrs(t, &reply->attrs);
			note_size(t, &reply->attrs);
		} else {
			sftp_status_ok(t, reply);
		}
		break;
	case FOR_READ:
		rc = get_data(s, t, rq, reply, err);
		break;
	case FOR_NAMES:
		rc = list_names(s, t, reply, err);
		break;
	default:
		return sftp_broken(err, "a reply of the wrong kind");
	}
	if (rc == 0)
		settle(s, t);
	return rc;
}

int
ops_reply(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err)
{
	bool over = true;

	if (t->op == STEP_GET || t->op == STEP_LIST)
		return stream_reply(s, t, rq, reply, err);
	if (rq->purpose == FOR_ONLY)
		over = only_reply(s, t, reply);
	else if (rq->purpose == FOR_LOOK)
		look_reply(t, reply);
	else
		over = rename_reply(s, t, rq, reply);
	if (over)
		sftp_finish(s, t);
	return 0;
}
