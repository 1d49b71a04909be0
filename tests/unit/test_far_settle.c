/* What a lost FTP session leaves open, and how it is settled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish/far_settle.h"

static struct msg_step step, now;
static struct msg_done done;

static void
make_step(enum msg_op op)
{
	memset(&step, 0, sizeof(step));
	step.id = 7;
	step.op = (uint8_t)op;
	strcpy(step.path, "/a");
}

/* Is this reply the last word, and which one is it? */
static void
settled(struct far_settle *s, enum msg_result reply, enum msg_result last)
{
	memset(&done, 0, sizeof(done));
	done.id = 7;
	done.result = (uint8_t)reply;
	strcpy(done.text, "words");
	assert_true(far_settle_reply(s, &step, &done));
	assert_int_equal(done.result, last);
	assert_int_equal(done.id, 7);
}

static void
no_doubt(void **state)
{
	struct far_settle s = { 0 };

	(void)state;
	make_step(STEP_REMOVE);
	settled(&s, RESULT_ABSENT, RESULT_ABSENT);
	make_step(STEP_RENAME);
	settled(&s, RESULT_ABSENT, RESULT_ABSENT);
	far_settle_step(&s, &step, &now);
	assert_memory_equal(&now, &step, sizeof(now));
}

static void
removals(void **state)
{
	struct far_settle s = { .doubt = true };

	(void)state;
	make_step(STEP_REMOVE);
	settled(&s, RESULT_ABSENT, RESULT_OK);
	settled(&s, RESULT_DENIED, RESULT_DENIED);
	make_step(STEP_RMDIR);
	settled(&s, RESULT_ABSENT, RESULT_OK);
	make_step(STEP_STAT);
	settled(&s, RESULT_ABSENT, RESULT_ABSENT);
}

static void
appends(void **state)
{
	struct far_settle s = { .doubt = true };

	(void)state;
	make_step(STEP_PUT);
	step.offset = 100;
	step.length = 20;
	memset(&done, 0, sizeof(done));
	done.result = RESULT_SHORT;
	done.size = 120;
	assert_true(far_settle_reply(&s, &step, &done));
	assert_int_equal(done.result, RESULT_OK);
	done.result = RESULT_SHORT;
	done.size = 110; /* half of it: for the caller to mend */
	assert_true(far_settle_reply(&s, &step, &done));
	assert_int_equal(done.result, RESULT_SHORT);
}

static void
puts_again(void **state)
{
	struct far_settle s = { .doubt = true };

	(void)state;
	make_step(STEP_PUT);
	step.flags = PUT_TRUNCATE | PUT_DIGEST;
	step.length = 100;
	far_settle_step(&s, &step, &now);
	assert_int_equal(now.flags, step.flags);
	step.length = 64 * 1024 * 1024;
	far_settle_step(&s, &step, &now);
	assert_int_equal(now.flags, PUT_RESUME | PUT_DIGEST);
	assert_int_equal(now.id, 7);
}

/* Nothing was there to be renamed. */
static void
gone(struct far_settle *s)
{
	memset(&done, 0, sizeof(done));
	done.id = 7;
	done.result = RESULT_ABSENT;
	done.status = 550;
	strcpy(done.text, "no such file");
	assert_false(far_settle_reply(s, &step, &done));
}

/* The source has gone: was it us?  The target tells. */
static void
renames(void **state)
{
	struct far_settle s = { .doubt = true };

	(void)state;
	make_step(STEP_RENAME);
	strcpy(step.target, "/b");
	strcpy(step.aside, "/c");
	settled(&s, RESULT_OK, RESULT_OK);
	gone(&s);
	far_settle_step(&s, &step, &now);
	assert_int_equal(now.op, STEP_STAT);
	assert_string_equal(now.path, "/b");
	assert_string_equal(now.target, "");
	assert_int_equal(now.id, 7);
	settled(&s, RESULT_OK, RESULT_OK); /* of the size that it should be */
	gone(&s);
	settled(&s, RESULT_FAILED, RESULT_ABSENT);
	assert_int_equal(done.status, 550);
	assert_string_equal(done.text, "no such file");
	step.length = 5; /* what is there is something else */
	gone(&s);
	settled(&s, RESULT_OK, RESULT_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_doubt),
		cmocka_unit_test(removals),
		cmocka_unit_test(appends),
		cmocka_unit_test(puts_again),
		cmocka_unit_test(renames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
