/* Plans as JSON: written, read, compared.  Hub (the command). */
#include "cmd/plan_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/keeper.h"
#include "cmd/text.h"

enum {
	VERSION = 1,
	MOST_BYTES = 256 * 1024 * 1024, /* of a file that is read */
	NAMED = 5, /* paths that differ */
};

struct plan_file {
	json_t *root; /* of a file that was read */
	json_t *left; /* its steps, by path, that were not planned again */
	json_t *differ; /* paths of steps that are not in it */
	struct keeper keeper;
	char *path; /* of that */
	bool written;
	int failed; /* errno: why it was not written */
};

static int
no_memory(struct ferry_error *err)
{
	return options_error(err, NULL, "out of memory");
}

/* ---- A step ---- */

/* Bytes that are no UTF-8.  The caller frees it. */
static char *
base64(const char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = strlen(s), m = 0;
	char *b = malloc((n + 2) / 3 * 4 + 1);

	for (size_t i = 0; b != NULL && i < n; i += 3) {
		uint32_t three = (uint32_t)(unsigned char)s[i] << 16;

		if (i + 1 < n)
			three |= (uint32_t)(unsigned char)s[i + 1] << 8;
		if (i + 2 < n)
			three |= (unsigned char)s[i + 2];
		b[m++] = digits[three >> 18];
		b[m++] = digits[three >> 12 & 63];
		b[m++] = i + 1 < n ? digits[three >> 6 & 63] : '=';
		b[m++] = i + 2 < n ? digits[three & 63] : '=';
	}
	if (b != NULL)
		b[m] = '\0';
	return b;
}

static bool
set_path(json_t *step, const char *path)
{
	json_t *text = json_string(path);
	char *b;
	bool ok;

	if (text != NULL)
		return json_object_set_new(step, "path", text) == 0;
	b = base64(path);
	ok = b != NULL &&
	    json_object_set_new(step, "path_b64", json_string(b)) == 0;
	free(b);
	return ok;
}

/* NULL: out of memory. */
static json_t *
make_step(const struct ferry_planned *p)
{
	static const char *const kinds[] = { [ferry_ADD] = "add",
		[ferry_UPDATE] = "update",
		[ferry_REMOVE] = "remove",
		[ferry_WAIT] = "wait" };
	json_t *step = json_pack("{s:s}", "kind", kinds[p->change]);
	bool ok = step != NULL && set_path(step, p->path);
	char mode[16];

	if (ok && p->change != ferry_ADD)
		ok = json_object_set_new(step, "size_before",
			 json_integer((json_int_t)p->size_before)) == 0;
	if (ok && p->sha256 != NULL) {
		snprintf(mode, sizeof(mode), "%04o", p->mode);
		ok = json_object_set_new(step, "size",
			 json_integer((json_int_t)p->size_after)) == 0 &&
		    json_object_set_new(
			step, "sha256", json_string(p->sha256)) == 0 &&
		    json_object_set_new(step, "mode", json_string(mode)) == 0 &&
		    json_object_set_new(
			step, "wave", json_integer((json_int_t)p->wave)) == 0;
	}
	if (ok && p->reason != NULL)
		ok = json_object_set_new(
			 step, "reason", json_string(p->reason)) == 0;
	if (ok)
		return step;
	json_decref(step);
	return NULL;
}

/* What a step is found by: a path is never the same as another in base 64. */
static const char *
step_key(char *dst, size_t size, const json_t *step)
{
	const char *path = json_string_value(json_object_get(step, "path"));
	const char *b = json_string_value(json_object_get(step, "path_b64"));

	if ((path == NULL) == (b == NULL))
		return NULL;
	snprintf(dst, size, "%c%s", path != NULL ? '/' : '=',
	    path != NULL ? path : b);
	return dst;
}

/* ---- Reading ---- */

static int
no_plan(struct ferry_error *err, const char *name, const char *why)
{
	return options_error(err, "Write a new one: sandferry plan --out FILE",
	    "%s is no plan: %s", name, why);
}

static bool
get_hex(unsigned char *dst, size_t size, const json_t *value)
{
	static const char digits[] = "0123456789abcdef";
	const char *s = json_string_value(value);

	if (s == NULL || strlen(s) != 2 * size)
		return false;
	for (size_t i = 0; i < 2 * size; i++) {
		const char *digit = strchr(digits, s[i]);

		if (digit == NULL)
			return false;
		dst[i / 2] =
		    (unsigned char)(dst[i / 2] << 4 | (digit - digits));
	}
	return true;
}

/* By path, and without what is only for the reader. */
static bool
index_steps(struct plan_file *f, json_t *steps)
{
	char key[2 * 4096 + 16];
	json_t *step;
	size_t i;

	if (!json_is_array(steps))
		return false;
	json_array_foreach(steps, i, step)
	{
		if (step_key(key, sizeof(key), step) == NULL ||
		    json_string_value(json_object_get(step, "kind")) == NULL)
			return false;
		json_object_del(step, "reason");
		if (json_object_set(f->left, key, step) != 0)
			return false;
	}
	return true;
}

static int
take(struct plan_file *f, const char *name, struct ferry_plan_id *plan,
    struct ferry_error *err)
{
	const json_t *version = json_object_get(f->root, "sandferry_plan");
	const json_t *generation = json_object_get(f->root, "generation");

	if (!json_is_integer(version))
		return no_plan(err, name, "it has no sandferry_plan");
	if (json_integer_value(version) != VERSION)
		return no_plan(err, name, "it is of another version");
	plan->url = json_string_value(json_object_get(f->root, "url"));
	if (plan->url == NULL)
		return no_plan(err, name, "it has no url");
	if (!json_is_integer(generation) || json_integer_value(generation) < 0)
		return no_plan(err, name, "it has no generation");
	plan->generation = (uint64_t)json_integer_value(generation);
	if (!get_hex(plan->ledger, sizeof(plan->ledger),
		json_object_get(f->root, "ledger_check")))
		return no_plan(err, name, "it has no ledger_check");
	if (!get_hex(plan->digest, sizeof(plan->digest),
		json_object_get(f->root, "digest")))
		return no_plan(err, name, "it has no digest");
	if (!index_steps(f, json_object_get(f->root, "steps")))
		return no_plan(err, name, "its steps are none");
	return 0;
}

static struct plan_file *
make(void)
{
	struct plan_file *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->keeper = (struct keeper){ .file = -1, .door = -1, .pid = -1 };
	f->left = json_object();
	f->differ = json_array();
	if (f->left != NULL && f->differ != NULL)
		return f;
	plan_file_free(f);
	return NULL;
}

int
plan_file_parse(struct plan_file **out, const char *text, size_t n,
    const char *name, struct ferry_plan_id *plan, struct ferry_error *err)
{
	struct plan_file *f = make();
	json_error_t why;
	int rc;

	*out = NULL;
	memset(plan, 0, sizeof(*plan));
	if (f == NULL)
		return no_memory(err);
	f->root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	rc = f->root == NULL ? no_plan(err, name, why.text)
			     : take(f, name, plan, err);
	if (rc != 0) {
		memset(plan, 0, sizeof(*plan));
		plan_file_free(f);
		return rc;
	}
	*out = f;
	return 0;
}

/* NULL: errno. */
static char *
load(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text = NULL;
	ssize_t got = 0;

	*n = 0;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0) {
		errno = EFBIG;
		if (S_ISREG(st.st_mode) && st.st_size <= MOST_BYTES)
			text = malloc((size_t)st.st_size + 1);
	}
	while (text != NULL && *n < (size_t)st.st_size) {
		got = read(fd, text + *n, (size_t)st.st_size - *n);
		if (got <= 0)
			break;
		*n += (size_t)got;
	}
	if (got < 0) {
		free(text);
		text = NULL;
	}
	close(fd);
	return text;
}

static int
open_in(struct plan_file **out, const char *path, struct ferry_plan_id *plan,
    struct ferry_error *err)
{
	size_t n;
	char *text = load(path, &n);
	int rc;

	if (text == NULL)
		return options_error(err, NULL, "cannot read --plan %s: %s",
		    path, strerror(errno));
	rc = plan_file_parse(out, text, n, path, plan, err);
	free(text);
	return rc;
}

/* ---- Writing ---- */

static int
open_out(struct plan_file **out, const char *path, struct ferry_error *err)
{
	struct plan_file *f = make();
	int rc;

	if (f == NULL)
		return no_memory(err);
	f->path = strdup(path);
	rc = f->path == NULL ? no_memory(err)
			     : keeper_start(&f->keeper, "--out", path, err);
	if (rc == 0)
		*out = f;
	else
		plan_file_free(f);
	return rc;
}

int
plan_file_open(struct plan_file **out, const struct options *o,
    struct ferry_options *to, struct ferry_error *err)
{
	*out = NULL;
	if (o->plan_in != NULL)
		return open_in(out, o->plan_in, &to->plan, err);
	return o->plan_out != NULL ? open_out(out, o->plan_out, err) : 0;
}

static void
put_hex(char *dst, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(dst + 2 * i, 3, "%02x", bytes[i]);
}

/* NULL: out of memory. */
static json_t *
make_steps(const struct ferry_plan *plan)
{
	json_t *steps = json_array();
	const struct ferry_planned *step;

	for (size_t i = 0; (step = ferry_plan_at(plan, i)) != NULL; i++) {
		/* NULL is refused by jansson, too */
		if (json_array_append_new(steps, make_step(step)) == 0)
			continue;
		json_decref(steps);
		return NULL;
	}
	return steps;
}

static json_t *
make_root(const struct ferry_plan *walked, const struct ferry_summary *s)
{
	const struct ferry_plan_id *plan = ferry_plan_identity(walked);
	char ledger[2 * sizeof(plan->ledger) + 1];
	char digest[2 * sizeof(plan->digest) + 1];
	char machine[256] = "", made[32];
	time_t now = time(NULL);
	struct tm tm;

	put_hex(ledger, plan->ledger, sizeof(plan->ledger));
	put_hex(digest, plan->digest, sizeof(plan->digest));
	(void)gethostname(machine, sizeof(machine) - 1);
	gmtime_r(&now, &tm);
	strftime(made, sizeof(made), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:i, s:s, s:I, s:s, s:s, s:{s:s, s:s}, s:o,"
			 " s:{s:I, s:I, s:I, s:I, s:I, s:I}}",
	    "sandferry_plan", VERSION, "url", plan->url, "generation",
	    (json_int_t)plan->generation, "ledger_check", ledger, "digest",
	    digest, "made", "time", made, "machine", machine, "steps",
	    make_steps(walked), "summary", "added", (json_int_t)s->added,
	    "changed", (json_int_t)s->changed, "removed",
	    (json_int_t)s->removed, "unchanged", (json_int_t)s->unchanged,
	    "waiting", (json_int_t)s->waiting, "bytes",
	    (json_int_t)s->bytes_planned);
}

static void
write_out(struct plan_file *f, const struct ferry_plan *plan,
    const struct ferry_summary *s)
{
	json_t *root = plan != NULL ? make_root(plan, s) : NULL;

	f->written = true;
	if (root == NULL) {
		f->failed = ENOMEM;
		return;
	}
	errno = EIO;
	if (json_dumpfd(root, f->keeper.file, JSON_INDENT(2)) != 0 ||
	    write(f->keeper.file, "\n", 1) != 1)
		f->failed = errno;
	else
		f->failed = keeper_name(&f->keeper);
	json_decref(root);
}

/* ---- The job ---- */

/* Is this step in the file that was read? */
static void
compare_step(struct plan_file *f, json_t *step)
{
	char key[2 * 4096 + 16];

	json_object_del(step, "reason");
	if (step_key(key, sizeof(key), step) == NULL)
		return;
	if (!json_equal(json_object_get(f->left, key), step))
		json_array_append_new(f->differ, json_string(key + 1));
	json_object_del(f->left, key);
}

static void
name_one(struct ui *ui, const char *path, const char *what)
{
	char text[4 * 4096 + 1];

	ui_say(ui, "  %s: %s", what,
	    text_escape(text, sizeof(text), path, ui->utf8));
}

static void
name_differences(const struct plan_file *f, struct ui *ui)
{
	size_t all = json_array_size(f->differ) + json_object_size(f->left);
	size_t i, named = 0;
	const char *key;
	json_t *path;

	json_array_foreach(f->differ, i, path)
	{
		if (named++ < NAMED)
			name_one(
			    ui, json_string_value(path), "not in the plan");
	}
	json_object_foreach(f->left, key, path)
	{
		if (named++ < NAMED)
			name_one(ui, key + 1, "only in the plan");
	}
	if (all > NAMED)
		ui_say(ui, "  and %zu more", all - NAMED);
}

static void
compare(struct plan_file *f, struct ui *ui, const struct ferry_plan *plan)
{
	const struct ferry_planned *planned;
	json_t *step;

	for (size_t i = 0; (planned = ferry_plan_at(plan, i)) != NULL; i++) {
		step = make_step(planned);
		if (step == NULL)
			return;
		compare_step(f, step);
		json_decref(step);
	}
	name_differences(f, ui);
}

void
plan_file_finish(struct plan_file *f, struct ui *ui, struct ferry_job *job,
    const struct ferry_event *e)
{
	const int outcome = e->summary->outcome;
	struct ferry_plan *plan;

	if (f == NULL)
		return;
	(void)ferry_job_plan(&plan, job, NULL);
	if (f->root == NULL && (outcome == 0 || outcome == ferry_EPENDING))
		write_out(f, plan, e->summary);
	else if (f->root != NULL && plan != NULL && e->error != NULL &&
	    strcmp(e->error->id, "plan_differs") == 0)
		compare(f, ui, plan);
	ferry_plan_free(plan);
}

int
plan_file_end(struct plan_file *f, struct ferry_error *err)
{
	if (f == NULL || !f->written || f->failed == 0)
		return 0;
	options_error(err, NULL, "cannot write --out %s: %s", f->path,
	    strerror(f->failed));
	err->code = ferry_EINTERNAL;
	return -ferry_EINTERNAL;
}

void
plan_file_free(struct plan_file *f)
{
	if (f == NULL)
		return;
	keeper_end(&f->keeper);
	json_decref(f->root);
	json_decref(f->left);
	json_decref(f->differ);
	free(f->path);
	free(f);
}
