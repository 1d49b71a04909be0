/*
 * What was replaced or removed is kept for undo.  Hub.
 *
 * A second name for the old file is made just before the new one takes the
 * first, so nothing travels and no visitor sees a gap.  How long it is kept
 * follows from the ledger: whatever one of the last publishes has replaced.
 */
#include "publish/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "publish/releases.h"

static const char DRIFT[] = "drift-"; /* and the generation, a number */

bool
kept_can(const struct far *f)
{
	return !far_is_ftp(f) &&
	    (far_features(f) & (MSG_HARDLINK | MSG_COPY_DATA)) != 0;
}

bool
kept_works(const struct transfer *t)
{
	/* an old release keeps all that was in it */
	return t->job->site->keep > 0 && kept_can(&t->far) &&
	    !releases_wanted(t);
}

static bool
has_links(const struct transfer *t)
{
	return (far_features(&t->far) & MSG_HARDLINK) != 0 && !t->kept.copied;
}

void
kept_path(char dst[KEPT_PATH_SIZE], const struct digest *digest)
{
	char name[HASH_HEX_SIZE];

	hash_hex(digest, name);
	snprintf(dst, KEPT_PATH_SIZE, "%s/%s", FAR_KEPT, name);
}

/* ---- What is there ---- */

static void
on_entry(void *ctx, size_t item, const struct msg_entry *entry)
{
	struct transfer *t = ctx;
	struct tree_file *f = tree_add(&t->kept.names, entry->name);

	(void)item;
	if (f != NULL)
		f->size = entry->size;
	/* without memory: another run prunes it */
}

static void
tried(void *ctx, size_t item, const struct msg_done *done)
{
	struct transfer *t = ctx;

	(void)item;
	t->kept.copied = done->result == RESULT_UNSUPPORTED;
}

/* Of a folder nobody says whether its file system has links. */
static int
try_link(struct transfer *t, struct ferry_error *err)
{
	static const char probe[] = FAR_SIDE "/probe-link";
	const struct far_handler handler = { .done = tried, .ctx = t };
	const struct far_handler none = { .done = NULL };
	int rc;

	far_step(&t->far, STEP_LINK, LOCK_PATH);
	far_set_target(&t->far, probe);
	rc = far_send(&t->far, -1, &handler, err);
	if (rc != 0)
		return rc;
	far_step(&t->far, STEP_REMOVE, probe);
	return far_send(&t->far, -1, &none, err);
}

int
kept_list(struct transfer *t, struct ferry_error *err)
{
	const struct far_handler handler = { .entry = on_entry, .ctx = t };
	int rc = 0;

	if (far_is_ftp(&t->far))
		return 0;
	t->kept.copied = !has_links(t);
	if (site_is_folder(t->job->site) && has_links(t))
		rc = try_link(t, err);
	far_step(&t->far, STEP_LIST, FAR_KEPT);
	return rc != 0 ? rc : far_send(&t->far, -1, &handler, err);
}

/* ---- Keeping ---- */

static bool
is_saved(const struct msg_done *done)
{
	return done->result == RESULT_OK || done->result == RESULT_EXISTS ||
	    done->result == RESULT_ABSENT;
}

static void
saved(void *ctx, size_t item, const struct msg_done *done)
{
	struct transfer *t = ctx;

	(void)item;
	t->kept.failed += !is_saved(done);
}

/* Somebody else's version: under a name of its own, whatever is in it. */
static int
save_drifted(
    struct transfer *t, const struct plan_step *step, struct ferry_error *err)
{
	const struct far_handler handler = { .done = saved, .ctx = t };
	const bool links = !far_is_ftp(&t->far) && has_links(t);
	char path[KEPT_PATH_SIZE];
	struct ferry_error e;

	snprintf(path, sizeof(path), "%s/%s%llu.%zu", FAR_KEPT, DRIFT,
	    (unsigned long long)t->record.generation, ++t->kept.drifted);
	err_set(&e, ferry_EDRIFT, "drift_kept",
	    "%s was not as we left it; that version is kept as %s", step->path,
	    far_shown(&t->far, path));
	report_warning(&t->job->report, step->path, &e);
	far_step(&t->far, links ? STEP_LINK : STEP_RENAME, step->path);
	far_set_target(&t->far, path);
	return far_send(&t->far, -1, &handler, err);
}

int
kept_save(
    struct transfer *t, const struct plan_step *step, struct ferry_error *err)
{
	const struct far_handler handler = { .done = saved, .ctx = t };
	char path[KEPT_PATH_SIZE];

	if (step->drifted)
		return save_drifted(t, step, err);
	if (step->recorded == NULL || !kept_works(t) || !has_links(t))
		return 0;
	kept_path(path, &step->recorded->digest);
	if (tree_add(&t->kept.names, path + sizeof(FAR_KEPT)) == NULL)
		return err_memory(err);
	far_step(&t->far, STEP_LINK, step->path);
	far_set_target(&t->far, path);
	far_loose(&t->far);
	return far_send(&t->far, -1, &handler, err);
}

void
kept_judge(struct transfer *t)
{
	struct ferry_error e;

	if (t->kept.failed == 0)
		return;
	err_set(&e, ferry_EDENIED, "kept_failed",
	    "%zu old version%s could not be kept: undo will not bring %s back",
	    t->kept.failed, t->kept.failed == 1 ? "" : "s",
	    t->kept.failed == 1 ? "it" : "them");
	report_warning(&t->job->report, NULL, &e);
}

/* ---- Pruning ---- */

struct prune {
	struct tree needed; /* by name in the kept folder; sealed each time */
	uint64_t bytes;
};

/* What is in `before` and no longer the same in `after`. */
static bool
need_difference(struct prune *p, const struct tree *before,
    const struct tree *after, uint64_t most)
{
	char name[HASH_HEX_SIZE];

	for (size_t i = 0; i < before->count; i++) {
		const struct tree_file *old = &before->files[i];
		const struct tree_file *now = tree_find(after, old->path);

		if (now != NULL && hash_equal(&now->digest, &old->digest) &&
		    now->mode == old->mode)
			continue;
		hash_hex(&old->digest, name);
		if (tree_find(&p->needed, name) != NULL)
			continue;
		p->bytes += old->size;
		if (p->bytes > most)
			return true;
		if (tree_add(&p->needed, name) == NULL)
			return false;
	}
	tree_seal(&p->needed);
	return true;
}

/* From the last publish back, as far as `keep` and `keep-bytes` reach. */
static int
find_needed(struct transfer *t, struct prune *p, struct ferry_error *err)
{
	const struct record *r = &t->record;
	const struct ferry_site *site = t->job->site;
	struct ledger now, before;
	uint64_t last;
	int rc;

	ledger_init(&now);
	ledger_init(&before);
	rc = ledger_parse(&now, r->bytes.data, r->bytes.len, err);
	for (unsigned i = 0; rc == 0 && i < site->keep; i++) {
		if (now.history_count == 0 || p->bytes > site->keep_bytes)
			break;
		last = now.history[now.history_count - 1].begin;
		rc = ledger_parse(&before, r->bytes.data, last, err);
		if (rc == 0 &&
		    !need_difference(
			p, &before.live, &now.live, site->keep_bytes))
			rc = err_memory(err);
		ledger_free(&now);
		now = before;
		ledger_init(&before);
	}
	ledger_free(&now);
	ledger_free(&before);
	return rc;
}

/* "drift-12.3" stays as long as what the 12th publish replaced. */
static bool
is_recent(const struct transfer *t, const char *name)
{
	unsigned long long generation;
	char *end;

	if (strncmp(name, DRIFT, strlen(DRIFT)) != 0)
		return false;
	generation = strtoull(name + strlen(DRIFT), &end, 10);
	return *end == '.' &&
	    generation + t->job->site->keep > t->record.generation;
}

int
kept_prune(struct transfer *t, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	struct prune p = { .bytes = 0 };
	char path[sizeof(FAR_KEPT) + LIMIT_NAME + 1];
	int rc = 0;

	tree_seal(&t->kept.names);
	if (t->kept.names.count == 0)
		return 0;
	tree_init(&p.needed);
	rc = find_needed(t, &p, err);
	for (size_t i = 0; rc == 0 && i < t->kept.names.count; i++) {
		const char *name = t->kept.names.files[i].path;

		if (tree_find(&p.needed, name) != NULL || is_recent(t, name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", FAR_KEPT, name);
		far_step(&t->far, STEP_REMOVE, path);
		far_loose(&t->far);
		rc = far_send(&t->far, -1, &handler, err);
	}
	tree_free(&p.needed);
	return rc;
}
