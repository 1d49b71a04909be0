/* Attacks over sockets, new ones and the handed one.  Worker, of the tests. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/walls/attack.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static socklen_t
loopback(union address *a, unsigned port)
{
	memset(a, 0, sizeof(*a));
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)port);
	a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(a->in);
}

static socklen_t
loopback6(union address *a, unsigned port)
{
	memset(a, 0, sizeof(*a));
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons((uint16_t)port);
	a->in6.sin6_addr = in6addr_loopback;
	return sizeof(a->in6);
}

static socklen_t
local(union address *a, const char *name, bool abstract)
{
	memset(a, 0, sizeof(*a));
	a->un.sun_family = AF_UNIX;
	snprintf(a->un.sun_path + abstract, sizeof(a->un.sun_path) - abstract,
	    "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract +
	    strlen(name));
}

static long
made(int family, int type, int protocol)
{
	return SYS(SYS_socket, family, type | SOCK_CLOEXEC, protocol);
}

static long
reach(int family, int type, int protocol, const union address *a, socklen_t n)
{
	long fd = made(family, type, protocol);

	return fd < 0 ? fd : SYS(SYS_connect, fd, &a->any, n);
}

/* ---- New ones ---- */

static long
tcp(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.tcp);

	return reach(AF_INET, SOCK_STREAM, 0, &a, n);
}

static long
tcp6(void)
{
	union address a;
	socklen_t n = loopback6(&a, targets.tcp6);

	return reach(AF_INET6, SOCK_STREAM, 0, &a, n);
}

static long
mptcp(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.tcp);

	return reach(AF_INET, SOCK_STREAM, 262, &a, n);
}

static long
udp(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.udp);
	long fd = made(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 ? fd : SYS(SYS_sendto, fd, "x", 1, 0, &a.any, n);
}

static long
udp_connected(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.udp);

	return reach(AF_INET, SOCK_DGRAM, 0, &a, n);
}

static long
agent(void)
{
	union address a;
	char path[100];
	socklen_t n;

	snprintf(path, sizeof(path), "%.80s/agent", targets.dir);
	n = local(&a, path, false);
	return reach(AF_UNIX, SOCK_STREAM, 0, &a, n);
}

static long
agent_packets(void)
{
	union address a;
	char path[100];
	socklen_t n;
	long fd;

	snprintf(path, sizeof(path), "%.80s/log", targets.dir);
	n = local(&a, path, false);
	fd = made(AF_UNIX, SOCK_DGRAM, 0);
	return fd < 0 ? fd : SYS(SYS_sendto, fd, "x", 1, 0, &a.any, n);
}

static long
abstract(void)
{
	union address a;
	socklen_t n = local(&a, targets.abstract, true);

	return reach(AF_UNIX, SOCK_STREAM, 0, &a, n);
}

#define MAKE(function, ...)               \
	static long function(void)        \
	{                                 \
		return made(__VA_ARGS__); \
	}

MAKE(netlink, AF_NETLINK, SOCK_RAW, 0)
MAKE(packet, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))
MAKE(vsock, AF_VSOCK, SOCK_STREAM, 0)
MAKE(raw, AF_INET, SOCK_RAW, IPPROTO_ICMP)
MAKE(algorithm, AF_ALG, SOCK_SEQPACKET, 0)

static long
fast_open(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.tcp);
	long fd = made(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? fd
		      : SYS(SYS_sendto, fd, "x", 1, MSG_FASTOPEN, &a.any, n);
}

static long
bound(void)
{
	union address a;
	socklen_t n = loopback(&a, 0);
	long fd = made(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? fd : SYS(SYS_bind, fd, &a.any, n);
}

/* It gets a port all by itself. */
static long
listens(void)
{
	long fd = made(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? fd : SYS(SYS_listen, fd, 1);
}

static long
resolved(void)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int rc = getaddrinfo("localhost", "80", &hints, &found);

	if (found != NULL)
		freeaddrinfo(found);
	return rc == 0 ? 0 : -EPERM;
}

/* With sockets that were there before. */
static long
spare_connect(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.tcp);

	return SYS(SYS_connect, targets.spare_tcp, &a.any, n);
}

static long
spare_bind(void)
{
	union address a;
	socklen_t n = loopback(&a, 0);

	return SYS(SYS_bind, targets.spare_tcp, &a.any, n);
}

static long
spare_listen(void)
{
	return SYS(SYS_listen, targets.spare_tcp, 1);
}

static long
spare_fast_open(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.tcp);

	return SYS(
	    SYS_sendto, targets.spare_tcp, "x", 1, MSG_FASTOPEN, &a.any, n);
}

static long
spare_send(void)
{
	union address a;
	socklen_t n = loopback(&a, targets.udp);

	return SYS(SYS_sendto, targets.spare_udp, "x", 1, 0, &a.any, n);
}

static long
spare_local(void)
{
	union address a;
	socklen_t n = local(&a, targets.abstract, true);

	return SYS(SYS_connect, targets.spare_unix, &a.any, n);
}

/* ---- More descriptors ---- */

#define CALL(function, ...)              \
	static long function(void)       \
	{                                \
		return SYS(__VA_ARGS__); \
	}

static int two[2];
static uint64_t none;

CALL(pair, SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, two)
CALL(dup1, SYS_dup, 0)
CALL(dup3_, SYS_dup3, 0, 777, 0)
CALL(dup_by_fcntl, SYS_fcntl, 0, F_DUPFD, 5)
CALL(dup_cloexec, SYS_fcntl, 0, F_DUPFD_CLOEXEC, 5)
CALL(new_pipe, SYS_pipe2, two, O_CLOEXEC)
CALL(new_event, SYS_eventfd2, 0, 0)
CALL(new_epoll, SYS_epoll_create1, 0)
CALL(new_timer, SYS_timerfd_create, 0, 0)
CALL(new_signal, SYS_signalfd4, -1, &none, 8, 0)

const struct attack attack_sockets[] = {
	{ "connect by TCP", tcp, END_SIGSYS, 0, NULL },
	{ "connect by TCP over IPv6", tcp6, END_SIGSYS, 0,
	    "a machine without IPv6" },
	{ "connect by MPTCP", mptcp, END_SIGSYS, 0, "a kernel without MPTCP" },
	{ "send by UDP", udp, END_SIGSYS, 0, NULL },
	{ "connect by UDP", udp_connected, END_SIGSYS, 0, NULL },
	{ "connect to the agent's socket", agent, END_SIGSYS, 0, NULL },
	{ "send to a logger's socket", agent_packets, END_SIGSYS, 0, NULL },
	{ "connect to an abstract socket", abstract, END_SIGSYS, 0, NULL },
	{ "make a vsock socket", vsock, END_SIGSYS, 0,
	    "a kernel without vsock" },
	{ "make a netlink socket", netlink, END_SIGSYS, 0, NULL },
	{ "make a packet socket", packet, END_SIGSYS, 0, NULL },
	{ "make a raw socket", raw, END_SIGSYS, 0, NULL },
	{ "make a socket of the kernel's ciphers", algorithm, END_SIGSYS, 0,
	    "a kernel without AF_ALG" },
	{ "fast open a new socket", fast_open, END_SIGSYS, 0, NULL },
	{ "bind a port", bound, END_SIGSYS, 0, NULL },
	{ "listen without bind", listens, END_SIGSYS, 0, NULL },
	{ "resolve a name", resolved, END_SIGSYS, 0, NULL },
	{ "connect a spare socket", spare_connect, END_SIGSYS, 0, NULL },
	{ "bind a spare socket", spare_bind, END_SIGSYS, 0, NULL },
	{ "listen on a spare socket", spare_listen, END_SIGSYS, 0, NULL },
	{ "fast open a spare socket", spare_fast_open, END_EPERM, 0, NULL },
	{ "send by a spare UDP socket", spare_send, END_EPERM, 0, NULL },
	{ "connect a spare unix socket", spare_local, END_SIGSYS, 0, NULL },
	{ "make a pair to send itself descriptors", pair, END_EPERM, 0, NULL },
	{ "dup", dup1, END_EPERM, 0, NULL },
	{ "dup3", dup3_, END_EPERM, 0, NULL },
	{ "dup by fcntl", dup_by_fcntl, END_EPERM, 0, NULL },
	{ "dup by fcntl, close on exec", dup_cloexec, END_EPERM, 0, NULL },
	{ "pipe", new_pipe, END_EPERM, 0, NULL },
	{ "eventfd", new_event, END_EPERM, 0, NULL },
	{ "epoll", new_epoll, END_EPERM, 0, NULL },
	{ "timerfd", new_timer, END_EPERM, 0, NULL },
	{ "signalfd", new_signal, END_EPERM, 0, NULL },
	{ 0 },
};

/* ---- The handed one ---- */

static long
unconnect(void)
{
	union address a = { .any = { .sa_family = AF_UNSPEC } };
	long rc = SYS(SYS_connect, targets.socket, &a.any, sizeof(a.in));
	socklen_t n = loopback(&a, targets.tcp);

	if (rc == 0)
		rc = SYS(SYS_connect, targets.socket, &a.any, n);
	return rc == -EINPROGRESS ? 0 : rc;
}

/* Without a byte: what would go through must not disturb the session. */
static long
send_elsewhere(long number, int flags)
{
	union address a;
	socklen_t n = loopback(&a, targets.tcp);
	struct msghdr msg = { .msg_name = &a, .msg_namelen = n };
	struct mmsghdr many = { .msg_hdr = msg };

	if (number == SYS_sendto)
		return SYS(number, targets.socket, "", 0, flags, &a.any, n);
	if (number == SYS_sendmsg)
		return SYS(number, targets.socket, &msg, flags);
	return SYS(number, targets.socket, &many, 1, flags);
}

static long
send_to(void)
{
	return send_elsewhere(SYS_sendto, 0);
}

static long
send_to_fast(void)
{
	return send_elsewhere(SYS_sendto, MSG_FASTOPEN);
}

static long
send_msg(void)
{
	return send_elsewhere(SYS_sendmsg, 0);
}

static long
send_msg_fast(void)
{
	return send_elsewhere(SYS_sendmsg, MSG_FASTOPEN);
}

/* A byte of the server's own protocol it would be, were it sent. */
static long
urgent(void)
{
	char c;

	return SYS(SYS_recvfrom, targets.socket, &c, 1, MSG_OOB, NULL, NULL);
}

static long
send_many(void)
{
	return send_elsewhere(SYS_sendmmsg, 0);
}

static long
bind_again(void)
{
	union address a;
	socklen_t n = loopback(&a, 0);

	return SYS(SYS_bind, targets.socket, &a.any, n);
}

static long
set(int level, int name, const void *p, socklen_t n)
{
	return SYS(SYS_setsockopt, targets.socket, level, name, p, n);
}

static const int on = 1;

#define SET(function, level, name)                            \
	static long function(void)                            \
	{                                                     \
		return set((level), (name), &on, sizeof(on)); \
	}

SET(reuse_port, SOL_SOCKET, SO_REUSEPORT)
SET(mark, SOL_SOCKET, SO_MARK)
SET(transparent, IPPROTO_IP, IP_TRANSPARENT)
SET(buffer, SOL_SOCKET, SO_SNDBUF)

static long
repair(void)
{
	int off = -1;
	long rc = set(IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));

	(void)set(IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off));
	return rc;
}

static long
device(void)
{
	return set(SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
}

static long
congestion(void)
{
	return set(IPPROTO_TCP, TCP_CONGESTION, "reno", 5);
}

static struct ifconf conf;

CALL(listen_handed, SYS_listen, targets.socket, 1)
CALL(accept_handed, SYS_accept4, targets.socket, NULL, NULL, SOCK_NONBLOCK)
CALL(own, SYS_fcntl, targets.socket, F_SETOWN, targets.victim)
CALL(signal_by, SYS_fcntl, targets.socket, F_SETSIG, SIGKILL)
CALL(asynchronous, SYS_fcntl, targets.socket, F_SETFL,
    O_RDWR | O_NONBLOCK | O_ASYNC)
CALL(interfaces, SYS_ioctl, targets.socket, SIOCGIFCONF, &conf)

const struct attack attack_handed[] = {
	{ "point the handed socket elsewhere", unconnect, END_SIGSYS,
	    HANDED_SOCKET, NULL },
	{ "send elsewhere by the handed socket", send_to, END_EPERM,
	    HANDED_SOCKET, NULL },
	{ "fast open the handed socket", send_to_fast, END_EPERM, HANDED_SOCKET,
	    "the kernel: it is connected" },
	{ "sendmsg elsewhere by the handed socket", send_msg, END_NOTHING,
	    HANDED_SOCKET, "the kernel: a connected stream has no addresses" },
	{ "fast open the handed socket by sendmsg", send_msg_fast, END_EPERM,
	    HANDED_SOCKET, "the kernel: it is connected" },
	{ "sendmmsg elsewhere by the handed socket", send_many, END_EPERM,
	    HANDED_SOCKET, NULL },
	{ "receive urgent bytes", urgent, END_EPERM, HANDED_SOCKET,
	    "the kernel: there are none" },
	{ "bind the handed socket", bind_again, END_SIGSYS, HANDED_SOCKET,
	    "the kernel: it is connected" },
	{ "listen on the handed socket", listen_handed, END_SIGSYS,
	    HANDED_SOCKET, "the kernel: it is connected" },
	{ "accept on the handed socket", accept_handed, END_SIGSYS,
	    HANDED_SOCKET, "the kernel: it is connected" },
	{ "SO_REUSEPORT", reuse_port, END_EPERM, HANDED_SOCKET, NULL },
	{ "SO_MARK", mark, END_EPERM, HANDED_SOCKET, NULL },
	{ "SO_BINDTODEVICE", device, END_EPERM, HANDED_SOCKET, NULL },
	{ "SO_SNDBUF", buffer, END_EPERM, HANDED_SOCKET, NULL },
	{ "IP_TRANSPARENT", transparent, END_EPERM, HANDED_SOCKET, NULL },
	{ "TCP_REPAIR", repair, END_EPERM, HANDED_SOCKET, NULL },
	{ "TCP_CONGESTION", congestion, END_EPERM, HANDED_SOCKET, NULL },
	{ "list the interfaces", interfaces, END_EPERM, HANDED_SOCKET, NULL },
	{ "F_SETOWN to another process", own, END_EPERM, HANDED_SOCKET, NULL },
	{ "F_SETSIG", signal_by, END_EPERM, HANDED_SOCKET, NULL },
	{ "O_ASYNC", asynchronous, END_EPERM, HANDED_SOCKET, NULL },
	{ 0 },
};
