/*
 * Parse a ledger, checking every link of its chain.  Hub; no I/O.  The bytes
 * come from the server: nothing in them is believed before its check is right,
 * and no path before it is judged.
 */
#include "publish/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"

enum {
	RECORD_HEAD = 4 + 1, /* length, type */
	PUT_REST = HASH_SIZE + 8 + 8 + 4 + 4, /* of a put, behind its path */
	WAIT_REST = PUT_REST + 8 + 8,
	BEGIN_FRONT = 8 + 8, /* of a begin or base, before the machine */
	BEGIN_REST = HASH_SIZE + 4 * 4, /* of a begin, behind the machine */
	SMALL = 64 * 1024, /* bytes: not worth compacting below that */
};

static const uint32_t TOMBSTONE = UINT32_C(1) << 31; /* a mode: removed */

struct record {
	uint8_t type;
	struct buf_reader body;
};

/* A begin with all that it announces, or a base: applied when it is whole. */
struct pending {
	bool base;
	uint64_t generation, time;
	char machine[64];
	size_t begin;
	uint64_t release; /* said before it; or 0 */
	bool makes; /* ... and that it makes it */
	uint32_t folders_left, puts_left, removals_left, waits_left;
	struct tree folders, puts, removals, waits;
};

struct parser {
	struct ledger *l;
	const unsigned char *p;
	size_t n, pos;
	uint64_t until; /* generation */
	unsigned char check[LEDGER_CHECK];
	struct pending open;
	uint64_t release; /* the last record was one; or 0 */
	bool makes;
	size_t release_at; /* where that is */
};

enum found {
	FOUND_RECORD,
	FOUND_TORN,
	FOUND_LATER, /* a publish behind `until` */
	FOUND_CORRUPT,
	FOUND_MEMORY,
};

void
ledger_init(struct ledger *l)
{
	memset(l, 0, sizeof(*l));
	tree_init(&l->live);
	tree_init(&l->folders);
	tree_init(&l->puts);
	tree_init(&l->removals);
	tree_init(&l->waits);
}

/* A freed tree is an empty one. */
static void
free_open(struct ledger *l)
{
	tree_free(&l->folders);
	tree_free(&l->puts);
	tree_free(&l->removals);
	tree_free(&l->waits);
}

static void
free_pending(struct pending *o)
{
	tree_free(&o->folders);
	tree_free(&o->puts);
	tree_free(&o->removals);
	tree_free(&o->waits);
}

void
ledger_free(struct ledger *l)
{
	tree_free(&l->live);
	free(l->history);
	free_open(l);
	ledger_init(l);
}

static uint32_t
peek_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/*
 * Could a body of this type be `length` long, judging by the `have` bytes of it
 * that are there?  Tells a torn record, whose lengths agree, from one whose
 * length field was damaged and points behind the end.
 */
static bool
length_ok(uint8_t type, size_t length, const unsigned char *body, size_t have)
{
	size_t front = 0, rest;

	switch (type) {
	case LEDGER_STAGED:
	case LEDGER_END:
	case LEDGER_RELEASE:
	case LEDGER_RETURN:
		return length == 8;
	case LEDGER_PUT:
		rest = PUT_REST;
		break;
	case LEDGER_WAIT:
		rest = WAIT_REST;
		break;
	case LEDGER_REMOVE:
	case LEDGER_FOLDER:
		rest = 0;
		break;
	case LEDGER_BEGIN:
		front = BEGIN_FRONT;
		rest = BEGIN_REST;
		break;
	case LEDGER_BASE:
		front = BEGIN_FRONT;
		rest = 4;
		break;
	default:
		return false;
	}
	if (length < front + 4 + rest)
		return false;
	return have < front + 4 ||
	    peek_u32(body + front) == length - front - 4 - rest;
}

static enum found
next_record(struct parser *ps, struct record *out)
{
	const unsigned char *p = ps->p + ps->pos;
	size_t left = ps->n - ps->pos, length, have;

	if (left < RECORD_HEAD)
		return left >= 4 && peek_u32(p) > LIMIT_LEDGER_RECORD
		    ? FOUND_CORRUPT
		    : FOUND_TORN;
	length = peek_u32(p);
	if (length > LIMIT_LEDGER_RECORD)
		return FOUND_CORRUPT;
	have = left - RECORD_HEAD;
	if (!length_ok(
		p[4], length, p + RECORD_HEAD, have < length ? have : length))
		return FOUND_CORRUPT;
	if (have < length + LEDGER_CHECK)
		return FOUND_TORN;
	ledger_chain(ps->check, p[4], p + RECORD_HEAD, length);
	if (memcmp(ps->check, p + RECORD_HEAD + length, LEDGER_CHECK) != 0)
		return FOUND_CORRUPT;
	out->type = p[4];
	out->body = buf_read(p + RECORD_HEAD, length);
	ps->pos += RECORD_HEAD + length + LEDGER_CHECK;
	return FOUND_RECORD;
}

static bool
pending_is_open(const struct pending *o)
{
	return o->folders_left > 0 || o->puts_left > 0 ||
	    o->removals_left > 0 || o->waits_left > 0;
}

/* Said of the begin, or of the base, that comes next. */
static enum found
get_release(struct parser *ps, struct buf_reader *r, bool makes, size_t at)
{
	const uint64_t release = buf_get_u64(r);

	if (!buf_get_end(r) || release == 0 || release > LEDGER_RELEASE_MAX ||
	    pending_is_open(&ps->open) || ps->release != 0 ||
	    ps->l->state == LEDGER_COMMITTING)
		return FOUND_CORRUPT;
	ps->release = release;
	ps->makes = makes;
	ps->release_at = at;
	return FOUND_RECORD;
}

static enum found
get_begin(struct parser *ps, struct buf_reader *r, bool base, size_t at)
{
	struct pending *o = &ps->open;
	struct digest plan;

	if (pending_is_open(o) || ps->l->state == LEDGER_COMMITTING)
		return FOUND_CORRUPT;
	if (ps->release != 0)
		at = ps->release_at;
	o->base = base;
	o->begin = at;
	o->release = ps->release;
	o->makes = ps->makes;
	ps->release = 0;
	ps->makes = false;
	o->generation = buf_get_u64(r);
	o->time = buf_get_u64(r);
	buf_get_cstring(r, o->machine, sizeof(o->machine));
	if (!base)
		buf_get(r, sizeof(plan));
	o->folders_left = base ? 0 : buf_get_u32(r);
	o->puts_left = buf_get_u32(r);
	o->removals_left = base ? 0 : buf_get_u32(r);
	o->waits_left = base ? 0 : buf_get_u32(r);
	if (!buf_get_end(r))
		return FOUND_CORRUPT;
	if (o->generation > ps->until) {
		o->folders_left = o->puts_left = 0;
		o->removals_left = o->waits_left = 0;
		return FOUND_LATER;
	}
	if (base ? at != strlen(LEDGER_MAGIC) || o->makes
		 : o->generation <= ps->l->generation)
		return FOUND_CORRUPT;
	free_pending(o);
	return FOUND_RECORD;
}

/* Everything but what the tree itself keeps: name and order. */
static void
copy_facts(struct tree_file *to, const struct tree_file *from)
{
	to->size = from->size;
	to->mtime = from->mtime;
	to->mode = from->mode;
	to->wave = from->wave;
	to->digest = from->digest;
	to->gone_at = from->gone_at;
	to->gone_time = from->gone_time;
}

/* What a record of this type adds to, and how many are to come. */
static struct tree *
pending_tree(struct pending *o, uint8_t type, uint32_t **left)
{
	switch (type) {
	case LEDGER_FOLDER:
		*left = &o->folders_left;
		return &o->folders;
	case LEDGER_PUT:
		*left = &o->puts_left;
		return &o->puts;
	case LEDGER_WAIT:
		*left = o->base ? &o->puts_left : &o->waits_left;
		return o->base ? &o->puts : &o->waits;
	default:
		*left = &o->removals_left;
		return &o->removals;
	}
}

static enum found
get_file(struct parser *ps, struct buf_reader *r, uint8_t type)
{
	struct tree_file f = { 0 }, *added;
	char path[LIMIT_PATH + 1];
	const unsigned char *digest;
	uint32_t *left;
	struct tree *tree = pending_tree(&ps->open, type, &left);

	if (*left == 0)
		return FOUND_CORRUPT;
	buf_get_cstring(r, path, sizeof(path));
	if (type == LEDGER_PUT || type == LEDGER_WAIT) {
		digest = buf_get(r, HASH_SIZE);
		if (digest != NULL)
			memcpy(f.digest.b, digest, HASH_SIZE);
		f.size = buf_get_u64(r);
		f.mtime = (int64_t)buf_get_u64(r);
		f.mode = buf_get_u32(r);
		f.wave = buf_get_u32(r);
	}
	if (type == LEDGER_WAIT) {
		f.gone_at = buf_get_u64(r);
		f.gone_time = buf_get_u64(r);
	}
	if (!buf_get_end(r) || !path_relative_ok(path) || f.mode > 07777 ||
	    f.size > INT64_MAX)
		return FOUND_CORRUPT;
	added = tree_add(tree, path);
	if (added == NULL)
		return FOUND_MEMORY;
	copy_facts(added, &f);
	(*left)--;
	return FOUND_RECORD;
}

/* Onto the end of live; sealing it will let the last one win. */
static bool
apply(struct tree *live, const struct tree *from, bool removed)
{
	struct tree_file *f;
	size_t i;

	for (i = 0; i < from->count; i++) {
		f = tree_add(live, from->files[i].path);
		if (f == NULL)
			return false;
		copy_facts(f, &from->files[i]);
		if (removed)
			f->mode = TOMBSTONE;
	}
	return true;
}

static bool
note_publish(struct parser *ps)
{
	struct ledger *l = ps->l;
	struct ledger_publish *p = l->history;
	size_t n = l->history_count;

	if ((n & (n - 1)) == 0) /* 0, 1, 2, 4, ...: it is full */
		p = realloc(p, (n > 0 ? 2 * n : 1) * sizeof(*p));
	if (p == NULL)
		return false;
	l->history = p;
	p += l->history_count++;
	p->generation = l->generation;
	p->time = l->time;
	memcpy(p->machine, l->machine, sizeof(p->machine));
	p->release = l->release;
	p->begin = l->begin;
	p->end = ps->pos;
	return true;
}

static enum found
get_generation(struct parser *ps, struct buf_reader *r, bool end)
{
	struct ledger *l = ps->l;
	uint64_t generation = buf_get_u64(r);

	if (!buf_get_end(r) || generation != l->generation ||
	    pending_is_open(&ps->open) || ps->release != 0 ||
	    l->state != (end ? LEDGER_COMMITTING : LEDGER_STAGING))
		return FOUND_CORRUPT;
	if (!end) {
		l->state = LEDGER_COMMITTING;
		return FOUND_RECORD;
	}
	l->ended = l->generation;
	l->release = l->next;
	if (!apply(&l->live, &l->removals, true) ||
	    !apply(&l->live, &l->waits, false) ||
	    !apply(&l->live, &l->puts, false) || !note_publish(ps))
		return FOUND_MEMORY;
	free_open(l);
	l->next = 0;
	l->makes_next = false;
	l->state = LEDGER_CLEAN;
	return FOUND_RECORD;
}

/* The begin or base has all that it announced: now it counts. */
static enum found
close_pending(struct parser *ps)
{
	struct pending *o = &ps->open;
	struct ledger *l = ps->l;

	l->generation = o->generation;
	l->time = o->time;
	memcpy(l->machine, o->machine, sizeof(l->machine));
	if (o->base) {
		l->ended = o->generation;
		l->release = o->release;
		return apply(&l->live, &o->puts, false) ? FOUND_RECORD
							: FOUND_MEMORY;
	}
	free_open(l);
	l->next = o->release;
	l->makes_next = o->makes;
	l->folders = o->folders;
	l->puts = o->puts;
	l->removals = o->removals;
	l->waits = o->waits;
	tree_init(&o->folders);
	tree_init(&o->puts);
	tree_init(&o->removals);
	tree_init(&o->waits);
	tree_seal(&l->folders);
	l->begin = o->begin;
	l->state = LEDGER_STAGING;
	return FOUND_RECORD;
}

static enum found
get_record(struct parser *ps, struct record *r, size_t at)
{
	enum found found;

	switch (r->type) {
	case LEDGER_BEGIN:
	case LEDGER_BASE:
		found = get_begin(ps, &r->body, r->type == LEDGER_BASE, at);
		break;
	case LEDGER_RELEASE:
	case LEDGER_RETURN:
		return get_release(ps, &r->body, r->type == LEDGER_RELEASE, at);
	case LEDGER_FOLDER:
	case LEDGER_PUT:
	case LEDGER_REMOVE:
	case LEDGER_WAIT:
		found = get_file(ps, &r->body, r->type);
		break;
	default:
		return get_generation(ps, &r->body, r->type == LEDGER_END);
	}
	if (found == FOUND_RECORD && !pending_is_open(&ps->open))
		found = close_pending(ps);
	return found;
}

/* A base is renamed into place: one that ends early was cut later. */
static bool
is_cut_base(const struct parser *ps)
{
	const bool typed = ps->n - ps->pos >= RECORD_HEAD;
	const uint8_t type = typed ? ps->p[ps->pos + 4] : 0;
	const size_t first = strlen(LEDGER_MAGIC);

	if (pending_is_open(&ps->open) && ps->open.base)
		return true;
	/* nobody can return to a release before there is one */
	if (ps->release != 0 && !ps->makes && ps->release_at == first)
		return true;
	return type == LEDGER_BASE ||
	    (type == LEDGER_RETURN && ps->pos == first);
}

static enum found
parse_records(struct parser *ps)
{
	enum found found;
	struct record r;
	size_t at;

	for (;;) {
		at = ps->pos;
		found = next_record(ps, &r);
		if (found != FOUND_RECORD)
			break;
		found = get_record(ps, &r, at);
		if (found != FOUND_RECORD)
			break;
		if (pending_is_open(&ps->open) || ps->release != 0)
			continue;
		ps->l->end = ps->pos;
		memcpy(ps->l->check, ps->check, LEDGER_CHECK);
	}
	return found == FOUND_TORN && is_cut_base(ps) ? FOUND_CORRUPT : found;
}

static void
drop_tombstones(struct tree *t)
{
	size_t i, kept = 0;

	t->bytes = 0;
	for (i = 0; i < t->count; i++) {
		if (t->files[i].mode == TOMBSTONE)
			continue;
		t->bytes += t->files[i].size;
		t->files[kept++] = t->files[i];
	}
	t->count = kept;
}

static int
parse(struct ledger *l, const void *bytes, size_t n, uint64_t until,
    struct ferry_error *err)
{
	struct parser ps = { .l = l, .p = bytes, .n = n, .until = until };
	size_t magic = strlen(LEDGER_MAGIC);
	enum found found = FOUND_CORRUPT;

	ledger_free(l);
	ledger_chain_start(l->check);
	if (n < magic && (n == 0 || memcmp(bytes, LEDGER_MAGIC, n) == 0))
		return 0; /* the very first append was torn */
	tree_init(&ps.open.folders);
	tree_init(&ps.open.puts);
	tree_init(&ps.open.removals);
	tree_init(&ps.open.waits);
	if (n >= magic && memcmp(bytes, LEDGER_MAGIC, magic) == 0) {
		ps.pos = l->end = magic;
		memcpy(ps.check, l->check, LEDGER_CHECK);
		found = parse_records(&ps);
	}
	free_pending(&ps.open);
	if (found == FOUND_TORN || found == FOUND_LATER) {
		tree_seal(&l->live);
		drop_tombstones(&l->live);
		return 0;
	}
	ledger_free(l);
	if (found == FOUND_MEMORY)
		return err_memory(err);
	return err_set(err, ferry_EDRIFT, "ledger_corrupt",
	    "the ledger on the server is damaged (near byte %zu of %zu)",
	    ps.pos, n);
}

int
ledger_parse(
    struct ledger *l, const void *bytes, size_t n, struct ferry_error *err)
{
	return parse(l, bytes, n, UINT64_MAX, err);
}

int
ledger_parse_until(struct ledger *l, const void *bytes, size_t n,
    uint64_t generation, struct ferry_error *err)
{
	int rc = parse(l, bytes, n, generation, err);

	if (rc != 0 || generation == 0 || l->generation == generation)
		return rc;
	ledger_free(l);
	err_set(err, ferry_EDRIFT, "ledger_history",
	    "nothing is known of what was there after publish %llu",
	    (unsigned long long)generation);
	return -ferry_EDRIFT;
}

bool
ledger_is_fat(const struct ledger *l, size_t keep)
{
	size_t i, lean = strlen(LEDGER_MAGIC), n = l->history_count;

	for (i = 0; i < l->live.count; i++)
		lean += RECORD_HEAD + 4 + strlen(l->live.files[i].path) +
		    (l->live.files[i].gone_at != 0 ? WAIT_REST : PUT_REST) +
		    LEDGER_CHECK;
	for (i = keep < n ? n - keep : 0; i < n; i++)
		lean += l->history[i].end - l->history[i].begin;
	return l->end > SMALL && l->end > 2 * lean;
}
