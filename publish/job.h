/*
 * A job as the pipeline sees it: what to do, with whose leave, whom to tell and
 * whom to ask.  Hub.  The public face is sandferry.h.
 */
#ifndef PUBLISH_JOB_H
#define PUBLISH_JOB_H

#include <pthread.h>

#include "auth/access.h"
#include "auth/grant.h"
#include "base/hash.h"
#include "base/secret.h"
#include "confine/outer.h"
#include "publish/outbox.h"
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

/* The key that the application handed over, if it did. */
struct job_key {
	bool given;
	int fd; /* our own, until it is read; or -1 */
	struct secret *bytes;
};

struct far_seen;

struct ferry_job {
	const struct ferry_site *site; /* the caller's, or ... */
	struct ferry_site opened; /* ... that with source_fd */
	struct outer outer; /* what it runs in: a seal hides the signs */
	enum ferry_verb verb;
	struct ferry_options options; /* its strings are the job's own */
	struct tree claims; /* of the options', by path; sealed */
	struct job_key key;
	struct access *access; /* while it runs: what the user allows */
	struct job_grant by;
	struct walls walls;
	bool hash_known_hosts; /* as decided by user and site */
	bool host_known; /* the server's key: to known_hosts, or the user */
	struct report report;
	struct far_seen *seen; /* far_login.h: who wants to know; or NULL */
	pthread_mutex_t mutex; /* of the question */
	struct job_question question;
	uint64_t questions; /* asked so far */
	int answered[2]; /* a pipe: readable when the question is */
	bool unheard; /* it never reached anybody */
	bool hushed; /* it was cancelled while a question was open */
	int cancel[2]; /* a pipe: readable when cancelled */
	struct ferry_plan *plan; /* what it has planned, until it is taken */
	bool ran;
	unsigned inside; /* callbacks that run */
	bool doomed; /* freed from inside one */

	/* on a thread of its own; job_thread.c */
	bool threaded;
	pthread_t thread;
	struct outbox outbox;
	ferry_event_fn *on_event;
	void *ctx;
	struct ferry_error failure;
	struct ferry_event last; /* FINISHED, once the outbox has ended */
	bool finished; /* ... and that is, or was, delivered */
};

/* Takes it to be run, once. */
int job_claim(struct ferry_job *job, struct ferry_error *err);
/* All of it, on this thread.  err is not NULL. */
int job_execute(struct ferry_job *job, ferry_event_fn *on_event, void *ctx,
    struct ferry_error *err);
/* Around callbacks: a job that is freed from inside one goes when it leaves. */
void job_enter(struct ferry_job *job);
void job_leave(struct ferry_job *job);
/* Cancel it and wait for its thread, if it has one. */
void job_stop(struct ferry_job *job);

/* Of options: one key at most, and nothing borrowed is left.  ferry_EUSAGE. */
int job_key_take(struct ferry_job *job, struct ferry_error *err);
/* Did the application hand one over, or sign()?  Also when it is forgotten. */
bool job_has_key(const struct ferry_job *job);
/* Its bytes, which are the caller's.  ferry_EKEY: "key_unreadable". */
int job_key_read(
    struct secret **out, struct ferry_job *job, struct ferry_error *err);
void job_key_forget(struct ferry_job *job);

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
 * line, which needs no escaping yet; the caller frees *out.
 */
int job_ask_secret(struct ferry_job *job, const struct ferry_question *asked,
    struct secret **out, struct ferry_error *err);

struct scan;

/* A scan of the job's site; what it finds goes to the job's report. */
void job_scan(struct ferry_job *job, int state_dir, struct scan *out);

#endif
