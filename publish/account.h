/*
 * Who says that this is the account?  A password from a descriptor, or from a
 * service's credentials, is bound to none; the site file is shared, and whoever
 * may edit it must not have the password sent elsewhere.  Hub.
 */
#ifndef PUBLISH_ACCOUNT_H
#define PUBLISH_ACCOUNT_H

#include "publish/job.h"

/* "sftp://user@host:port": whatever folder is published there. */
void account_print(char *dst, size_t size, const struct site_url *url);

/*
 * May it have such a password?  Yes, if the user has named this account: as the
 * url or the account of this run, or in a section of the access file; or, where
 * no account was named, if the server is known: known_hosts has its key, or the
 * user has just said yes to it.
 */
bool account_is_meant(const struct ferry_job *job);

/*
 * May the key that the site file vouches for be recorded?  Not while there is
 * such a password: the next run would take it for a server that is known.
 */
bool account_may_record(const struct ferry_job *job);

#endif
