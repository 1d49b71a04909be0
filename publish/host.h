/*
 * What to do about a host key: the policy over the known_hosts files, the
 * site's pins and the user.  Hub.
 */
#ifndef PUBLISH_HOST_H
#define PUBLISH_HOST_H

#include "known_hosts/store.h"
#include "publish/job.h"
#include "publish/places.h"

struct host {
	struct ferry_job *job;
	struct store *store;
	/* NULL, or the private file with one fallback: what does it say? */
	struct store *alone[STORE_FALLBACKS];
	struct buf algorithms;
	struct place own; /* the private file */
	char fallback[PLACES_SIZE];
};

int host_open(struct host *h, struct ferry_job *job, struct ferry_error *err);
void host_close(struct host *h); /* one that was only zeroed is fine */

/* The host key algorithms to offer, the known ones first. */
const char *host_algorithms(struct host *h);

/*
 * Judge a host key that the server has proven to hold.  0: go on.
 * ferry_EHOSTKEY, ferry_EHOSTCHANGED: told as an event, too, with all that the
 * files say.  What the user accepts is recorded.
 */
int host_judge(struct host *h, const void *blob, size_t n, const char *address,
    struct ferry_error *err);

/* The verbs: host show and host trust; host forget; host list. */
int host_run(struct ferry_job *job, struct ferry_error *err);
int host_forget(struct ferry_job *job, struct ferry_error *err);
int host_list(struct ferry_job *job, struct ferry_error *err);

#endif
