/*
 * targets DIR: what the attacks are after, and a witness.  Listens by every
 * kind of socket, is there to be signalled, and writes down in DIR/heard
 * whatever reaches it.  Prints its ports as "name value" lines when all is set.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

enum { MAX = 12 };

static struct pollfd fds[MAX];
static const char *names[MAX];
static int types[MAX];
static nfds_t count;

/* Whether such a socket can be had here. */
static int
add(const char *name, int type, union address *a, socklen_t n)
{
	int fd = socket(a->any.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, &a->any, n) != 0 ||
	    (type != SOCK_DGRAM && listen(fd, 128) != 0)) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	n = sizeof(*a);
	getsockname(fd, &a->any, &n);
	names[count] = name;
	types[count] = type;
	fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 1;
}

static void
add_internet(const char *name, int type)
{
	union address a = { .in = { .sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };

	if (!add(name, type, &a, sizeof(a.in)))
		err(1, "%s", name);
	printf("%s %u\n", name, ntohs(a.in.sin_port));
}

static void
add_unix(const char *name, int type, const char *path, int abstract)
{
	union address a = { .un = { .sun_family = AF_UNIX } };
	socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    (size_t)abstract + strlen(path));

	snprintf(a.un.sun_path + abstract,
	    sizeof(a.un.sun_path) - (size_t)abstract, "%s", path);
	if (!add(name, type, &a, n))
		err(1, "%s", path);
}

static void
add_all(void)
{
	union address six = { .in6 = { .sin6_family = AF_INET6,
				  .sin6_addr = in6addr_loopback } };
	char name[64];

	add_internet("tcp", SOCK_STREAM);
	add_internet("udp", SOCK_DGRAM);
	add_internet("server", SOCK_STREAM);
	if (add("tcp6", SOCK_STREAM, &six, sizeof(six.in6)))
		printf("tcp6 %u\n", ntohs(six.in6.sin6_port));
	add_unix("agent", SOCK_STREAM, "agent", 0);
	add_unix("log", SOCK_DGRAM, "log", 0);
	snprintf(name, sizeof(name), "sandferry-walls-%d", (int)getpid());
	add_unix("abstract", SOCK_STREAM, name, 1);
	printf("abstract %s\nvictim %d\n", name, (int)getpid());
}

static void
add_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGTERM);
	sigdelset(&all, SIGALRM);
	sigprocmask(SIG_BLOCK, &all, NULL);
	names[count] = "signal";
	types[count] = 0;
	fds[count++] = (struct pollfd){ .fd = signalfd(-1, &all, SFD_CLOEXEC),
		.events = POLLIN };
}

static void
take(nfds_t i)
{
	char bytes[256];
	int fd;

	if (types[i] == SOCK_STREAM) {
		fd = accept(fds[i].fd, NULL, NULL);
		if (fd >= 0)
			close(fd);
	} else {
		(void)!read(fds[i].fd, bytes, sizeof(bytes));
	}
}

int
main(int argc, char **argv)
{
	FILE *heard;
	nfds_t i;

	if (argc != 2 || chdir(argv[1]) != 0)
		errx(1, "usage: targets DIR");
	heard = fopen("heard", "we");
	if (heard == NULL)
		err(1, "heard");
	add_signals();
	add_all();
	printf("set 1\n");
	fclose(stdout);
	alarm(300);
	for (;;) {
		if (poll(fds, count, -1) < 0 && errno != EINTR)
			err(1, "poll");
		for (i = 0; i < count; i++) {
			if ((fds[i].revents & POLLIN) == 0)
				continue;
			take(i);
			if (strcmp(names[i], "server") != 0)
				fprintf(heard, "%s\n", names[i]);
			fflush(heard);
		}
	}
}
