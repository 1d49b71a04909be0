/*
 * Grants in use: which key a job may log in with, and the verbs that make,
 * show and take back grants.  Hub.
 *
 * A login by grant goes through four doors, and the key file is opened behind
 * the second only: the grant is there and ours; the server is the one that it
 * was made for; the file holds the key that was granted; the login worked.
 */
#ifndef PUBLISH_GRANTS_H
#define PUBLISH_GRANTS_H

#include <stdbool.h>

#include "auth/key.h"
#include "auth/key_peek.h"
#include "publish/job.h"

/*
 * Choose the key of a job that names none: that of the service manager
 * (credentials_dir/key), which like one on the command line was chosen
 * for this run, or the granted one.  It becomes the job's key_file.
 * ferry_EKEY: "key_not_granted", "grant_forged", and as app_secret.h says.
 */
int grants_choose(struct ferry_job *job, struct ferry_error *err);

/* All three allow whatever needs no grant. */

/* Is this host key, proven, the one of the grant?  ferry_EKEY: "grant_host". */
int grants_judge_host(
    struct ferry_job *job, const void *blob, size_t n, struct ferry_error *err);
/*
 * key_read_file() for the job's key, or job_key_read().  ferry_EKEY: "grant_moved", or
 * "grant_stale" as soon as the file shows it.
 */
int grants_read_key(struct secret **file, unsigned *worries,
    struct ferry_job *job, struct ferry_error *err);
/* The same of the key itself: "grant_stale". */
int grants_judge_key(
    struct ferry_job *job, const struct key *key, struct ferry_error *err);

/*
 * Logged in: put down when, and bind the grant to the host's key if nothing
 * did.  A failure is told, and is none of the run's.
 */
void grants_note_login(struct ferry_job *job);

/*
 * The folder of a file: url that comes from a site file: open, if it is the
 * one that was granted.  ferry_EKEY: "folder_not_granted", "grant_forged",
 * "grant_moved", "grant_stale"; ferry_EREACH.
 */
int
grants_folder_open(int *out, struct ferry_job *job, struct ferry_error *err);

/* The verbs. */
int grants_add(struct ferry_job *job, struct ferry_error *err);
int grants_list(struct ferry_job *job, struct ferry_error *err);
int grants_remove(struct ferry_job *job, struct ferry_error *err);
int grants_import(struct ferry_job *job, struct ferry_error *err);

#endif
