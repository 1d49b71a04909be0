/*
 * Count the round trips of what passes over a line.  Test program.
 *
 * A round trip: the client says something, and hears something that the server
 * said after it had heard that.  Whatever is under way meanwhile belongs to the
 * same one, so that asking for ten things at once costs one.  A SYN, data and a
 * FIN say something; a bare acknowledgement, a reset and what is sent again
 * do not, but for the one that completes a connection to the port of the first:
 * only then does a server greet.
 *
 * So with FTP a control connection and its greeting cost two, a data connection
 * one, a TLS handshake one or two, a command one, and the end of an upload one,
 * by which the server closes the data connection when it sends the 226.
 *
 * Counted for each connection by itself and added up, so that an upload that
 * ends while its STOR is answered counts as two; and "in a row", as if all
 * connections were one, where that is one: what the run has waited for.
 */
#ifndef TRIPS_H
#define TRIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trips;

/* What a packet says, if anything, belongs to these round trips. */
struct trips_mark {
	uint32_t own; /* of its connection, from 1; 0: it says nothing */
	uint32_t all; /* of the run */
};

struct trips_sum {
	uint64_t trips, row, connections;
};

/* Ends with the process, as a failure to get memory does. */
struct trips *trips_new(void);

/* An IP packet is on its way ... */
struct trips_mark trips_sent(
    struct trips *trips, bool by_client, const unsigned char *ip, size_t n);

/* ... and there. */
void trips_heard(struct trips *trips, bool by_client, const unsigned char *ip,
    size_t n, struct trips_mark mark);

/* What was counted since the last call.  Connections older than this call
 * will not be counted any more. */
struct trips_sum trips_take(struct trips *trips);

#endif
