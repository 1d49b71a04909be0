/*
 * Read files of the site back and hash them, many at once.  Hub.
 *
 * By SFTP they come in small pieces that are hashed in order; by FTP, which
 * reads on to the end in any case, in large ones, mostly one, that are hashed
 * while they grow, what is hashed being given back.  So neither memory nor disk
 * grows with a file.
 */
#ifndef PUBLISH_READBACK_H
#define PUBLISH_READBACK_H

#include "base/hash.h"
#include "publish/far.h"

enum { READBACK_SAMPLE = 64 * 1024, READBACK_SAMPLES = 3 };

enum readback_result {
	READBACK_NONE, /* not read */
	READBACK_EQUAL,
	READBACK_OTHER, /* other bytes, or another number of them */
	READBACK_FAILED, /* it could not be read */
};

struct readback_file {
	const char *path;
	uint64_t size;
	/*
	 * Only its first, middle and last 64 KiB; `digest' is of those, one
	 * after the other.  By SFTP, and of files that are larger than that.
	 */
	bool sample;
	struct digest digest;
};

struct readback {
	struct far *far;
	size_t count;
	void *ctx;
	/* What file i should be; false: it is not to be read. */
	bool (*make)(void *ctx, size_t i, struct readback_file *out);
	/* It was read; done says why it could not be. */
	void (*done)(void *ctx, size_t i, enum readback_result result,
	    const struct msg_done *done);
};

/* Fails when the session does. */
int readback_run(const struct readback *rb, struct ferry_error *err);

/* Where sample k of a file of that size begins. */
uint64_t readback_sample_at(uint64_t size, unsigned k);

#endif
