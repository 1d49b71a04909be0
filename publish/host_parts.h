/* One host key and all that is said about it, among the files host*.c.  Hub. */
#ifndef PUBLISH_HOST_PARTS_H
#define PUBLISH_HOST_PARTS_H

#include "publish/host.h"

struct host_judgement {
	const struct ferry_job *job;
	struct store_host host;
	char where[300]; /* for people: the port too, unless it is 22 */
	const void *blob;
	size_t n;
	struct store_report store;
	struct store_finding user, system; /* when both are asked */
	struct ferry_host_report report;
	char type[STORE_TYPE_SIZE], fingerprint[HASH_FINGERPRINT_SIZE];
	struct buf line, command;
};

/* The store's own, by its other name. */
struct store_host host_name(const struct ferry_site *site);

/*
 * The command that makes this key trusted, as it can be typed into a shell in
 * the folder where this program was started.
 */
void host_command_print(
    const struct ferry_job *job, const char *fingerprint, struct buf *out);

/*
 * Its beginning for any verb: up to the
 * words that name the site.
 */
void host_command_begin(
    const struct ferry_job *job, const char *verb, struct buf *out);
void host_command_option(struct buf *out, const char *name, const char *value);

/*
 * The ways to refuse a key, in words.  Those after which nobody should trust it
 * take the command away from the report.
 */
int host_refuse_revoked(struct host_judgement *j, struct ferry_error *err);
int host_refuse_changed(struct host_judgement *j, struct ferry_error *err);
int host_refuse_unpinned(struct host_judgement *j, struct ferry_error *err);
/* It is not the one that the user expects. */
int host_refuse_other(struct host_judgement *j, struct ferry_error *err);
int host_refuse_unknown(struct host_judgement *j, struct ferry_error *err);

#endif
