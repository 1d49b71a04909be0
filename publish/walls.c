/* Build, judge and tell the walls of a job.  Hub. */
#include "publish/walls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/secrets_command.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "publish/belongings.h"
#include "publish/event_copy.h"
#include "publish/far_secrets.h"
#include "publish/job.h"
#include "publish/places.h"
#include "publish/web.h"

enum { ENDPOINTS = 64 };

/* What is told of a layer that does not stand. */
static const struct layer {
	unsigned layer; /* enum wall_layer */
	bool required; /* where that is asked for */
	const char *name, *id;
	const char *meanwhile; /* a sentence */
} layers[] = {
	{ WALL_LANDLOCK, true, "Landlock", "wall_landlock",
	    "Its filter of system calls still keeps the worker from opening "
	    "files and making sockets." },
	{ WALL_SECCOMP, true, "the filter of system calls", "wall_seccomp",
	    "Landlock, where it stands, still keeps it from files and TCP." },
	{ WALL_PRIVILEGES, false, "the giving up of privileges",
	    "wall_privileges",
	    "The other layers hold whatever privileges there are." },
	{ WALL_LIMITS, false, "a limit of memory or time", "wall_limits",
	    "The other layers do not depend on it." },
};

static int
errno_of(const struct ferry_wall *w, unsigned layer)
{
	return layer == WALL_LANDLOCK ? w->landlock_errno
	    : layer == WALL_SECCOMP   ? w->seccomp_errno
				      : 0;
}

/* Missing, and required: the end of the run. */
static int
refuse(const struct layer *l, const char *who, const struct ferry_wall *w,
    struct ferry_error *err)
{
	int rc = err_os(err, ferry_EWALL, errno_of(w, l->layer), l->id,
	    "%s is not confined: there is no %s here", who,
	    l->layer == WALL_SECCOMP ? "filter of system calls" : l->name);

	if (l->layer == WALL_SECCOMP)
		err_hint(err,
		    "Nothing would hold a worker that was taken over. "
		    "--confine=off publishes all the same.");
	else
		err_hint(err,
		    "A kernel from 5.13 on has it, unless it is switched off. "
		    "--confine=auto does without.");
	return rc;
}

static void
warn(struct ferry_job *job, const struct layer *l, const char *who,
    const struct ferry_wall *w)
{
	struct ferry_error e;

	if ((job->walls.said & l->layer) != 0)
		return;
	job->walls.said |= l->layer;
	err_os(&e, ferry_EWALL, errno_of(w, l->layer), l->id,
	    "%s runs without %s", who, l->name);
	err_hint(&e, "%s",
	    l->layer == WALL_LANDLOCK && site_is_folder(job->site)
		? "Its own care still keeps it beneath the folder; who took "
		  "it over could open other files of yours."
		: l->meanwhile);
	report_warning(&job->report, NULL, &e);
}

/* must: layers without which nothing goes on. */
static int
judge(struct ferry_job *job, const char *who, const struct ferry_wall *w,
    unsigned must, struct ferry_error *err)
{
	size_t i;

	for (i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		if ((w->layers & layers[i].layer) != 0)
			continue;
		if ((must & layers[i].layer) != 0)
			return refuse(&layers[i], who, w, err);
		warn(job, &layers[i], who, w);
	}
	return 0;
}

static unsigned
required(const struct ferry_job *job)
{
	return job->options.confine == ferry_CONFINE_REQUIRE
	    ? WALL_LANDLOCK | WALL_SECCOMP
	    : 0;
}

static void
say_off(struct ferry_job *job)
{
	struct ferry_error e;

	if (job->walls.said_off)
		return;
	job->walls.said_off = true;
	err_set(&e, ferry_EWALL, "wall_off",
	    "confinement is off: who takes over the worker can do what you "
	    "can");
	err_hint(&e, "Leave --confine=off out where it is not needed.");
	report_warning(&job->report, NULL, &e);
}

int
walls_judge_worker(
    void *ctx, const struct msg_wall *wall, struct ferry_error *err)
{
	struct ferry_job *job = ctx;
	struct walls *w = &job->walls;

	w->started = true;
	w->worker = (struct ferry_wall){ wall->layers, wall->landlock,
		(int)wall->landlock_errno, (int)wall->seccomp_errno };
	if (job->options.confine == ferry_CONFINE_OFF) {
		say_off(job);
		return 0;
	}
	return judge(
	    job, "the worker", &w->worker, required(job) | WALL_SECCOMP, err);
}

/*
 * Is there anything to record in the access file: when a grant was used, or
 * which key of an FTP server the user has accepted?  Else it is only read, so
 * that a hub that was taken over can name no password command there.
 */
static bool
writes_access(const struct ferry_job *job)
{
	return job->by.grant.url != NULL ||
	    (site_is_ftp(job->site) &&
		(job->options.may_ask || job->verb == ferry_HOST_TRUST));
}

/* The table's files for this job, as rules. */
static size_t
make_paths(struct landlock_path paths[BELONGINGS_MAX],
    const struct belongings *r, const struct ferry_job *job)
{
	const struct role_right *right;
	size_t n = 0, i;

	for (i = 0; i < r->count; i++) {
		paths[n] = (struct landlock_path){ .path = r->places[i].path,
			.dirfd = r->places[i].dirfd };
		for (right = role_rights; right->name != NULL; right++)
			if ((right->roles >> ROLE_HUB & 1) != 0 &&
			    right->kind == ROLE_FILE &&
			    right->place == r->places[i].place)
				paths[n].access |= right->what;
		if (r->places[i].place == ROLE_ACCESS && !writes_access(job))
			paths[n].access &= ~(unsigned)ROLE_WRITE;
		n += paths[n].access != 0;
	}
	return n;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

static struct ferry_wall
build(const struct landlock_rules *rules)
{
#ifdef SANITIZED
	/* a build for tests: its tools trace themselves and open files */
	(void)rules;
	return (struct ferry_wall){ .layers = WALL_ALL };
#else
	struct wall w;

	wall_build(&w, ROLE_HUB, WALL_ALL, rules);
	return (struct ferry_wall){ w.layers, w.landlock, w.landlock_errno,
		w.seccomp_errno };
#endif
}

/*
 * What is opened on first use has to be opened now: libcrypto's configuration.
 * And a folder that is not there cannot be allowed.
 */
static void
prepare(const struct ferry_job *job)
{
	const struct ferry_options *o = &job->options;
	const bool ftp = site_is_ftp(job->site); /* its keys are kept there */
	struct place own;
	struct digest digest;
	int fd;

	(void)hash_bytes("", 0, &digest);
	if (!(ftp ? places_access(o, &own) : places_known_hosts(o, &own)))
		return;
	fd = fs_open_parent_at(own.dirfd, own.path, 0700);
	if (fd >= 0)
		close(fd);
}

/*
 * The programs that may have to be asked for a secret cannot run inside: who
 * starts them has to be there already.
 */
static int
start_outside(struct ferry_job *job, struct ferry_error *err)
{
	struct far_login l = { .job = job };
	struct secrets_program programs[SECRETS_OUTSIDE_PROGRAMS];
	char helper[PLACES_SIZE], *words[2][2] = { { NULL }, { NULL } };
	struct secrets_command command = { 0 };
	size_t n = 0;
	int rc = 0;

	far_secrets_begin(&l);
	if (l.secrets.command != NULL &&
	    secrets_command_split(&command, l.secrets.command))
		programs[n++] = (struct secrets_program){ command.argv, false };
	words[0][0] = (char *)l.secrets.askpass;
	if (l.secrets.askpass != NULL)
		programs[n++] = (struct secrets_program){ words[0], true };
	/* inside Flatpak it also fetches what authenticates the grants */
	words[1][0] = helper;
	if (places_keyring(&job->options, helper, sizeof(helper)) &&
	    (l.secrets.keyring.helper != NULL ||
		(job->options.storage_fd < 0 &&
		    access("/.flatpak-info", F_OK) == 0)))
		programs[n++] = (struct secrets_program){ words[1], false };
	if (n > 0)
		rc = secrets_outside_start(
		    &job->walls.outside, programs, n, job->cancel[0], err);
	secrets_command_free(&command);
	return rc;
}

static int
seal(struct ferry_job *job, struct ferry_error *err)
{
	struct walls *w = &job->walls;
	struct landlock_path paths[BELONGINGS_MAX + 1];
	unsigned ports[1 + FETCH_PORTS] = { job->site->url.port };
	const unsigned own = site_is_folder(job->site) ? 0 : 1;
	struct landlock_rules rules = {
		.paths = paths,
		.ports = ports,
		.port_count = own + web_ports(w->web, ports + own),
		/* the server chooses the ports of FTP's data connections */
		.any_port = site_is_ftp(job->site),
	};
	struct belongings theirs;
	int rc = start_outside(job, err);

	if (rc != 0)
		return rc;
	prepare(job);
	if (!belongings_make(&theirs, &job->options, job->site))
		return err_memory(err);
	rules.path_count = make_paths(paths, &theirs, job);
	if (w->target != NULL)
		paths[rules.path_count++] = (struct landlock_path){
			.path = ".",
			.access = role_access(ROLE_HUB, ROLE_TARGET),
			.dirfd = *w->target,
		};
	w->self = build(&rules);
	w->sealed = true;
	belongings_free(&theirs);
	return judge(job, "sandferry", &w->self, required(job), err);
}

int
walls_find_peers(const struct ferry_job *job, struct dial_peers **out,
    const char *host, unsigned port, struct ferry_error *err)
{
	const struct ferry_options *o = &job->options;

	return o->connect != NULL
	    ? dial_by_app(out, host, port, o->connect, o->connect_ctx, err)
	    : dial_resolve(out, host, port, err);
}

int
walls_seal(struct ferry_job *job, struct ferry_error *err)
{
	const struct site_url *url = &job->site->url;
	int rc = 0;

	if (!site_is_folder(job->site))
		rc = walls_find_peers(
		    job, &job->walls.peers, url->host, url->port, err);
	if (rc == 0 && job->verb == ferry_CHECK)
		rc = web_new(&job->walls.web, job, err);
	if (rc == 0 && job->options.confine_self &&
	    job->options.confine != ferry_CONFINE_OFF)
		rc = seal(job, err);
	return rc;
}

void
walls_note_host(struct walls *w, const struct ferry_host_report *host)
{
	const struct ferry_event event = { .host = host };
	const struct ferry_event *copy;

	if (w->host != NULL &&
	    strcmp(w->host->fingerprint, host->fingerprint) == 0)
		return;
	arena_free(&w->memory);
	copy = event_copy(&event, &w->memory);
	w->host = copy != NULL ? copy->host : NULL;
}

static void
tell_receipt(struct ferry_job *job)
{
	struct walls *w = &job->walls;
	struct ferry_endpoint endpoints[ENDPOINTS];
	struct dial_contact contacts[ENDPOINTS];
	struct ferry_receipt receipt = {
		.confine = job->options.confine,
		.self = w->sealed ? &w->self : NULL,
		.worker = w->started ? &w->worker : NULL,
		.endpoints = endpoints,
		.host = w->host,
	};
	size_t n = 0, i;
	unsigned port;

	while (w->peers != NULL && n < ENDPOINTS &&
	    dial_contact(w->peers, n, &contacts[n])) {
		endpoints[n] = (struct ferry_endpoint){ contacts[n].address,
			job->site->url.port, contacts[n].connected,
			contacts[n].by_app };
		n++;
	}
	for (i = 0;
	     n < ENDPOINTS && web_contact(w->web, i, &contacts[n], &port);
	     i++) {
		endpoints[n] = (struct ferry_endpoint){ contacts[n].address,
			port, contacts[n].connected, contacts[n].by_app };
		n++;
	}
	receipt.endpoint_count = n;
	receipt.web_looked_up = web_looked_up(w->web);
	if (w->peers != NULL && dial_asked(w->peers))
		receipt.looked_up = job->site->url.host;
	report_receipt(&job->report, &receipt);
}

void
walls_end(struct ferry_job *job)
{
	struct walls *w = &job->walls;

	secrets_outside_end(w->outside);
	w->outside = NULL;
	web_end(w->web);
	if (w->peers == NULL && !w->started)
		return;
	tell_receipt(job);
	arena_free(&w->memory);
	w->host = NULL;
	web_free(w->web);
	w->web = NULL;
	dial_free(w->peers);
	w->peers = NULL;
}
