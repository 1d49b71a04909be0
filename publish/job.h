/*
 * A job as the pipeline sees it: what to do, with whose leave, whom to tell and
 * whom to ask.  Hub.  The public face is sandferry.h.
 */
#ifndef PUBLISH_JOB_H
#define PUBLISH_JOB_H

#include "auth/access.h"
#include "auth/grant.h"
#include "base/hash.h"
#include "base/secret.h"
#include "confine/outer.h"
#include "publish/report.h"
#include "publish/site.h"
#include "publish/walls.h"
#include "sandferry.h"

/* The question that is open while its event is being delivered. */
struct job_question {
	uint64_t id; /* 0: none is open */
	enum ferry_question_kind kind;
	bool answered, yes;
	bool other_key; /* no, for the user has another fingerprint */
	struct secret *secret;
};

/* What lets the job use its key; publish/grants.c. */
struct job_grant {
	struct grant grant; /* of job->access; url NULL: none is needed */
	char host_key[HASH_FINGERPRINT_SIZE]; /* that the server has shown */
	bool noted; /* in the access file: used by this run */
};

struct far_seen;

struct ferry_job {
	const struct ferry_site *site;
	struct outer outer; /* what it runs in: a seal hides the signs */
	enum ferry_verb verb;
	struct ferry_options options; /* its strings are the job's own */
	struct access *access; /* while it runs: what the user allows */
	struct job_grant by;
	struct walls walls;
	bool hash_known_hosts; /* as decided by user and site */
	bool host_known; /* the server's key: to known_hosts, or the user */
	struct report report;
	struct far_seen *seen; /* far_login.h: who wants to know; or NULL */
	struct job_question question;
	uint64_t questions; /* asked so far */
	int cancel[2]; /* a pipe: readable when cancelled */
	bool ran;
};

enum job_host_answer {
	JOB_HOST_NO, /* also when nobody answered */
	JOB_HOST_YES,
	JOB_HOST_OTHER_KEY, /* no, for the user knows a different one */
};

/* Ask whether this is the server's key. */
enum job_host_answer
job_ask_host(struct ferry_job *job, const struct ferry_host_report *host);

/* Ask whether this key may be used; false also when nobody answered. */
bool job_ask_grant(struct ferry_job *job, const struct ferry_grant *grant);

/* Ask whether this is to be done; false also when nobody answered. */
bool job_ask_confirm(struct ferry_job *job, const char *prompt);

/*
 * Ask for a secret; ferry_ESECRET when nobody answered.  The prompt is one
 * line; the caller frees *out.
 */
int job_ask_secret(struct ferry_job *job, enum ferry_question_kind kind,
    const char *prompt, unsigned attempt, bool echo, struct secret **out,
    struct ferry_error *err);

struct scan;

/* A scan of the job's site; what it finds goes to the job's report. */
void job_scan(struct ferry_job *job, int state_dir, struct scan *out);

#endif
