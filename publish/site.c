/*
 * The site: loaded, filled in and judged.  Hub.  Its file is found by
 * site_find.c, its text is site_file.c's, its keys are site_keys.c's, its url
 * is site_url.c's.
 */
#include "publish/site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/near.h"
#include "base/path.h"
#include "publish/reach.h"
#include "publish/site_file.h"
#include "publish/site_find.h"

int
ferry_site_new(struct ferry_site **out, struct ferry_error *err)
{
	struct ferry_site *site = calloc(1, sizeof(*site));

	*out = NULL;
	err_clear(err);
	if (site == NULL)
		return err_memory(err);
	glob_init(&site->exclude);
	site->source_fd = -1;
	site->file_mode = 0644;
	site->dir_mode = 0755;
	site->connect_seconds = 15;
	site->silence_seconds = 30;
	site->max_removals = 20;
	site->keep = 3;
	site->keep_bytes = UINT64_C(1) << 30;
	site->max_removals_percent = 10;
	site->target = strdup("");
	if (site->target == NULL) {
		ferry_site_free(site);
		return err_memory(err);
	}
	*out = site;
	return 0;
}

void
ferry_site_free(struct ferry_site *site)
{
	if (site == NULL)
		return;
	site_free_url(&site->url);
	glob_free(&site->exclude);
	free(site->file);
	free(site->target);
	free(site->source);
	free(site->site_url);
	free(site->remote_state);
	free(site);
}

int
ferry_site_set(struct ferry_site *site, const char *key, const char *value,
    struct ferry_error *err)
{
	const struct site_key *k = site_keys_find(key, err);
	char *folder;
	int rc;

	if (k == NULL)
		return -ferry_EUSAGE;
	err_clear(err);
	if (k->use == SITE_KEY_FILE)
		return err_set(err, ferry_EUSAGE, "misplaced_key",
		    "`%s' can stand in a site file only", key);
	/* the folder may be gone, which matters to a relative source alone */
	folder = realpath(".", NULL);
	rc = k->set(site, k, value, folder, err);
	free(folder);
	return rc;
}

/* The targets of a file as one text: "production, staging". */
static void
list_targets(const struct site_file *f, char *dst, size_t size)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < f->target_count; i++)
		buf_printf(&b, "%s%s", i > 0 ? ", " : "", f->targets[i]);
	path_escape(dst, size, buf_text(&b), strlen(buf_text(&b)));
	buf_free(&b);
}

static const struct site_file_item *
find_default(const struct site_file *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->items[i].key->use == SITE_KEY_FILE)
			return &f->items[i];
	}
	return NULL;
}

/* Which target is meant?  In *target; "" in a file that has none. */
static int
choose(const struct site_file *f, const char *name, const char **target,
    struct ferry_error *err)
{
	const struct site_file_item *standard = find_default(f);
	struct near near;
	char known[160];

	list_targets(f, known, sizeof(known));
	if (standard != NULL && !site_file_has(f, standard->value)) {
		err_set(err, ferry_EUSAGE, "unknown_target",
		    "%s:%u: no target [%s] in this file", name, standard->line,
		    standard->value);
		err_hint(err, "Known targets: %s.", known);
		return -ferry_EUSAGE;
	}
	if (*target == NULL && standard != NULL)
		*target = standard->value;
	if (*target == NULL && f->target_count < 2)
		*target = f->target_count == 1 ? f->targets[0] : "";
	if (*target == NULL) {
		err_set(err, ferry_EUSAGE, "which_target",
		    "%s has more than one target", name);
		err_hint(err, "Name one of: %s.", known);
		return -ferry_EUSAGE;
	}
	if (f->target_count == 0 && **target == '\0')
		return 0;
	if (site_file_has(f, *target))
		return 0;
	near = near_to(*target);
	for (size_t i = 0; i < f->target_count; i++)
		near_offer(&near, f->targets[i]);
	err_set(err, ferry_EUSAGE, "unknown_target", "no target `%s' in %s",
	    *target, name);
	if (near.best != NULL)
		err_hint(err, "Did you mean `%s'?  Known targets: %s.",
		    near.best, known);
	else if (f->target_count > 0)
		err_hint(err, "Known targets: %s.", known);
	else
		err_hint(err, "It has no [target] sections: name none.");
	return -ferry_EUSAGE;
}

/* Set the keys of one section. */
static int
apply(struct ferry_site *site, const struct site_file *f, const char *target,
    const char *name, const char *base, struct ferry_error *err)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct site_file_item *item = &f->items[i];
		int rc;

		if (item->key->set == NULL || strcmp(item->target, target) != 0)
			continue;
		rc = item->key->set(site, item->key, item->value, base, err);
		if (rc != 0) {
			err_prefix(err, "%s:%u", name, item->line);
			return rc;
		}
	}
	return 0;
}

int
site_parse(struct ferry_site *site, const char *text, size_t n,
    const char *name, const char *base, const char *target,
    struct ferry_error *err)
{
	struct site_file file;
	int rc;

	rc = site_file_parse(&file, text, n, name, err);
	if (rc != 0)
		return rc;
	rc = choose(&file, name, &target, err);
	if (rc == 0)
		rc = apply(site, &file, "", name, base, err);
	if (rc == 0 && *target != '\0')
		rc = apply(site, &file, target, name, base, err);
	if (rc == 0) {
		char *copy = strdup(target);

		if (copy != NULL) {
			free(site->target);
			site->target = copy;
		} else {
			rc = err_memory(err);
		}
	}
	site_file_free(&file);
	return rc;
}

int
ferry_site_parse(struct ferry_site **out, const char *text, size_t n,
    const char *name, const char *dir, const char *target,
    struct ferry_error *err)
{
	struct ferry_site *site = NULL;
	char *folder = NULL;
	int rc;

	*out = NULL;
	if (name == NULL)
		name = SITE_FILE_NAME;
	rc = ferry_site_new(&site, err);
	if (rc == 0 && n > LIMIT_SITE_FILE)
		rc = err_set(err, ferry_EUSAGE, "site_too_long",
		    "%s: %zu bytes are more than the %d of a site file", name,
		    n, LIMIT_SITE_FILE);
	if (rc != 0)
		goto out;
	/* neither has to be there: a source that is relative will miss it */
	if (dir == NULL || *dir != '/')
		dir = folder = realpath(dir != NULL ? dir : ".", NULL);
	rc = site_parse(site, text, n, name, dir, target, err);
	if (rc == 0) {
		*out = site;
		site = NULL;
	}
out:
	free(folder);
	ferry_site_free(site);
	return rc;
}

static int
load_file(struct ferry_site *site, const char *path, const char *name,
    const char *target, struct ferry_error *err)
{
	struct buf text;
	char *folder = NULL;
	int rc;

	buf_init(&text, LIMIT_SITE_FILE);
	rc = site_find_folder(path, &site->file, &folder, err);
	if (rc != 0)
		goto out;
	if (fs_read(AT_FDCWD, site->file, true, &text) != 0) {
		rc = err_os(err, ferry_EUSAGE, errno, "no_site_file",
		    "cannot read %s", name);
		reach_hint(err, NULL, site->file);
		goto out;
	}
	rc = site_parse(
	    site, buf_text(&text), text.len, name, folder, target, err);
out:
	free(folder);
	buf_free(&text);
	return rc;
}

int
ferry_site_load(struct ferry_site **out, const char *path, const char *dir,
    const char *target, struct ferry_error *err)
{
	struct ferry_site *site = NULL;
	char *found = NULL;
	int rc;

	*out = NULL;
	rc = ferry_site_new(&site, err);
	if (rc != 0)
		return rc;
	if (path == NULL) {
		rc = site_find(dir, &found, err);
		if (rc != 0)
			goto out;
		path = found;
	}
	rc = load_file(
	    site, path, found != NULL ? SITE_FILE_NAME : path, target, err);
	if (rc != 0)
		goto out;
	*out = site;
	site = NULL;
out:
	free(found);
	ferry_site_free(site);
	return rc;
}

bool
site_has_source(const struct ferry_site *site)
{
	return site->source_fd >= 0 || site->source != NULL;
}

const char *
site_source_label(const struct ferry_site *site)
{
	return site->source_fd >= 0 || site->source == NULL ? "the source"
							    : site->source;
}

int
site_judge(const struct ferry_site *site, struct ferry_error *err)
{
	err_clear(err);
	if (!site_has_source(site)) {
		err_set(err, ferry_EUSAGE, "no_source",
		    "no folder to publish is named");
		err_hint(err, "Set `source', or give --source.");
		return -ferry_EUSAGE;
	}
	return site_judge_remote(site, err);
}

/* Is b this folder or below it?  Judged by their names. */
static bool
is_within(const char *folder, const char *b)
{
	size_t n = strlen(folder);

	if (strcmp(folder, ".") == 0)
		return *b != '/';
	if (strcmp(folder, "/") == 0)
		return *b == '/';
	return strncmp(folder, b, n) == 0 && (b[n] == '\0' || b[n] == '/');
}

/* What is in our folder is nobody's business, and bars it to visitors. */
static int
judge_remote_state(const struct ferry_site *site, struct ferry_error *err)
{
	const char *state = site->remote_state, *root = site->url.path;

	if (state == NULL ||
	    (!is_within(root, state) && !is_within(state, root)))
		return 0;
	if (is_within(root, state)) {
		err_set(err, ferry_EUSAGE, "bad_remote_state",
		    "remote-state: %s is in the published folder %s", state,
		    root);
		err_hint(err,
		    "Leave it out to have .sandferry there, or name a folder "
		    "beside the published one.");
	} else {
		err_set(err, ferry_EUSAGE, "bad_remote_state",
		    "remote-state: the published folder %s is in %s", root,
		    state);
		err_hint(err, "Name a folder beside the published one.");
	}
	return -ferry_EUSAGE;
}

/* Nothing is touched outside of the one folder. */
static int
judge_folder(const struct ferry_site *site, struct ferry_error *err)
{
	if (site->remote_state == NULL)
		return 0;
	err_set(err, ferry_EUSAGE, "bad_remote_state",
	    "remote-state: what is published to a folder has its state in "
	    "that folder");
	err_hint(err, "Leave it out to have .sandferry there.");
	return -ferry_EUSAGE;
}

int
site_judge_remote(const struct ferry_site *site, struct ferry_error *err)
{
	err_clear(err);
	if (site->url.text == NULL) {
		err_set(err, ferry_EUSAGE, "no_url",
		    "no place to publish to is named");
		err_hint(err, "Set `url', or give --url.");
		return -ferry_EUSAGE;
	}
	if (site_is_folder(site))
		return judge_folder(site, err);
	if (site->url.user == NULL) {
		err_set(err, ferry_EUSAGE, "no_user", "the url names no user");
		if (site_is_ftp(site))
			err_hint(err,
			    "Write ftp://user@host/path; a server for anybody "
			    "takes the user `anonymous'.");
		else
			err_hint(err, "Write sftp://user@host/path.");
		return -ferry_EUSAGE;
	}
	if (site->layout == SITE_RELEASES && site_is_ftp(site)) {
		err_set(err, ferry_EUSAGE, "layout_ftp",
		    "layout = releases needs SFTP: FTP has no symbolic links");
		err_hint(err,
		    "Write sftp://user@host/path, or leave layout = flat.");
		return -ferry_EUSAGE;
	}
	return judge_remote_state(site, err);
}

bool
site_is_ftp(const struct ferry_site *site)
{
	return site->url.scheme == SITE_FTP || site->url.scheme == SITE_FTPS;
}

bool
site_is_folder(const struct ferry_site *site)
{
	return site->url.scheme == SITE_FILE && site->url.text != NULL;
}

const char *
site_root(const struct ferry_site *site)
{
	return site_is_folder(site) ? "." : site->url.path;
}

/* In hex; not more than that many digits are needed to tell a few apart. */
enum { NAME_DIGITS = 16 };

static void
digest_hex(const char *text, char hex[HASH_HEX_SIZE])
{
	struct digest digest;

	hash_bytes(text, strlen(text), &digest);
	hash_hex(&digest, hex);
}

void
site_state_name(const struct ferry_site *site, char *dst, size_t size)
{
	const char *url = site->url.text != NULL ? site->url.text : "";
	const char *host = site_is_folder(site) ? "folder"
	    : site->url.host != NULL            ? site->url.host
						: "";
	char hex[HASH_HEX_SIZE];
	struct buf b;

	digest_hex(url, hex);
	buf_init(&b, 4096);
	buf_printf(&b, "%.100s", host);
	for (size_t i = 0; i < b.len; i++) {
		if (strchr(":/%", b.data[i]) != NULL)
			b.data[i] = '_';
	}
	/* what is cut is what people read: the digest makes it unique */
	if (size > NAME_DIGITS + 1)
		snprintf(dst, size, "%.*s-%.*s", (int)(size - NAME_DIGITS - 2),
		    buf_text(&b), NAME_DIGITS, hex);
	else if (size > 0)
		snprintf(dst, size, "%.*s", (int)size - 1, hex);
	buf_free(&b);
}

void
site_source_name(const struct ferry_site *site, char dst[SITE_SOURCE_NAME])
{
	char hex[HASH_HEX_SIZE];

	/* an open one may be called otherwise each time, and costs no more */
	if (site->source_fd >= 0) {
		strcpy(dst, "source");
		return;
	}
	digest_hex(site->source != NULL ? site->source : "", hex);
	snprintf(dst, SITE_SOURCE_NAME, "source-%.*s", NAME_DIGITS, hex);
}
