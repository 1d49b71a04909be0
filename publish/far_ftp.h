/*
 * What the FTP sessions of a job have in common: whether TLS is wanted, the key
 * that was trusted, the password that worked, what the server can do.  Hub.
 */
#ifndef PUBLISH_FAR_FTP_H
#define PUBLISH_FAR_FTP_H

#include "base/secret.h"
#include "publish/far_client.h"
#include "publish/job.h"
#include "remote/session.h"

/* Permissions that a server gives what is new there; 0: unknown. */
struct far_modes {
	uint32_t file, folder;
};

struct far_ftp {
	struct ferry_job *job;
	int authorities; /* the bundle, or -1 */
	bool judged, pinned; /* in this run; by a pin */
	bool shown; /* `spki` was seen, and not only pinned */
	unsigned looks; /* because of another key */
	struct digest spki;
	struct secret *password; /* the one that was sent last */
	bool right; /* it logged in: no source is asked again */
	struct far_client client; /* of all sessions, from the first on */

	/* the host's profile, kept in the state folder */
	int state_dir; /* or -1 */
	unsigned tls_max; /* minor version */
	unsigned connections; /* that help; 0: unknown */
	uint32_t has, lacks; /* enum msg_trait, as learned */
	unsigned bursts_lost; /* in this run: sessions, in their first burst */
	uint32_t offered; /* by the server itself; 0: nobody has asked */
	uint64_t asked; /* when; seconds since 1970 */
	/* the key that an authority vouched for, as it must each time */
	bool vouched;
	struct digest vouched_spki;
	struct far_modes modes;
	bool changed; /* the profile, since it was read */
};

/*
 * Before the seal: open the authorities, judge whether TLS may be left out.
 * ferry_EUSAGE: --cacert cannot be read, or a key was selected.
 */
int
far_ftp_open(struct far_ftp *f, struct ferry_job *job, struct ferry_error *err);
/* Keeps the profile; one that was only zeroed is fine. */
void far_ftp_close(struct far_ftp *f);

/* The profile of this target is here; -1: none is kept. */
void far_ftp_load(struct far_ftp *f, int state_dir);

/* For the next session, after what is known by now. */
void far_ftp_config(const struct far_ftp *f, struct session_ftp *out);

int far_ftp_judge(struct far_ftp *f, const struct msg_certificate *c,
    struct ferry_error *err);
void far_ftp_learned(struct far_ftp *f, const struct msg_learned *m);
/* A session is ready: what the server offers. */
void far_ftp_ready(struct far_ftp *f, const struct msg_ready *m);
/* So many connections are best. */
void far_ftp_helped(struct far_ftp *f, unsigned connections);
/* Password: the one that worked, or *known false: ask the sources. */
int far_ftp_password(struct far_ftp *f, unsigned attempt, bool *known,
    struct secret **out, struct ferry_error *err);
/* That one is sent now. */
int far_ftp_keep_password(
    struct far_ftp *f, const struct secret *password, struct ferry_error *err);

/*
 * A session could not be opened: is there another way, which has been noted?
 * Else *err is made clearer.
 */
bool far_ftp_try_again(struct far_ftp *f, struct ferry_error *err);

#endif
