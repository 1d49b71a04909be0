/*
 * Steps that need no data connection, many at once.  Worker.
 *
 * RNTO goes behind its RNFR without waiting: if that was refused, it is
 * answered 503.  What is not a plain success, or a plain absence, takes the
 * careful way of ftp_ops.c afterwards, and until then no further step joins.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "remote/ftp_burst.h"
#include "remote/ftp_engine.h"

enum { COMMANDS = 3 }; /* of one step */

enum say { TYPE, RNFR, RNTO, DELE, RMD, MKD, CHMOD, MLST, SIZE, MDTM, AVBL };

/* What a command's answer can be, beside a refusal. */
static const unsigned char good[] = {
	[TYPE] = 2,
	[RNFR] = 3,
	[RNTO] = 2,
	[DELE] = 2,
	[RMD] = 2,
	[MKD] = 2,
	[CHMOD] = 2,
	[MLST] = 2,
	[SIZE] = 2,
	[MDTM] = 2,
	[AVBL] = 2,
};

struct one {
	struct ftp_todo *todo;
	enum say says[COMMANDS];
	unsigned count, said, answered;
	bool refused; /* take the careful way */
	bool settled; /* refused, and it is known why */
	bool made; /* MKDIR: it is there, only its mode is left */
	struct msg_done done;
};

struct many {
	struct ftp *f;
	struct ftp_queue *q;
	struct one ones[BURST_WINDOW];
	unsigned first, count;
	struct ftp_queue careful; /* those that were refused */
};

static struct one *
one_at(struct many *m, unsigned i)
{
	return &m->ones[(m->first + i) % BURST_WINDOW];
}

/* ---- Which steps ---- */

static bool
is_simple(const struct ftp *f, const struct ftp_todo *t)
{
	const struct msg_step *s = &t->step;

	if (t->careful || t->fd >= 0 || !ftp_can_say(s))
		return false;
	switch (s->op) {
	case STEP_RENAME:
		return s->aside[0] == '\0' || (f->lacks & MSG_FTP_REPLACE) == 0;
	case STEP_MKDIR:
	case STEP_REMOVE:
	case STEP_RMDIR:
		return true;
	case STEP_CHMOD:
		return (f->lacks & MSG_FTP_CHMOD) == 0;
	case STEP_STAT:
		return (f->has & (MSG_FTP_MLST | MSG_FTP_SIZE)) != 0;
	case STEP_SPACE:
		return (f->has & MSG_FTP_AVBL) != 0;
	default:
		return false;
	}
}

bool
ftp_is_many(const struct ftp *f, const struct ftp_queue *q)
{
	return q->first != NULL && is_simple(f, q->first) &&
	    (f->lacks & MSG_FTP_BURST) == 0 && burst_possible(f);
}

static bool
is_near(const char *a, const char *b)
{
	return a[0] != '\0' && b[0] != '\0' &&
	    (path_below(a, b) || path_below(b, a));
}

/* Does one of them need what the other one does? */
static bool
is_tied(const struct msg_step *a, const struct msg_step *b)
{
	return is_near(a->path, b->path) || is_near(a->path, b->target) ||
	    is_near(a->target, b->path) || is_near(a->target, b->target);
}

static bool
may_join(struct many *m, const struct ftp_todo *t)
{
	if (m->careful.first != NULL || m->count == BURST_WINDOW ||
	    !is_simple(m->f, t) || ftp_needs_utf8(m->f, &t->step))
		return false;
	for (unsigned i = 0; i < m->count; i++)
		if (is_tied(&one_at(m, i)->todo->step, &t->step))
			return false;
	return true;
}

/* ---- What is said ---- */

static void
add(struct one *o, enum say say)
{
	o->says[o->count++] = say;
}

static bool
is_rough(const struct one *o)
{
	return (o->todo->step.flags & STAT_ROUGH) != 0;
}

static void
plan(struct ftp *f, struct one *o)
{
	switch (o->todo->step.op) {
	case STEP_RENAME:
		f->known[0] = '\0';
		add(o, RNFR);
		add(o, RNTO);
		break;
	case STEP_REMOVE:
	case STEP_RMDIR:
		f->known[0] = '\0';
		add(o, o->todo->step.op == STEP_REMOVE ? DELE : RMD);
		break;
	case STEP_MKDIR:
		add(o, o->made ? CHMOD : MKD);
		break;
	case STEP_CHMOD:
		add(o, CHMOD);
		break;
	case STEP_SPACE:
		add(o, AVBL);
		break;
	default:
		if ((f->has & MSG_FTP_MLST) != 0) {
			add(o, MLST);
			break;
		}
		if (!f->binary && !is_rough(o)) {
			add(o, TYPE); /* a size in lines would be another */
			f->binary = true;
		}
		add(o, SIZE);
		add(o, MDTM);
	}
}

static struct one *
join(struct many *m, struct ftp_todo *t, bool made)
{
	struct one *o = one_at(m, m->count++);

	*o = (struct one){ .todo = t, .made = made };
	o->done.id = t->step.id;
	plan(m->f, o);
	return o;
}

static size_t
print(const struct one *o, char *to, size_t size)
{
	static const char *const verbs[] = {
		[RNFR] = "RNFR",
		[RNTO] = "RNTO",
		[DELE] = "DELE",
		[RMD] = "RMD",
		[MKD] = "MKD",
		[MLST] = "MLST",
		[SIZE] = "SIZE",
		[MDTM] = "MDTM",
		[AVBL] = "AVBL",
	};
	const struct msg_step *s = &o->todo->step;
	enum say say = o->says[o->said];
	int n;

	if (say == TYPE)
		n = snprintf(to, size, "TYPE I");
	else if (say == CHMOD)
		n = snprintf(to, size, "SITE CHMOD %o %s",
		    (unsigned)s->mode & 07777, s->path);
	else
		n = snprintf(to, size, "%s %s", verbs[say],
		    say == RNTO ? s->target : s->path);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

/* The first that has not said all. */
static struct one *
speaker(struct many *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (one_at(m, i)->said < one_at(m, i)->count)
			return one_at(m, i);
	if (m->q->first == NULL || !may_join(m, m->q->first))
		return NULL;
	return join(m, ftp_queue_take(m->q), false);
}

static size_t
next(void *ctx, char *to, size_t size)
{
	struct one *o = speaker(ctx);

	if (o == NULL)
		return 0;
	size = print(o, to, size);
	o->said++;
	return size;
}

static bool
wants(void *ctx)
{
	const struct many *m = ctx;

	return m->q->first == NULL && m->careful.first == NULL;
}

/* ---- What is answered ---- */

/* The words of this refusal say all there is to know. */
static void
settle(struct ftp *f, struct one *o, enum say say)
{
	struct msg_done *done = &o->done;

	if (o->refused)
		return; /* RNTO, behind an RNFR that was */
	o->refused = true;
	if (say == SIZE && is_rough(o) && f->reply.code == 550) {
		o->settled = true;
		ftp_refuse_for(done, RESULT_UNSUPPORTED, "");
		return;
	}
	if (say == AVBL && ftp_reply_judge(&f->reply) == RESULT_UNSUPPORTED) {
		o->settled = true;
		ftp_take_space(f, done);
		return;
	}
	if (ftp_reply_judge(&f->reply) != RESULT_ABSENT ||
	    (say != RNFR && say != DELE && say != RMD && say != MLST &&
		say != AVBL))
		return;
	o->settled = true;
	ftp_refuse(f, done);
	if (say == MLST) {
		done->status = 550;
		done->text[0] = '\0';
	}
}

static void
take_refusal(struct ftp *f, struct one *o, enum say say)
{
	if (say == CHMOD)
		ftp_note_chmod(f, f->reply.code);
	if (say == MDTM || o->made)
		return; /* it would have been nice */
	settle(f, o, say);
}

static void
take_success(struct ftp *f, struct one *o, enum say say)
{
	struct listing l = { 0 };
	bool fine = true;

	switch (say) {
	case CHMOD:
		ftp_note_chmod(f, f->reply.code);
		break;
	case MLST:
		fine = find_take_mlst(f, &l);
		o->done.mtime = l.mtime;
		break;
	case SIZE:
		fine = find_take_size(f, &l);
		break;
	case MDTM:
		if (find_take_time(f, &l))
			o->done.mtime = l.mtime;
		break;
	case AVBL:
		ftp_take_space(f, &o->done);
		break;
	default:
		break;
	}
	if (say == MLST || say == SIZE) {
		o->done.size = l.size;
		o->done.mode = l.mode;
	}
	o->refused |= !fine;
}

static bool
wants_mode(const struct ftp *f, const struct one *o)
{
	return o->todo->step.op == STEP_MKDIR && !o->made &&
	    (o->todo->step.mode & 07777) != 0 &&
	    (f->lacks & MSG_FTP_CHMOD) == 0;
}

/* The oldest has all its answers. */
static void
finish(struct many *m)
{
	struct one *o = one_at(m, 0);
	struct ftp_todo *t = o->todo;
	struct msg_done done = o->done;
	const bool mode = !o->refused && wants_mode(m->f, o);
	const bool careful = o->refused && !o->settled;

	m->first = (m->first + 1) % BURST_WINDOW;
	m->count--;
	if (careful) {
		t->careful = true;
		ftp_queue_add(&m->careful, t);
	} else if (mode) {
		(void)join(m, t, true);
	} else {
		m->f->hooks.done(m->f->hooks.ctx, &done);
		free(t);
	}
}

static bool
answer(void *ctx)
{
	struct many *m = ctx;
	struct ftp *f = m->f;
	struct one *o = one_at(m, 0);
	const enum say say = o->says[o->answered];
	const unsigned kind = f->reply.code / 100;

	if (kind == good[say]) {
		if (say == RNTO && o->refused)
			return false; /* what did it rename? */
		take_success(f, o, say);
	} else if (kind == 4 || kind == 5) {
		take_refusal(f, o, say);
	} else {
		return false;
	}
	if (++o->answered == o->count)
		finish(m);
	return true;
}

/* ---- The whole ---- */

/* All that is not done waits again, in its order. */
static void
put_back(struct many *m)
{
	while (m->count > 0)
		ftp_queue_put_back(m->q, one_at(m, --m->count)->todo);
	if (m->careful.first == NULL)
		return;
	*m->careful.end = m->q->first;
	if (m->q->first == NULL)
		m->q->end = m->careful.end;
	m->q->first = m->careful.first;
}

void
ftp_many(struct ftp *f, struct ftp_queue *q)
{
	struct many *m = calloc(1, sizeof(*m));
	unsigned most = 0;

	if (m == NULL) {
		f->lost = true;
		return;
	}
	m->f = f;
	m->q = q;
	ftp_queue_init(&m->careful);
	if (burst_run(
		f, &(struct burst_talk){ m, next, answer, wants }, &most)) {
		if (most > 1)
			ftp_learn(f, MSG_FTP_BURST, true);
	} else if (most > 1 && f->reply.code != 421 && !f->stopped &&
	    (f->has & MSG_FTP_BURST) == 0) {
		ftp_learn(f, MSG_FTP_BURST, false);
	}
	put_back(m);
	free(m);
}
