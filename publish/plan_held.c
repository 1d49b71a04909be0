/* Compare the plan with the one that the job is held to.  Hub. */
#include "publish/plan_held.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum { CHECK_HEX = 2 * LEDGER_CHECK + 1 };

static bool
is_held(const struct ferry_job *job)
{
	return job->options.plan.url != NULL;
}

static void
hex(char dst[CHECK_HEX], const unsigned char check[LEDGER_CHECK])
{
	for (size_t i = 0; i < LEDGER_CHECK; i++)
		snprintf(dst + 2 * i, 3, "%02x", check[i]);
}

int
plan_held_url(struct ferry_job *job, struct ferry_error *err)
{
	const struct ferry_plan_id *held = &job->options.plan;
	struct ferry_plan_id *made = &job->report.summary.plan;

	made->url = job->site->url.text;
	if (!is_held(job) || strcmp(held->url, made->url) == 0)
		return 0;
	err_set(err, ferry_EUSAGE, "plan_of_other_site",
	    "the plan is for %s, and this is %s", held->url, made->url);
	err_hint(err, "Name the target that the plan was made for.");
	return -ferry_EUSAGE;
}

int
plan_held_ledger(
    struct ferry_job *job, const struct ledger *l, struct ferry_error *err)
{
	const struct ferry_plan_id *held = &job->options.plan;
	struct ferry_plan_id *made = &job->report.summary.plan;
	char then[CHECK_HEX], now[CHECK_HEX];

	made->generation = l->generation;
	memcpy(made->ledger, l->check, LEDGER_CHECK);
	if (!is_held(job) ||
	    (held->generation == made->generation &&
		memcmp(held->ledger, made->ledger, LEDGER_CHECK) == 0))
		return 0;
	hex(then, held->ledger);
	hex(now, made->ledger);
	err_set(err, ferry_EDRIFT, "plan_outdated",
	    "the plan was made behind publish %llu (%s), and the server is at "
	    "publish %llu (%s)",
	    (unsigned long long)held->generation, then,
	    (unsigned long long)made->generation, now);
	err_hint(err, "Somebody published meanwhile: plan again.");
	return -ferry_EDRIFT;
}

int
plan_held_digest(
    struct ferry_job *job, const struct plan *p, struct ferry_error *err)
{
	const struct ferry_plan_id *held = &job->options.plan;
	struct ferry_plan_id *made = &job->report.summary.plan;
	struct digest digest;

	plan_digest(p, &digest);
	memcpy(made->digest, digest.b, HASH_SIZE);
	if (!is_held(job) || memcmp(held->digest, made->digest, HASH_SIZE) == 0)
		return 0;
	err_set(err, ferry_ESOURCE, "plan_differs",
	    "the site is not as it was planned: its source or its settings "
	    "were changed since");
	err_hint(err, "Plan again, and look at what is new.");
	return -ferry_ESOURCE;
}
