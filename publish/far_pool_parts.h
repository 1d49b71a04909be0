/*
 * What the two halves of the FTP pool share: far_pool.c, its steps, and
 * far_member.c, its sessions.  Hub; included by them only.
 */
#ifndef PUBLISH_FAR_POOL_PARTS_H
#define PUBLISH_FAR_POOL_PARTS_H

#include "publish/far_grow.h"
#include "publish/far_pool.h"
#include "publish/far_settle.h"

enum {
	MEMBERS = SITE_MAX_CONNECTIONS + 1, /* one for what is urgent */
	MANY = 32, /* simple steps in one session */
	FLIGHTS = MEMBERS * MANY,
};

struct flight {
	bool used;
	struct msg_step step;
	int fd; /* a copy, or -1 */
	enum far_order order;
	struct far_settle settle;
	uint64_t not_before;
	struct member *by; /* NULL: to be sent again */
};

struct member {
	struct far_pool *pool;
	struct far_login login;
	unsigned flying; /* steps */
	bool many; /* all of them are simple */
	uint64_t confirmed; /* bytes */
	uint64_t idle_since;
	bool rested; /* it was idle for long before these */
	bool tired; /* a passing fault: have another session */
};

struct far_pool {
	struct ferry_job *job;
	struct far_ftp ftp;
	struct far_steps steps;
	int cancel_fd;
	uint32_t features; /* as the first session had them */
	struct member members[MEMBERS];
	struct flight flights[FLIGHTS];
	struct far_marks marks[FLIGHTS]; /* of those in use */
	unsigned losses;
	uint64_t confirmed;
	struct far_grow growth;
};

/* One that is there may still be logging in. */
bool far_member_is_there(const struct member *m);
unsigned far_member_count(const struct far_pool *p); /* that are there */
unsigned far_member_count_open(const struct far_pool *p);
/* Which could take a step now, a simple one?  That with the fewest, or NULL. */
struct member *far_member_free(struct far_pool *p, bool simple);
/* Was it idle for so long that a server may lose patience? */
bool far_member_has_rested(const struct member *m);

/* Where there is none at all: waits, and asks a busy server again. */
int far_member_open_first(
    struct far_pool *p, struct member **out, struct ferry_error *err);
/* One more, beside one that is open: it logs in while the others work. */
int far_member_begin(struct far_pool *p, struct ferry_error *err);
/* As many more as help now. */
int far_member_grow(struct far_pool *p, struct ferry_error *err);

/*
 * Its session has failed, by *e: its steps, if it had any, are for another one.
 * 0, or a negated code: there is no point in going on.
 */
int far_member_lose(struct far_pool *p, struct member *m,
    const struct ferry_error *e, struct ferry_error *err);
/* This flight is over. */
void far_member_land(struct flight *f);

#endif
