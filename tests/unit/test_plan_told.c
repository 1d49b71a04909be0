/* The plan that an application walks: whole, in order, alive without the job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish/job.h"
#include "publish/plan_told.h"

static void
add_file(struct tree *t, const char *path, char content, unsigned mode)
{
	struct tree_file *f = tree_add(t, path);

	assert_non_null(f);
	f->digest.b[0] = (unsigned char)content;
	f->size = (uint64_t)content;
	f->mode = mode;
}

/* One file of each kind, and one that waits. */
static struct ferry_plan *
make(void)
{
	static const struct plan_grace grace = { .publishes = 2,
		.generation = 7 };
	const struct ferry_plan_id id = { .url = "sftp://h/", .generation = 6 };
	struct tree local, recorded;
	struct ferry_plan *told;
	struct plan *p;

	tree_init(&local);
	add_file(&local, "new/page.html", 3, 0644);
	add_file(&local, "page.html", 4, 0755);
	tree_seal(&local);
	tree_init(&recorded);
	add_file(&recorded, "page.html", 1, 0644);
	add_file(&recorded, "waits.css", 2, 0644);
	tree_seal(&recorded);
	assert_int_equal(plan_make(&p, &local, &recorded, NULL), 0);
	assert_int_equal(plan_grant(p, &local, &recorded, &grace, NULL), 0);
	assert_int_equal(plan_told_make(&told, p, &id, NULL), 0);
	plan_free(p);
	tree_free(&local);
	tree_free(&recorded);
	return told;
}

static const struct ferry_planned *
find(const struct ferry_plan *plan, const char *path)
{
	const struct ferry_planned *step;

	for (size_t i = 0; (step = ferry_plan_at(plan, i)) != NULL; i++)
		if (strcmp(step->path, path) == 0)
			return step;
	fail_msg("no %s", path);
	return NULL;
}

static void
is_walked_when_all_else_is_gone(void **state)
{
	struct ferry_plan *plan = make();
	const struct ferry_planned *step;

	(void)state;
	/* folders are not told */
	assert_int_equal(ferry_plan_count(plan), 3);
	assert_null(ferry_plan_at(plan, 3));
	assert_null(ferry_plan_at(plan, SIZE_MAX));
	assert_string_equal(ferry_plan_identity(plan)->url, "sftp://h/");
	assert_int_equal(ferry_plan_identity(plan)->generation, 6);

	step = find(plan, "new/page.html");
	assert_int_equal(step->size, sizeof(*step));
	assert_int_equal(step->change, ferry_ADD);
	assert_int_equal(step->size_before, 0);
	assert_int_equal(step->size_after, 3);
	assert_int_equal(step->mode, 0644);
	assert_int_equal(strlen(step->sha256), 64);
	assert_memory_equal(step->sha256, "0300", 4);
	assert_string_equal(step->reason, "new");

	step = find(plan, "page.html");
	assert_int_equal(step->change, ferry_UPDATE);
	assert_int_equal(step->size_before, 1);
	assert_int_equal(step->size_after, 4);
	assert_int_equal(step->mode, 0755);

	step = find(plan, "waits.css");
	assert_int_equal(step->change, ferry_WAIT);
	assert_null(step->sha256);
	assert_int_equal(step->size_before, 2);
	assert_int_equal(step->size_after, 2);
	assert_non_null(strstr(step->reason, "publish"));
	assert_ptr_equal(step, ferry_plan_at(plan, 2)); /* behind all else */
	ferry_plan_free(plan);
	ferry_plan_free(NULL);
}

static void
is_taken_once_from_a_finished_job(void **state)
{
	struct ferry_error err;
	struct ferry_plan *plan;
	struct ferry_site *site;
	struct ferry_job *job;

	(void)state;
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	assert_int_equal(
	    ferry_job_new(&job, site, ferry_PUBLISH, NULL, NULL), 0);
	assert_int_equal(ferry_job_plan(&plan, job, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "job_unfinished");
	assert_null(plan);
	assert_true(ferry_job_run(job, NULL, NULL, NULL) < 0);
	assert_int_equal(ferry_job_plan(&plan, job, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "no_plan");

	job->plan = make();
	assert_int_equal(ferry_job_plan(&plan, job, &err), 0);
	assert_int_equal(ferry_plan_count(plan), 3);
	ferry_plan_free(plan);
	assert_int_equal(ferry_job_plan(&plan, job, NULL), -ferry_EUSAGE);
	assert_null(plan);

	job->plan = make(); /* nobody takes it: it goes with the job */
	ferry_job_free(job);
	ferry_site_free(site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_walked_when_all_else_is_gone),
		cmocka_unit_test(is_taken_once_from_a_finished_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
