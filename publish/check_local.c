/* check, this machine: what can be known before anybody is dialled.  Hub. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/secrets_child.h"
#include "base/err.h"
#include "confine/outer.h"
#include "publish/check_parts.h"
#include "publish/far_secrets.h"
#include "publish/grants.h"
#include "publish/places.h"
#include "publish/scan_open.h"

enum { VERSIONS_MS = 5000, VERSIONS_MAX = 512 };

void
check_local_site(struct check *c, struct check_finding *f)
{
	const struct ferry_site *site = c->job->site;
	struct ferry_error e;

	/* a source is an item of its own */
	if (site_judge_remote(site, &e) != 0)
		check_fail(f, &e);
	else if (site->file == NULL)
		check_ok(f, "none is read: %s", site->url.text);
	else if (site->target != NULL && site->target[0] != '\0')
		check_ok(f, "%s, target %s: %s", site->file, site->target,
		    site->url.text);
	else
		check_ok(f, "%s: %s", site->file, site->url.text);
}

static bool
is_empty(int fd)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	bool empty = true;

	if (dir == NULL) {
		close(fd);
		return false;
	}
	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return empty;
}

void
check_local_source(struct check *c, struct check_finding *f)
{
	const struct ferry_site *site = c->job->site;
	struct ferry_error e;
	int fd;

	if (!site_has_source(site)) {
		check_skip(f, "(none is named)");
		return;
	}
	fd = scan_open_source(site, &e);
	if (fd < 0) {
		check_fail(f, &e);
	} else if (is_empty(fd) && !site->allow_empty) {
		err_set(&e, ferry_ESOURCE, "source_empty", "%s is empty",
		    site_source_label(site));
		err_hint(&e, "Build the site first, or correct `source'.");
		check_fail(f, &e);
	} else {
		check_ok(f, "%s can be read", site_source_label(site));
	}
}

void
check_local_sandbox(struct check *c, struct check_finding *f)
{
	const struct outer *o = &c->job->outer;
	char hint[sizeof(f->hint)];

	if (o->kind == OUTER_NONE) {
		check_ok(f, "none around this program that is known");
	} else if (o->no_network) {
		check_warn(f, "%s %s (by %s), without network",
		    outer_kind_name(o->kind), o->name, o->evidence);
		if (outer_network_hint(o, hint, sizeof(hint)))
			check_hint(f, "%s", hint);
	} else {
		check_ok(f, "%s%s%s (by %s)", outer_kind_name(o->kind),
		    o->name[0] != '\0' ? " " : "", o->name, o->evidence);
	}
}

/* What the kernel can do; whether it did, connecting tells. */
void
check_local_walls(struct check *c, struct check_finding *f)
{
	const enum ferry_confine confine = c->job->options.confine;
	struct outer_kernel k;
	struct ferry_error e;
	char landlock[32];

	outer_ask_kernel(&k);
	if (confine == ferry_CONFINE_OFF) {
		check_warn(f, "confinement is off");
		check_hint(f,
		    "Leave --confine=off out: who takes over the worker can do "
		    "what you can.");
		return;
	}
	if (!k.seccomp ||
	    (k.landlock == 0 && confine == ferry_CONFINE_REQUIRE)) {
		err_set(&e, ferry_EWALL,
		    k.seccomp ? "wall_landlock" : "wall_seccomp",
		    "this kernel has no %s for us",
		    k.seccomp ? "Landlock" : "filters of system calls");
		err_hint(&e,
		    k.seccomp ? "A kernel from 5.13 on has it, unless it is "
				"switched off. --confine=auto does without."
			      : "Nothing would hold a worker that was taken "
				"over. --confine=off publishes all the same.");
		check_fail(f, &e);
		return;
	}
	snprintf(landlock, sizeof(landlock), "Landlock %d", k.landlock);
	if (k.landlock > 0) {
		check_ok(f, "%s and seccomp around what listens to the server",
		    landlock);
		return;
	}
	check_warn(f, "seccomp alone, no Landlock in this kernel");
	check_hint(f,
	    "Publishing works. A kernel from 5.13 on has Landlock, unless it "
	    "is switched off.");
}

/* And what no version that there is can do. */
static void
tell_libraries(
    const struct check *c, struct check_finding *f, const char *versions)
{
	const struct ferry_site *site = c->job->site;

	if (site_is_folder(site))
		check_ok(f, "%s", versions);
	else if (site_is_ftp(site))
		check_ok(f,
		    "%s; data connections resume a session for sure by TLS "
		    "1.2 only",
		    versions);
	else
		check_ok(f, "%s; no post-quantum key exchange", versions);
}

/* It prints a line for each library, before it is anything else. */
void
check_local_libraries(struct check *c, struct check_finding *f)
{
	char *const argv[] = { (char *)places_worker(&c->job->options),
		(char *)"versions", NULL };
	const struct secrets_child child = { .name = argv[0],
		.argv = argv,
		.env = SECRETS_ENV_NO_DISPLAY,
		.timeout_ms = VERSIONS_MS,
		.cancel_fd = c->job->cancel[0],
		.max = VERSIONS_MAX,
		.quiet = true };
	struct ferry_error e;
	struct secret *said;
	unsigned major = 0, minor = 0;
	char text[VERSIONS_MAX + 1];

	if (secrets_child_run(&said, &child, &e) != 0) {
		c->cancelled = e.code == ferry_ECANCELLED;
		err_set(&e, ferry_EWALL, "worker_missing",
		    "the worker %s cannot be started", argv[0]);
		err_hint(&e, "Install sandferry as a whole again.");
		check_fail(f, &e);
		return;
	}
	snprintf(text, sizeof(text), "%.*s", (int)said->len,
	    (const char *)said->data);
	secret_free(said);
	text[strcspn(text, "\n")] = '\0';
	tell_libraries(c, f, text);
	if (site_is_ftp(c->job->site) || site_is_folder(c->job->site) ||
	    sscanf(text, "libssh2 %u.%u", &major, &minor) != 2 || major > 1 ||
	    minor >= 11)
		return;
	f->state = ferry_CHECK_WARN;
	check_hint(f,
	    "libssh2 before 1.11 can log in with RSA keys to old servers only: "
	    "use an Ed25519 key, or a newer libssh2.");
}

/* Of SFTP the key, of FTP the client certificate, if there is one. */
static void
judge_folder(struct check *c, struct check_finding *f)
{
	struct ferry_job *job = c->job;
	struct ferry_error e;
	int fd;

	if (far_folder_open(&fd, job, &e) != 0) {
		check_fail(f, &e);
		return;
	}
	close(fd);
	if (job->by.grant.url == NULL)
		check_ok(f, "the folder is named for this run");
	else
		check_ok(f, "the folder is granted since %.10s",
		    job->by.grant.made != NULL ? job->by.grant.made : "?");
}

void
check_local_grant(struct check *c, struct check_finding *f)
{
	struct ferry_job *job = c->job;
	const struct ferry_options *o = &job->options;
	const bool ftp = site_is_ftp(job->site);
	const bool named = (ftp ? o->client_certificate : o->key_file) != NULL;
	struct ferry_error e;
	const char *file;

	if (site_is_folder(job->site)) {
		judge_folder(c, f);
		return;
	}
	if (grants_choose(job, &e) != 0) {
		check_fail(f, &e);
		return;
	}
	file = ftp ? o->client_certificate : o->key_file;
	if (!ftp && job_has_key(job) && !o->use_password)
		check_ok(f, "none is needed: the key was handed over");
	else if (file == NULL || (!ftp && o->use_password))
		check_ok(f, "none is needed: by password");
	else if (named)
		check_ok(f, "%s is named for this run", file);
	else if (job->by.grant.url == NULL)
		check_ok(f, "%s, a credential of the service", file);
	else
		check_ok(f, "%s is granted since %.10s", file,
		    job->by.grant.made != NULL ? job->by.grant.made : "?");
}

void
check_local_keyring(struct check *c, struct check_finding *f)
{
	const struct keyring_request request = { .verb = KEYRING_LOOKUP,
		.kind = "password",
		.about = "sandferry check",
		.label = "sandferry check",
		.secret = (const unsigned char *)"" };
	struct far_login l = { .job = c->job };
	struct secrets_keyring_said said;
	struct secret *none = NULL;
	struct ferry_error e;

	far_secrets_begin(&l);
	if (l.secrets.keyring.helper == NULL) {
		check_ok(f, "not asked: nobody said --keyring");
		return;
	}
	l.secrets.keyring.may_ask = false;
	if (secrets_keyring_ask(
		&l.secrets.keyring, &request, &none, &said, &e) != 0) {
		c->cancelled = e.code == ferry_ECANCELLED;
		check_fail(f, &e);
	} else if (said.status == KEYRING_DONE ||
	    said.status == KEYRING_NOTHING) {
		check_ok(f, "answers");
	} else {
		check_warn(f, "does not answer: %s", said.words);
		check_hint(f,
		    said.status == KEYRING_LOCKED
			? "Unlock it: it is opened by logging in to the "
			  "desktop."
			: "Leave --keyring out, or `keyring' in the access "
			  "file.");
	}
	secret_free(none);
}
