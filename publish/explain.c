/*
 * The rights of the one table, told one by one, and whether the kernel here
 * keeps a process to them.  Hub.
 */
#include "publish/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/near.h"
#include "publish/explain_parts.h"

enum { WORDS_SIZE = 160, MANIFEST_MAX = 256 * 1024 };

const struct role_right *
explain_right(enum role role, enum role_kind kind, enum role_place place)
{
	const struct role_right *r;

	for (r = role_rights; r->name != NULL; r++)
		if ((r->roles >> role & 1) != 0 && r->kind == kind &&
		    r->place == place)
			return r;
	return NULL;
}

void
explain_why(struct buf *out, const char *begin, const struct role_right *r,
    const char *end)
{
	buf_printf(out, "%s%s: %s%s\n", begin, r->name, r->why, end);
}

/* ---- Rights ------------------------------------------------------------- */

static const char *
kind_name(enum role_kind kind)
{
	static const char *const names[] = { "file", "connect", "descriptor",
		"calls", "limit" };

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind]
							       : "?";
}

static void
print_access(const struct role_right *r, char dst[WORDS_SIZE])
{
	switch (r->kind) {
	case ROLE_FILE:
		snprintf(dst, WORDS_SIZE, "read%s%s",
		    (r->what & ROLE_WRITE) != 0 ? ", write" : "",
		    (r->what & ROLE_EXECUTE) != 0 ? ", execute" : "");
		break;
	case ROLE_LIMIT:
		snprintf(dst, WORDS_SIZE, "at most %llu",
		    (unsigned long long)r->value);
		break;
	case ROLE_CONNECT:
		snprintf(dst, WORDS_SIZE, "TCP, out");
		break;
	case ROLE_DESCRIPTOR:
		snprintf(dst, WORDS_SIZE, "handed over, open");
		break;
	case ROLE_CALLS:
	default:
		snprintf(dst, WORDS_SIZE, "system calls");
		break;
	}
}

/* What of it Landlock keeps, by its version; see landlock.h. */
static enum ferry_enforcement
judge_files(int version, char by[WORDS_SIZE])
{
	if (version == 0) {
		snprintf(by, WORDS_SIZE, "no Landlock in this kernel");
		return ferry_NOT_ENFORCED;
	}
	snprintf(by, WORDS_SIZE, "Landlock %d%s", version,
	    version < 2       ? " (moves between folders need 2)"
		: version < 3 ? " (truncation needs 3)"
		: version < 5 ? " (ioctl on devices needs 5)"
			      : "");
	return version < 5 ? ferry_PARTLY_ENFORCED : ferry_ENFORCED;
}

static enum ferry_enforcement
judge_calls(bool seccomp, char by[WORDS_SIZE])
{
	snprintf(by, WORDS_SIZE,
	    seccomp ? "seccomp" : "no seccomp filters in this kernel");
	return seccomp ? ferry_ENFORCED : ferry_NOT_ENFORCED;
}

static enum ferry_enforcement
judge_connect(const struct outer_kernel *k, char by[WORDS_SIZE])
{
	if (k->landlock >= 4)
		snprintf(by, WORDS_SIZE,
		    "Landlock %d (the port; no kernel knows the name)",
		    k->landlock);
	else if (k->seccomp)
		snprintf(by, WORDS_SIZE,
		    "seccomp (TCP only; ports need Landlock 4)");
	else
		return judge_calls(false, by);
	return ferry_PARTLY_ENFORCED;
}

/* Does the kernel, as it is here, keep a process to this? */
static enum ferry_enforcement
judge(const struct explain *e, const struct role_right *r, char by[WORDS_SIZE])
{
	const struct ferry_options *o = &e->job->options;

	if (r->kind != ROLE_LIMIT && o->confine == ferry_CONFINE_OFF) {
		snprintf(by, WORDS_SIZE, "confinement is off");
		return ferry_NOT_ENFORCED;
	}
	if (r->roles == 1 << ROLE_HUB && !o->confine_self) {
		snprintf(
		    by, WORDS_SIZE, "this application does not confine itself");
		return ferry_NOT_ENFORCED;
	}
	switch (r->kind) {
	case ROLE_FILE:
		return judge_files(e->kernel.landlock, by);
	case ROLE_CONNECT:
		return judge_connect(&e->kernel, by);
	case ROLE_LIMIT:
		snprintf(by, WORDS_SIZE, "setrlimit");
		return ferry_ENFORCED;
	case ROLE_DESCRIPTOR:
	case ROLE_CALLS:
	default:
		return judge_calls(e->kernel.seccomp, by);
	}
}

static void
tell_right(
    struct report *report, const struct explain *e, const struct role_right *r)
{
	const struct site_url *url = &e->job->site->url;
	char access[WORDS_SIZE], by[WORDS_SIZE], address[512];
	struct ferry_right right = {
		.hub = (r->roles >> ROLE_HUB & 1) != 0,
		.sftp = (r->roles >> ROLE_SFTP & 1) != 0,
		.ftp = (r->roles >> ROLE_FTP & 1) != 0,
		.kind = kind_name(r->kind),
		.name = r->name,
		.access = access,
		.why = r->why,
		.without = r->without,
		.enforced = judge(e, r, by),
		.by = by,
		.folder = (r->roles >> ROLE_FOLDER & 1) != 0,
		.http = (r->roles >> ROLE_HTTP & 1) != 0,
	};
	bool told = false;

	print_access(r, access);
	if (r->kind == ROLE_CONNECT && url->host != NULL) {
		snprintf(address, sizeof(address),
		    strchr(url->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
		    url->host, url->port);
		right.address = address;
	}
	for (size_t i = 0; r->kind == ROLE_FILE && i < e->path_count; i++) {
		if (e->paths[i].place != r->place)
			continue;
		right.path = e->paths[i].path;
		report_right(report, &right);
		told = true;
	}
	if (!told)
		report_right(report, &right);
}

static void
tell_surroundings(struct report *report, const struct explain *e)
{
	const struct outer *o = &e->job->outer;
	const struct ferry_surroundings s = {
		.sandbox =
		    o->kind != OUTER_NONE ? outer_kind_name(o->kind) : NULL,
		.name = o->name,
		.evidence = o->evidence,
		.no_network = o->no_network,
		.landlock = e->kernel.landlock,
		.seccomp = e->kernel.seccomp,
		.filtered = e->kernel.filtered,
		.no_new_privs = e->kernel.no_new_privs,
	};

	report_surroundings(report, &s);
}

static int
tell_rights(struct report *report, const struct explain *e)
{
	const struct role_right *r;

	tell_surroundings(report, e);
	for (r = role_rights; r->name != NULL; r++)
		tell_right(report, e, r);
	return 0;
}

/* ---- Manifests ---------------------------------------------------------- */

static const struct {
	const char *name;
	void (*print)(const struct explain *e, struct buf *out);
} formats[] = {
	{ "flatpak", explain_flatpak },
	{ "snap", explain_snap },
	{ "entitlements", explain_entitlements },
	{ "systemd", explain_systemd },
	{ "landlock", explain_landlock },
};

static int
tell_manifest(struct report *report, const struct explain *e, size_t format,
    struct ferry_error *err)
{
	char *line, *rest;
	struct buf out;
	int rc = 0;

	buf_init(&out, MANIFEST_MAX);
	formats[format].print(e, &out);
	(void)buf_text(&out);
	if (!buf_ok(&out)) {
		rc = err_memory(err);
		goto out;
	}
	rest = (char *)out.data;
	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL)
		report_line(report, line);
out:
	buf_free(&out);
	return rc;
}

/* Which one; formats' length: the rights themselves. */
static int
choose(const char *name, size_t *out, struct ferry_error *err)
{
	const size_t count = sizeof(formats) / sizeof(formats[0]);
	struct near near;
	size_t i;

	for (*out = 0; name != NULL && *out < count; ++*out)
		if (strcmp(formats[*out].name, name) == 0)
			return 0;
	*out = count;
	if (name == NULL)
		return 0;
	err_set(err, ferry_EUSAGE, "unknown_format", "there is no format `%s'",
	    name);
	for (near = near_to(name), i = 0; i < count; i++)
		near_offer(&near, formats[i].name);
	if (near.best != NULL)
		err_hint(err, "Did you mean `%s'?", near.best);
	else
		err_hint(err,
		    "Say text, json, flatpak, snap, entitlements, systemd or "
		    "landlock.");
	return -ferry_EUSAGE;
}

int
explain_run(struct ferry_job *job, struct ferry_error *err)
{
	struct explain e = { .job = job };
	size_t format;
	int rc = choose(job->options.format, &format, err);

	if (rc != 0)
		return rc;
	arena_init(&e.names);
	outer_ask_kernel(&e.kernel);
	rc = explain_find_paths(&e, err);
	if (rc == 0)
		rc = format < sizeof(formats) / sizeof(formats[0])
		    ? tell_manifest(&job->report, &e, format, err)
		    : tell_rights(&job->report, &e);
	arena_free(&e.names);
	return rc;
}
