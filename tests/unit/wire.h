/*
 * A libssh2 and an SSH transport that are none: what the SFTP engine writes
 * comes out as requests, and what is put into wire.to_us it reads.  A test that
 * calls wire_begin has these instead of the real ones.
 */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { WIRE_CHANNELS = 4 };

struct wire_request {
	unsigned channel;
	uint8_t type;
	uint32_t id; /* of SSH_FXP_INIT: the version */
	struct buf_reader body; /* behind the id; valid during the call only */
};

extern struct wire {
	struct buf to_us[WIRE_CHANNELS], from_us[WIRE_CHANNELS];
	size_t window[WIRE_CHANNELS]; /* bytes that it may write; then shut */
	bool ended[WIRE_CHANNELS];
	unsigned channels; /* that were opened */
	uint64_t now; /* ms */
	unsigned tick; /* ms that pass from one look at the clock to the next */
	void (*answer)(struct wire_request *r);
} wire;

/* A new connection, with windows without end. */
void wire_begin(void (*answer)(struct wire_request *r), unsigned tick);

void wire_end(void);

#endif
