/* The text of a site file, taken apart.  Hub; no I/O. */
#include "publish/site_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/ini.h"

enum { LIMIT_TARGET = 40 }; /* letters */

struct parse {
	struct site_file *file;
	const char *section; /* of the current line; in the file's arena */
};

static bool
target_name_ok(const char *s, size_t n)
{
	if (n == 0 || n > LIMIT_TARGET || *s == '-' || *s == '.')
		return false;
	for (; n > 0; n--, s++) {
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			(*s >= '0' && *s <= '9') || *s == '-' || *s == '_' ||
			*s == '.'))
			return false;
	}
	return true;
}

bool
site_file_has(const struct site_file *f, const char *target)
{
	for (size_t i = 0; i < f->target_count; i++) {
		if (strcmp(f->targets[i], target) == 0)
			return true;
	}
	return false;
}

/* "[name]": open the section of a target. */
static int
open_section(struct parse *p, const char *s, size_t n, struct ferry_error *err)
{
	struct site_file *f = p->file;
	const char *name;

	if (!target_name_ok(s, n)) {
		err_set(err, ferry_EUSAGE, "bad_section",
		    "not a target's [name]: [%.*s]", (int)n, s);
		err_hint(err,
		    "Letters, digits, `-', `_' and `.' make a name "
		    "of at most %d.",
		    LIMIT_TARGET);
		return -ferry_EUSAGE;
	}
	name = arena_copy(&f->names, s, n);
	if (name == NULL)
		return err_memory(err);
	if (site_file_has(f, name))
		return err_set(err, ferry_EUSAGE, "section_twice",
		    "target [%s] stands here twice", name);
	if (f->target_count == SITE_FILE_MAX_TARGETS)
		return err_set(err, ferry_EUSAGE, "too_many_targets",
		    "more than %d targets", SITE_FILE_MAX_TARGETS);
	p->section = f->targets[f->target_count++] = name;
	return 0;
}

static struct site_file_item *
add_item(struct site_file *f)
{
	if (f->count == f->cap) {
		size_t cap = f->cap > 0 ? 2 * f->cap : 32;
		struct site_file_item *items;

		items = realloc(f->items, cap * sizeof(*items));
		if (items == NULL)
			return NULL;
		f->items = items;
		f->cap = cap;
	}
	return &f->items[f->count++];
}

static int
on_line(void *ctx, const struct ini_line *line, struct ferry_error *err)
{
	struct parse *p = ctx;
	struct site_file *f = p->file;
	const struct site_key *key;
	struct site_file_item *item;

	if (line->key == NULL)
		return open_section(p, line->value, line->value_len, err);
	key = site_keys_find(line->key, err);
	if (key == NULL)
		return -ferry_EUSAGE;
	if (key->use == SITE_KEY_FILE && *p->section != '\0')
		return err_set(err, ferry_EUSAGE, "misplaced_key",
		    "`%s' belongs above the first [target]", key->name);
	for (size_t i = 0; i < f->count; i++) {
		const struct site_file_item *other = &f->items[i];

		if (other->key == key && key->use != SITE_KEY_ADDS_UP &&
		    other->target == p->section)
			return err_set(err, ferry_EUSAGE, "key_twice",
			    "`%s' stands on line %u already", key->name,
			    other->line);
	}
	item = add_item(f);
	if (item == NULL)
		return err_memory(err);
	item->key = key;
	item->target = p->section;
	item->line = line->number;
	item->value = arena_copy(&f->names, line->value, line->value_len);
	return item->value != NULL ? 0 : err_memory(err);
}

int
site_file_parse(struct site_file *f, const char *text, size_t n,
    const char *name, struct ferry_error *err)
{
	const struct ini_reader reader = { name, "a target's [name]", on_line };
	struct parse p = { f, "" };
	int rc;

	memset(f, 0, sizeof(*f));
	arena_init(&f->names);
	rc = ini_read(text, n, &reader, &p, err);
	if (rc != 0)
		site_file_free(f);
	return rc;
}

void
site_file_free(struct site_file *f)
{
	arena_free(&f->names);
	free(f->items);
	memset(f, 0, sizeof(*f));
}
