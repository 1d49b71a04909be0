/*
 * What compresses a stream of bytes: one for each form of a sidecar.  Hub.
 */
#ifndef PUBLISH_SIDECAR_CODER_H
#define PUBLISH_SIDECAR_CODER_H

#include <stdbool.h>
#include <stddef.h>

/* As it is called, what is to be read and where there is room; then the rest. */
struct sidecar_flow {
	const unsigned char *from;
	size_t left;
	unsigned char *to;
	size_t room;
};

struct sidecar_coder {
	char version[24]; /* of the library in use */
	void *(*begin)(void); /* NULL: out of memory */
	/*
	 * Take what is left, fill the room.  last: nothing comes behind it.
	 * *more: there was not enough room, call again.  False: out of memory.
	 */
	bool (*run)(void *state, struct sidecar_flow *f, bool last, bool *more);
	void (*end)(void *state); /* NULL is fine */
};

struct sidecar_coder sidecar_gzip(void);
struct sidecar_coder sidecar_brotli(void); /* begin NULL: not built in */

#endif
