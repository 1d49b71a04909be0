/* The ledger: what is printed is read back; what is damaged is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "publish/ledger.h"

static const size_t MAGIC = sizeof(LEDGER_MAGIC) - 1;

/* A tree of these files, "path=content", NULL at the end. */
static struct tree
tree_of(const char *const *files)
{
	struct tree_file *f;
	struct tree t;
	char path[64];

	tree_init(&t);
	for (; *files != NULL; files++) {
		size_t n = strcspn(*files, "=");

		memcpy(path, *files, n);
		path[n] = '\0';
		f = tree_add(&t, path);
		assert_non_null(f);
		f->size = strlen(*files + n);
		f->mtime = 1700000000;
		f->mode = 0644;
		hash_bytes(*files + n, strlen(*files + n), &f->digest);
	}
	tree_seal(&t);
	return t;
}

static const char *const one[] = { "a.html=1", "b/c.html=2", "d.css=3", NULL };
static const char *const two[] = { "a.html=1", "b/c.html=x", "new=4", NULL };

struct written {
	struct buf b;
	unsigned char check[LEDGER_CHECK];
	size_t units[16], count; /* where what belongs together ends */
};

static void
unit(struct written *w)
{
	assert_true(buf_ok(&w->b));
	w->units[w->count++] = w->b.len;
}

static void
begin(struct written *w, uint64_t generation, const char *const *from,
    const char *const *to)
{
	struct tree recorded = tree_of(from), local = tree_of(to);
	struct plan *plan;

	assert_int_equal(plan_make(&plan, &local, &recorded, NULL), 0);
	ledger_print_begin(&w->b, w->check, generation, 1700000000, "me", plan);
	plan_free(plan);
	tree_free(&recorded);
	tree_free(&local);
	unit(w);
}

/* Two publishes, the second one open: states 0 to 6. */
static void
write_two(struct written *w)
{
	static const char *const none[] = { NULL };

	memset(w, 0, sizeof(*w));
	buf_init(&w->b, LIMIT_LEDGER);
	unit(w);
	ledger_print_magic(&w->b, w->check);
	unit(w);
	begin(w, 1, none, one);
	ledger_print_staged(&w->b, w->check, 1);
	unit(w);
	ledger_print_end(&w->b, w->check, 1);
	unit(w);
	begin(w, 2, one, two);
	ledger_print_staged(&w->b, w->check, 2);
	unit(w);
	ledger_print_end(&w->b, w->check, 2);
	unit(w);
}

static void
assert_live(const struct ledger *l, const char *const *files)
{
	struct tree expected = tree_of(files);
	const struct tree_file *f;
	size_t i;

	assert_int_equal(l->live.count, expected.count);
	for (i = 0; i < expected.count; i++) {
		f = tree_find(&l->live, expected.files[i].path);
		assert_non_null(f);
		assert_int_equal(f->size, expected.files[i].size);
		assert_int_equal(f->mtime, expected.files[i].mtime);
		assert_int_equal(f->mode, expected.files[i].mode);
		assert_true(hash_equal(&f->digest, &expected.files[i].digest));
	}
	tree_free(&expected);
}

static void
reads_what_it_prints(void **state)
{
	struct ferry_error err;
	struct written w;
	struct ledger l;

	(void)state;
	write_two(&w);
	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, &err), 0);
	assert_int_equal(l.state, LEDGER_CLEAN);
	assert_int_equal(l.generation, 2);
	assert_int_equal(l.time, 1700000000);
	assert_string_equal(l.machine, "me");
	assert_int_equal(l.end, w.b.len);
	assert_memory_equal(l.check, w.check, LEDGER_CHECK);
	assert_memory_equal(l.check, w.b.data + w.b.len - 8, LEDGER_CHECK);
	assert_live(&l, two);
	assert_null(tree_find(&l.live, "d.css"));
	ledger_free(&l);
	buf_free(&w.b);
}

static void
empty_is_the_first_publish(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, "", 0, NULL), 0);
	assert_int_equal(l.end, 0);
	assert_int_equal(l.generation, 0);
	assert_int_equal(l.state, LEDGER_CLEAN);
	assert_int_equal(ledger_parse(&l, LEDGER_MAGIC, MAGIC, NULL), 0);
	assert_int_equal(l.end, MAGIC);
	ledger_free(&l);
}

/* After each unit: the state, and what is live. */
static void
goes_through_its_states(void **state)
{
	static const enum ledger_state states[] = { LEDGER_CLEAN, LEDGER_CLEAN,
		LEDGER_STAGING, LEDGER_COMMITTING, LEDGER_CLEAN, LEDGER_STAGING,
		LEDGER_COMMITTING, LEDGER_CLEAN };
	static const char *const none[] = { NULL };
	struct written w;
	struct ledger l;
	size_t i;

	(void)state;
	write_two(&w);
	ledger_init(&l);
	for (i = 0; i < w.count; i++) {
		assert_int_equal(
		    ledger_parse(&l, w.b.data, w.units[i], NULL), 0);
		assert_int_equal(l.state, states[i]);
		assert_int_equal(l.end, w.units[i]);
		assert_live(&l, i < 4 ? none : i < 7 ? one : two);
		if (l.state == LEDGER_CLEAN) {
			assert_int_equal(l.puts.count, 0);
			continue;
		}
		assert_int_equal(l.begin, w.units[i < 4 ? 1 : 4]);
		assert_int_equal(l.puts.count, i < 4 ? 3 : 2);
		assert_int_equal(l.removals.count, i < 4 ? 0 : 1);
	}
	ledger_free(&l);
	buf_free(&w.b);
}

static void
every_truncation_is_torn(void **state)
{
	struct ferry_error err;
	struct written w;
	struct ledger l;
	size_t n, i;

	(void)state;
	write_two(&w);
	ledger_init(&l);
	for (n = 0; n <= w.b.len; n++) {
		unsigned char *exact = malloc(n + 1);

		memcpy(exact, w.b.data, n);
		assert_int_equal(ledger_parse(&l, exact, n, &err), 0);
		for (i = w.count - 1; w.units[i] > n; i--)
			;
		assert_int_equal(l.end, w.units[i]);
		free(exact);
	}
	ledger_free(&l);
	buf_free(&w.b);
}

static void
every_flipped_bit_is_corrupt(void **state)
{
	struct ferry_error err;
	struct written w;
	struct ledger l;
	size_t i;
	int bit;

	(void)state;
	write_two(&w);
	ledger_init(&l);
	for (i = 0; i < w.b.len; i++)
		for (bit = 0; bit < 8; bit++) {
			w.b.data[i] ^= (unsigned char)(1 << bit);
			assert_int_equal(
			    ledger_parse(&l, w.b.data, w.b.len, &err),
			    -ferry_EDRIFT);
			assert_string_equal(err.id, "ledger_corrupt");
			assert_int_equal(l.live.count, 0);
			w.b.data[i] ^= (unsigned char)(1 << bit);
		}
	buf_free(&w.b);
}

/* The same records in another order, or one left out, break the chain. */
static void
the_chain_holds(void **state)
{
	struct written w;
	struct ledger l;
	size_t a, b;

	(void)state;
	write_two(&w);
	ledger_init(&l);
	a = w.units[4];
	b = w.units[2];
	memmove(w.b.data + b, w.b.data + a, w.b.len - a);
	assert_int_equal(
	    ledger_parse(&l, w.b.data, w.b.len - (a - b), NULL), -ferry_EDRIFT);
	buf_free(&w.b);
}

/* What may follow what; each chain here is well made, and wrong. */
static void
keeps_the_order_of_records(void **state)
{
	static const char *const none[] = { NULL };
	struct written w;
	struct ledger l;
	int i;

	(void)state;
	ledger_init(&l);
	for (i = 0; i < 6; i++) {
		memset(&w, 0, sizeof(w));
		buf_init(&w.b, LIMIT_LEDGER);
		ledger_print_magic(&w.b, w.check);
		begin(&w, 5, none, one);
		if (i != 0)
			ledger_print_staged(&w.b, w.check, i == 1 ? 4 : 5);
		if (i == 2)
			begin(&w, 6, none, two);
		if (i != 3)
			ledger_print_end(&w.b, w.check, i == 4 ? 6 : 5);
		if (i == 3)
			ledger_print_staged(&w.b, w.check, 5);
		if (i == 5)
			begin(&w, 5, one, two);
		assert_int_equal(
		    ledger_parse(&l, w.b.data, w.b.len, NULL), -ferry_EDRIFT);
		buf_free(&w.b);
	}
}

static void
an_abandoned_stage_changes_nothing(void **state)
{
	static const char *const none[] = { NULL };
	struct written w;
	struct ledger l;

	(void)state;
	memset(&w, 0, sizeof(w));
	buf_init(&w.b, LIMIT_LEDGER);
	ledger_print_magic(&w.b, w.check);
	begin(&w, 1, none, two);
	begin(&w, 2, none, one);
	ledger_print_staged(&w.b, w.check, 2);
	ledger_print_end(&w.b, w.check, 2);
	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_live(&l, one);
	ledger_free(&l);
	buf_free(&w.b);
}

static void
a_base_holds_all_and_goes_on(void **state)
{
	struct tree live = tree_of(one);
	struct written w;
	struct ledger l;
	size_t base, n;

	(void)state;
	memset(&w, 0, sizeof(w));
	buf_init(&w.b, LIMIT_LEDGER);
	ledger_print_base(&w.b, w.check, 7, 1700000000, "me", 0, &live);
	base = w.b.len;
	begin(&w, 8, one, two);
	ledger_print_staged(&w.b, w.check, 8);
	ledger_print_end(&w.b, w.check, 8);
	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w.b.data, base, NULL), 0);
	assert_int_equal(l.generation, 7);
	assert_live(&l, one);
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_int_equal(l.generation, 8);
	assert_live(&l, two);
	/* it was renamed into place whole: a cut one is no torn append */
	for (n = MAGIC + 5; n < base; n++)
		assert_int_equal(
		    ledger_parse(&l, w.b.data, n, NULL), -ferry_EDRIFT);
	ledger_free(&l);
	tree_free(&live);
	buf_free(&w.b);
}

static void
grows_fat(void **state)
{
	static const char *const none[] = { NULL };
	struct written w;
	struct ledger l;
	unsigned i;

	(void)state;
	memset(&w, 0, sizeof(w));
	buf_init(&w.b, LIMIT_LEDGER);
	ledger_print_magic(&w.b, w.check);
	ledger_init(&l);
	for (i = 1; w.b.len < 60 * 1024; i++) {
		w.count = 0;
		begin(&w, i, none, one);
		ledger_print_staged(&w.b, w.check, i);
		ledger_print_end(&w.b, w.check, i);
	}
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_false(ledger_is_fat(&l, 3));
	while (w.b.len < 70 * 1024) {
		w.count = 0;
		begin(&w, i, none, one);
		ledger_print_staged(&w.b, w.check, i);
		ledger_print_end(&w.b, w.check, i++);
	}
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_true(ledger_is_fat(&l, 3));
	ledger_free(&l);
	buf_free(&w.b);
}

/* A publish that takes d.css out of the source, and what waits as it says. */
static void
print_wait(struct written *w, uint64_t generation, const char *const *from,
    const char *const *to, unsigned publishes)
{
	struct plan_grace grace = { .publishes = publishes,
		.generation = generation };
	struct tree recorded = tree_of(from), local = tree_of(to);
	struct ledger l;
	struct plan *plan;

	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w->b.data, w->b.len, NULL), 0);
	assert_int_equal(l.live.count, recorded.count);
	assert_int_equal(plan_make(&plan, &local, &l.live, NULL), 0);
	assert_int_equal(plan_grant(plan, &local, &l.live, &grace, NULL), 0);
	ledger_print_begin(&w->b, w->check, generation, 1700000000, "me", plan);
	ledger_print_staged(&w->b, w->check, generation);
	ledger_print_end(&w->b, w->check, generation);
	plan_free(plan);
	ledger_free(&l);
	tree_free(&recorded);
	tree_free(&local);
}

static void
assert_waits(const struct written *w, const char *path, uint64_t since)
{
	const struct tree_file *f;
	struct ledger l;

	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w->b.data, w->b.len, NULL), 0);
	f = tree_find(&l.live, path);
	assert_non_null(f);
	assert_int_equal(f->gone_at, since);
	assert_int_equal(f->gone_time, since > 0 ? 1700000000 : 0);
	assert_int_equal(f->size, 2);
	ledger_free(&l);
}

/* What left the source is live, and marked, until it is back or removed. */
static void
remembers_since_when_files_wait(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const less[] = { "a.html=1", "b/c.html=2", NULL };
	struct written w;
	struct ledger l;

	(void)state;
	memset(&w, 0, sizeof(w));
	buf_init(&w.b, LIMIT_LEDGER);
	ledger_print_magic(&w.b, w.check);
	print_wait(&w, 1, none, one, 1);
	assert_waits(&w, "d.css", 0);
	print_wait(&w, 2, one, less, 1);
	assert_waits(&w, "d.css", 2);
	print_wait(&w, 3, one, less, 1); /* since the first of them */
	assert_waits(&w, "d.css", 2);

	/* compacted, it is the same */
	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_live(&l, one);
	buf_reset(&w.b);
	ledger_print_base(&w.b, w.check, 3, 1700000000, "me", 0, &l.live);
	ledger_free(&l);
	assert_waits(&w, "d.css", 2);

	print_wait(&w, 4, one, one, 1);
	assert_waits(&w, "d.css", 0);
	print_wait(&w, 5, one, less, 1);
	assert_waits(&w, "d.css", 5);
	print_wait(&w, 7, one, less, 1);
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_live(&l, less);
	ledger_free(&l);
	buf_free(&w.b);
}

/* A publish into a release of its own, or back to one; closed. */
static void
release(struct written *w, uint64_t generation, const char *const *from,
    const char *const *to, uint64_t number, bool made)
{
	ledger_print_release(&w->b, w->check, number, made);
	w->count = 0;
	begin(w, generation, from, to);
	ledger_print_staged(&w->b, w->check, generation);
	ledger_print_end(&w->b, w->check, generation);
}

static void
assert_release(const struct written *w, size_t n, uint64_t live, uint64_t next,
    const char *const *files)
{
	struct ledger l;

	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w->b.data, n, NULL), 0);
	assert_int_equal(l.release, live);
	assert_int_equal(l.next, next);
	assert_live(&l, files);
	ledger_free(&l);
}

static void
knows_the_release(void **state)
{
	static const char *const none[] = { NULL };
	struct written w;
	struct ledger l;
	size_t first, second;
	struct buf b;

	(void)state;
	memset(&w, 0, sizeof(w));
	buf_init(&w.b, LIMIT_LEDGER);
	ledger_print_magic(&w.b, w.check);
	release(&w, 1, none, one, 1, true);
	first = w.b.len;
	assert_release(&w, first, 1, 0, one);
	ledger_print_release(&w.b, w.check, 2, true);
	/* alone it says nothing yet, and is no part of what is whole */
	assert_release(&w, w.b.len, 1, 0, one);
	ledger_init(&l);
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_int_equal(l.end, first);
	w.count = 0;
	begin(&w, 2, one, two);
	assert_release(&w, w.b.len, 1, 2, one);
	ledger_print_staged(&w.b, w.check, 2);
	ledger_print_end(&w.b, w.check, 2);
	second = w.b.len;
	release(&w, 3, two, one, 1, false);
	assert_release(&w, w.b.len, 1, 0, one);
	for (size_t n = MAGIC; n < first; n++)
		assert_int_equal(ledger_parse(&l, w.b.data, n, NULL), 0);

	/* what was live before a publish, and where */
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_int_equal(l.history_count, 3);
	assert_int_equal(l.history[1].begin, first);
	assert_int_equal(l.history[1].release, 2);
	assert_int_equal(l.history[2].begin, second);
	assert_release(&w, l.history[2].begin, 2, 0, two);

	/* all of it, when that is wanted */
	buf_init(&b, LIMIT_LEDGER);
	assert_true(
	    ledger_print_compact(&b, w.check, &l, w.b.data, w.b.len, SIZE_MAX));
	assert_int_equal(b.len, w.b.len);
	assert_memory_equal(b.data, w.b.data, b.len);
	buf_free(&b);

	/* a shorter one says the same, and cannot be cut unseen */
	buf_init(&b, LIMIT_LEDGER);
	assert_true(
	    ledger_print_compact(&b, w.check, &l, w.b.data, w.b.len, 1));
	buf_free(&w.b);
	w.b = b;
	assert_release(&w, w.b.len, 1, 0, one);
	assert_int_equal(ledger_parse(&l, w.b.data, w.b.len, NULL), 0);
	assert_int_equal(l.history_count, 1);
	first = l.history[0].begin;
	assert_release(&w, first, 2, 0, two);
	for (size_t n = MAGIC + 5; n < first; n++)
		assert_int_equal(
		    ledger_parse(&l, w.b.data, n, NULL), -ferry_EDRIFT);
	ledger_free(&l);
	buf_free(&w.b);
}

/* In front of nothing but a begin, once, and no number but a number. */
static void
refuses_releases_elsewhere(void **state)
{
	static const uint64_t bad[] = { 0, LEDGER_RELEASE_MAX + 1 };
	static const char *const none[] = { NULL };
	struct written w;
	struct ledger l;

	(void)state;
	ledger_init(&l);
	for (unsigned i = 0; i < 5; i++) {
		memset(&w, 0, sizeof(w));
		buf_init(&w.b, LIMIT_LEDGER);
		ledger_print_magic(&w.b, w.check);
		if (i >= 3)
			begin(&w, 1, none, one);
		if (i == 4)
			ledger_print_staged(&w.b, w.check, 1);
		ledger_print_release(&w.b, w.check, i < 2 ? bad[i] : 5, true);
		if (i == 2)
			ledger_print_release(&w.b, w.check, 6, true);
		if (i == 3)
			ledger_print_staged(&w.b, w.check, 1);
		if (i == 4)
			ledger_print_end(&w.b, w.check, 1);
		assert_int_equal(
		    ledger_parse(&l, w.b.data, w.b.len, NULL), -ferry_EDRIFT);
		buf_free(&w.b);
	}
	ledger_free(&l);
}

/* A path that leads out of the root never gets into a plan. */
static void
refuses_paths_that_leave(void **state)
{
	static const char *const bad[] = { "../x", "/etc/passwd", "a//b", "a/.",
		"", "a/../b" };
	static const char *const none[] = { NULL };
	struct written w;
	struct ledger l;
	struct tree live;
	size_t i;

	(void)state;
	ledger_init(&l);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		live = tree_of(none);
		assert_non_null(tree_add(&live, bad[i]));
		memset(&w, 0, sizeof(w));
		buf_init(&w.b, LIMIT_LEDGER);
		ledger_print_base(&w.b, w.check, 1, 0, "me", 0, &live);
		assert_int_equal(
		    ledger_parse(&l, w.b.data, w.b.len, NULL), -ferry_EDRIFT);
		buf_free(&w.b);
		tree_free(&live);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_prints),
		cmocka_unit_test(empty_is_the_first_publish),
		cmocka_unit_test(goes_through_its_states),
		cmocka_unit_test(every_truncation_is_torn),
		cmocka_unit_test(every_flipped_bit_is_corrupt),
		cmocka_unit_test(the_chain_holds),
		cmocka_unit_test(keeps_the_order_of_records),
		cmocka_unit_test(an_abandoned_stage_changes_nothing),
		cmocka_unit_test(a_base_holds_all_and_goes_on),
		cmocka_unit_test(grows_fat),
		cmocka_unit_test(remembers_since_when_files_wait),
		cmocka_unit_test(knows_the_release),
		cmocka_unit_test(refuses_releases_elsewhere),
		cmocka_unit_test(refuses_paths_that_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
