/* Make the root and our own folder in it.  Hub. */
#include "publish/side.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
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

enum { ROOT, SIDE, STAGE, KEPT, DENY };

static const char *const folders[] = { "", FAR_SIDE, FAR_STAGE, FAR_KEPT };

static void
htaccess_step(struct far *f)
{
	struct msg_step *m = far_step(f, STEP_PUT, SIDE_DENY);

	m->flags = PUT_TRUNCATE | PUT_ATTRIBUTES;
	m->mode = 0644;
	m->mtime = (uint64_t)time(NULL);
	m->length = sizeof(HTACCESS) - 1;
}

static int
send_htaccess(struct side *s, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = far_keep_done, .ctx = s->done, .item = DENY
	};

	htaccess_step(s->far);
	return far_send(s->far, s->htaccess, &handler, err);
}

/* Over FTP a mode costs a round trip, and what is in ours needs none. */
static uint32_t
mode(const struct far *f, size_t i)
{
	if (i == ROOT)
		return f->job->site->dir_mode;
	return i > SIDE && far_is_ftp(f) ? 0 : 0700;
}

/* Each rests on the one before; a server that works in order does all. */
static int
send_all(struct side *s, struct ferry_error *err)
{
	struct far_handler handler = { .done = far_keep_done, .ctx = s->done };
	size_t i;
	int rc = 0;

	for (i = ROOT; rc == 0 && i <= KEPT; i++) {
		handler.item = i;
		far_step_in(s->far, STEP_MKDIR, FAR_BASE, folders[i])->mode =
		    mode(s->far, i);
		rc = far_send(s->far, -1, &handler, err);
	}
	if (rc == 0)
		rc = send_htaccess(s, err);
	return rc;
}

/*
 * The folders above the root, or above ours.  One that we may not make may
 * still be there and lead on: what counts is whether the folder itself can be
 * made afterwards.
 */
static int
send_parents(struct side *s, const char *folder, const char *path,
    struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	const char *slash = path;
	struct msg_step *m;
	int rc = 0;

	while (rc == 0 && (slash = strchr(slash + 1, '/')) != NULL) {
		m = far_step_in(s->far, STEP_MKDIR, FAR_BASE, folder);
		m->path[slash - path] = '\0';
		m->mode = s->far->job->site->dir_mode;
		rc = far_send(s->far, -1, &handler, err);
	}
	return rc;
}

static bool
lacks_parent(const struct side *s)
{
	return s->done[ROOT].result == RESULT_ABSENT ||
	    s->done[SIDE].result == RESULT_ABSENT;
}

static int
refuse_root(
    const struct msg_done *done, const char *root, struct ferry_error *err)
{
	far_judge(done, "make the folder", root, err);
	err_hint(err, "Check the path of the url, and who owns its parents.");
	return -ferry_EDENIED;
}

static int
judge(const struct side *s, struct ferry_error *err)
{
	const struct ferry_site *site = s->far->job->site;
	const char *root = site->url.path;
	size_t i;
	int rc = 0;

	/* a root that is there, but refused as new, shows in what is below */
	if (s->done[ROOT].result != RESULT_OK &&
	    s->done[SIDE].result != RESULT_OK)
		return refuse_root(&s->done[ROOT], root, err);
	for (i = SIDE; rc == 0 && i <= KEPT; i++)
		rc = far_judge(&s->done[i], "make the folder",
		    far_shown(s->far, folders[i]), err);
	if (rc == 0)
		rc = far_judge(
		    &s->done[DENY], "write", far_shown(s->far, SIDE_DENY), err);
	if (rc != 0 && site->remote_state == NULL)
		err_prefix(err, "in %s", root);
	return rc;
}

/* What will stand in it, as a descriptor. */
static int
make_htaccess(int *fd, struct ferry_error *err)
{
	*fd = fs_scratch();
	if (*fd < 0 || fs_write_all(*fd, HTACCESS, sizeof(HTACCESS) - 1) != 0)
		return err_os(err, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot write a temporary file");
	return 0;
}

int
side_send(struct side *s, struct far *f, struct ferry_error *err)
{
	int rc;

	*s = (struct side){ .far = f };
	rc = make_htaccess(&s->htaccess, err);
	return rc == 0 ? send_all(s, err) : rc;
}

int
side_deny(struct far *f, struct msg_done *done, struct ferry_error *err)
{
	int fd, rc = make_htaccess(&fd, err);

	if (rc == 0) {
		htaccess_step(f);
		rc = far_call(f, fd, done, err);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

int
side_judge(struct side *s, struct ferry_error *err)
{
	const struct ferry_site *site = s->far->job->site;
	int rc = 0;

	if (lacks_parent(s)) {
		rc = send_parents(s, "", site_root(site), err);
		if (rc == 0 && site->remote_state != NULL)
			rc = send_parents(s, FAR_SIDE, site->remote_state, err);
		if (rc == 0)
			rc = send_all(s, err);
		if (rc == 0)
			rc = far_wait(s->far, err);
	}
	return rc != 0 ? rc : judge(s, err);
}

void
side_free(struct side *s)
{
	if (s->htaccess >= 0)
		close(s->htaccess);
	s->htaccess = -1;
}

int
side_mend(struct far *f, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	size_t i;
	int rc = 0;

	for (i = STAGE; rc == 0 && i <= KEPT; i++) {
		far_step(f, STEP_MKDIR, folders[i])->mode = mode(f, i);
		rc = far_send(f, -1, &handler, err);
	}
	return rc;
}

/* ---- Elsewhere ---- */

const char *
side_name(const struct ferry_site *site)
{
	return site->remote_state != NULL ? site->remote_state : FAR_SIDE;
}

/* An empty folder goes over and is removed: nobody gets to see anything. */
int
side_probe(struct far *f, struct ferry_error *err)
{
	static const char from[] = FAR_SIDE "/probe", to[] = FAR_SIDE "-probe";
	const struct ferry_site *site = f->job->site;
	struct msg_done done = { .result = RESULT_SKIPPED };
	struct far_handler handler = { .done = NULL };
	int rc;

	if (site->remote_state == NULL)
		return 0;
	far_step_in(f, STEP_RMDIR, FAR_BASE, to); /* of one that was cut off */
	rc = far_send(f, -1, &handler, err);
	far_step(f, STEP_MKDIR, from)->mode = 0700;
	if (rc == 0)
		rc = far_send(f, -1, &handler, err);
	handler = (struct far_handler){ .done = far_keep_done, .ctx = &done };
	far_step(f, STEP_RENAME, from)->mode = S_IFDIR;
	far_set_target_in(f, FAR_BASE, to);
	if (rc == 0)
		rc = far_send(f, -1, &handler, err);
	handler = (struct far_handler){ .done = NULL };
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		far_step_in(f, STEP_RMDIR, FAR_BASE, i == 0 ? to : from);
		rc = far_send(f, -1, &handler, err);
	}
	if (rc == 0)
		rc = far_wait(f, err);
	if (rc != 0 || done.result == RESULT_OK)
		return rc;
	far_judge(&done, "rename", far_shown(f, from), err);
	err_prefix(err,
	    "the server renames nothing from remote-state, %s, into %s",
	    site->remote_state, site->url.path);
	err_recode(err, ferry_EDENIED, "remote_state_elsewhere");
	err_hint(err,
	    "Both must lie on one file system there, and be writable: name a "
	    "folder beside the published one.");
	return -ferry_EDENIED;
}
