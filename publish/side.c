/* Make the root and our own folder in it.  Hub. */
#include "publish/side.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"

/* For Apache 2.4 and 2.2; others do not serve a folder of mode 0700. */
static const char HTACCESS[] =
    "# Made by sandferry: nothing in this folder is for visitors.\n"
    "<IfModule mod_authz_core.c>\n"
    "\tRequire all denied\n"
    "</IfModule>\n"
    "<IfModule !mod_authz_core.c>\n"
    "\tOrder allow,deny\n"
    "\tDeny from all\n"
    "</IfModule>\n";

enum { ROOT, SIDE, STAGE, KEPT, FOLDERS };

static const char *const folders[FOLDERS] = { "", FAR_SIDE, FAR_STAGE,
	FAR_KEPT };

struct side {
	struct msg_done done[FOLDERS];
};

static void
made(void *ctx, size_t i, const struct msg_done *done)
{
	struct side *s = ctx;

	s->done[i] = *done;
}

static int
make_folders(struct far *f, struct side *s, struct ferry_error *err)
{
	struct far_handler handler = { .done = made, .ctx = s };
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < FOLDERS; i++) {
		handler.item = i;
		far_step(f, STEP_MKDIR, folders[i])->mode =
		    i == ROOT ? f->job->site->dir_mode : 0700;
		rc = far_send(f, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(f, err);
}

/* One parent of the root; path is the server's own, not below the root. */
static int
make_parent(struct far *f, const char *path, size_t n, struct ferry_error *err)
{
	struct msg_step *s = far_step(f, STEP_MKDIR, "");
	struct msg_done done;
	int rc;

	if (n >= sizeof(s->path))
		return err_set(err, ferry_EUSAGE, "name_too_long",
		    "the folder on the server has too long a name");
	memcpy(s->path, path, n);
	s->path[n] = '\0';
	s->mode = f->job->site->dir_mode;
	rc = far_call(f, -1, &done, err);
	/* one above may be closed to us and yet lead on */
	if (rc != 0 || done.result != RESULT_OK)
		log_line(&f->job->report.log, LOG_DEBUG,
		    "cannot make %.*s: result %u", (int)n, path, done.result);
	return rc;
}

static int
make_parents(struct far *f, struct ferry_error *err)
{
	const char *root = f->job->site->url.path, *slash = root;
	int rc = 0;

	while (rc == 0 && (slash = strchr(slash + 1, '/')) != NULL)
		rc = make_parent(f, root, (size_t)(slash - root), err);
	return rc;
}

static int
deny_visitors(struct far *f, struct ferry_error *err)
{
	const size_t n = sizeof(HTACCESS) - 1;
	struct msg_done done;
	struct msg_step *s;
	int fd = fs_scratch(), rc;

	if (fd < 0 || fs_write_all(fd, HTACCESS, n) != 0) {
		rc = err_os(err, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot write a temporary file");
	} else {
		s = far_step(f, STEP_PUT, FAR_SIDE "/.htaccess");
		s->flags = PUT_TRUNCATE | PUT_ATTRIBUTES;
		s->mode = 0644;
		s->mtime = (uint64_t)time(NULL);
		s->length = n;
		rc = far_call(f, fd, &done, err);
		if (rc == 0)
			rc = far_judge(
			    &done, "write", FAR_SIDE "/.htaccess", err);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
refuse_root(
    const struct msg_done *done, const char *root, struct ferry_error *err)
{
	far_judge(done, "make the folder", root, err);
	err_hint(err, "Check the path of the url, and who owns its parents.");
	return -ferry_EDENIED;
}

int
side_make(struct far *f, struct ferry_error *err)
{
	const char *root = f->job->site->url.path;
	struct side s;
	size_t i;
	int rc;

	memset(&s, 0, sizeof(s));
	rc = make_folders(f, &s, err);
	if (rc == 0 && s.done[ROOT].result == RESULT_ABSENT) {
		rc = make_parents(f, err);
		if (rc == 0)
			rc = make_folders(f, &s, err);
	}
	/* a root that is there, but refused as new, shows in what is below */
	if (rc == 0 && s.done[ROOT].result != RESULT_OK &&
	    s.done[SIDE].result != RESULT_OK)
		rc = refuse_root(&s.done[ROOT], root, err);
	if (rc != 0)
		return rc;
	for (i = SIDE; i < FOLDERS; i++)
		if (s.done[i].result != RESULT_OK) {
			rc = far_judge(
			    &s.done[i], "make the folder", folders[i], err);
			err_prefix(err, "in %s", root);
			return rc;
		}
	return deny_visitors(f, err);
}
