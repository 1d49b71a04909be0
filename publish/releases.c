/*
 * Releases: their names, what `current' leads to, and what is to be known and
 * made before a new one.  Hub.
 */
#include "publish/releases.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/releases_probe.h"

/* ---- Names ---- */

void
releases_name(char dst[FAR_RELEASE_SIZE], uint64_t number)
{
	snprintf(dst, FAR_RELEASE_SIZE, "%s/%06llu", RELEASES_FOLDER,
	    (unsigned long long)number);
}

uint64_t
releases_number(const char *name)
{
	const size_t n = strlen(RELEASES_FOLDER "/");
	char again[FAR_RELEASE_SIZE];
	uint64_t number = 0;

	if (strncmp(name, RELEASES_FOLDER "/", n) != 0)
		return 0;
	for (const char *p = name + n; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return 0;
		number = 10 * number + (uint64_t)(*p - '0');
		if (number > LEDGER_RELEASE_MAX)
			return 0;
	}
	releases_name(again, number);
	return strcmp(again, name) == 0 ? number : 0;
}

bool
releases_wanted(const struct transfer *t)
{
	return t->job->site->layout == SITE_RELEASES;
}

/* ---- What the ledger says ---- */

static int
refuse_layout(const struct transfer *t, struct ferry_error *err)
{
	const bool wanted = releases_wanted(t);

	err_set(err, ferry_EUSAGE, "layout_changed",
	    "this site is published with layout = %s, and is now to have "
	    "layout = %s",
	    wanted ? "flat" : "releases", wanted ? "releases" : "flat");
	err_hint(err,
	    "Set it back; or publish to another folder, by another url, and "
	    "let the web server's document root lead there.");
	return -ferry_EUSAGE;
}

int
releases_take(struct transfer *t, struct ferry_error *err)
{
	const struct ledger *l = &t->record.ledger;
	const bool committing = l->state == LEDGER_COMMITTING;
	const uint64_t release = committing ? l->next : l->release;
	char name[FAR_RELEASE_SIZE];

	if ((committing || release != 0 || l->live.count > 0) &&
	    releases_wanted(t) != (release != 0))
		return refuse_layout(t, err);
	if (!releases_wanted(t))
		return 0;
	/* that of number 0 is never made: in it, nothing is there */
	releases_name(name, l->release);
	far_set_place(&t->far, FAR_LIVE, name);
	return 0;
}

/* ---- What is there ---- */

struct current {
	struct msg_done stat, held;
};

static void
seen(void *ctx, size_t item, const struct msg_done *done)
{
	struct current *c = ctx;

	*(item == 0 ? &c->stat : &c->held) = *done;
}

static int
ask(struct transfer *t, struct current *c, struct ferry_error *err)
{
	static const enum msg_op ops[] = { STEP_STAT, STEP_READLINK };
	struct far_handler handler = { .done = seen, .ctx = c };
	int rc = 0;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		handler.item = i;
		far_step_in(&t->far, ops[i], FAR_BASE, RELEASES_CURRENT);
		rc = far_send(&t->far, -1, &handler, err);
	}
	if (rc == 0)
		rc = far_wait(&t->far, err);
	if (rc == 0 && c->stat.result != RESULT_ABSENT)
		rc = far_judge(&c->stat, "look at", RELEASES_CURRENT, err);
	return rc;
}

static bool
is_link(const struct current *c)
{
	return c->stat.result == RESULT_OK && S_ISLNK(c->stat.mode);
}

static uint64_t
leads_to(const struct current *c)
{
	return is_link(c) && c->held.result == RESULT_OK
	    ? releases_number(c->held.text)
	    : 0;
}

/* What is wrong with it?  0: nothing. */
static int
judge(
    const struct transfer *t, const struct current *c, struct ferry_error *err)
{
	const struct ledger *l = &t->record.ledger;
	const bool absent = c->stat.result == RESULT_ABSENT;
	const uint64_t number = leads_to(c);
	char name[FAR_RELEASE_SIZE];

	releases_name(name, l->release);
	if (absent ? l->release == 0
		   : number != 0 &&
		    (number == l->release ||
			(l->state == LEDGER_COMMITTING && number == l->next)))
		return 0;
	if (absent)
		err_set(err, ferry_EDRIFT, "current_foreign",
		    "%s was removed on the server", RELEASES_CURRENT);
	else if (!is_link(c))
		err_set(err, ferry_EDRIFT, "current_foreign",
		    "%s is a %s on the server, and no link of ours",
		    RELEASES_CURRENT,
		    S_ISDIR(c->stat.mode) ? "folder" : "file");
	else
		err_set(err, ferry_EDRIFT, "current_foreign",
		    "%s leads to %s on the server, and that is not by us",
		    RELEASES_CURRENT, c->held.text);
	if (!absent && !is_link(c))
		err_hint(err,
		    "Nothing was changed. Move it away: %s has to be a link "
		    "that is made by publishing.",
		    RELEASES_CURRENT);
	else if (l->release != 0)
		err_hint(err,
		    "Nothing was changed. Put it back (ln -sfn %s %s), or "
		    "publish with --drift overwrite.",
		    name, RELEASES_CURRENT);
	else
		err_hint(err,
		    "Nothing was changed. Remove that link, or publish with "
		    "--drift overwrite.");
	return -ferry_EDRIFT;
}

int
releases_look(struct transfer *t, uint64_t *number, struct ferry_error *err)
{
	struct current c;
	int rc = ask(t, &c, err);

	*number = 0;
	if (rc != 0)
		return rc;
	*number = leads_to(&c);
	return judge(t, &c, err);
}

int
releases_judge(struct transfer *t, struct ferry_error *err)
{
	struct current c;
	struct ferry_error e;
	int rc;

	if (!releases_wanted(t))
		return 0;
	rc = releases_server(&t->far, err);
	if (rc == 0)
		rc = ask(t, &c, err);
	if (rc != 0 || judge(t, &c, &e) == 0)
		return rc;
	if (t->job->site->drift == SITE_DRIFT_OVERWRITE &&
	    (is_link(&c) || c.stat.result == RESULT_ABSENT)) {
		err_hint(&e, "It will be ours again.");
		report_warning(&t->job->report, RELEASES_CURRENT, &e);
		return 0;
	}
	if (err != NULL)
		*err = e;
	return -ferry_EDRIFT;
}

int
releases_find(struct transfer *t, struct ferry_error *err)
{
	char name[FAR_RELEASE_SIZE];
	struct current c;
	int rc;

	if (!releases_wanted(t))
		return 0;
	rc = ask(t, &c, err);
	if (rc != 0)
		return rc;
	t->record.release = leads_to(&c);
	if (t->record.release == 0) {
		err_set(err, ferry_EDRIFT, "no_current",
		    "there is no link %s to a release, such as %s/000001",
		    RELEASES_CURRENT, RELEASES_FOLDER);
		err_hint(err,
		    "Make one on the server, relative and to a number, or "
		    "publish: that needs no adopt.");
		return -ferry_EDRIFT;
	}
	if (t->record.ledger.release != 0)
		return judge(t, &c, err);
	releases_name(name, t->record.release);
	far_set_place(&t->far, FAR_LIVE, name);
	return 0;
}

/* ---- Before a new one ---- */

/* Never one that anybody may have used. */
static uint64_t
free_number(const struct transfer *t)
{
	uint64_t number = t->record.ledger.generation + 1, other;
	char name[FAR_RELEASE_SIZE];

	for (size_t i = 0; i < t->releases.there.count; i++) {
		const char *entry = t->releases.there.files[i].path;

		if (strlen(entry) >= sizeof(name) - sizeof(RELEASES_FOLDER))
			continue;
		snprintf(
		    name, sizeof(name), "%s/%.20s", RELEASES_FOLDER, entry);
		other = releases_number(name);
		if (other >= number)
			number = other + 1;
	}
	return number;
}

/* The folder of all releases, and what is in it. */
static int
list(struct transfer *t, struct ferry_error *err)
{
	struct msg_done mkdir = { .result = RESULT_SKIPPED }, listed;
	const struct far_handler handler = { .done = far_keep_done,
		.ctx = &mkdir };
	int rc;

	far_step_in(&t->far, STEP_MKDIR, FAR_BASE, RELEASES_FOLDER)->mode =
	    transfer_dir_mode(t);
	rc = far_send(&t->far, -1, &handler, err);
	tree_free(&t->releases.there);
	if (rc == 0)
		rc = far_list_in(&t->far, FAR_BASE, RELEASES_FOLDER,
		    &t->releases.there, &listed, err);
	if (rc == 0)
		rc = far_judge(&mkdir, "make the folder", RELEASES_FOLDER, err);
	if (rc == 0)
		rc = far_judge(&listed, "list", RELEASES_FOLDER, err);
	return rc;
}

struct back {
	const struct far *far;
	const struct tree *files;
	size_t wrong, first;
};

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct back *b = ctx;

	if (done->result == RESULT_OK &&
	    far_is_as(b->far, done, &b->files->files[i]))
		return;
	if (b->wrong++ == 0 || i < b->first)
		b->first = i;
}

/* Is the release that an undo goes back to still what it was? */
static int
judge_old(struct transfer *t, const char *name, struct ferry_error *err)
{
	struct back b = { .far = &t->far, .files = t->history };
	struct far_handler handler = { .done = looked, .ctx = &b };
	struct msg_done folder;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b.files->count; i++) {
		handler.item = i;
		far_step_in(
		    &t->far, STEP_STAT, FAR_NEXT, b.files->files[i].path);
		rc = far_send(&t->far, -1, &handler, err);
	}
	far_step_in(&t->far, STEP_STAT, FAR_NEXT, "");
	if (rc == 0)
		rc = far_call(&t->far, -1, &folder, err);
	if (rc != 0)
		return rc;
	if (folder.result == RESULT_OK && S_ISDIR(folder.mode) && b.wrong == 0)
		return 0;
	if (folder.result == RESULT_ABSENT)
		err_set(err, ferry_EVERIFY, "not_kept",
		    "%s is not there any more", name);
	else
		err_set(err, ferry_EVERIFY, "not_kept",
		    "%zu file%s of %s %s; the first: %s", b.wrong,
		    b.wrong == 1 ? "" : "s", name,
		    b.wrong == 1 ? "is not what it was"
				 : "are not what they were",
		    b.wrong > 0 ? b.files->files[b.first].path : "");
	err_hint(err,
	    "Nothing was changed. Publish an older state of the source "
	    "instead; `keep' says how many releases stay.");
	return -ferry_EVERIFY;
}

int
releases_prepare(struct transfer *t, struct ferry_error *err)
{
	const bool first = t->record.ledger.release == 0;
	char name[FAR_RELEASE_SIZE];
	int rc;

	if (!releases_wanted(t))
		return 0;
	rc = list(t, err);
	if (rc == 0 && first)
		rc = releases_probe(&t->far, err);
	if (rc != 0)
		return rc;
	t->record.makes_release = t->releases.back == 0;
	t->record.release =
	    t->record.makes_release ? free_number(t) : t->releases.back;
	if (t->record.release > LEDGER_RELEASE_MAX)
		return err_set(err, ferry_EUSAGE, "release_number",
		    "%s has no number left for a new release", RELEASES_FOLDER);
	releases_name(name, t->record.release);
	far_set_place(&t->far, FAR_NEXT, name);
	return t->record.makes_release ? 0 : judge_old(t, name, err);
}
