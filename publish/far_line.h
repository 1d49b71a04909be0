/*
 * The line of an SFTP session: whether it is compressed, and what is learned
 * of it for the next run, kept beside the ledger's copy.  Hub.
 */
#ifndef PUBLISH_FAR_LINE_H
#define PUBLISH_FAR_LINE_H

#include "publish/job.h"
#include "publish/line.h"
#include "remote/session.h"

struct far_line {
	struct ferry_job *job;
	int state_dir; /* or -1 */
	struct line known;
	/* Is what is to be sent packed already, as far as is known?  Or NULL. */
	bool (*packed)(void *ctx);
	void *packed_ctx;
	unsigned rtt_us; /* 0: unknown */
	bool asked; /* for compression */
	uint64_t first_ms, last_ms; /* when confirmed bytes grew */
	uint64_t first, last; /* ... and what to */
};

void far_line_init(struct far_line *l, struct ferry_job *job);
/* What is remembered is here; -1: nothing. */
void far_line_load(struct far_line *l, int state_dir);
/* For struct session_config; ctx is the line. */
enum msg_compress far_line_compress(void *ctx, unsigned rtt_us);
void far_line_progress(struct far_line *l, uint64_t bytes);
/* It ended before it could do anything: was it the compression? */
void far_line_failed(struct far_line *l, struct ferry_error *err);
/* The session ends: tell, and remember. */
void far_line_end(struct far_line *l, const struct session *session);

#endif
