/*
 * The client certificate of a job's FTP sessions, and its key, which stays
 * here.  Hub.
 */
#ifndef PUBLISH_FAR_CLIENT_H
#define PUBLISH_FAR_CLIENT_H

#include "auth/client_cert.h"
#include "publish/job.h"
#include "remote/session.h"

struct far_client {
	struct client_cert *cert;
	struct key *key;
	struct session_client session; /* points to the above */
};

/*
 * Read the file, and judge its days.  ferry_EKEY as client_cert.h and
 * key_read_client_cert() say; the texts name the file.
 */
int far_client_read(struct client_cert **out, const struct ferry_job *job,
    const char *path, struct ferry_error *err);

/* Take key over: it has to be that of the job's certificate. */
int far_client_take(struct far_client *c, const struct ferry_job *job,
    struct key *key, struct ferry_error *err);
void
far_client_free(struct far_client *c); /* one that was only zeroed is fine */

#endif
