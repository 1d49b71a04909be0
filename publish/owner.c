/* The note in remote-state's folder that says whose it is.  Hub. */
#include "publish/owner.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"

#define NOTE FAR_SIDE "/site"

enum {
	SAMPLE = 16, /* files, at most */
	NOTE_MAX = 2 * LIMIT_PATH,
};

struct sample {
	const struct far *far;
	const struct tree *live;
	size_t asked, found;
};

static int
no_scratch(struct ferry_error *err)
{
	return err_os(err, ferry_EINTERNAL, errno, "no_scratch",
	    "cannot use a temporary file");
}

/* "ROOT\nURL\n"; empty when there is none. */
static int
fetch(struct far *f, struct buf *note, struct ferry_error *err)
{
	struct msg_done done;
	int fd = fs_scratch(), rc;

	if (fd < 0)
		return no_scratch(err);
	far_step(f, STEP_GET, NOTE)->length = NOTE_MAX;
	rc = far_call(f, fd, &done, err);
	if (rc == 0 && done.result == RESULT_OK &&
	    (lseek(fd, 0, SEEK_SET) < 0 || fs_read_fd(fd, note) != 0))
		rc = no_scratch(err);
	close(fd);
	return rc;
}

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct sample *s = ctx;
	const struct tree_file *f = &s->live->files[i];

	s->found += done->result == RESULT_OK && done->size == f->size &&
	    (far_is_ftp(s->far) || far_is_as(s->far, done, f));
}

/* Do its files lie here?  Some may have changed. */
static int
ask_sample(
    struct far *f, const struct ledger *l, bool *ours, struct ferry_error *err)
{
	struct sample s = { .far = f, .live = &l->live };
	struct far_handler handler = { .done = looked, .ctx = &s };
	const size_t n = l->live.count < SAMPLE ? l->live.count : SAMPLE;
	int rc = 0;

	for (; rc == 0 && s.asked < n; s.asked++) {
		handler.item = s.asked * l->live.count / n;
		far_step(f, STEP_STAT, l->live.files[handler.item].path);
		far_loose(f);
		rc = far_send(f, -1, &handler, err);
	}
	if (rc == 0)
		rc = far_wait(f, err);
	*ours = 4 * s.found >= 3 * n;
	return rc;
}

static int
refuse(const struct ferry_site *site, const char *url, struct ferry_error *err)
{
	char escaped[160];

	err_set(err, ferry_EUSAGE, "remote_state_taken",
	    "remote-state %s belongs to another site, %s", site->remote_state,
	    path_escape(escaped, sizeof(escaped), url, strlen(url)));
	err_hint(err,
	    "Name a folder that no other site uses. If the site itself was "
	    "moved on the server, remove the file `site' in that folder.");
	return -ferry_EUSAGE;
}

int
owner_judge(struct far *f, const struct ledger *l, struct ferry_error *err)
{
	const struct ferry_site *site = f->job->site;
	struct buf note;
	char *root, *url;
	bool ours = true;
	int rc;

	if (site->remote_state == NULL || l->live.count == 0)
		return 0;
	buf_init(&note, NOTE_MAX + 1);
	rc = fetch(f, &note, err);
	buf_put_u8(&note, '\0');
	if (rc == 0 && note.len > 1 && buf_ok(&note)) {
		root = (char *)note.data;
		url = root + strcspn(root, "\n");
		url += *url == '\n'; /* none where it was cut off */
		root[strcspn(root, "\n")] = '\0';
		url[strcspn(url, "\n")] = '\0';
		if (strcmp(root, site->url.path) != 0)
			rc = ask_sample(f, l, &ours, err);
		if (rc == 0 && !ours)
			rc = refuse(site, url, err);
	}
	buf_free(&note);
	return rc;
}

int
owner_note(struct far *f, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	const struct ferry_site *site = f->job->site;
	struct msg_step *s;
	struct buf note;
	int fd, rc;

	if (site->remote_state == NULL)
		return 0;
	buf_init(&note, NOTE_MAX);
	buf_printf(&note, "%s\n%s\n", site->url.path, site->url.text);
	fd = fs_scratch();
	if (!buf_ok(&note) || fd < 0 ||
	    fs_write_all(fd, note.data, note.len) != 0) {
		rc = no_scratch(err);
	} else {
		s = far_step(f, STEP_PUT, NOTE);
		s->flags = PUT_TRUNCATE;
		s->length = note.len;
		rc = far_send(f, fd, &handler, err);
	}
	if (fd >= 0)
		close(fd);
	buf_free(&note);
	return rc;
}
