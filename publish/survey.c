/* List the whole site on the server.  Hub. */
#include "publish/survey.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/record.h"

/* ---- Judging ---- */

void
survey_done(const struct survey_file *f, struct msg_done *out)
{
	*out = (struct msg_done){ .result = f->result,
		.size = f->size,
		.mtime = f->mtime,
		.mode = f->mode };
}

bool
survey_is_as(const struct survey *s, size_t i)
{
	struct msg_done done;

	survey_done(&s->files[i], &done);
	return done.result == RESULT_OK &&
	    far_is_as(s->far, &done, &s->known->files[i]);
}

bool
survey_has_size(const struct survey *s, size_t i)
{
	const struct survey_file *f = &s->files[i];

	return f->result == RESULT_OK && S_ISREG(f->mode) &&
	    f->size == s->known->files[i].size;
}

/* ---- Folders ---- */

/* Every folder above a file of ours, and the root. */
static bool
find_folders(struct survey *s)
{
	char dir[LIMIT_PATH + 1], last[LIMIT_PATH + 1] = "";
	size_t i, n;

	if (tree_add(&s->folders, "") == NULL)
		return false;
	for (i = 0; i < s->known->count; i++) {
		n = path_dir_len(s->known->files[i].path);
		memcpy(dir, s->known->files[i].path, n);
		dir[n] = '\0';
		/* mostly the same one as before, whose parents are known */
		for (; n > 0 && strcmp(dir, last) != 0; dir[n] = '\0') {
			if (tree_add(&s->folders, dir) == NULL)
				return false;
			n = path_dir_len(dir);
		}
		n = path_dir_len(s->known->files[i].path);
		memcpy(last, s->known->files[i].path, n);
		last[n] = '\0';
	}
	tree_seal(&s->folders);
	s->listed = calloc(s->folders.count, sizeof(*s->listed));
	return s->listed != NULL;
}

static size_t
depth(const char *path)
{
	size_t n = *path != '\0';

	for (; *path != '\0'; path++)
		n += *path == '/';
	return n;
}

static bool
is_ours(const struct tree *t, const char *path, bool folder)
{
	return t != NULL &&
	    (folder ? tree_has_below(t, path) : tree_find(t, path) != NULL);
}

static void
note_stranger(struct survey *s, const char *path, uint64_t size, bool folder)
{
	char name[LIMIT_PATH + LIMIT_NAME + 3];
	struct tree_file *f;
	size_t n = strlen(path);

	memcpy(name, path, n + 1);
	if (folder)
		memcpy(name + n, "/", 2);
	f = tree_add(&s->strangers, name);
	s->failed |= f == NULL;
	if (f != NULL)
		f->size = folder ? 0 : size;
}

static void
entry(void *ctx, size_t item, const struct msg_entry *e)
{
	struct survey *s = ctx;
	const char *dir = s->folders.files[item].path;
	const bool folder = S_ISDIR(e->mode);
	const struct tree_file *f;
	char path[LIMIT_PATH + LIMIT_NAME + 2];

	if (dir[0] == '\0' && strcmp(e->name, FAR_SIDE) == 0)
		return;
	if (!path_join(path, sizeof(path), dir, e->name))
		return;
	f = tree_find(s->known, path);
	if (f != NULL) {
		s->files[f - s->known->files] = (struct survey_file){
			.size = e->size,
			.mtime = e->mtime,
			.mode = e->mode,
			.result = RESULT_OK,
		};
	} else if (!is_ours(s->known, path, folder) &&
	    !is_ours(s->also, path, folder) &&
	    !tree_has_below(s->known, path)) {
		/* the last: it may be a link to a folder */
		note_stranger(s, path, e->size, folder);
	}
}

static void
listed(void *ctx, size_t item, const struct msg_done *done)
{
	struct survey *s = ctx;

	s->listed[item] = done->result;
}

/*
 * Level by level: over several connections a folder and one inside it are not
 * looked at together.
 */
static int
list_all(struct survey *s, struct ferry_error *err)
{
	struct far_handler handler = {
		.done = listed, .entry = entry, .ctx = s
	};
	struct report *r = &s->far->job->report;
	size_t left = s->folders.count, level, i;
	int rc = 0;

	far_expect(s->far, s->folders.count);
	for (level = 0; rc == 0 && left > 0; level++) {
		for (i = 0; rc == 0 && i < s->folders.count; i++) {
			if (depth(s->folders.files[i].path) != level)
				continue;
			left--;
			handler.item = i;
			far_step(s->far, STEP_LIST, s->folders.files[i].path);
			far_loose(s->far);
			rc = far_send(s->far, -1, &handler, err);
			report_progress(
			    r, level > 0 ? s->folders.files[i].path : NULL);
		}
	}
	if (rc == 0)
		rc = far_wait(s->far, err);
	tree_seal(&s->strangers);
	return rc == 0 && s->failed ? err_memory(err) : rc;
}

/* ---- Single files ---- */

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct survey *s = ctx;

	s->files[i] = (struct survey_file){ .size = done->size,
		.mtime = done->mtime,
		.mode = done->mode,
		.result = done->result };
}

/* It cannot be there when its folder is not. */
static bool
lacks_folder(const struct survey *s, const char *path)
{
	char dir[LIMIT_PATH + 1];
	const struct tree_file *f;
	size_t n = path_dir_len(path);

	memcpy(dir, path, n);
	dir[n] = '\0';
	f = tree_find(&s->folders, dir);
	return f != NULL && s->listed[f - s->folders.files] == RESULT_ABSENT;
}

static int
ask_for_each(struct survey *s, struct ferry_error *err)
{
	struct far_handler handler = { .done = looked, .ctx = s };
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->known->count; i++) {
		const char *path = s->known->files[i].path;

		if (s->judge(s, i))
			continue;
		s->files[i].result = RESULT_ABSENT;
		if (lacks_folder(s, path))
			continue;
		handler.item = i;
		far_step(s->far, STEP_STAT, path);
		far_loose(s->far);
		rc = far_send(s->far, -1, &handler, err);
		report_progress(&s->far->job->report, path);
	}
	return rc != 0 ? rc : far_wait(s->far, err);
}

/* FTP: the ledger is the last file that a publish writes. */
static int
ask_when_left(struct far *f, struct ferry_error *err)
{
	struct msg_done done;
	int rc;

	if (!far_is_ftp(f) || f->left_at != 0)
		return 0;
	far_step(f, STEP_STAT, RECORD_LEDGER);
	rc = far_call(f, -1, &done, err);
	if (rc == 0 && done.result == RESULT_OK)
		f->left_at = done.mtime;
	return rc;
}

int
survey_run(struct survey *s, struct far *far, const struct tree *known,
    const struct tree *also, survey_judge_fn *judge, struct ferry_error *err)
{
	size_t i;
	int rc;

	*s = (struct survey){
		.far = far, .known = known, .also = also, .judge = judge
	};
	tree_init(&s->strangers);
	tree_init(&s->folders);
	s->files = calloc(known->count + 1, sizeof(*s->files));
	if (s->files == NULL || !find_folders(s))
		return err_memory(err);
	for (i = 0; i < known->count; i++)
		s->files[i].result = RESULT_SKIPPED;
	rc = ask_when_left(far, err);
	if (rc == 0)
		rc = list_all(s, err);
	return rc != 0 ? rc : ask_for_each(s, err);
}

void
survey_free(struct survey *s)
{
	tree_free(&s->strangers);
	tree_free(&s->folders);
	free(s->files);
	free(s->listed);
	memset(s, 0, sizeof(*s));
}
