/*
 * A long line between two network namespaces, in user space.  Test program.
 *
 *   wan [-o] DELAY_MS RATE_MBIT [QUEUE_MS]
 *
 * Makes two nameless namespaces that end with this process, 10.77.0.1 in the
 * first and 10.77.0.2 in the second, and a TUN device in each.  A packet that
 * enters one leaves the other when the line, RATE_MBIT wide in each direction,
 * has sent what was before it and the one-way delay has passed.  What would
 * wait for longer than QUEUE_MS (100) is dropped, as a router does.
 *
 * With -o the kernel hands over many segments of a connection as one packet;
 * the line takes as long for it as for the segments.  Only so does a program
 * keep up with a fast line, but a full queue then drops them all together.
 *
 * Prints "ready NAMESPACE NAMESPACE", paths for nsenter --net=.  To each line
 * on standard input it answers with what has passed since the last answer,
 * "packets bytes dropped" of the first namespace and of the second, and the
 * "round-trips in-a-row connections" that the first has begun, see trips.h; at
 * the end of the input it ends.  Needs root.
 */
#include "trips.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MTU = 1500,
	TX_QUEUE = 4000, /* packets that the kernel keeps for us */
	AT_ONCE = 64, /* packets from one side before the other's turn */
	PACKET_MAX = 1 << 17,
};

struct packet {
	struct packet *next;
	int64_t due; /* ns, CLOCK_MONOTONIC */
	struct trips_mark mark;
	size_t n;
	unsigned char data[];
};

/* One way over the line. */
struct way {
	int from, to; /* TUN devices */
	struct packet *first, **last;
	int64_t idle_from; /* when all that it took is sent, ns */
	uint64_t packets, bytes, dropped; /* since the last answer */
};

struct line {
	int64_t delay; /* ns */
	int64_t queue; /* ns */
	double ns_per_byte;
	bool offload;
	struct way ways[2]; /* the first is the client's */
	struct trips *trips;
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void
set_address(struct ifreq *ifr, const char *text)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	inet_pton(AF_INET, text, &sin.sin_addr);
	memcpy(&ifr->ifr_addr, &sin, sizeof(sin));
}

static void
bring_up(int s, const char *device)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP | IFF_RUNNING };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device);
	if (ioctl(s, SIOCSIFFLAGS, &ifr) < 0)
		err(1, "bring up %s", device);
}

static void
configure(const char *device, const char *local, const char *remote)
{
	struct ifreq ifr = { .ifr_mtu = MTU };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device);
	if (s < 0 || ioctl(s, SIOCSIFMTU, &ifr) < 0)
		err(1, "mtu of %s", device);
	ifr.ifr_qlen = TX_QUEUE;
	if (ioctl(s, SIOCSIFTXQLEN, &ifr) < 0)
		err(1, "queue of %s", device);
	set_address(&ifr, local);
	if (ioctl(s, SIOCSIFADDR, &ifr) < 0)
		err(1, "address of %s", device);
	set_address(&ifr, remote);
	if (ioctl(s, SIOCSIFDSTADDR, &ifr) < 0)
		err(1, "peer of %s", device);
	bring_up(s, "lo");
	bring_up(s, device);
	close(s);
}

/* Move to a new namespace with one end of the line in it. */
static int
open_end(bool offload, const char *local, const char *remote, int *ns)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
	unsigned long parts = TUN_F_CSUM | TUN_F_TSO4;
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		err(1, "new network namespace");
	*ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*ns < 0)
		err(1, "/proc/self/ns/net");
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		err(1, "/dev/net/tun");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "wan0");
	if (ioctl(fd, TUNSETIFF, &ifr) < 0)
		err(1, "TUNSETIFF");
	if (ioctl(fd, TUNSETOFFLOAD, offload ? parts : 0) < 0)
		err(1, "TUNSETOFFLOAD");
	configure(ifr.ifr_name, local, remote);
	return fd;
}

/* What these bytes are on a line: with -o each segment has its own headers. */
static size_t
wire_size(const unsigned char *data, size_t n)
{
	struct virtio_net_hdr hdr;
	size_t size = n - sizeof(hdr), segments;

	memcpy(&hdr, data, sizeof(hdr));
	if (hdr.gso_type == VIRTIO_NET_HDR_GSO_NONE || hdr.gso_size == 0 ||
	    hdr.hdr_len > size)
		return size;
	segments = (size - hdr.hdr_len + hdr.gso_size - 1) / hdr.gso_size;
	return size + (segments - 1) * hdr.hdr_len;
}

/* Before each IP packet. */
static const size_t header = sizeof(struct virtio_net_hdr);

static void
take(struct line *line, struct way *way, int64_t now)
{
	bool by_client = way == &line->ways[0];
	static unsigned char data[PACKET_MAX];
	struct packet *p;
	ssize_t n;
	size_t size;
	int i;

	for (i = 0; i < AT_ONCE; i++) {
		n = read(way->from, data, sizeof(data));
		if (n < (ssize_t)header)
			return;
		if (way->idle_from < now)
			way->idle_from = now;
		p = way->idle_from - now > line->queue
		    ? NULL
		    : malloc(sizeof(*p) + (size_t)n);
		if (p == NULL) {
			way->dropped++;
			continue;
		}
		size = wire_size(data, (size_t)n);
		way->packets++;
		way->bytes += size;
		way->idle_from += (int64_t)((double)size * line->ns_per_byte);
		p->next = NULL;
		p->due = way->idle_from + line->delay;
		p->n = (size_t)n;
		p->mark = trips_sent(
		    line->trips, by_client, data + header, p->n - header);
		memcpy(p->data, data, p->n);
		*way->last = p;
		way->last = &p->next;
	}
}

/* Hand out what is due; returns when the next packet is, or `next'. */
static int64_t
deliver(struct line *line, struct way *way, int64_t now, int64_t next)
{
	bool by_client = way == &line->ways[0];
	struct packet *p;

	while ((p = way->first) != NULL && p->due <= now) {
		if (write(way->to, p->data, p->n) < 0)
			way->dropped++;
		trips_heard(line->trips, by_client, p->data + header,
		    p->n - header, p->mark);
		way->first = p->next;
		if (way->first == NULL)
			way->last = &way->first;
		free(p);
	}
	return p != NULL && p->due < next ? p->due : next;
}

/* False at the end of the input. */
static bool
answer(struct line *line)
{
	char text[64];
	struct trips_sum sum;
	int i;

	if (read(STDIN_FILENO, text, sizeof(text)) <= 0)
		return false;
	for (i = 0; i < 2; i++) {
		struct way *way = &line->ways[i];

		printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " ", way->packets,
		    way->bytes, way->dropped);
		way->packets = way->bytes = way->dropped = 0;
	}
	sum = trips_take(line->trips);
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", sum.trips, sum.row,
	    sum.connections);
	fflush(stdout);
	return true;
}

static void
run(struct line *line)
{
	struct pollfd fds[] = {
		{ .fd = line->ways[0].from, .events = POLLIN },
		{ .fd = line->ways[1].from, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	struct timespec wait;
	int64_t now, next;
	int i;

	for (;;) {
		now = now_ns();
		next = now + 1000000000;
		for (i = 0; i < 2; i++)
			next = deliver(line, &line->ways[i], now, next);
		wait.tv_sec = (next - now) / 1000000000;
		wait.tv_nsec = (next - now) % 1000000000;
		if (ppoll(fds, 3, &wait, NULL) < 0 && errno != EINTR)
			err(1, "ppoll");
		if (fds[2].revents != 0 && !answer(line))
			return;
		now = now_ns();
		for (i = 0; i < 2; i++)
			take(line, &line->ways[i], now);
	}
}

int
main(int argc, char **argv)
{
	struct line line = { .queue = 100 * 1000000, .trips = trips_new() };
	int i, ns[2];

	if (argc > 1 && strcmp(argv[1], "-o") == 0) {
		line.offload = true;
		argc--, argv++;
	}
	if (argc < 3 || argc > 4 || atof(argv[2]) <= 0)
		errx(2, "usage: wan [-o] DELAY_MS RATE_MBIT [QUEUE_MS]");
	line.delay = (int64_t)(atof(argv[1]) * 1e6);
	line.ns_per_byte = 8e3 / atof(argv[2]);
	if (argc == 4)
		line.queue = (int64_t)(atof(argv[3]) * 1e6);
	/* Wake up when it is time and not 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	line.ways[0].from =
	    open_end(line.offload, "10.77.0.1", "10.77.0.2", &ns[0]);
	line.ways[1].from =
	    open_end(line.offload, "10.77.0.2", "10.77.0.1", &ns[1]);
	for (i = 0; i < 2; i++) {
		line.ways[i].to = line.ways[!i].from;
		line.ways[i].last = &line.ways[i].first;
	}
	printf("ready /proc/%ld/fd/%d /proc/%ld/fd/%d\n", (long)getpid(), ns[0],
	    (long)getpid(), ns[1]);
	fflush(stdout);
	run(&line);
	return 0;
}
