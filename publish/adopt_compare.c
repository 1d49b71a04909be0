/*
 * adopt, first half: is what lies there what the source has?  Hub.
 *
 * Small files, which pages mostly are, are read back whole.  Of a larger one
 * its first, middle and last 64 KiB are enough, unless all is asked for: who
 * changes a picture or an archive changes its beginning or its end.  FTP reads
 * on to the end in any case.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "publish/adopt_parts.h"
#include "publish/sidecar.h"

static bool
add(struct tree *to, const struct tree_file *f)
{
	struct tree_file *copy = tree_add(to, f->path);

	if (copy == NULL)
		return false;
	copy->size = f->size;
	copy->mtime = f->mtime;
	copy->mode = f->mode;
	copy->digest = f->digest;
	copy->sidecar = f->sidecar;
	return true;
}

/* The source wins. */
static bool
make_wanted(struct adopt *a)
{
	const struct tree *former = &a->copy.live;
	bool ok = true;
	size_t i;

	for (i = 0; ok && a->damaged && i < former->count; i++)
		ok = add(&a->wanted, &former->files[i]);
	for (i = 0; ok && i < a->local.count; i++)
		ok = add(&a->wanted, &a->local.files[i]);
	tree_seal(&a->wanted);
	a->state = calloc(a->wanted.count + 1, sizeof(*a->state));
	return ok && a->state != NULL;
}

/* ---- By size and time ---- */

static bool
is_as(const struct adopt *a, size_t i, const struct tree_file *recorded)
{
	struct msg_done done;

	survey_done(&a->v.survey.files[i], &done);
	return done.result == RESULT_OK &&
	    far_is_as(&a->v.transfer.far, &done, recorded);
}

static bool
is_recorded(const struct adopt *a, size_t i)
{
	const struct tree_file *f = &a->wanted.files[i];
	const struct tree_file *recorded =
	    tree_find(&a->v.transfer.record.ledger.live, f->path);

	return recorded != NULL && hash_equal(&recorded->digest, &f->digest) &&
	    is_as(a, i, recorded);
}

/* Another tool put it there: both sides have to bear it out. */
static bool
is_claimed(const struct adopt *a, const struct tree_file *f)
{
	const struct tree_file *claim = tree_find(&a->v.job->claims, f->path);

	return claim != NULL && claim->size == f->size &&
	    hash_equal(&claim->digest, &f->digest);
}

static enum adopt_state
judge(const struct adopt *a, size_t i)
{
	const struct ferry_options *o = &a->v.job->options;
	const struct tree_file *f = &a->wanted.files[i];
	const struct survey_file *there = &a->v.survey.files[i];

	if (tree_find(&a->local, f->path) == NULL)
		return is_as(a, i, f) ? ADOPT_FORMER : ADOPT_GONE;
	if (there->result == RESULT_ABSENT)
		return ADOPT_ABSENT;
	if (there->result != RESULT_OK)
		return ADOPT_UNKNOWN;
	if (!survey_has_size(&a->v.survey, i))
		return ADOPT_DIFFERS;
	if (!o->content && is_recorded(a, i))
		return ADOPT_OURS;
	if (!o->content && is_claimed(a, f))
		return ADOPT_EQUAL;
	if (o->trust_size && !o->content && f->size > READBACK_SAMPLE)
		return ADOPT_EQUAL;
	return ADOPT_UNREAD;
}

/* ---- By content ---- */

/* Is it read in parts?  Three of them have to be less than the whole. */
static bool
is_sampled(const struct adopt *a, const struct tree_file *f)
{
	return !a->v.job->options.content && !far_is_ftp(&a->v.transfer.far) &&
	    f->size > READBACK_SAMPLES * READBACK_SAMPLE;
}

static bool
hash_samples(int fd, uint64_t size, struct digest *out)
{
	unsigned char *sample = malloc(READBACK_SAMPLE);
	struct hash h;
	unsigned k;
	bool ok = sample != NULL && hash_init(&h);

	if (!ok) {
		free(sample);
		errno = ENOMEM;
		return false;
	}
	errno = EIO;
	for (k = 0; ok && k < READBACK_SAMPLES; k++) {
		ok = pread(fd, sample, READBACK_SAMPLE,
			 (off_t)readback_sample_at(size, k)) == READBACK_SAMPLE;
		hash_update(&h, sample, READBACK_SAMPLE);
	}
	free(sample);
	return hash_final(&h, out) && ok;
}

static bool
make(void *ctx, size_t i, struct readback_file *out)
{
	struct adopt *a = ctx;
	const struct tree_file *f = &a->wanted.files[i];
	bool ok;
	int fd;

	if (a->state[i] != ADOPT_UNREAD || a->failed != 0)
		return false;
	*out = (struct readback_file){ .path = f->path,
		.size = f->size,
		.sample = is_sampled(a, f),
		.digest = f->digest };
	if (!out->sample)
		return true;
	fd = sidecar_open(&a->source, f, &a->why);
	if (fd < 0) {
		a->failed = -ferry_ESOURCE;
		return false;
	}
	ok = hash_samples(fd, f->size, &out->digest);
	if (!ok)
		a->failed = err_os(&a->why, ferry_ESOURCE, errno,
		    "source_unreadable", "cannot read %s", f->path);
	close(fd);
	return ok;
}

static void
read_one(void *ctx, size_t i, enum readback_result result,
    const struct msg_done *done)
{
	struct adopt *a = ctx;

	if (result == READBACK_EQUAL)
		a->state[i] = ADOPT_EQUAL;
	else if (result == READBACK_OTHER)
		a->state[i] = ADOPT_DIFFERS;
	else
		a->state[i] = done->result == RESULT_ABSENT ? ADOPT_ABSENT
							    : ADOPT_UNKNOWN;
}

static int
read_all(struct adopt *a, struct ferry_error *err)
{
	const struct readback rb = { .far = &a->v.transfer.far,
		.count = a->wanted.count,
		.ctx = a,
		.make = make,
		.done = read_one };
	uint64_t files = 0, bytes = 0;
	size_t i;
	int rc;

	for (i = 0; i < a->wanted.count; i++) {
		const struct tree_file *f = &a->wanted.files[i];

		if (a->state[i] != ADOPT_UNREAD)
			continue;
		files++;
		bytes += is_sampled(a, f)
		    ? (uint64_t)READBACK_SAMPLES * READBACK_SAMPLE
		    : f->size;
	}
	report_phase(&a->v.job->report, ferry_PHASE_VERIFY, files, bytes);
	scan_opener_init(&a->source, a->v.job->site);
	rc = readback_run(&rb, err);
	scan_opener_close(&a->source);
	if (rc == 0 && a->failed != 0) {
		rc = a->failed;
		if (err != NULL)
			*err = a->why;
	}
	return rc;
}

int
adopt_compare(struct adopt *a, struct ferry_error *err)
{
	const struct tree *live = &a->v.transfer.record.ledger.live;
	size_t i;
	int rc;

	if (!make_wanted(a))
		return err_memory(err);
	report_phase(&a->v.job->report, ferry_PHASE_PLAN, 0, 0);
	rc = survey_run(&a->v.survey, &a->v.transfer.far, &a->wanted, live,
	    survey_has_size, err);
	if (rc != 0)
		return rc;
	for (i = 0; i < a->wanted.count; i++)
		a->state[i] = (uint8_t)judge(a, i);
	rc = read_all(a, err);
	for (i = 0; i < a->wanted.count; i++)
		a->counts[a->state[i]]++;
	return rc;
}

/* ---- Telling ---- */

static void
tell_file(const struct adopt *a, size_t i)
{
	const struct survey_file *there = &a->v.survey.files[i];
	const struct tree_file *f = &a->wanted.files[i];
	struct report *r = &a->v.job->report;

	switch (a->state[i]) {
	case ADOPT_EQUAL:
	case ADOPT_OURS:
		report_file(
		    r, ferry_FILE_ADOPTED, f->path, f->size, there->size, NULL);
		break;
	case ADOPT_ABSENT:
		report_file(r, ferry_FILE_ABSENT, f->path, f->size, 0, NULL);
		break;
	case ADOPT_UNKNOWN:
		report_file(r, ferry_FILE_UNKNOWN, f->path, f->size, 0,
		    "the server does not let us read it");
		break;
	case ADOPT_DIFFERS:
		report_file(r, ferry_FILE_DIFFERS, f->path, f->size,
		    there->size,
		    there->size == f->size ? "other bytes" : "another size");
		break;
	case ADOPT_GONE:
		if (there->result == RESULT_OK)
			report_file(r, ferry_FILE_STRANGER, f->path, 0,
			    there->size, NULL);
		break;
	default:
		break;
	}
}

void
adopt_tell(struct adopt *a)
{
	const struct tree *strangers = &a->v.survey.strangers;
	struct ferry_summary *sum = &a->v.job->report.summary;
	struct ferry_status *s = &a->v.status;
	const size_t *n = a->counts;
	size_t i;

	for (i = 0; i < a->wanted.count; i++) {
		tell_file(a, i);
		if (a->state[i] == ADOPT_GONE)
			s->strangers +=
			    a->v.survey.files[i].result == RESULT_OK;
		if (a->state[i] == ADOPT_EQUAL || a->state[i] == ADOPT_OURS)
			s->bytes += a->wanted.files[i].size;
	}
	for (i = 0; i < strangers->count; i++)
		report_file(&a->v.job->report, ferry_FILE_STRANGER,
		    strangers->files[i].path, 0, strangers->files[i].size,
		    NULL);
	s->files = a->local.count;
	s->same = sum->unchanged = n[ADOPT_EQUAL] + n[ADOPT_OURS];
	s->changed = sum->changed = n[ADOPT_DIFFERS];
	s->missing = sum->added = n[ADOPT_ABSENT];
	s->unknown = n[ADOPT_UNKNOWN];
	s->strangers += strangers->count;
	report_status(&a->v.job->report, s);
}
