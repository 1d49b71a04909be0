/* What the files grants*.c share.  Hub. */
#ifndef PUBLISH_GRANTS_PARTS_H
#define PUBLISH_GRANTS_PARTS_H

#include <limits.h>

#include "publish/grants.h"

/* The application's secret; see app_secret.h. */
int grants_secret(struct secret **out, const struct ferry_job *job, bool make,
    struct ferry_error *err);

/* A hint that ends in the command that grants this key (NULL: FILE). */
void grants_hint(struct ferry_error *err, const struct ferry_job *job,
    const char *words, const char *key);

/* Is there a server and a user on it to make a grant for? */
int grants_judge_site(const struct ferry_job *job, struct ferry_error *err);

/* Is a client certificate named for SFTP, which knows none? */
int
grants_judge_certificate(const struct ferry_job *job, struct ferry_error *err);

/* Is it a grant of this application as it stands there?  ferry_EKEY. */
int grants_judge(
    struct ferry_job *job, const struct grant *g, struct ferry_error *err);

/* access add for a file: url, and what became of what it granted. */
int grants_folder_add(struct ferry_job *job, struct ferry_error *err);
enum ferry_grant_state grants_folder_look(const struct grant *g);

/* A key that is to be granted, or might be. */
struct grants_offer {
	char key[PATH_MAX], certificate[PATH_MAX]; /* "": none named */
	struct key_peek peek;
	char comment[sizeof(((struct key_peek *)0)->comment) * 4];
	char host_key[HASH_FINGERPRINT_SIZE]; /* "": not known for sure */
	char made[GRANT_TIME_SIZE];
	struct ferry_grant shown; /* points to the above */
};

/*
 * Look at a key file, which makes it the job's key_file; its passphrase is
 * asked for only if nothing else tells which key it is.
 */
int grants_offer_make(struct grants_offer *o, struct ferry_job *job,
    const char *path, struct ferry_error *err);
/* Store and show it. */
int grants_offer_take(const struct grants_offer *o, struct ferry_job *job,
    struct ferry_error *err);

#endif
