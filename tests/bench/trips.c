/*
 * Round trips are counted as a chain is measured: with a clock at each end,
 * which a packet carries to the other, and which advances when the client
 * speaks.  See trips.h for the rules.
 */
#include "trips.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

enum { HEADS = 4096 };

/* The last round trip that each end has heard of. */
struct clock {
	uint32_t client, server;
};

struct talk {
	struct talk *next;
	uint32_t ports; /* client's << 16 | server's */
	uint32_t first; /* sequence number of its SYN */
	uint32_t said[2]; /* up to this sequence number: server, client */
	bool answered, completed;
	struct clock clock;
};

struct trips {
	struct talk *heads[HEADS];
	uint16_t port; /* of the server, for the first connection; 0: none */
	struct clock clock;
};

struct segment {
	uint32_t ports, seq, end;
	bool opens; /* the client's SYN */
};

struct trips *
trips_new(void)
{
	struct trips *trips = calloc(1, sizeof(*trips));

	if (trips == NULL)
		err(1, NULL);
	return trips;
}

/* False: not one of TCP over IPv4, or a reset. */
static bool
parse(const unsigned char *ip, size_t n, bool by_client, struct segment *s)
{
	struct iphdr outer;
	struct tcphdr tcp;
	size_t at, headers;

	if (n < sizeof(outer))
		return false;
	memcpy(&outer, ip, sizeof(outer));
	at = outer.ihl * 4U;
	if (outer.version != 4 || outer.protocol != IPPROTO_TCP ||
	    n < at + sizeof(tcp))
		return false;
	memcpy(&tcp, ip + at, sizeof(tcp));
	headers = at + tcp.doff * 4U;
	if (tcp.rst || n < headers)
		return false;
	s->ports = by_client
	    ? (uint32_t)ntohs(tcp.source) << 16 | ntohs(tcp.dest)
	    : (uint32_t)ntohs(tcp.dest) << 16 | ntohs(tcp.source);
	s->seq = ntohl(tcp.seq);
	s->end = s->seq + (uint32_t)(n - headers) + tcp.syn + tcp.fin;
	s->opens = by_client && tcp.syn;
	return true;
}

static struct talk **
head_of(struct trips *trips, uint32_t ports)
{
	return &trips->heads[(ports ^ ports >> 16) % HEADS];
}

static struct talk *
find(struct trips *trips, uint32_t ports)
{
	struct talk *talk = *head_of(trips, ports);

	while (talk != NULL && talk->ports != ports)
		talk = talk->next;
	return talk;
}

static struct talk *
open_talk(struct trips *trips, const struct segment *s)
{
	struct talk **head = head_of(trips, s->ports);
	struct talk *talk = calloc(1, sizeof(*talk));

	if (talk == NULL)
		err(1, NULL);
	talk->ports = s->ports;
	talk->first = s->seq;
	talk->said[1] = s->seq;
	talk->next = *head;
	*head = talk;
	if (trips->port == 0)
		trips->port = (uint16_t)s->ports;
	return talk;
}

/* Does it say what was not said before? */
static bool
says(const struct trips *trips, struct talk *talk, bool by_client,
    const struct segment *s)
{
	bool completes = by_client && talk->answered && !talk->completed &&
	    (uint16_t)s->ports == trips->port;

	if (!by_client && !talk->answered) {
		talk->answered = true;
		talk->said[0] = s->seq;
	}
	if (completes)
		talk->completed = true;
	if ((int32_t)(s->end - talk->said[by_client]) <= 0)
		return completes;
	talk->said[by_client] = s->end;
	return true;
}

struct trips_mark
trips_sent(
    struct trips *trips, bool by_client, const unsigned char *ip, size_t n)
{
	struct trips_mark nothing = { 0 }, mark;
	struct segment s;
	struct talk *talk;

	if (!parse(ip, n, by_client, &s))
		return nothing;
	talk = find(trips, s.ports);
	if (s.opens && (talk == NULL || talk->first != s.seq))
		talk = open_talk(trips, &s);
	if (talk == NULL || !says(trips, talk, by_client, &s))
		return nothing;
	mark.own = by_client ? talk->clock.client + 1 : talk->clock.server;
	mark.all = by_client ? trips->clock.client + 1 : trips->clock.server;
	return mark;
}

static void
advance(uint32_t *clock, uint32_t to)
{
	if (*clock < to)
		*clock = to;
}

void
trips_heard(struct trips *trips, bool by_client, const unsigned char *ip,
    size_t n, struct trips_mark mark)
{
	struct segment s;
	struct talk *talk;

	if (mark.own == 0 || !parse(ip, n, by_client, &s) ||
	    (talk = find(trips, s.ports)) == NULL)
		return;
	advance(
	    by_client ? &talk->clock.server : &talk->clock.client, mark.own);
	advance(
	    by_client ? &trips->clock.server : &trips->clock.client, mark.all);
}

struct trips_sum
trips_take(struct trips *trips)
{
	struct trips_sum sum = { .row = trips->clock.client };
	struct talk *talk;
	size_t i;

	for (i = 0; i < HEADS; i++) {
		while ((talk = trips->heads[i]) != NULL) {
			sum.trips += talk->clock.client;
			sum.connections++;
			trips->heads[i] = talk->next;
			free(talk);
		}
	}
	memset(&trips->clock, 0, sizeof(trips->clock));
	trips->port = 0;
	return sum;
}
