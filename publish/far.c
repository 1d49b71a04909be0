/* The far side: reach it, leave it, and what it can do.  Hub. */
#include "publish/far_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"

enum { ROOM = 64 * 1024 }; /* bytes: with less than that a disk is full */

/* The session polls a descriptor of ours, so that we can turn it to silence. */
static int
open_cancel(struct far *f, struct ferry_error *err)
{
	f->cancel = fcntl(f->job->cancel[0], F_DUPFD_CLOEXEC, 0);
	if (f->cancel < 0 || fs_pipe(f->silence) != 0)
		return err_os(err, ferry_EINTERNAL, errno, "no_pipe",
		    "cannot make a pipe");
	return 0;
}

/* Before the seal, which lets our worker have it. */
static int
open_folder(struct far *f, struct ferry_error *err)
{
	int rc = far_folder_open(&f->folder, f->job, err);

	if (rc == 0)
		f->job->walls.target = &f->folder;
	return rc;
}

int
far_prepare(struct far *f, struct ferry_job *job, struct ferry_error *err)
{
	const struct far_steps steps = far_steps(f, NULL);
	int rc;

	memset(f, 0, sizeof(*f));
	f->job = job;
	f->first_free = FAR_NO_SLOT;
	f->cancel = f->silence[0] = f->silence[1] = f->folder = -1;
	far_line_init(&f->line, job);
	rc = open_cancel(f, err);
	if (rc == 0 && site_is_folder(job->site))
		rc = open_folder(f, err);
	if (rc == 0)
		rc = far_folder_judge_storage(job, f->folder, err);
	if (rc != 0 || site_is_folder(job->site))
		return rc;
	if (site_is_ftp(job->site))
		return far_pool_new(&f->pool, job, &steps, f->cancel, err);
	return host_open(&f->host, job, err);
}

int
far_open(struct far *f, struct ferry_error *err)
{
	const struct far_steps steps = far_steps(f, &f->line);
	int rc;

	if (f->pool != NULL)
		return far_pool_open(f->pool, err);
	if (f->folder >= 0)
		return far_login_open_folder(
		    &f->login, f->job, &f->folder, &steps, f->cancel, err);
	rc =
	    far_login_open(&f->login, f->job, &f->host, &steps, f->cancel, err);
	if (rc != 0)
		far_line_failed(&f->line, err);
	return rc;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
far_close(struct far *f)
{
	if (f->job == NULL)
		return;
	if (f->login.session != NULL && f->folder < 0)
		far_line_end(&f->line, f->login.session);
	far_login_close(&f->login);
	far_pool_free(f->pool);
	host_close(&f->host);
	f->job->walls.target = NULL;
	close_fd(f->folder);
	close_fd(f->cancel);
	close_fd(f->silence[0]);
	close_fd(f->silence[1]);
	free(f->slots);
	memset(f, 0, sizeof(*f));
}

bool
far_is_open(const struct far *f)
{
	return f->pool != NULL ? far_pool_is_open(f->pool)
			       : f->login.session != NULL;
}

void
far_remember(struct far *f, int state_dir)
{
	if (f->pool != NULL)
		far_pool_load(f->pool, state_dir);
	else if (f->folder < 0)
		far_line_load(&f->line, state_dir);
}

void
far_ask_packed(struct far *f, bool (*packed)(void *ctx), void *ctx)
{
	f->line.packed = packed;
	f->line.packed_ctx = ctx;
}

bool
far_is_ftp(const struct far *f)
{
	return f->pool != NULL;
}

bool
far_can_name(const struct far *f, const char *path)
{
	return !far_is_ftp(f) || strpbrk(path, "\r\n\xff") == NULL;
}

uint32_t
far_features(const struct far *f)
{
	return f->pool != NULL ? far_pool_features(f->pool)
			       : session_ready(f->login.session)->features;
}

uint32_t
far_lacks(const struct far *f)
{
	return f->pool != NULL ? far_pool_lacks(f->pool) : 0;
}

bool
far_tells_space(const struct far *f)
{
	return (far_features(f) & (MSG_STATVFS | MSG_FTP_AVBL)) != 0;
}

const struct far_modes *
far_modes(const struct far *f)
{
	return f->pool != NULL ? far_pool_modes(f->pool) : NULL;
}

void
far_learn_modes(struct far *f, const struct far_modes *m)
{
	if (f->pool != NULL)
		far_pool_learn_modes(f->pool, m);
}

bool
far_is_as(const struct far *f, const struct msg_done *done,
    const struct tree_file *recorded)
{
	if (!S_ISREG(done->mode) || done->size != recorded->size)
		return false;
	if (done->mtime == far_mtime(recorded->mtime))
		return true;
	if (f->pool == NULL && (far_features(f) & MSG_ROUGH_TIMES) != 0)
		return done->mtime + 1 == far_mtime(recorded->mtime);
	return f->pool != NULL &&
	    (f->left_at == 0 || done->mtime <= f->left_at);
}

void
far_deafen(struct far *f)
{
	f->deaf = true;
	if (f->cancel >= 0 && f->silence[0] >= 0 &&
	    dup2(f->silence[0], f->cancel) >= 0)
		fcntl(f->cancel, F_SETFD, FD_CLOEXEC);
}

void
far_hurry(struct far *f, unsigned silence_ms)
{
	if (f->pool != NULL)
		far_pool_hurry(f->pool, silence_ms);
	else if (f->login.session != NULL)
		session_hurry(f->login.session, silence_ms);
}

void
far_expect(struct far *f, size_t steps)
{
	if (f->pool != NULL)
		far_pool_expect(f->pool, steps);
}

int
far_is_full(struct far *f, bool *full, struct ferry_error *err)
{
	struct msg_done done;
	int rc;

	*full = false;
	if (!far_tells_space(f))
		return 0;
	far_step(f, STEP_SPACE, FAR_SIDE);
	rc = far_call(f, -1, &done, err);
	*full = rc == 0 && done.result == RESULT_OK && done.size < ROOM;
	return rc;
}

uint64_t
far_mtime(int64_t mtime)
{
	if (mtime < 0)
		return 0;
	return mtime > UINT32_MAX ? UINT32_MAX : (uint64_t)mtime;
}
