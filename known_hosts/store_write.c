/*
 * Write the private known_hosts file: trust and forget.  Hub.
 *
 * The fallbacks are never written, nor the user's own ssh file and the
 * system's, whatever the private file is called.
 */
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "known_hosts/edit.h"
#include "known_hosts/hashed.h"
#include "known_hosts/rewrite.h"
#include "known_hosts/store_parts.h"

static void
print_line(const char *hosts, const struct hosts_key *key, struct buf *out)
{
	char *text;

	if (key->parts.name == NULL) {
		out->failed = true;
		return;
	}
	buf_printf(
	    out, "%s %.*s ", hosts, (int)key->parts.name_len, key->parts.name);
	text = (char *)buf_grow(out, 4 * ((key->n + 2) / 3) + 1);
	if (text != NULL) {
		hash_base64(key->blob, key->n, text);
		out->len--; /* its NUL */
	}
}

void
store_print_line(
    const struct store_host *host, const void *blob, size_t n, struct buf *out)
{
	struct store_inquiry q;

	store_inquire(&q, host, blob, n);
	print_line(q.name, &q.key, out);
}

static int
check_name(const struct store_host *host, struct ferry_error *err)
{
	if (match_name_ok(host->name))
		return 0;
	return err_set(err, ferry_EUSAGE, "host_name",
	    "\"%s\" cannot be the name of a host", host->name);
}

static int
check_key(const struct store *s, const struct store_host *host,
    const struct store_inquiry *q, struct ferry_error *err)
{
	bool revoked = store_revoked(&s->own, q) != NULL;

	for (unsigned i = 0; i < STORE_FALLBACKS; i++)
		revoked |= store_revoked(&s->fallback[i], q) != NULL;
	if (q->key.parts.type == NULL)
		return err_set(err, ferry_EHOSTKEY, "host_key_type",
		    "the host key of %s is malformed or of a type that is not "
		    "supported",
		    host->name);
	if (!revoked)
		return 0;
	err_set(err, ferry_EHOSTCHANGED, "host_key_revoked",
	    "the host key of %s is marked @revoked", host->name);
	err_hint(err, "Do not connect: its private key may be stolen.");
	return -ferry_EHOSTCHANGED;
}

static int
begin(const struct store *s, struct rewrite *w, struct ferry_error *err)
{
	enum { USERS = STORE_FALLBACKS, SYSTEM, NEVER };
	const char *never[NEVER] = { NULL };

	for (unsigned i = 0; i < STORE_FALLBACKS; i++)
		never[i] = s->files.fallback[i];
	never[USERS] = s->users[0] != '\0' ? s->users : NULL;
	never[SYSTEM] = "/etc/ssh/ssh_known_hosts";
	return rewrite_begin(w, never, NEVER, err);
}

/*
 * Put the text in place, and read the file as the next run would: also after
 * a failure, for one of them comes too late to keep the old file.
 */
static int
commit(struct store *s, struct rewrite *w, const struct buf *text,
    struct ferry_error *err)
{
	struct hosts fresh;
	int rc = rewrite_commit(w, text, err), why;

	hosts_init(&fresh);
	why = hosts_load(&fresh, s->files.dirfd, s->files.own, false, NULL);
	if (why == 0) {
		hosts_free(&s->own);
		s->own = fresh;
		return rc;
	}
	hosts_free(&fresh);
	if (rc != 0)
		return rc;
	return why < 0 ? err_memory(err)
		       : store_unreadable(s->files.own, why, err);
}

/* The text without the host, or without its keys of one type. */
static int
take_out(struct edit *edit, const struct rewrite *w, struct buf *text,
    struct ferry_error *err)
{
	return edit_remove(
		   edit, (const char *)w->text.data, w->text.len, text) != 0
	    ? err_memory(err)
	    : 0;
}

static int
add_line(const struct store *s, const struct store_inquiry *q, struct buf *text,
    struct ferry_error *err)
{
	char hashed[HASHED_SIZE];

	if (s->files.hash_names && !hashed_print(hashed, q->name))
		return err_set(err, ferry_EINTERNAL, "no_hash",
		    "the name of the host cannot be hashed");
	if (text->len > 0 && text->data[text->len - 1] != '\n')
		buf_put_u8(text, '\n');
	print_line(s->files.hash_names ? hashed : q->name, &q->key, text);
	buf_put_u8(text, '\n');
	return buf_ok(text) ? 0 : err_memory(err);
}

int
store_trust(struct store *s, const struct store_host *host, const void *blob,
    size_t n, struct ferry_error *err)
{
	struct store_inquiry q;
	struct edit edit = { .name = q.name,
		.type = &q.key.parts,
		.keep = blob,
		.keep_len = n };
	struct rewrite w;
	struct buf text;
	int rc;

	rewrite_init(&w, s->files.dirfd, s->files.own);
	buf_init(&text, LIMIT_KNOWN_HOSTS);
	store_inquire(&q, host, blob, n);
	rc = check_name(host, err);
	if (rc == 0)
		rc = check_key(s, host, &q, err);
	if (rc == 0)
		rc = begin(s, &w, err);
	if (rc == 0)
		rc = take_out(&edit, &w, &text, err);
	if (rc == 0 && !edit.kept)
		rc = add_line(s, &q, &text, err);
	if (rc == 0 && (!edit.kept || edit.removed > 0))
		rc = commit(s, &w, &text, err);
	rewrite_end(&w);
	buf_free(&text);
	return rc;
}

int
store_forget(struct store *s, const struct store_host *host, unsigned *removed,
    struct ferry_error *err)
{
	struct store_inquiry q;
	struct edit edit = { .name = q.name };
	struct rewrite w;
	struct buf text;
	int rc;

	*removed = 0;
	rewrite_init(&w, s->files.dirfd, s->files.own);
	buf_init(&text, LIMIT_KNOWN_HOSTS);
	store_inquire(&q, host, NULL, 0);
	rc = check_name(host, err);
	/* Nothing to forget is no reason to make a folder. */
	if (rc != 0 || faccessat(s->files.dirfd, s->files.own, F_OK, 0) != 0)
		goto out;
	rc = begin(s, &w, err);
	if (rc == 0)
		rc = take_out(&edit, &w, &text, err);
	if (rc == 0 && edit.removed > 0)
		rc = commit(s, &w, &text, err);
	if (rc == 0)
		*removed = edit.removed;
out:
	rewrite_end(&w);
	buf_free(&text);
	return rc;
}
