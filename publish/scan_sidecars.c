/* Add to a tree what its texts are when they are compressed.  Hub. */
#include "publish/scan_sidecars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/sidecar.h"

static const char magic[] = "sandferry sidecars 1\n";

enum {
	MAGIC = sizeof(magic) - 1,
	ENTRY = 2 * HASH_SIZE + 8,
	LIMIT_MEMO = 256 * 1024 * 1024,
	CANCEL_EVERY = 64, /* files */
};

struct making {
	struct scan *scan;
	enum site_form form;
	char version[SIDECAR_VERSION]; /* of what makes it */
	char file_name[sizeof("sidecars") + SIDECAR_SUFFIX];
	struct buf old; /* the file as it was loaded */
	const unsigned char *known; /* its entries, by base */
	size_t known_count;
	struct sidecar *fresh; /* to be saved */
	size_t fresh_count;
	struct tree made;
	size_t problems;
};

/* ---- What is remembered ---- */

static bool
parse(struct making *m)
{
	struct digest digest;
	struct buf_reader r;
	const unsigned char *p;
	size_t n;

	if (!buf_ok(&m->old) || m->old.len < MAGIC + HASH_SIZE)
		return false;
	r = buf_read(m->old.data, m->old.len - HASH_SIZE);
	hash_bytes(r.p, r.left, &digest);
	if (memcmp(digest.b, r.p + r.left, HASH_SIZE) != 0)
		return false;
	p = buf_get(&r, MAGIC);
	if (p == NULL || memcmp(p, magic, MAGIC) != 0)
		return false;
	p = buf_get_string(&r, &n, SIDECAR_VERSION);
	if (p == NULL || n != strlen(m->version) ||
	    memcmp(p, m->version, n) != 0)
		return false;
	n = buf_get_u32(&r);
	if (r.left % ENTRY != 0 || r.left / ENTRY != n)
		return false;
	m->known = buf_get(&r, r.left);
	m->known_count = n;
	return buf_get_end(&r);
}

static void
load(struct making *m)
{
	if (fs_read(m->scan->state_dir, m->file_name, false, &m->old) != 0 ||
	    !parse(m))
		m->known_count = 0;
}

static int
against_base(const void *base, const void *entry)
{
	return memcmp(base, entry, HASH_SIZE);
}

static bool
find(const struct making *m, const struct digest *base, struct sidecar *s)
{
	struct buf_reader r;
	const unsigned char *p = NULL;

	if (m->known_count > 0)
		p = bsearch(
		    base->b, m->known, m->known_count, ENTRY, against_base);
	if (p == NULL)
		return false;
	r = buf_read(p, ENTRY);
	memcpy(s->base.b, buf_get(&r, HASH_SIZE), HASH_SIZE);
	memcpy(s->digest.b, buf_get(&r, HASH_SIZE), HASH_SIZE);
	s->size = buf_get_u64(&r);
	return true;
}

static int
by_base(const void *a, const void *b)
{
	const struct sidecar *x = a, *y = b;

	return memcmp(x->base.b, y->base.b, HASH_SIZE);
}

/* As scan_cache_save(): without it the next scan takes longer. */
static void
save(struct making *m)
{
	struct digest digest;
	struct buf b;

	buf_init(&b, LIMIT_MEMO);
	qsort(m->fresh, m->fresh_count, sizeof(*m->fresh), by_base);
	buf_put(&b, magic, MAGIC);
	buf_put_cstring(&b, m->version);
	buf_put_u32(&b, (uint32_t)m->fresh_count);
	for (size_t i = 0; i < m->fresh_count; i++) {
		buf_put(&b, m->fresh[i].base.b, HASH_SIZE);
		buf_put(&b, m->fresh[i].digest.b, HASH_SIZE);
		buf_put_u64(&b, m->fresh[i].size);
	}
	if (buf_ok(&b)) {
		hash_bytes(b.data, b.len, &digest);
		buf_put(&b, digest.b, HASH_SIZE);
	}
	if (buf_ok(&b) &&
	    (b.len != m->old.len || memcmp(b.data, m->old.data, b.len) != 0))
		(void)fs_write(
		    m->scan->state_dir, m->file_name, b.data, b.len, 0600);
	buf_free(&b);
}

/* ---- One of them ---- */

static void
problem(struct making *m, const struct ferry_error *e)
{
	m->problems++;
	if (m->scan->failed != NULL)
		m->scan->failed(m->scan->ctx, e);
}

/* 0; 1: told as a problem; or an error that ends it all. */
static int
make(struct making *m, const struct tree_file *base, struct sidecar *s,
    struct ferry_error *err)
{
	struct ferry_error e;
	int fd = scan_open(m->scan->site, base->path, &e), rc;

	if (fd < 0) {
		problem(m, &e);
		return 1;
	}
	rc = sidecar_make(s, m->form, fd, -1, m->scan->cancel_fd, &e);
	close(fd);
	if (rc == 0 && !hash_equal(&s->base, &base->digest)) {
		rc = err_set(&e, ferry_ESOURCE, "source_changing",
		    "a file changes while it is read: %s", base->path);
		err_hint(&e, "Publish when the site has been built.");
	} else if (rc == -ferry_ESOURCE) {
		err_prefix(&e, "%s", base->path);
	}
	if (rc == -ferry_ESOURCE) {
		problem(m, &e);
		return 1;
	}
	if (rc != 0 && err != NULL)
		*err = e;
	return rc;
}

static bool
is_wanted(const struct making *m, const struct tree *tree,
    const struct tree_file *base, const char *path)
{
	return sidecar_suits(base) && tree_find(tree, path) == NULL &&
	    !tree_has_below(tree, path) &&
	    !glob_match(&m->scan->site->exclude, path, false);
}

static int
add(struct making *m, const struct tree *tree, const struct tree_file *base,
    struct ferry_error *err)
{
	char path[LIMIT_PATH + SIDECAR_SUFFIX];
	size_t n = strlen(base->path);
	struct tree_file *f;
	struct sidecar s;
	int rc = 0;

	if (n > LIMIT_PATH)
		return 0;
	memcpy(path, base->path, n);
	strcpy(path + n, sidecar_suffix(m->form));
	if (!is_wanted(m, tree, base, path))
		return 0;
	if (!find(m, &base->digest, &s))
		rc = make(m, base, &s, err);
	if (rc != 0)
		return rc > 0 ? 0 : rc;
	m->fresh[m->fresh_count++] = s;
	if (s.size == 0)
		return 0;
	f = tree_add(&m->made, path);
	if (f == NULL)
		return err_memory(err);
	f->size = s.size;
	f->digest = s.digest;
	f->mtime = base->mtime;
	f->mode = base->mode;
	f->sidecar = true;
	return 0;
}

static int
add_all(struct making *m, struct tree *tree, struct ferry_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < tree->count; i++) {
		if (i % CANCEL_EVERY == 0 && fs_readable(m->scan->cancel_fd))
			rc = err_set(err, ferry_ECANCELLED, "cancelled",
			    "stopped while compressing");
		else
			rc = add(m, tree, &tree->files[i], err);
	}
	for (i = 0; rc == 0 && i < m->made.count; i++) {
		struct tree_file *f = tree_add(tree, m->made.files[i].path);
		struct tree_file copy = m->made.files[i];

		if (f == NULL)
			return err_memory(err);
		copy.path = f->path;
		copy.order = f->order;
		*f = copy;
	}
	if (rc == 0)
		tree_seal(tree);
	return rc;
}

static int
make_form(struct scan *s, enum site_form form, struct tree *tree,
    size_t *problems, struct ferry_error *err)
{
	struct making m = { .scan = s, .form = form };
	int rc;

	sidecar_version(form, m.version);
	snprintf(m.file_name, sizeof(m.file_name), "sidecars%s",
	    sidecar_suffix(form));
	buf_init(&m.old, LIMIT_MEMO);
	tree_init(&m.made);
	m.fresh = calloc(tree->count + 1, sizeof(*m.fresh));
	if (s->state_dir >= 0)
		load(&m);
	rc = m.fresh != NULL ? add_all(&m, tree, err) : err_memory(err);
	*problems += m.problems;
	if (rc == 0 && m.problems == 0 && s->state_dir >= 0)
		save(&m);
	tree_free(&m.made);
	free(m.fresh);
	buf_free(&m.old);
	return rc;
}

int
scan_sidecars(struct scan *s, struct tree *tree, size_t *problems,
    struct ferry_error *err)
{
	int rc = 0;

	for (enum site_form f = SITE_GZIP; rc == 0 && f < SITE_FORMS; f++)
		if (s->site->precompress[f])
			rc = make_form(s, f, tree, problems, err);
	return rc;
}
