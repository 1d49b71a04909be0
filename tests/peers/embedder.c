/*
 * An application that embeds the library: a job on the library's thread, its
 * main loop by ferry_job_fd(), a key and sockets of its own.
 *
 *   embedder NAME=VALUE...
 *
 *   source, url, hostkey, state, known_hosts, worker	as in the header
 *   verb=check|status|unlock, password=yes, plain_ftp=yes
 *   key_file=FILE
 *   key_fd=FILE, key_pipe=FILE, key_data=FILE		the key's bytes
 *   agent=SOCKET public_key=FILE [agent_key=FILE]	a key that an ssh-agent
 *	signs with; sign=no|wrong: it declines, or signs something else
 *   connect=yes|no|mute|data|file	the sockets are ours: it is 127.0.0.1 in any
 *	case; declined, with or without words; only data connections; no socket
 *   twice=yes			two keys at once
 *   cancel=yes			cancel at the first question
 *   locale=yes			speak the user's language, which has to be there
 *
 * Each event is a line of JSON on standard output; "connect HOST PORT" is a
 * connection that was asked for.  Each question is answered by a line of
 * standard input, when that comes: "yes", "no" or "secret WORDS".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sandferry.h"

enum { SIZE = 16 * 1024, SIGN = 13, SIGNED = 14 };

struct app {
	char **argv;
	const char *agent, *sign, *connect, *password;
	char line[SIZE], data[SIZE];
	unsigned char blob[SIZE]; /* of the key in the agent */
	int blob_len;
	uint64_t open; /* question; or 0 */
	struct ferry_job *job;
	int outcome;
	int url_port;
};

static const char *
arg(const struct app *a, const char *name)
{
	const size_t n = strlen(name);

	for (char **p = a->argv; *p != NULL; p++)
		if (strncmp(*p, name, n) == 0 && (*p)[n] == '=')
			return *p + n + 1;
	return NULL;
}

static void
die(const char *what)
{
	perror(what);
	exit(99);
}

static size_t
load(const char *path, char *dst)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		die(path);
	n = fread(dst, 1, SIZE - 1, f);
	dst[n] = '\0';
	fclose(f);
	return n;
}

/* ---- A key that an agent has ---- */

static unsigned char *
put32(unsigned char *p, size_t n)
{
	for (int i = 3; i >= 0; i--)
		*p++ = (unsigned char)(n >> 8 * i);
	return p;
}

static size_t
get32(const unsigned char *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
	    p[3];
}

static bool
read_all(int fd, unsigned char *p, size_t n)
{
	ssize_t got;

	for (; n > 0; p += got, n -= (size_t)got)
		if ((got = read(fd, p, n)) <= 0)
			return false;
	return true;
}

/* draft-miller-ssh-agent, 4.5 */
static int
ask_agent(const struct app *a, const char *algorithm, const void *data,
    size_t n, void *sig, size_t *size)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned char text[SIZE], *p = text + 4;
	size_t len = 0;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", a->agent);
	*p++ = SIGN;
	p = put32(p, (size_t)a->blob_len);
	memcpy(p, a->blob, (size_t)a->blob_len);
	p = put32(p + a->blob_len, n);
	memcpy(p, data, n);
	p = put32(p + n,
	    strcmp(algorithm, "rsa-sha2-256") == 0       ? 2
		: strcmp(algorithm, "rsa-sha2-512") == 0 ? 4
							 : 0);
	put32(text, (size_t)(p - text) - 4);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    write(fd, text, (size_t)(p - text)) != p - text ||
	    !read_all(fd, text, 9) || text[4] != SIGNED)
		die("agent");
	len = get32(text + 5);
	if (len > *size || !read_all(fd, sig, len))
		die("agent");
	close(fd);
	*size = len;
	return 0;
}

static int
sign(void *ctx, const char *algorithm, const void *data, size_t n, void *sig,
    size_t *size)
{
	const struct app *a = ctx;

	printf("sign %s\n", algorithm);
	if (a->sign != NULL && strcmp(a->sign, "no") == 0)
		return -1;
	return ask_agent(a, algorithm, data,
	    a->sign != NULL && strcmp(a->sign, "wrong") == 0 ? n - 1 : n, sig,
	    size);
}

static void
set_key(struct app *a, struct ferry_options *o)
{
	const char *path;
	int fds[2];
	size_t n;

	o->key_file = arg(a, "key_file");
	if ((path = arg(a, "key_data")) != NULL) {
		o->key_size = load(path, a->data);
		o->key_data = a->data;
	}
	if ((path = arg(a, "key_fd")) != NULL)
		o->key_fd = open(path, O_RDONLY | O_CLOEXEC);
	if ((path = arg(a, "key_pipe")) != NULL) {
		n = load(path, a->data);
		if (pipe(fds) != 0 || write(fds[1], a->data, n) != (ssize_t)n)
			die("pipe");
		close(fds[1]);
		o->key_fd = fds[0];
	}
	if ((path = arg(a, "public_key")) != NULL) {
		load(arg(a, "agent_key") != NULL ? arg(a, "agent_key") : path,
		    a->data);
		strtok(a->data, " ");
		path = strtok(NULL, " \n");
		a->blob_len = EVP_DecodeBlock(
		    a->blob, (const unsigned char *)path, (int)strlen(path));
		for (n = strlen(path); n > 0 && path[n - 1] == '='; n--)
			a->blob_len--;
		load(arg(a, "public_key"), a->line);
		o->sign = sign;
		o->sign_ctx = a;
		o->public_key = a->line;
	}
	if (arg(a, "twice") != NULL)
		o->key_data = "";
}

/* ---- Sockets ---- */

/* A broker that knows one server, which is here. */
static int
make_socket(void *ctx, const char *host, unsigned port, int cancel_fd,
    struct ferry_error *err)
{
	struct app *a = ctx;
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	const bool first = a->url_port == 0 || a->url_port == (int)port;
	int fd;

	(void)cancel_fd;
	printf("connect %s %u\n", host, port);
	if (a->url_port == 0)
		a->url_port = (int)port;
	if (strcmp(a->connect, "mute") == 0)
		return -1;
	if (strcmp(a->connect, "file") == 0)
		return open("/dev/null", O_RDONLY);
	if (strcmp(a->connect, "no") == 0 ||
	    (strcmp(a->connect, "data") == 0 && !first)) {
		err->code = ferry_EPOLICY;
		strcpy(err->id, "broker");
		strcpy(err->text, "the broker says no");
		strcpy(err->hint, "Ask it nicely.");
		return -1;
	}
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect");
	return fd;
}

/* ---- Questions and events ---- */

static void
on_event(void *ctx, const struct ferry_event *event)
{
	struct app *a = ctx;
	char line[SIZE];

	if (event->kind == ferry_EVENT_LOG)
		return;
	ferry_event_json(event, line, sizeof(line));
	puts(line);
	fflush(stdout);
	if (event->kind == ferry_EVENT_QUESTION)
		a->open = event->question->id;
	if (a->open != 0 && arg(a, "cancel") != NULL)
		ferry_job_cancel(a->job);
	if (event->kind == ferry_EVENT_FINISHED)
		a->outcome = event->summary->outcome;
}

/* False: nobody will answer any more. */
static bool
answer(struct app *a)
{
	static const char secret[] = "secret ";
	char line[256];
	size_t n = strlen(secret);

	if (fgets(line, sizeof(line), stdin) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, secret, n) == 0)
		(void)ferry_job_answer(
		    a->job, a->open, true, line + n, strlen(line + n));
	else
		(void)ferry_job_answer(
		    a->job, a->open, strcmp(line, "yes") == 0, NULL, 0);
	a->open = 0;
	return true;
}

static void
loop(struct app *a)
{
	struct pollfd p[2] = {
		{ .fd = ferry_job_fd(a->job), .events = POLLIN },
		{ .events = POLLIN },
	};

	while (ferry_job_dispatch(a->job) == 0) {
		p[1].fd = a->open != 0 ? STDIN_FILENO : -1;
		p[1].revents = 0;
		(void)poll(p, 2, -1);
		if ((p[1].revents & (POLLIN | POLLHUP)) != 0 && !answer(a))
			ferry_job_cancel(a->job);
	}
}

static int
run(struct app *a, struct ferry_error *err)
{
	struct ferry_site *site = NULL;
	struct ferry_options o;
	const char *verb = arg(a, "verb");
	int rc = ferry_site_new(&site, err);

	ferry_options_init(&o);
	o.may_ask = true;
	o.worker = arg(a, "worker");
	o.state_dir = arg(a, "state");
	o.known_hosts = arg(a, "known_hosts");
	o.fallback_known_hosts = "none";
	o.use_password = arg(a, "password") != NULL;
	o.authorities = arg(a, "authorities");
	o.client_certificate = arg(a, "client_certificate");
	o.plain_ftp = arg(a, "plain_ftp") != NULL;
	o.log_level = arg(a, "log") != NULL ? atoi(arg(a, "log")) : 1;
	if (a->connect != NULL) {
		o.connect = make_socket;
		o.connect_ctx = a;
	}
	set_key(a, &o);
	if (rc == 0 && arg(a, "source") != NULL)
		rc = ferry_site_set(site, "source", arg(a, "source"), err);
	if (rc == 0)
		rc = ferry_site_set(site, "url", arg(a, "url"), err);
	if (rc == 0 && arg(a, "hostkey") != NULL)
		rc = ferry_site_set(site, "hostkey", arg(a, "hostkey"), err);
	if (rc == 0)
		rc = ferry_job_new(&a->job, site,
		    verb == NULL                      ? ferry_PUBLISH
			: strcmp(verb, "check") == 0  ? ferry_CHECK
			: strcmp(verb, "unlock") == 0 ? ferry_UNLOCK
						      : ferry_STATUS,
		    &o, err);
	memset(a->data, 'x', sizeof(a->data)); /* it was copied */
	if (rc == 0)
		rc = ferry_job_start(a->job, on_event, a, err);
	if (rc == 0) {
		loop(a);
		rc = -a->outcome;
	} else {
		printf("%s: %s\n", err->id, err->text);
	}
	ferry_job_free(a->job);
	ferry_site_free(site);
	return rc;
}

int
main(int argc, char **argv)
{
	static struct app a;
	struct ferry_error err = { 0 };

	(void)argc;
	setvbuf(stdin, NULL, _IONBF, 0);
	a.argv = argv + 1;
	a.agent = arg(&a, "agent");
	a.sign = arg(&a, "sign");
	a.connect = arg(&a, "connect");
	if (arg(&a, "locale") != NULL && setlocale(LC_ALL, "") == NULL)
		return 125;
	return -run(&a, &err);
}
