/*
 * ftp_door WORKER PORT [NAME=VALUE...]: play the hub for one FTP session.
 *
 * Steps come on standard input, one in a line, and what the worker says goes to
 * standard output, one message in a line:
 *
 *   mkdir PATH [MODE]     lock PATH          stat PATH         list PATH
 *   put PATH FILE [OFFSET [FLAGS [MODE [MTIME]]]]
 *   get PATH FILE [OFFSET [LENGTH]]
 *   chmod PATH MODE
 *   rename PATH TARGET [ASIDE]     remove PATH    rmdir PATH    sleep MS
 *
 * tls=explicit|implicit|none  user= password= host= ca=FILE verify=1
 * tls13=1 judged=HEX lacks=N known=N silence=MS keepalive=MS trust=0
 * refuse=N (that many data connections)  walls=0  quiet=1.
 * All sockets are made here; data connections go to the control peer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "confine/chan.h"
#include "confine/role.h"
#include "remote/worker_msg.h"

enum { STEPS = 4096, AHEAD = 16 };

struct play {
	int door;
	unsigned port;
	struct msg_connect_ftp config;
	const char *address, *password;
	bool trust, walls;
	unsigned refuse;
	bool ready, over, quiet;
	unsigned sent, done, dials, failures;
};

static const char *const results[] = { "ok", "absent", "denied", "failed",
	"unsupported", "short", "source", "skipped", "exists", "full",
	"again" };

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "ftp_door: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int
dial(const struct play *p, unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	bool v6 = strchr(p->address, ':') != NULL;
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	a.sin_port = a6.sin6_port = htons((uint16_t)port);
	inet_pton(AF_INET, p->address, &a.sin_addr);
	inet_pton(AF_INET6, p->address, &a6.sin6_addr);
	rc = v6 ? connect(fd, (struct sockaddr *)&a6, sizeof a6)
		: connect(fd, (struct sockaddr *)&a, sizeof a);
	if (rc != 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
start_worker(struct play *p, const char *program)
{
	int door[2];
	pid_t pid;

	if (chan_pair(door) != 0 || (pid = fork()) < 0)
		die("worker");
	if (pid == 0) {
		dup2(door[1], CHAN_DOOR_FD);
		execl(program, program, role_name(ROLE_FTP),
		    p->walls ? ROLE_CONFINED : ROLE_UNCONFINED, NULL);
		die(program);
	}
	close(door[1]);
	p->door = door[0];
}

static void
say(struct play *p, struct buf *b, int fd)
{
	if (!buf_ok(b) || chan_send(p->door, b->data, b->len, fd) != 0)
		p->over = true;
	buf_free(b);
	if (fd >= 0)
		close(fd);
	buf_init(b, LIMIT_MESSAGE);
}

static void
answer_dial(struct play *p, unsigned port)
{
	struct msg_socket m = { 0 };
	struct buf b;
	int fd = -ECONNREFUSED;

	p->dials++;
	if (port == 0)
		fd = dial(p, p->port);
	else if (p->refuse == 0)
		fd = dial(p, port);
	else
		p->refuse--;
	if (fd < 0)
		m.os_errno = (uint32_t)-fd;
	buf_init(&b, LIMIT_MESSAGE);
	msg_put_socket(&b, &m);
	say(p, &b, fd);
	buf_free(&b);
}

static void
log_in(struct play *p)
{
	struct msg_blob m = { (const void *)p->password, strlen(p->password) };
	struct buf b;

	buf_init(&b, LIMIT_MESSAGE);
	msg_put_blob(&b, MSG_LOGIN_PASSWORD, &m);
	say(p, &b, -1);
	buf_free(&b);
}

static void
take_certificate(struct play *p, struct buf_reader *body)
{
	struct msg_certificate m;
	struct msg_verdict verdict = { p->trust };
	char hex[HASH_HEX_SIZE];
	struct buf b;

	if (!msg_get_certificate(body, &m))
		die("certificate");
	hash_hex(&m.spki, hex);
	printf("certificate %s tls1.%u chain=%d name=%d %s; for %s; %s\n", hex,
	    m.tls - 1u, m.chain_ok, m.name_ok, m.subject, m.names, m.why);
	buf_init(&b, LIMIT_MESSAGE);
	msg_put_verdict(&b, &verdict);
	say(p, &b, -1);
	buf_free(&b);
	if (p->trust)
		log_in(p);
}

static void
take_done(struct play *p, struct buf_reader *body)
{
	struct msg_done m;

	if (!msg_get_done(body, &m))
		die("done");
	p->done++;
	p->failures += m.result != RESULT_OK;
	if (p->quiet && m.result == RESULT_OK)
		return;
	printf("done %u %s status=%u size=%llu mtime=%llu mode=%o sent=%llu "
	       "%s\n",
	    (unsigned)m.id, results[m.result], (unsigned)m.status,
	    (unsigned long long)m.size, (unsigned long long)m.mtime,
	    (unsigned)m.mode, (unsigned long long)m.sent, m.text);
}

static void
take_other(struct play *p, unsigned type, struct buf_reader *body)
{
	struct ferry_error fail;
	struct msg_ready ready;
	struct msg_entry entry;
	struct msg_learned learned;
	struct msg_progress progress;
	struct msg_login_refused refused;

	switch (type) {
	case MSG_READY:
		if (!msg_get_ready(body, &ready))
			die("ready");
		p->ready = true;
		printf("ready %x %s\n", ready.features, ready.server);
		break;
	case MSG_ENTRY:
		if (!msg_get_entry(body, &entry))
			die("entry");
		printf("entry %u %o %llu %llu %s\n", (unsigned)entry.id,
		    (unsigned)entry.mode, (unsigned long long)entry.size,
		    (unsigned long long)entry.mtime, entry.name);
		break;
	case MSG_LEARNED:
		if (!msg_get_learned(body, &learned))
			die("learned");
		printf("learned has=%x lacks=%x\n", learned.has, learned.lacks);
		break;
	case MSG_PROGRESS:
		if (!msg_get_progress(body, &progress))
			die("progress");
		printf("progress %llu\n", (unsigned long long)progress.bytes);
		break;
	case MSG_LOGIN_REFUSED:
		if (!msg_get_login_refused(body, &refused))
			die("refused");
		printf("refused %s\n", refused.words);
		p->over = true;
		break;
	case MSG_FAIL:
		if (!msg_get_fail(body, &fail))
			die("fail");
		printf("fail %d %s %s\n", fail.code, fail.id, fail.text);
		break;
	default:
		break;
	}
}

/* False: the worker is gone. */
static bool
take_message(struct play *p)
{
	static unsigned char packet[LIMIT_MESSAGE];
	struct buf_reader body;
	struct msg_dial m;
	unsigned type;
	int fd;
	ssize_t n = chan_receive(p->door, packet, sizeof packet, &fd);

	if (n <= 0)
		return false;
	if (fd >= 0 || !worker_msg_open(packet, (size_t)n, &type, &body))
		die("a message that may not come");
	if (type == MSG_DIAL && msg_get_dial(&body, &m))
		answer_dial(p, m.port);
	else if (type == MSG_CERTIFICATE)
		take_certificate(p, &body);
	else if (type == MSG_DONE)
		take_done(p, &body);
	else
		take_other(p, type, &body);
	return true;
}

static void
copy(char *dst, size_t size, const char *src)
{
	snprintf(dst, size, "%s", src != NULL ? src : "");
}

static uint64_t
number(const char *text, uint64_t otherwise)
{
	return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

/* A line of standard input.  False: there is no such step. */
static bool
read_step(char *line, struct msg_step *m, int *fd)
{
	char *words[7] = { NULL }, *rest = line;
	unsigned i;
	struct stat st;

	line[strcspn(line, "\n")] = '\0';
	for (i = 0; i < 7 && rest != NULL; i++)
		words[i] = strsep(&rest, "\t");
	*fd = -1;
	copy(m->path, sizeof m->path, words[1]);
	if (strcmp(words[0], "mkdir") == 0) {
		m->op = STEP_MKDIR;
		m->mode = (uint32_t)number(words[2], 0755);
	} else if (strcmp(words[0], "lock") == 0) {
		m->op = STEP_MKDIR;
		m->mode = 0755;
		m->flags = PUT_EXCLUSIVE;
	} else if (strcmp(words[0], "chmod") == 0) {
		m->op = STEP_CHMOD;
		m->mode = (uint32_t)number(words[2], 0644);
	} else if (strcmp(words[0], "stat") == 0) {
		m->op = STEP_STAT;
	} else if (strcmp(words[0], "list") == 0) {
		m->op = STEP_LIST;
	} else if (strcmp(words[0], "remove") == 0) {
		m->op = STEP_REMOVE;
	} else if (strcmp(words[0], "rmdir") == 0) {
		m->op = STEP_RMDIR;
	} else if (strcmp(words[0], "rename") == 0) {
		m->op = STEP_RENAME;
		copy(m->target, sizeof m->target, words[2]);
		copy(m->aside, sizeof m->aside, words[3]);
	} else if (strcmp(words[0], "put") == 0 && words[2] != NULL) {
		m->op = STEP_PUT;
		*fd = open(words[2], O_RDONLY | O_CLOEXEC);
		if (*fd < 0 || fstat(*fd, &st) != 0)
			die(words[2]);
		m->length = (uint64_t)st.st_size;
		m->offset = number(words[3], 0);
		m->flags = (uint16_t)number(words[4], PUT_TRUNCATE);
		m->mode = (uint32_t)number(words[5], 0);
		m->mtime = number(words[6], 0);
	} else if (strcmp(words[0], "get") == 0 && words[2] != NULL) {
		m->op = STEP_GET;
		*fd = open(
		    words[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (*fd < 0)
			die(words[2]);
		m->offset = number(words[3], 0);
		m->length = number(words[4], UINT64_MAX);
	} else if (strcmp(words[0], "sleep") == 0) {
		m->length = number(words[1], 0);
		return false;
	} else {
		errno = EINVAL;
		die(words[0]);
	}
	return true;
}

/* All is answered, and nothing is asked for a while. */
static void
listen_for(struct play *p, uint64_t ms)
{
	struct pollfd fd = { .fd = p->door, .events = POLLIN };

	while (p->done < p->sent && take_message(p))
		continue;
	while (poll(&fd, 1, (int)ms) > 0 && take_message(p))
		continue;
}

static void
send_steps(struct play *p)
{
	char line[8192];
	struct buf b;

	buf_init(&b, LIMIT_MESSAGE);
	while (!p->over && fgets(line, sizeof line, stdin) != NULL) {
		struct msg_step m = { .id = p->sent + 1 };
		int fd;

		if (!read_step(line, &m, &fd)) {
			listen_for(p, m.length);
			continue;
		}
		msg_put_step(&b, &m);
		say(p, &b, fd);
		p->sent++;
		while (p->sent - p->done >= AHEAD && take_message(p))
			continue;
	}
	while (p->done < p->sent && take_message(p))
		continue;
	buf_free(&b);
}

static void
begin(struct play *p, const char *ca)
{
	struct buf b;
	int fd = dial(p, p->port);

	if (fd < 0)
		die("connect");
	buf_init(&b, LIMIT_MESSAGE);
	p->config.authorities = ca != NULL;
	msg_put_connect_ftp(&b, &p->config);
	say(p, &b, fd);
	if (ca != NULL) {
		fd = open(ca, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die(ca);
		msg_put_authorities(&b);
		say(p, &b, fd);
	}
	buf_free(&b);
	if (p->config.judged || p->config.mode == MSG_TLS_NONE)
		log_in(p);
}

static const char *
option(int argc, char *argv[], const char *name, const char *otherwise)
{
	size_t n = strlen(name);
	int i;

	for (i = argc - 1; i >= 3; i--) /* the last one counts */
		if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
			return argv[i] + n + 1;
	return otherwise;
}

static void
read_options(struct play *p, int argc, char *argv[])
{
	const char *tls = option(argc, argv, "tls", "none");
	const char *judged = option(argc, argv, "judged", NULL);
	struct msg_connect_ftp *c = &p->config;
	unsigned i, byte;

	p->address = option(argc, argv, "address", "127.0.0.1");
	p->password = option(argc, argv, "password", "");
	p->trust = atoi(option(argc, argv, "trust", "1")) != 0;
	p->walls = atoi(option(argc, argv, "walls", "1")) != 0;
	p->quiet = atoi(option(argc, argv, "quiet", "0")) != 0;
	p->refuse = (unsigned)atoi(option(argc, argv, "refuse", "0"));
	c->mode = strcmp(tls, "explicit") == 0 ? MSG_TLS_EXPLICIT
	    : strcmp(tls, "implicit") == 0     ? MSG_TLS_IMPLICIT
					       : MSG_TLS_NONE;
	c->tls_max = atoi(option(argc, argv, "tls13", "0")) ? 4 : 3;
	c->verify = atoi(option(argc, argv, "verify", "0")) != 0;
	c->silence_ms = (uint32_t)atoi(option(argc, argv, "silence", "20000"));
	c->keepalive_ms = (uint32_t)atoi(option(argc, argv, "keepalive", "0"));
	c->lacks = (uint32_t)strtoul(option(argc, argv, "lacks", "0"), NULL, 0);
	c->known = (uint32_t)strtoul(option(argc, argv, "known", "0"), NULL, 0);
	c->port = p->port;
	copy(c->host, sizeof c->host, option(argc, argv, "host", "localhost"));
	copy(c->user, sizeof c->user, option(argc, argv, "user", "ferryman"));
	for (i = 0; judged != NULL && i < HASH_SIZE; i++, c->judged = true) {
		if (sscanf(judged + 2 * i, "%2x", &byte) != 1)
			die("judged");
		c->spki.b[i] = (unsigned char)byte;
	}
}

int
main(int argc, char *argv[])
{
	struct play p = { 0 };
	struct buf b;

	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	p.port = (unsigned)atoi(argv[2]);
	read_options(&p, argc, argv);
	start_worker(&p, argv[1]);
	begin(&p, option(argc, argv, "ca", NULL));
	while (!p.ready && !p.over && take_message(&p))
		continue;
	if (p.ready)
		send_steps(&p);
	buf_init(&b, LIMIT_MESSAGE);
	worker_msg_begin(&b, MSG_QUIT);
	worker_msg_end(&b);
	if (p.done == p.sent)
		say(&p, &b, -1);
	buf_free(&b);
	while (take_message(&p))
		continue;
	close(p.door);
	while (wait(NULL) > 0)
		continue;
	printf("end %u of %u, %u failed, %u dialled\n", p.done, p.sent,
	    p.failures, p.dials);
	return p.done == p.sent && p.ready && p.failures == 0 ? 0 : 1;
}
