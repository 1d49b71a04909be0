/*
 * The process that starts programs from outside the wall, and its two messages.
 * Hub, on both sides of a socket pair.
 */
#include "auth/secrets_outside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/secrets_child.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { WORDS = 66, MESSAGE = 16 * 1024, NAME = 160 };

struct secrets_outside {
	int fd;
	pid_t pid;
};

/* ---- One request, one answer ---- */

struct request {
	char name[NAME];
	char *argv[WORDS + 1]; /* owned */
	struct secrets_child child;
};

static void
put_request(struct buf *b, const struct secrets_child *c)
{
	uint32_t n = 0;

	while (c->argv[n] != NULL)
		n++;
	buf_put_u32(b, n);
	for (uint32_t i = 0; i < n; i++)
		buf_put_cstring(b, c->argv[i]);
	buf_put_cstring(b, c->name);
	buf_put_u8(b, (uint8_t)c->env);
	buf_put_u8(b, c->quiet);
	buf_put_u32(b, (uint32_t)c->timeout_ms);
	buf_put_u32(b, (uint32_t)c->max);
	buf_put_u8(b, c->input != NULL);
	if (c->input != NULL)
		buf_put_string(b, c->input->data, c->input->len);
}

static bool
get_word(struct buf_reader *r, char **out)
{
	size_t n;
	const unsigned char *p = buf_get_string(r, &n, MESSAGE);

	*out = p != NULL && memchr(p, '\0', n) == NULL
	    ? strndup((const char *)p, n)
	    : NULL;
	return *out != NULL;
}

/* What it owns is freed by free_request(), whatever came. */
static bool
get_request(struct buf_reader *r, struct request *q)
{
	struct secrets_child *c = &q->child;
	const unsigned char *input;
	struct secret *copy = NULL;
	uint32_t count, i;
	size_t n;
	bool ok = true;

	memset(q, 0, sizeof(*q));
	count = buf_get_u32(r);
	if (count == 0 || count > WORDS)
		return false;
	for (i = 0; ok && i < count; i++)
		ok = get_word(r, &q->argv[i]);
	buf_get_cstring(r, q->name, sizeof(q->name));
	c->name = q->name;
	c->argv = q->argv;
	c->env = (enum secrets_child_env)buf_get_u8(r);
	c->quiet = buf_get_u8(r);
	c->timeout_ms = (int)buf_get_u32(r);
	c->max = buf_get_u32(r);
	if (buf_get_u8(r) != 0) {
		input = buf_get_string(r, &n, SECRETS_CHILD_INPUT);
		copy = input != NULL ? secret_copy(input, n) : NULL;
		ok &= copy != NULL;
	}
	c->input = copy;
	return ok && buf_get_end(r) && c->max <= MESSAGE / 2;
}

static void
free_request(struct request *q)
{
	for (size_t i = 0; i < WORDS; i++)
		free(q->argv[i]);
	secret_free((struct secret *)q->child.input);
}

static void
put_answer(struct buf *b, int rc, const struct ferry_error *e,
    const struct secret *got)
{
	buf_put_u32(b, (uint32_t)-rc);
	if (rc == 0) {
		buf_put_string(b, got->data, got->len);
		return;
	}
	buf_put_u32(b, (uint32_t)e->os_errno);
	buf_put_cstring(b, e->id);
	buf_put_cstring(b, e->text);
}

static int
get_answer(struct buf_reader *r, struct secret **out, struct ferry_error *err)
{
	struct ferry_error e = { .code = (int)buf_get_u32(r) };
	const unsigned char *p;
	size_t n;

	if (e.code == 0) {
		p = buf_get_string(r, &n, MESSAGE);
		if (p != NULL && buf_get_end(r))
			*out = secret_copy(p, n);
		return *out != NULL ? 0 : err_memory(err);
	}
	e.os_errno = (int)buf_get_u32(r);
	buf_get_cstring(r, e.id, sizeof(e.id));
	buf_get_cstring(r, e.text, sizeof(e.text));
	if (!buf_get_end(r))
		return err_memory(err);
	if (err != NULL)
		*err = e;
	return -e.code;
}

/* b is wiped: it may hold a secret. */
static bool
pass(int fd, struct buf *b)
{
	ssize_t n = -1;

	if (buf_ok(b))
		do {
			n = send(fd, b->data, b->len, MSG_NOSIGNAL);
		} while (n < 0 && errno == EINTR);
	secret_wipe(b->data, b->len);
	buf_free(b);
	return n >= 0;
}

/* All room at once: a buffer that grows leaves copies behind. */
static bool
begin(struct buf *b)
{
	buf_init(b, MESSAGE);
	if (buf_grow(b, MESSAGE) == NULL) {
		buf_free(b);
		return false;
	}
	buf_reset(b);
	return true;
}

static ssize_t
take(int fd, unsigned char p[MESSAGE])
{
	ssize_t n;

	do {
		n = recv(fd, p, MESSAGE, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* ---- Outside ---- */

static bool
is_listed(char *const argv[], const struct secrets_program *p)
{
	size_t i;

	for (i = 0; p->argv[i] != NULL; i++)
		if (argv[i] == NULL || strcmp(argv[i], p->argv[i]) != 0)
			return false;
	return argv[i] == NULL || (p->more && argv[i + 1] == NULL);
}

static int
answer(struct buf_reader *r, const struct secrets_program *programs,
    size_t count, int cancel_fd, struct secret **out, struct ferry_error *err)
{
	struct request q;
	bool listed = false;
	int rc;

	if (!get_request(r, &q)) {
		rc = err_set(err, ferry_EINTERNAL, "secret_program",
		    "a program was asked for in a way that makes no sense");
	} else {
		for (size_t i = 0; i < count; i++)
			listed |= is_listed(q.argv, &programs[i]);
		q.child.cancel_fd = cancel_fd;
		rc = listed
		    ? secrets_child_run(out, &q.child, err)
		    : err_set(err, ferry_EPOLICY, "secret_program",
			  "%s is not a program that was asked for", q.argv[0]);
	}
	free_request(&q);
	return rc;
}

static void
serve(
    int fd, const struct secrets_program *programs, size_t count, int cancel_fd)
{
	unsigned char packet[MESSAGE];
	ssize_t n;

	while ((n = take(fd, packet)) > 0) {
		struct buf_reader r = buf_read(packet, (size_t)n);
		struct ferry_error e = { 0 };
		struct secret *got = NULL;
		struct buf b;
		int rc = answer(&r, programs, count, cancel_fd, &got, &e);

		secret_wipe(packet, (size_t)n);
		if (!begin(&b))
			return;
		put_answer(&b, rc, &e, got);
		secret_free(got);
		if (!pass(fd, &b))
			return;
	}
}

/* ---- Inside ---- */

int
secrets_outside_start(struct secrets_outside **out,
    const struct secrets_program *programs, size_t count, int cancel_fd,
    struct ferry_error *err)
{
	struct secrets_outside *o = calloc(1, sizeof(*o));
	int fds[2], e;

	*out = NULL;
	if (o == NULL)
		return err_memory(err);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		e = errno;
		goto failed;
	}
	o->fd = fds[0];
	o->pid = fork();
	if (o->pid == 0) {
		close(fds[0]);
		/* a ^C is for the hub, which cancels us */
		(void)setpgid(0, 0);
#ifdef __linux__
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
		serve(fds[1], programs, count, cancel_fd);
		_exit(0);
	}
	e = errno;
	close(fds[1]);
	if (o->pid > 0) {
		*out = o;
		return 0;
	}
	close(fds[0]);
failed:
	free(o);
	return err_os(err, ferry_EINTERNAL, e, "no_process",
	    "cannot start a process for the programs of secrets");
}

void
secrets_outside_end(struct secrets_outside *o)
{
	if (o == NULL)
		return;
	close(o->fd);
	while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(o);
}

int
secrets_outside_run(struct secret **out, const struct secrets_outside *o,
    const struct secrets_child *c, struct ferry_error *err)
{
	struct secret *packet = secret_new(MESSAGE);
	struct buf_reader r;
	struct buf b;
	ssize_t n = -1;
	int rc;

	*out = NULL;
	if (packet == NULL || !begin(&b)) {
		secret_free(packet);
		return err_memory(err);
	}
	put_request(&b, c);
	if (pass(o->fd, &b))
		n = take(o->fd, packet->data);
	if (n > 0) {
		r = buf_read(packet->data, (size_t)n);
		rc = get_answer(&r, out, err);
	} else {
		rc = err_os(err, ferry_ESECRET, n < 0 ? errno : 0,
		    "secret_program", "cannot start %s", c->name);
	}
	secret_free(packet);
	return rc;
}
