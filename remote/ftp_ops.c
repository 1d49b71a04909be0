/* All steps of FTP but PUT: folders, names, looking, reading.  Worker. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "remote/ftp_engine.h"

static void
note(struct msg_done *done, const struct ftp_found *found)
{
	done->result = (uint8_t)found->result;
	done->size = found->entry.size;
	done->mtime = found->entry.mtime;
	done->mode = found->entry.mode;
}

/* Refused for a reason that the code does not tell: is it there at all? */
static void
look_why(struct ftp *f, const char *path, struct msg_done *done)
{
	struct ftp_found found;

	ftp_refuse(f, done);
	if (done->result != RESULT_FAILED || done->status != 550)
		return;
	find_path(f, path, &found);
	if (found.result == RESULT_ABSENT)
		done->result = RESULT_ABSENT;
	else if (found.result == RESULT_OK)
		done->result = RESULT_DENIED;
}

/* ---- Folders ---- */

static void
parent_of(const char *path, char *parent)
{
	size_t n = path_dir_len(path);

	memcpy(parent, path, n);
	parent[n] = '\0';
}

static void
mkdir_step(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	char parent[WORKER_MSG_PATH];

	if (wire_command(f, "MKD %s", step->path) / 100 == 2) {
		if ((step->mode & 07777) != 0)
			ftp_attributes(f, step->path, step->mode, 0);
		return;
	}
	ftp_refuse(f, done);
	if (f->lost || f->reply.code < 500 || done->result == RESULT_FULL ||
	    done->result == RESULT_UNSUPPORTED)
		return;
	if (find_is_folder(f, step->path)) {
		done->result = RESULT_OK;
		if (step->flags & PUT_EXCLUSIVE) {
			done->result = RESULT_EXISTS;
		} else {
			done->status = 0;
			done->text[0] = '\0';
		}
		return;
	}
	parent_of(step->path, parent);
	if (done->result == RESULT_FAILED && parent[0] != '\0' &&
	    strcmp(parent, "/") != 0 && !f->lost)
		done->result =
		    find_is_folder(f, parent) ? RESULT_DENIED : RESULT_ABSENT;
}

static void
remove_step(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	const char *verb = step->op == STEP_REMOVE ? "DELE" : "RMD";

	if (wire_command(f, "%s %s", verb, step->path) / 100 != 2)
		look_why(f, step->path, done);
}

/* ---- Names and modes ---- */

static bool
rename_one(struct ftp *f, const char *from, const char *to)
{
	return wire_command(f, "RNFR %s", from) / 100 == 3 &&
	    wire_command(f, "RNTO %s", to) / 100 == 2;
}

/*
 * The server does not replace: what is there goes aside, ours goes in, and the
 * old one goes.  False: nothing was there, so that was not why.
 */
static bool
rename_around(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	if (wire_command(f, "RNFR %s", step->target) / 100 != 3)
		return false;
	if (wire_command(f, "RNTO %s", step->aside) / 100 != 2) {
		/* from a run that was cut off; this target is newer */
		(void)wire_command(f, "DELE %s", step->aside);
		if (!rename_one(f, step->target, step->aside)) {
			ftp_refuse(f, done);
			return true;
		}
	}
	if (rename_one(f, step->path, step->target)) {
		ftp_learn(f, MSG_FTP_REPLACE, false);
		(void)wire_command(f, "DELE %s", step->aside);
		done->result = RESULT_OK;
		done->status = 0;
		done->text[0] = '\0';
		return true;
	}
	ftp_refuse(f, done);
	if (!f->lost)
		(void)rename_one(f, step->aside, step->target);
	return true;
}

static void
rename_step(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	bool aside = step->aside[0] != '\0';

	f->known[0] = '\0';
	if (aside && (f->lacks & MSG_FTP_REPLACE) != 0 &&
	    rename_around(f, step, done))
		return;
	if (f->lost)
		return;
	if (wire_command(f, "RNFR %s", step->path) / 100 != 3) {
		look_why(f, step->path, done);
		return;
	}
	if (wire_command(f, "RNTO %s", step->target) / 100 == 2)
		return;
	ftp_refuse(f, done);
	if (!aside || f->lost || f->reply.code < 500)
		return;
	(void)rename_around(f, step, done);
}

static void
chmod_step(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	if (ftp_chmod(f, step->path, step->mode) / 100 == 2)
		return;
	if ((f->lacks & MSG_FTP_CHMOD) != 0)
		ftp_refuse_for(done, RESULT_UNSUPPORTED, "no SITE CHMOD");
	else
		look_why(f, step->path, done);
}

/* ---- Looking ---- */

static void
stat_step(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	struct ftp_found found;

	if (step->flags & STAT_ROUGH)
		find_rough(f, step->path, &found);
	else
		find_path(f, step->path, &found);
	if (found.result == RESULT_UNSUPPORTED)
		ftp_refuse_for(done, RESULT_UNSUPPORTED, "");
	else if (found.result == RESULT_ABSENT)
		done->status = 550; /* whatever the last of our questions got */
	else if (found.result != RESULT_OK)
		ftp_refuse(f, done);
	note(done, &found);
}

void
ftp_take_space(struct ftp *f, struct msg_done *done)
{
	if (f->reply.code == 213 && ftp_reply_number(&f->reply, &done->size))
		return;
	ftp_refuse(f, done);
	/* whatever it means by that: it is not asked again */
	if (f->reply.code / 100 == 2)
		done->result = RESULT_UNSUPPORTED;
	if (done->result == RESULT_UNSUPPORTED)
		ftp_learn(f, MSG_FTP_AVBL, false);
}

/* draft-peterson-streamlined-ftp-command-extensions, 4 */
static void
space_step(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	if ((f->has & MSG_FTP_AVBL) == 0) {
		ftp_refuse_for(done, RESULT_UNSUPPORTED, "no AVBL");
		return;
	}
	if (wire_command(f, "AVBL %s", step->path) / 100 == 5)
		look_why(f, step->path, done);
	if (done->result == RESULT_OK || done->result == RESULT_UNSUPPORTED)
		ftp_take_space(f, done);
}

struct list {
	struct ftp *f;
	uint32_t id;
};

static bool
on_entry(void *ctx, const struct listing *l)
{
	struct list *s = ctx;
	struct msg_entry entry = {
		.id = s->id, .size = l->size, .mtime = l->mtime, .mode = l->mode
	};

	memcpy(entry.name, l->name, sizeof(entry.name));
	s->f->hooks.entry(s->f->hooks.ctx, &entry);
	return true;
}

static void
list_step(struct ftp *f, const struct msg_step *step, struct msg_done *done)
{
	struct list s = { f, step->id };
	const char *why;
	enum msg_result result = find_list(f, step->path, &s, on_entry, &why);

	ftp_refuse(f, done); /* the words: "226 cut at 2000 lines" */
	done->result = (uint8_t)result;
	if (result == RESULT_OK)
		done->status = 0;
	else if (why != NULL) {
		done->status = 0;
		ftp_refuse_for(done, RESULT_FAILED, why);
	} else if (result == RESULT_FAILED && done->status == 550)
		look_why(f, step->path, done);
}

/* ---- Reading ---- */

struct get {
	struct ftp *f;
	int fd;
	uint64_t got, most;
	bool failed;
};

static bool
on_bytes(void *ctx, const void *p, size_t n)
{
	struct get *g = ctx;

	if (n > g->most - g->got)
		n = (size_t)(g->most - g->got);
	if (n > 0 && pwrite(g->fd, p, n, (off_t)g->got) != (ssize_t)n) {
		g->failed = true;
		return false;
	}
	g->got += n;
	g->f->sent += n;
	return true;
}

static void
get_step(
    struct ftp *f, const struct msg_step *step, int fd, struct msg_done *done)
{
	struct get g = { .f = f, .fd = fd, .most = step->length };
	struct ftp_flow flow = { .transfer = FTP_RETR,
		.path = step->path,
		.offset = step->offset,
		.ctx = &g,
		.write = on_bytes };
	struct ftp_found found;
	enum msg_result result;
	uint64_t end;

	find_path(f, step->path, &found);
	note(done, &found);
	if (found.result == RESULT_OK && !S_ISREG(found.entry.mode)) {
		ftp_refuse_for(done, RESULT_FAILED, "it is not a file");
		return;
	}
	if (found.result == RESULT_ABSENT)
		done->status = 550;
	else if (found.result != RESULT_OK)
		ftp_refuse(f, done);
	done->result = (uint8_t)found.result;
	if (found.result != RESULT_OK)
		return;
	end = done->size;
	if (step->offset >= end || step->length == 0)
		return;
	/*
	 * To stop before the end would cost the session (libcurl sends ABOR
	 * and hangs up): what nobody asked for is read and forgotten.
	 */
	if (step->length < end - step->offset)
		end = step->offset + step->length;
	result = wire_transfer(f, &flow);
	done->sent = g.got;
	if (g.failed)
		ftp_refuse_for(done, RESULT_SOURCE, "cannot keep what came");
	else if (result != RESULT_OK)
		look_why(f, step->path, done);
	else if (g.got != end - step->offset)
		ftp_refuse_for(done, RESULT_SHORT, "");
}

void
ops_step(
    struct ftp *f, const struct msg_step *step, int fd, struct msg_done *done)
{
	switch (step->op) {
	case STEP_MKDIR:
		mkdir_step(f, step, done);
		break;
	case STEP_RENAME:
		rename_step(f, step, done);
		break;
	case STEP_REMOVE:
	case STEP_RMDIR:
		f->known[0] = '\0';
		remove_step(f, step, done);
		break;
	case STEP_CHMOD:
		chmod_step(f, step, done);
		break;
	case STEP_STAT:
		stat_step(f, step, done);
		break;
	case STEP_SPACE:
		space_step(f, step, done);
		break;
	case STEP_GET:
		get_step(f, step, fd, done);
		break;
	case STEP_LIST:
		list_step(f, step, done);
		break;
	default:
		ftp_refuse_for(done, RESULT_UNSUPPORTED, "not with FTP");
	}
}
