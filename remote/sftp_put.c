/*
 * One file on its way: OPEN, WRITE..., then FSETSTAT, fsync, FSTAT and CLOSE
 * in one go.  Worker.
 *
 * The attributes are set only when every write is confirmed (for a file of one
 * WRITE, right behind it: its size tells), and only if the local bytes are the
 * ones that were planned: mode and mtime on the server mean that all of it is
 * there.  A file that is there in part is read back and compared as far as it
 * goes, so that nothing is ever resumed on a guess.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "remote/sftp_engine.h"

enum {
	COMPARE_CHUNK = SFTP_CHUNK,
	COMPARE_IN_FLIGHT = 64,
	SKIP_MAX = 256, /* WRITEs of zeros left out in a row */
};

static unsigned
choose_home(const struct sftp *s)
{
	unsigned best = 0, c;

	for (c = 1; c < SFTP_CHANNELS; c++)
		if (channel_room(&s->channels[c]) &&
		    channel_unsent(&s->channels[c]) <
			channel_unsent(&s->channels[best]))
			best = c;
	return best;
}

void
put_forget(struct sftp *s, const char *path)
{
	struct sftp_channel *ch = &s->channels[0];
	struct sftp_handle *kept = &s->kept.handle;

	if (kept->n == 0 || strcmp(s->kept.path, path) != 0)
		return;
	sftp_msg_handle(&ch->out, channel_request(ch, NULL, FOR_CLOSE, 0, 0),
	    SSH_FXP_CLOSE, (struct sftp_blob){ kept->p, kept->n });
	kept->n = 0;
}

/* Instead of closing it. */
static void
keep(struct sftp *s, struct sftp_task *t)
{
	put_forget(s, s->kept.path);
	s->kept.handle = t->handles[0];
	strcpy(s->kept.path, t->path);
	t->handles[0].n = 0;
}

/* Go on with the file that was kept open, if it is this one. */
static bool
take_kept(struct sftp *s, struct sftp_task *t)
{
	if (s->kept.handle.n == 0 || strcmp(s->kept.path, t->path) != 0)
		return false;
	if (t->flags & (PUT_TRUNCATE | PUT_EXCLUSIVE | PUT_RESUME)) {
		put_forget(s, t->path);
		return false;
	}
	t->home = 0;
	t->handles[0] = s->kept.handle;
	s->kept.handle.n = 0;
	return true;
}

static void
start_writing(struct sftp *s, struct sftp_task *t)
{
	t->phase = PUT_WRITING;
	t->next = NULL;
	*s->writing_end = t;
	s->writing_end = &t->next;
}

static void
stop_writing(struct sftp *s, struct sftp_task *t)
{
	struct sftp_task **p;

	for (p = &s->writing; *p != NULL; p = &(*p)->next) {
		if (*p != t)
			continue;
		*p = t->next;
		if (*p == NULL)
			s->writing_end = p;
		break;
	}
}

static void
set_attributes(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = &s->channels[t->home];
	struct sftp_attrs attrs = { 0 };

	if (t->flags & PUT_RESUME) {
		attrs.flags |= SSH_FILEXFER_ATTR_SIZE;
		attrs.size = t->offset + t->length;
	}
	if (t->flags & PUT_ATTRIBUTES) {
		attrs.flags |=
		    SSH_FILEXFER_ATTR_PERMISSIONS | SSH_FILEXFER_ATTR_ACMODTIME;
		attrs.permissions = t->mode;
		attrs.atime = attrs.mtime = (uint32_t)t->mtime;
	}
	if (attrs.flags != 0)
		sftp_msg_fsetstat(&ch->out,
		    channel_request(ch, t, FOR_ATTRIBUTES, 0, 0),
		    sftp_handle(t, t->home), &attrs);
}

/*
 * End the file where ours is to begin: before the first byte, and again when
 * not all of them arrived.  So a failed append leaves neither half of itself
 * nor a hole.
 */
static void
cut(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = &s->channels[t->home];
	struct sftp_attrs attrs = { .flags = SSH_FILEXFER_ATTR_SIZE,
		.size = t->offset };

	sftp_msg_fsetstat(&ch->out,
	    channel_request(ch, t, FOR_ATTRIBUTES, 0, 0),
	    sftp_handle(t, t->home), &attrs);
}

/* Everything is written: set, sync, ask, close, all in one go. */
static void
finish_file(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = &s->channels[t->home];
	struct sftp_blob handle = sftp_handle(t, t->home);
	unsigned c;

	t->phase = PUT_FINISHING;
	for (c = 0; c < SFTP_CHANNELS; c++)
		if (c != t->home)
			sftp_close(s, t, c);
	hash_final(&t->hash, &t->done.digest);
	if ((t->flags & PUT_DIGEST) && !hash_equal(&t->done.digest, &t->wanted))
		sftp_fail(t, RESULT_SOURCE, 0, NULL);
	else
		set_attributes(s, t);
	if ((t->flags & PUT_DURABLE) && (s->ready.features & MSG_FSYNC))
		sftp_msg_extended(&ch->out,
		    channel_request(ch, t, FOR_FSYNC, 0, 0),
		    "fsync@openssh.com", &handle, NULL);
	sftp_msg_handle(&ch->out, channel_request(ch, t, FOR_VERIFY, 0, 0),
	    SSH_FXP_FSTAT, handle);
	if (t->flags & PUT_KEEP)
		keep(s, t);
	else
		sftp_close(s, t, t->home);
}

/* It failed: what was begun must not look like something whole. */
static void
undo(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = &s->channels[t->home];

	if ((t->flags & PUT_CUT) && t->handles[t->home].n > 0)
		cut(s, t);
	if (t->created) {
		t->created = false;
		sftp_msg_path(&ch->out, channel_request(ch, t, FOR_TIDY, 0, 0),
		    SSH_FXP_REMOVE, t->path);
	}
}

/* Every reply is in: what now? */
static void
settle(struct sftp *s, struct sftp_task *t)
{
	unsigned c;

	if (t->in_flight > 0)
		return;
	if (t->failed && t->phase < PUT_FINISHING) {
		stop_writing(s, t);
		t->phase = PUT_CLOSING;
		undo(s, t);
		for (c = 0; c < SFTP_CHANNELS; c++)
			sftp_close(s, t, c);
	} else if (t->phase == PUT_COMPARING && t->asked >= t->keep) {
		t->phase = PUT_WRITING;
	} else if (t->phase == PUT_FLUSHING) {
		finish_file(s, t);
	} else if (t->failed && t->created && t->phase == PUT_FINISHING) {
		undo(s, t);
	}
	if (t->in_flight == 0 && t->phase >= PUT_FINISHING)
		sftp_finish(s, t);
}

static void
opened(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch = &s->channels[t->home];

	window_opened(s);
	t->created = (t->flags & PUT_EXCLUSIVE) != 0;
	if (t->flags & PUT_CUT)
		cut(s, t);
	if (t->flags & PUT_RESUME) {
		t->phase = PUT_SIZING;
		sftp_msg_handle(&ch->out,
		    channel_request(ch, t, FOR_SIZE, 0, 0), SSH_FXP_FSTAT,
		    sftp_handle(t, t->home));
	} else if (t->length == 0) {
		finish_file(s, t);
	} else {
		start_writing(s, t);
	}
}

void
put_start(struct sftp *s, struct sftp_task *t)
{
	struct sftp_channel *ch;
	uint32_t flags = SSH_FXF_WRITE | SSH_FXF_CREAT;

	t->home = t->flags & PUT_KEEP ? 0 : choose_home(s);
	ch = &s->channels[t->home];
	if (t->flags & PUT_TRUNCATE)
		flags |= SSH_FXF_TRUNC;
	if (t->flags & PUT_EXCLUSIVE)
		flags |= SSH_FXF_EXCL;
	if (t->flags & PUT_RESUME)
		flags |= SSH_FXF_READ;
	if (t->hash.ctx == NULL && !hash_init(&t->hash))
		sftp_fail(t, RESULT_SOURCE, 0, NULL);
	t->opened = true;
	t->phase = PUT_OPENING;
	s->files++;
	if (take_kept(s, t)) {
		opened(s, t);
		/* what was asked for after it must not overtake it */
		if (t->phase == PUT_WRITING && t->length <= s->chunk)
			(void)put_produce(s, t, 0);
		return;
	}
	sftp_msg_open(&ch->out, channel_request(ch, t, FOR_OPEN, 0, 0), t->path,
	    flags, PUT_PARTIAL_MODE);
}

static void
sized(struct sftp *s, struct sftp_task *t, const struct sftp_reply *reply)
{
	uint64_t there = reply->type == SSH_FXP_ATTRS ? reply->attrs.size : 0;

	t->there = there;
	t->keep = there < t->length ? there : t->length;
	start_writing(s, t);
	if (t->keep > 0)
		t->phase = PUT_COMPARING;
	else if (t->length == 0) {
		stop_writing(s, t);
		finish_file(s, t);
	}
}

/* The next n local bytes are read, be it for the server or not. */
static void
use(struct sftp *s, struct sftp_task *t, const void *p, size_t n)
{
	hash_update(&t->hash, p, n);
	t->at += n;
	s->backlog -= n;
}

/* How many bytes do they begin with in common? */
static size_t
common(const unsigned char *a, const unsigned char *b, size_t n)
{
	size_t i = 0;

	if (memcmp(a, b, n) == 0)
		return n;
	while (a[i] == b[i])
		i++;
	return i;
}

/*
 * A piece of what is there came back: as far as it is equal it stays.  Where
 * the pieces come in their order, that is also when they are read and hashed.
 */
static void
compared(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    const struct sftp_reply *reply)
{
	unsigned char ours[COMPARE_CHUNK];
	size_t equal = 0;

	if (reply->type == SSH_FXP_DATA && reply->blob.n <= rq->length &&
	    fs_read_at(t->fd, ours, reply->blob.n, rq->offset) ==
		(ssize_t)reply->blob.n)
		equal = common(ours, reply->blob.p, reply->blob.n);
	if (equal < rq->length && rq->offset + equal < t->keep)
		t->keep = rq->offset + equal;
	if (rq->offset == t->at)
		use(s, t, ours, equal);
}

static void
verified(struct sftp_task *t, const struct sftp_reply *reply)
{
	if (!sftp_take_attrs(t, reply))
		return;
	if ((reply->attrs.flags & SSH_FILEXFER_ATTR_SIZE) &&
	    reply->attrs.size != t->offset + t->length)
		sftp_fail(t, RESULT_SHORT, 0, NULL);
}

/*
 * Not opened, and nobody can tell whether the file is to blame.  Only for those
 * that get attributes: no other step relies on their turn.
 */
static bool
is_vague_refusal(const struct sftp_task *t, const struct sftp_reply *reply)
{
	return reply->type == SSH_FXP_STATUS &&
	    reply->status == SSH_FX_FAILURE && !t->failed &&
	    (t->flags & PUT_ATTRIBUTES) && !(t->flags & PUT_EXCLUSIVE);
}

int
put_reply(struct sftp *s, struct sftp_task *t, unsigned c,
    const struct sftp_request *rq, struct sftp_reply *reply,
    struct ferry_error *err)
{
	switch (rq->purpose) {
	case FOR_OPEN:
		if (is_vague_refusal(t, reply) && window_refused(s)) {
			sftp_again(s, t);
			return 0;
		}
		if (sftp_keep_handle(t, c, reply) && !t->failed)
			opened(s, t);
		break;
	case FOR_OPEN_STRIPE:
		if (reply->type == SSH_FXP_HANDLE)
			sftp_keep_handle(t, c, reply);
		break;
	case FOR_SIZE:
		sized(s, t, reply);
		break;
	case FOR_COMPARE:
		compared(s, t, rq, reply);
		break;
	case FOR_WRITE:
		if (sftp_status_ok(t, reply)) {
			t->done.sent += rq->length;
			s->confirmed += rq->length;
		}
		break;
	case FOR_VERIFY:
		verified(t, reply);
		break;
	case FOR_ATTRIBUTES:
	case FOR_FSYNC:
	case FOR_CLOSE:
		sftp_status_ok(t, reply);
		break;
	case FOR_TIDY:
		break;
	default:
		return sftp_broken(err, "a reply of the wrong kind");
	}
	settle(s, t);
	return 0;
}

static enum put_turn
produce_compare(struct sftp *s, struct sftp_task *t, unsigned c)
{
	struct sftp_channel *ch = &s->channels[c];
	uint32_t n = COMPARE_CHUNK;

	if (c != t->home || t->asked >= t->keep ||
	    t->in_flight >= COMPARE_IN_FLIGHT)
		return PUT_WAITS;
	if (t->keep - t->asked < n)
		n = (uint32_t)(t->keep - t->asked);
	sftp_msg_read(&ch->out,
	    channel_request(ch, t, FOR_COMPARE, t->asked, n), sftp_handle(t, c),
	    t->asked, n);
	t->asked += n;
	return PUT_MADE;
}

/* No more of this file: close it when the replies are in. */
static enum put_turn
give_up(struct sftp *s, struct sftp_task *t)
{
	stop_writing(s, t);
	settle(s, t);
	return PUT_DONE;
}

/* The local file ended early, or cannot be read. */
static enum put_turn
source_failed(struct sftp *s, struct sftp_task *t)
{
	sftp_fail(t, RESULT_SOURCE, 0, NULL);
	return give_up(s, t);
}

static enum put_turn
produce_kept(struct sftp *s, struct sftp_task *t)
{
	unsigned char p[COMPARE_CHUNK];
	size_t n = sizeof p;

	if (t->keep - t->at < n)
		n = (size_t)(t->keep - t->at);
	if (fs_read_at(t->fd, p, n, t->at) != (ssize_t)n)
		return source_failed(s, t);
	use(s, t, p, n);
	return PUT_MADE;
}

/*
 * Behind the end of a file there are zeros, as soon as something is written
 * farther on (draft-02, 6.4), and they take no room there.  That is certain of
 * a server that can fsync: what it writes to is a file, not somebody's bucket.
 * The last bytes are written, whatever they are, and one WRITE in so many: so
 * the line sets the pace, and a hole does not keep us from all else.
 */
static bool
may_skip(const struct sftp *s, struct sftp_task *t, const unsigned char *p,
    uint32_t n)
{
	const unsigned fresh = PUT_TRUNCATE | PUT_RESUME;

	if (p[0] != 0 || memcmp(p, p + 1, n - 1) != 0 ||
	    (s->ready.features & MSG_FSYNC) == 0 || (t->flags & fresh) == 0 ||
	    t->at < t->there || t->at + n == t->length ||
	    t->skipped == SKIP_MAX) {
		t->skipped = 0;
		return false;
	}
	t->skipped++;
	return true;
}

static bool
produce_write(struct sftp *s, struct sftp_task *t, unsigned c)
{
	struct sftp_channel *ch = &s->channels[c];
	struct sftp_blob handle = sftp_handle(t, c);
	uint32_t n = s->chunk;
	size_t mark = ch->out.len;
	unsigned char *p;

	if (t->length - t->at < n)
		n = (uint32_t)(t->length - t->at);
	/* the data is read right into the packet, and before it is counted */
	p = buf_grow(&ch->out, SFTP_WRITE_OVERHEAD + handle.n + n);
	if (p == NULL)
		return false;
	p += SFTP_WRITE_OVERHEAD + handle.n;
	ch->out.len = mark;
	if (fs_read_at(t->fd, p, n, t->at) != (ssize_t)n)
		return false;
	if (may_skip(s, t, p, n)) {
		use(s, t, p, n);
		s->confirmed += n;
		return true;
	}
	sftp_msg_write(&ch->out, channel_request(ch, t, FOR_WRITE, t->at, n),
	    handle, t->offset + t->at, n);
	ch->out.len += n;
	use(s, t, p, n);
	return true;
}

enum put_turn
put_produce(struct sftp *s, struct sftp_task *t, unsigned c)
{
	if (t->phase == PUT_COMPARING)
		return produce_compare(s, t, c);
	if (t->failed)
		return give_up(s, t);
	if (t->at < t->keep) {
		enum put_turn turn = produce_kept(s, t);

		if (turn != PUT_MADE)
			return turn;
	} else if (t->at < t->length) {
		if (t->handles[c].n == 0)
			return PUT_WAITS;
		if (!produce_write(s, t, c))
			return source_failed(s, t);
	}
	if (t->at < t->length)
		return PUT_MADE;
	/* that was all of it */
	stop_writing(s, t);
	if (t->in_flight == 0 ||
	    (t->length <= s->chunk && !(t->flags & PUT_RESUME))) {
		finish_file(s, t);
	} else {
		t->phase = PUT_FLUSHING;
		settle(s, t);
	}
	return PUT_DONE;
}

void
put_stripe(struct sftp *s, struct sftp_task *t, unsigned c)
{
	struct sftp_channel *ch = &s->channels[c];

	if (t->handles[c].asked || t->phase != PUT_WRITING || t->failed ||
	    t->length - t->at < SFTP_STRIPE_MIN)
		return;
	t->handles[c].asked = true;
	sftp_msg_open(&ch->out, channel_request(ch, t, FOR_OPEN_STRIPE, 0, 0),
	    t->path, SSH_FXF_WRITE, 0);
}
