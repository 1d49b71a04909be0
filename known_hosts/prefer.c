/*
 * Offer the host keys that the files know before those that they do not, so
 * that a server with several keys is met by the known one.  Hub; no I/O.
 */
#include "known_hosts/prefer.h"

#include "known_hosts/match.h"

struct offer {
	const struct hosts *const *files;
	size_t n;
	bool made[BLOB_TYPES];
	struct buf *out;
};

/* Does any file revoke the key of this line under the name? */
static bool
is_revoked(const struct offer *o, const char *name, const struct entry *e)
{
	for (size_t i = 0; i < o->n; i++)
		if (hosts_revoked(o->files[i], name, e->blob, e->blob_len) !=
		    NULL)
			return true;
	return false;
}

/* One scan for all types: a hashed name costs time. */
static void
find_types(const struct offer *o, const struct hosts *h, const char *name,
    bool known[BLOB_TYPES])
{
	struct match m;

	match_init(&m, name);
	for (size_t i = 0; i < h->count; i++) {
		const struct entry *e = &h->lines[i].entry;
		size_t type;

		if (e->kind != ENTRY_HOST || e->key.type == NULL)
			continue;
		type = (size_t)(e->key.type - blob_types);
		if (!o->made[type] && !known[type] &&
		    match_field(&m, e->hosts, e->hosts_len) &&
		    !is_revoked(o, name, e))
			known[type] = true;
	}
	match_free(&m);
}

static void
put(struct offer *o, size_t type)
{
	buf_printf(o->out, "%s%s", o->out->len > 0 ? "," : "",
	    blob_types[type].algorithms);
	o->made[type] = true;
}

static bool
put_known(struct offer *o, const char *name)
{
	bool any = false;

	for (size_t i = 0; i < o->n; i++) {
		bool known[BLOB_TYPES] = { false };

		find_types(o, o->files[i], name, known);
		for (size_t type = 0; type < BLOB_TYPES; type++) {
			if (!known[type])
				continue;
			put(o, type);
			any = true;
		}
	}
	return any;
}

void
prefer_print(const struct hosts *const *files, size_t n, const char *name,
    const char *plain, struct buf *out)
{
	struct offer o = { .files = files, .n = n, .out = out };

	if (!put_known(&o, name) && plain[0] != '\0')
		put_known(&o, plain);
	for (size_t type = 0; type < BLOB_TYPES; type++)
		if (!o.made[type])
			put(&o, type);
}
