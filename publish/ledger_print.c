/* Print ledger records, each chained to the one before.  Hub; no I/O. */
#include "publish/ledger.h"

#include <string.h>

#include "base/limits.h"

void
ledger_chain(
    unsigned char check[LEDGER_CHECK], uint8_t type, const void *body, size_t n)
{
	unsigned char joined[LEDGER_CHECK + 1 + LIMIT_LEDGER_RECORD];
	struct digest d;

	memcpy(joined, check, LEDGER_CHECK);
	joined[LEDGER_CHECK] = type;
	if (n > 0)
		memcpy(joined + LEDGER_CHECK + 1, body, n);
	hash_bytes(joined, LEDGER_CHECK + 1 + n, &d);
	memcpy(check, d.b, LEDGER_CHECK);
}

void
ledger_chain_start(unsigned char check[LEDGER_CHECK])
{
	struct digest d;

	hash_bytes(LEDGER_MAGIC, strlen(LEDGER_MAGIC), &d);
	memcpy(check, d.b, LEDGER_CHECK);
}

static void
put_record(struct buf *b, unsigned char check[LEDGER_CHECK],
    enum ledger_type type, const struct buf *body)
{
	if (!buf_ok(body)) {
		b->failed = true;
		return;
	}
	ledger_chain(check, (uint8_t)type, body->data, body->len);
	buf_put_u32(b, (uint32_t)body->len);
	buf_put_u8(b, (uint8_t)type);
	buf_put(b, body->data, body->len);
	buf_put(b, check, LEDGER_CHECK);
}

/* A put, or a wait: what the file is, and in which wave it comes. */
static void
put_facts(struct buf *body, const struct tree_file *f, uint32_t wave)
{
	buf_reset(body);
	buf_put_cstring(body, f->path);
	buf_put(body, f->digest.b, HASH_SIZE);
	buf_put_u64(body, f->size);
	buf_put_u64(body, (uint64_t)f->mtime);
	buf_put_u32(body, f->mode);
	buf_put_u32(body, wave);
}

static void
put_file(struct buf *b, unsigned char check[LEDGER_CHECK], struct buf *body,
    const struct tree_file *f, uint32_t wave)
{
	put_facts(body, f, wave);
	put_record(b, check, LEDGER_PUT, body);
}

/* The file as it is live, and since when it waits; 0: it does not. */
static void
put_wait(struct buf *b, unsigned char check[LEDGER_CHECK], struct buf *body,
    const struct tree_file *f, uint64_t generation, uint64_t time)
{
	put_facts(body, f, 0);
	buf_put_u64(body, generation);
	buf_put_u64(body, time);
	put_record(b, check, LEDGER_WAIT, body);
}

static void
put_number(struct buf *b, unsigned char check[LEDGER_CHECK],
    enum ledger_type type, uint64_t number)
{
	struct buf body;

	buf_init(&body, LIMIT_LEDGER_RECORD);
	buf_put_u64(&body, number);
	put_record(b, check, type, &body);
	buf_free(&body);
}

void
ledger_print_magic(struct buf *b, unsigned char check[LEDGER_CHECK])
{
	buf_put(b, LEDGER_MAGIC, strlen(LEDGER_MAGIC));
	ledger_chain_start(check);
}

void
ledger_print_release(struct buf *b, unsigned char check[LEDGER_CHECK],
    uint64_t release, bool made)
{
	put_number(b, check, made ? LEDGER_RELEASE : LEDGER_RETURN, release);
}

static void
put_path(struct buf *b, unsigned char check[LEDGER_CHECK], struct buf *body,
    enum ledger_type type, const char *path)
{
	buf_reset(body);
	buf_put_cstring(body, path);
	put_record(b, check, type, body);
}

/* Puts in the plan's order: that in which stage names are numbered. */
static void
put_steps(struct buf *b, unsigned char check[LEDGER_CHECK], struct buf *body,
    const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->folder_count; i++)
		put_path(b, check, body, LEDGER_FOLDER, plan->folders[i].path);
	for (i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == PLAN_PUT)
			put_file(b, check, body, plan->steps[i].local,
			    plan->steps[i].wave);
	for (i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == PLAN_REMOVE)
			put_path(
			    b, check, body, LEDGER_REMOVE, plan->steps[i].path);
}

/* What the ledger does not know yet. */
static void
put_waits(struct buf *b, unsigned char check[LEDGER_CHECK], struct buf *body,
    const struct plan *plan, uint64_t generation, uint64_t time)
{
	for (size_t i = 0; i < plan->wait_count; i++) {
		const struct plan_wait *w = &plan->waits[i];

		if (!w->noted)
			put_wait(b, check, body, w->file,
			    w->back ? 0 : generation, w->back ? 0 : time);
	}
}

void
ledger_print_begin(struct buf *b, unsigned char check[LEDGER_CHECK],
    uint64_t generation, uint64_t time, const char *machine,
    const struct plan *plan)
{
	uint32_t puts = 0, removals = 0;
	struct digest digest;
	struct buf body;
	size_t i;

	for (i = 0; i < plan->count; i++) {
		puts += plan->steps[i].kind == PLAN_PUT;
		removals += plan->steps[i].kind == PLAN_REMOVE;
	}
	plan_digest(plan, &digest);
	buf_init(&body, LIMIT_LEDGER_RECORD);
	buf_put_u64(&body, generation);
	buf_put_u64(&body, time);
	buf_put_cstring(&body, machine);
	buf_put(&body, digest.b, HASH_SIZE);
	buf_put_u32(&body, (uint32_t)plan->folder_count);
	buf_put_u32(&body, puts);
	buf_put_u32(&body, removals);
	buf_put_u32(&body, (uint32_t)plan->notes);
	put_record(b, check, LEDGER_BEGIN, &body);
	put_steps(b, check, &body, plan);
	put_waits(b, check, &body, plan, generation, time);
	buf_free(&body);
}

void
ledger_print_staged(
    struct buf *b, unsigned char check[LEDGER_CHECK], uint64_t generation)
{
	put_number(b, check, LEDGER_STAGED, generation);
}

void
ledger_print_end(
    struct buf *b, unsigned char check[LEDGER_CHECK], uint64_t generation)
{
	put_number(b, check, LEDGER_END, generation);
}

void
ledger_print_base(struct buf *b, unsigned char check[LEDGER_CHECK],
    uint64_t generation, uint64_t time, const char *machine, uint64_t release,
    const struct tree *live)
{
	struct buf body;
	size_t i;

	ledger_print_magic(b, check);
	if (release != 0)
		ledger_print_release(b, check, release, false);
	buf_init(&body, LIMIT_LEDGER_RECORD);
	buf_put_u64(&body, generation);
	buf_put_u64(&body, time);
	buf_put_cstring(&body, machine);
	buf_put_u32(&body, (uint32_t)live->count);
	put_record(b, check, LEDGER_BASE, &body);
	for (i = 0; i < live->count; i++) {
		const struct tree_file *f = &live->files[i];

		if (f->gone_at != 0)
			put_wait(b, check, &body, f, f->gone_at, f->gone_time);
		else
			put_file(b, check, &body, f, 0);
	}
	buf_free(&body);
}

/* The same records once more, behind other ones. */
static void
copy_records(struct buf *b, unsigned char check[LEDGER_CHECK],
    const unsigned char *p, const unsigned char *end)
{
	struct buf body;

	buf_init(&body, LIMIT_LEDGER_RECORD);
	while (p < end) {
		struct buf_reader r = buf_read(p, (size_t)(end - p));
		uint32_t length = buf_get_u32(&r);
		uint8_t type = buf_get_u8(&r);
		const unsigned char *bytes = buf_get(&r, length);

		if (bytes == NULL) {
			b->failed = true;
			break;
		}
		buf_reset(&body);
		buf_put(&body, bytes, length);
		put_record(b, check, (enum ledger_type)type, &body);
		p = bytes + length + LEDGER_CHECK;
	}
	buf_free(&body);
}

bool
ledger_print_compact(struct buf *b, unsigned char check[LEDGER_CHECK],
    const struct ledger *l, const void *bytes, size_t n, size_t keep)
{
	const unsigned char *p = bytes;
	size_t from = keep < l->history_count ? l->history_count - keep : 0;
	const struct ledger_publish *last;
	struct ledger base;
	bool ok = true;

	ledger_init(&base);
	if (from > 0) {
		last = &l->history[from - 1];
		ok = ledger_parse_until(
			 &base, bytes, n, last->generation, NULL) == 0;
		if (ok)
			ledger_print_base(b, check, last->generation,
			    last->time, last->machine, base.release,
			    &base.live);
	} else if (l->history_count > 0) {
		/* all of it is wanted; what is left out is what was given up */
		ok = ledger_parse(&base, bytes, l->history[0].begin, NULL) == 0;
		if (ok && base.generation > 0)
			ledger_print_base(b, check, base.generation, base.time,
			    base.machine, base.release, &base.live);
		else
			ledger_print_magic(b, check);
	} else {
		ledger_print_base(b, check, l->generation, l->time, l->machine,
		    l->release, &l->live);
	}
	for (; ok && from < l->history_count; from++)
		copy_records(b, check, p + l->history[from].begin,
		    p + l->history[from].end);
	ledger_free(&base);
	return ok && buf_ok(b);
}
