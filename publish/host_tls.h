/*
 * What to do about an FTP server's certificate: the user's pins, the site's,
 * the authorities, and the user.  Hub.
 */
#ifndef PUBLISH_HOST_TLS_H
#define PUBLISH_HOST_TLS_H

#include "publish/job.h"
#include "remote/worker_msg.h"

/*
 * Judge a certificate whose key the server has proven to hold.  0: go on;
 * *pinned tells whether a pin decided, and not the authorities.  ferry_EHOSTKEY,
 * ferry_EHOSTCHANGED: told as an event, too.  What the user accepts is recorded.
 */
int host_tls_judge(struct ferry_job *job, const struct msg_certificate *c,
    bool *pinned, struct ferry_error *err);

/* The only pin that there is: no other key can be accepted. */
bool host_tls_only_pin(const struct ferry_job *job, struct digest *out);

/* host forget and host list, of what is recorded in the access file. */
int host_tls_forget(struct ferry_job *job, struct ferry_error *err);
/* How many were told. */
unsigned host_tls_list(struct ferry_job *job);

/* Do the user or the site name any key? */
bool host_tls_has_pins(const struct ferry_job *job);

#endif
