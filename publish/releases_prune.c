/*
 * Remove old releases: what the history says is in them, nothing else.  Hub.
 *
 * They stay as long as what one of the last publishes has replaced; undo can
 * only go back to those.
 */
#include <string.h>

#include "base/err.h"
#include "publish/releases.h"
#include "publish/survey.h"

/* What survey_run() found is sent away, the deepest folder last but one. */
static int
send_removals(struct far *f, const struct survey *s, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->known->count; i++) {
		if (s->files[i].result != RESULT_OK)
			continue;
		far_step(f, STEP_REMOVE, s->known->files[i].path);
		rc = far_send(f, -1, &handler, err);
	}
	for (size_t i = s->folders.count; rc == 0 && i-- > 0;) {
		if (s->listed[i] == RESULT_ABSENT)
			continue;
		far_step(f, STEP_RMDIR, s->folders.files[i].path);
		rc = far_send(f, -1, &handler, err);
	}
	return rc;
}

/* Told once: when nothing of ours is left there, it was told before. */
static void
tell_strangers(struct transfer *t, const char *name, const struct survey *s)
{
	const size_t n = s->strangers.count;
	struct ferry_error e;
	size_t ours = 0;

	for (size_t i = 0; i < s->known->count; i++)
		ours += s->files[i].result == RESULT_OK;
	if (n == 0 || (ours == 0 && s->known->count > 0))
		return;
	err_set(&e, ferry_EDRIFT, "release_strangers",
	    "%s stays: %zu file%s or folder%s in it %s not by us; the first: "
	    "%s",
	    name, n, n == 1 ? "" : "s", n == 1 ? "" : "s",
	    n == 1 ? "is" : "are", s->strangers.files[0].path);
	err_hint(&e, "If nobody needs it any more, remove it on the server.");
	report_warning(&t->job->report, name, &e);
}

int
releases_remove(struct transfer *t, uint64_t number, const struct tree *files,
    struct ferry_error *err)
{
	char name[FAR_RELEASE_SIZE], live[FAR_RELEASE_SIZE];
	struct survey s = { .far = &t->far };
	int rc;

	memcpy(live, t->far.places[FAR_LIVE], sizeof(live));
	releases_name(name, number);
	far_set_place(&t->far, FAR_LIVE, name);
	rc = survey_run(&s, &t->far, files, NULL, survey_has_size, err);
	if (rc == 0)
		rc = send_removals(&t->far, &s, err);
	if (rc == 0)
		tell_strangers(t, name, &s);
	survey_free(&s);
	far_set_place(&t->far, FAR_LIVE, live);
	return rc;
}

/* ---- Which ones ---- */

/* What was live before the i-th publish of the history, 0: nothing. */
static uint64_t
release_before(const struct ledger *now, uint64_t base, size_t i)
{
	return i > 0 ? now->history[i - 1].release : base;
}

static bool
is_needed(const struct ledger *now, uint64_t base, size_t keep, uint64_t number)
{
	const size_t n = now->history_count;

	if (number == now->release)
		return true;
	for (size_t i = keep < n ? n - keep : 0; i < n; i++)
		if (release_before(now, base, i) == number)
			return true;
	return false;
}

static bool
is_there(const struct transfer *t, uint64_t number)
{
	char name[FAR_RELEASE_SIZE];

	releases_name(name, number);
	return tree_find(&t->releases.there, name + sizeof(RELEASES_FOLDER)) !=
	    NULL;
}

/* Has an earlier turn of the loop seen to it? */
static bool
is_seen(const struct ledger *now, uint64_t base, size_t i, uint64_t number)
{
	if (i > 0 && number == base)
		return true;
	for (size_t k = 0; k + 1 < i; k++)
		if (now->history[k].release == number)
			return true;
	return false;
}

/* Release by release: the base's, then that of each publish. */
static int
prune_one(struct transfer *t, const struct ledger *now, uint64_t base, size_t i,
    struct ferry_error *err)
{
	const struct record *r = &t->record;
	const uint64_t number = i == 0 ? base : now->history[i - 1].release;
	const size_t end =
	    i == 0 ? now->history[0].begin : now->history[i - 1].end;
	struct ledger then;
	int rc;

	if (number == 0 || is_seen(now, base, i, number) ||
	    is_needed(now, base, t->job->site->keep, number) ||
	    !is_there(t, number))
		return 0;
	ledger_init(&then);
	rc = ledger_parse(&then, r->bytes.data, end, err);
	if (rc == 0)
		rc = releases_remove(t, number, &then.live, err);
	ledger_free(&then);
	return rc;
}

int
releases_prune(struct transfer *t, struct ferry_error *err)
{
	const struct record *r = &t->record;
	struct ledger now, base;
	int rc;

	if (!releases_wanted(t))
		return 0;
	ledger_init(&now);
	ledger_init(&base);
	rc = ledger_parse(&now, r->bytes.data, r->bytes.len, err);
	if (rc == 0 && now.history_count > 0)
		rc = ledger_parse(
		    &base, r->bytes.data, now.history[0].begin, err);
	for (size_t i = 0;
	     rc == 0 && now.history_count > 0 && i <= now.history_count; i++)
		rc = prune_one(t, &now, base.release, i, err);
	ledger_free(&now);
	ledger_free(&base);
	return rc;
}
