/*
 * What the user of this machine allows this application: the access file of a
 * job, and what it decides where the caller left things open.  Hub.
 */
#ifndef PUBLISH_ALLOWED_H
#define PUBLISH_ALLOWED_H

#include "auth/access.h"
#include "sandferry.h"

/* Where the administrator keeps the host keys that all users may believe. */
#define ALLOWED_SYSTEM_KNOWN_HOSTS "/etc/ssh/ssh_known_hosts"

/*
 * Load the access file of these options; the caller frees *out.  ferry_EUSAGE
 * also when a url in it is not written as a site's is.
 */
int allowed_load(struct access **out, const struct ferry_options *o,
    struct ferry_error *err);
/* The same, to change it.  ferry_EUSAGE where there is no such file to be. */
int allowed_open(struct access **out, const struct ferry_options *o,
    struct ferry_error *err);

/* Give the options that nobody set, which own their strings, its values. */
int allowed_apply(
    struct ferry_options *o, const struct access *a, struct ferry_error *err);

#endif
