/*
 * Several FTP sessions as one far side.  Hub.
 *
 * An FTP session does one thing at a time.  What needs a data connection is its
 * one step in flight; of others it has many, which go in bursts.  There are as
 * many sessions as help: further ones log in while those before them work.  A
 * step waits for those before it and holds up those behind it, unless it is
 * loose: then it only keeps its distance from steps whose paths are its own,
 * above or below.
 *
 * A session that is lost takes no step with it: its steps are given to other
 * sessions, and whether they had been done is asked of the server.
 */
#ifndef PUBLISH_FAR_POOL_H
#define PUBLISH_FAR_POOL_H

#include "publish/far_ftp.h"
#include "publish/far_login.h"
#include "publish/far_order.h"

struct far_pool;

/* steps is copied; cancel_fd as in struct session_config. */
int far_pool_new(struct far_pool **out, struct ferry_job *job,
    const struct far_steps *steps, int cancel_fd, struct ferry_error *err);
void far_pool_free(struct far_pool *p); /* NULL is fine */

/* The profile of this target is here. */
void far_pool_load(struct far_pool *p, int state_dir);

/* The first session. */
int far_pool_open(struct far_pool *p, struct ferry_error *err);
bool far_pool_is_open(const struct far_pool *p);

/* enum msg_trait: what is known to work. */
uint32_t far_pool_features(const struct far_pool *p);
/* Has it been seen, in this run or before, that it sets times? */
/* enum msg_trait: known not to work. */
uint32_t far_pool_lacks(const struct far_pool *p);
const struct far_modes *far_pool_modes(const struct far_pool *p);
void far_pool_learn_modes(struct far_pool *p, const struct far_modes *m);

/* So many loose steps are to come: is a further session worth its login? */
void far_pool_expect(struct far_pool *p, size_t steps);

/* Could this step be sent now, without waiting? */
bool far_pool_can(const struct far_pool *p, const struct msg_step *step,
    enum far_order order);
/* Send it, when it can be.  fd stays the caller's. */
int far_pool_send(struct far_pool *p, const struct msg_step *step, int fd,
    enum far_order order, struct ferry_error *err);
/* Deliver replies; wait for one, but at most until that time. */
int far_pool_wait(struct far_pool *p, uint64_t until, struct ferry_error *err);

/* For the sessions that there are: see session_hurry(). */
void far_pool_hurry(struct far_pool *p, unsigned silence_ms);

#endif
