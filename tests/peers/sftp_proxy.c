/*
 * sftp_proxy RULES [SFTP-SERVER]: an sftp subsystem that has a real server
 * behind it and does to some packets what a broken or hostile one would.
 *
 * RULES is a file with a rule on each line; a test is data:
 *
 *   log FILE             append "KIND path" to FILE for each request
 *   strip EXTENSION      not offered
 *   bytewise             each byte of each reply travels on its own
 *   reorder N            up to N replies come in the opposite order
 *
 *   status WHEN CODE [TEXT]  answer so, the server never hears of it
 *   raw WHEN HEX         send these bytes as the reply; ID in them is its id
 *   name WHEN COUNT TEXT reply with COUNT names, \xHH in them is a byte
 *   handle WHEN SIZE     the handle grows to SIZE bytes, or shrinks
 *   wrong-id WHEN        reply to a request that was never made
 *   twice WHEN           reply two times
 *   version WHEN         send a VERSION first
 *   short WHEN           DATA loses its second half
 *   cut WHEN BYTES       hang up behind so many bytes of the reply
 *   delay WHEN MS        reply later, and all that follows too
 *   silent WHEN          from now on take everything and say nothing
 *   run WHEN COMMAND     before the request reaches the server
 *
 * WHEN is "KIND[:PART] N": the Nth request, or all for N = *, of this kind
 * (OPEN, WRITE, ..., INIT, an extension's name up to the @, ANY) on a path
 * that has PART in it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PACKET_MAX = 256 * 1024 + 4,
	REQUESTS = 8192,
	HANDLES = 4096,
	RULES = 64,
	PATH = 512,
	INIT = 1,
	VERSION = 2,
	RENAME = 18,
	STATUS = 101,
	HANDLE = 102,
	DATA = 103,
	NAME = 104,
	EXTENDED = 200,
};

static const char *const kinds[] = { "", "INIT", "VERSION", "OPEN", "CLOSE",
	"READ", "WRITE", "LSTAT", "FSTAT", "SETSTAT", "FSETSTAT", "OPENDIR",
	"READDIR", "REMOVE", "MKDIR", "RMDIR", "REALPATH", "STAT", "RENAME",
	"READLINK", "SYMLINK" };

struct rule {
	char *verb, *kind, *part; /* part: "" is in every path */
	char *text; /* what follows */
	unsigned nth; /* 0: all */
	unsigned seen;
};

struct request {
	bool used;
	uint32_t id;
	char path[PATH];
	const struct rule *rules[RULES]; /* that its reply is to meet */
	unsigned count;
};

struct packet {
	size_t n;
	unsigned char p[2 * PACKET_MAX];
};

static struct rule rules[RULES];
static unsigned rule_count;
static struct request requests[REQUESTS];
static char handles[HANDLES][PATH]; /* the paths behind them */
static struct packet held[64];
static unsigned held_count;
static struct packet from_client, from_server;
static struct packet to_server; /* what its pipe has no room for yet */
static bool silent;

static uint32_t
get(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
put(unsigned char *p, size_t value)
{
	p[0] = (unsigned char)(value >> 24);
	p[1] = (unsigned char)(value >> 16);
	p[2] = (unsigned char)(value >> 8);
	p[3] = (unsigned char)value;
}

static void
write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done <= 0)
			exit(0); /* the other side has gone */
		at += done;
		n -= (size_t)done;
	}
}

/* Is word one of these, which stand between spaces? */
static bool
one_of(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (; list != NULL; list = strchr(list, ' ')) {
		list += *list == ' ';
		if (strncmp(list, word, n) == 0 && strchr(" ", list[n]) != NULL)
			return true;
	}
	return false;
}

/* ---- Rules ------------------------------------------------------------- */

static void
load_rules(const char *path)
{
	static char text[64 * 1024];
	FILE *f = fopen(path, "r");
	char *line, *rest = text;

	if (f == NULL)
		err(1, "%s", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	while ((line = strsep(&rest, "\n")) != NULL && rule_count < RULES) {
		struct rule *r = &rules[rule_count];
		char *nth;

		if (*line == '\0' || *line == '#')
			continue;
		rule_count++;
		r->verb = strsep(&line, " ");
		r->kind = r->part = "";
		r->text = line != NULL ? line : "";
		if (one_of(r->verb, "log strip bytewise reorder"))
			continue;
		r->kind = strsep(&line, " ");
		nth = line != NULL ? strsep(&line, " ") : "*";
		r->text = line != NULL ? line : "";
		if (r->kind == NULL)
			errx(1, "%s: %s what?", path, r->verb);
		r->nth = *nth == '*' ? 0 : (unsigned)atoi(nth);
		if (strchr(r->kind, ':') != NULL) {
			r->part = strchr(r->kind, ':');
			*r->part++ = '\0';
		}
	}
}

static const struct rule *
has(const char *verb)
{
	unsigned i;

	for (i = 0; i < rule_count; i++)
		if (strcmp(rules[i].verb, verb) == 0)
			return &rules[i];
	return NULL;
}

static bool
is(const struct rule *r, const char *verb)
{
	return strcmp(r->verb, verb) == 0;
}

/* ---- To the client ----------------------------------------------------- */

static void
flush_held(void)
{
	while (held_count > 0) {
		held_count--;
		write_all(1, held[held_count].p, held[held_count].n);
	}
}

static void
reply(const unsigned char *p, size_t n)
{
	const struct rule *reorder = has("reorder");
	unsigned most = reorder != NULL ? (unsigned)atoi(reorder->text) : 0;

	if (silent)
		return;
	if (has("bytewise")) {
		for (; n > 0; n--)
			write_all(1, p++, 1);
	} else if (most > 0 && n <= sizeof(held[0].p) && p[4] != VERSION) {
		memcpy(held[held_count].p, p, n);
		held[held_count++].n = n;
		if (held_count == most || held_count == 64)
			flush_held();
	} else {
		write_all(1, p, n);
	}
}

static void
reply_status(uint32_t id, const char *text)
{
	unsigned char p[1024];
	char *words;
	uint32_t code = (uint32_t)strtoul(text, &words, 10);
	size_t n = strlen(words += *words == ' ');

	if (n > sizeof(p) - 32)
		n = sizeof(p) - 32;
	put(p, 1 + 4 + 4 + 4 + n + 4);
	p[4] = STATUS;
	put(p + 5, id);
	put(p + 9, code);
	put(p + 13, n);
	memcpy(p + 17, words, n);
	put(p + 17 + n, 0);
	reply(p, 17 + n + 4);
}

static unsigned char
hex(const char *text)
{
	char two[3] = { text[0], text[1], '\0' };

	return (unsigned char)strtoul(two, NULL, 16);
}

static void
reply_raw(uint32_t id, const char *text)
{
	static unsigned char p[PACKET_MAX];
	size_t n = 0;

	for (; *text != '\0' && n < sizeof(p) - 4; text++) {
		if (strncmp(text, "ID", 2) == 0) {
			put(p + n, id);
			n += 4;
			text++;
		} else if (*text != ' ') {
			p[n++] = hex(text++);
		}
	}
	write_all(1, p, n);
}

static void
reply_names(uint32_t id, const char *text)
{
	static unsigned char p[PACKET_MAX];
	char *at, name[PATH];
	unsigned long count = strtoul(text, &at, 10), i;
	size_t n = 0, end = 13;

	for (at += *at == ' '; *at != '\0' && n < sizeof(name); at++) {
		if (strncmp(at, "\\x", 2) == 0) {
			name[n++] = (char)hex(at + 2);
			at += 3;
		} else {
			name[n++] = *at;
		}
	}
	for (i = 0; i < count && end + n + 12 < sizeof(p); i++) {
		put(p + end, n);
		memcpy(p + end + 4, name, n);
		put(p + end + 4 + n, 0); /* no line of ls -l */
		put(p + end + 8 + n, 0); /* no attributes */
		end += n + 12;
	}
	put(p, end - 4);
	p[4] = NAME;
	put(p + 5, id);
	put(p + 9, i);
	reply(p, end);
}

/* The server's handle has 4 bytes; the client's then has this many. */
static size_t
resize_handle(unsigned char *p, size_t size)
{
	size_t i;

	for (i = 4; i < size; i++)
		p[13 + i] = (unsigned char)i;
	put(p, 1 + 4 + 4 + size);
	put(p + 9, size);
	return 13 + size;
}

static void
pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Do to the reply p what r says; its new length, 0: there is none any more. */
static size_t
tamper(const struct rule *r, uint32_t id, unsigned char *p, size_t n)
{
	static const unsigned char version[] = { 0, 0, 0, 5, VERSION, 0, 0, 0,
		3 };
	size_t number = strtoul(r->text, NULL, 10);

	if (is(r, "raw")) {
		reply_raw(id, r->text);
		return 0;
	}
	if (is(r, "name")) {
		reply_names(id, r->text);
		return 0;
	}
	if (is(r, "handle") && p[4] == HANDLE && number < 1024)
		return resize_handle(p, number);
	if (is(r, "wrong-id"))
		put(p + 5, id + 77);
	if (is(r, "twice"))
		reply(p, n);
	if (is(r, "version"))
		reply(version, sizeof(version));
	if (is(r, "short") && p[4] == DATA && get(p + 9) > 1) {
		n = 13 + get(p + 9) / 2;
		put(p, n - 4);
		put(p + 9, n - 13);
	}
	if (is(r, "cut")) {
		write_all(1, p, number < n ? number : n);
		exit(0);
	}
	if (is(r, "delay"))
		pause_ms((long)number);
	return n;
}

/* VERSION without the extensions that are to be hidden. */
static size_t
strip(unsigned char *p, size_t n)
{
	size_t at = 9, end = 9, i;

	while (at + 4 <= n) {
		size_t name = get(p + at);
		size_t all = 4 + name + 4 + get(p + at + 4 + name);
		bool hidden = false;

		for (i = 0; i < rule_count; i++)
			hidden |= is(&rules[i], "strip") &&
			    strlen(rules[i].text) == name &&
			    memcmp(rules[i].text, p + at + 4, name) == 0;
		if (!hidden) {
			memmove(p + end, p + at, all);
			end += all;
		}
		at += all;
	}
	put(p, end - 4);
	return end;
}

static struct request *
request_of(uint32_t id)
{
	unsigned i;

	for (i = 0; i < REQUESTS; i++)
		if (requests[i].used && requests[i].id == id)
			return &requests[i];
	return NULL;
}

static void
take_reply(unsigned char *p, size_t n)
{
	uint32_t id = p[4] == VERSION ? UINT32_MAX : get(p + 5);
	struct request *q = request_of(id);
	unsigned i;

	if (p[4] == VERSION)
		n = strip(p, n);
	if (p[4] == HANDLE && q != NULL && get(p + 13) < HANDLES)
		strcpy(handles[get(p + 13)], q->path);
	for (i = 0; q != NULL && i < q->count && n > 0; i++)
		n = tamper(q->rules[i], id, p, n);
	if (n > 0)
		reply(p, n);
	if (q != NULL)
		q->used = false;
}

/* ---- From the client --------------------------------------------------- */

/* Where in the request its handle or path is; 0: it has none. */
static size_t
subject(const unsigned char *p, size_t n)
{
	size_t at = 9;

	if (p[4] == INIT)
		return 0;
	if (p[4] == EXTENDED)
		at += 4 + get(p + 9);
	return at + 4 <= n && at + 4 + get(p + at) <= n ? at : 0;
}

static bool
by_handle(const char *kind)
{
	return one_of(kind, "CLOSE READ WRITE FSTAT FSETSTAT READDIR fsync");
}

/* The server's own handle again, in the request p; its new length. */
static size_t
restore_handle(unsigned char *p, size_t n, size_t at)
{
	size_t size = get(p + at);

	if (size <= 4)
		return n;
	put(p + at, 4);
	memmove(p + at + 8, p + at + 4 + size, n - (at + 4 + size));
	n -= size - 4;
	put(p, n - 4);
	return n;
}

static void
name_kind(const unsigned char *p, char *kind, size_t size)
{
	size_t n = 0;

	if (p[4] == EXTENDED)
		while (n < get(p + 9) && p[13 + n] != '@')
			n++;
	if (p[4] == EXTENDED)
		snprintf(kind, size, "%.*s", (int)n, (const char *)p + 13);
	else
		snprintf(
		    kind, size, "%s", p[4] <= RENAME + 2 ? kinds[p[4]] : "?");
}

static struct request *
note_request(const unsigned char *p, size_t at, const char *kind)
{
	struct request *q = requests;

	while (q->used)
		if (++q == requests + REQUESTS)
			errx(1, "too many requests");
	q->used = true;
	q->count = 0;
	q->id = p[4] == INIT ? UINT32_MAX : get(p + 5);
	q->path[0] = '\0';
	if (at == 0)
		return q;
	if (!by_handle(kind))
		snprintf(q->path, PATH, "%.*s", (int)get(p + at),
		    (const char *)p + at + 4);
	else if (get(p + at) == 4 && get(p + at + 4) < HANDLES)
		strcpy(q->path, handles[get(p + at + 4)]);
	return q;
}

static void
note_in_log(const char *kind, const char *path)
{
	const struct rule *log = has("log");
	FILE *f = log != NULL ? fopen(log->text, "a") : NULL;

	if (f == NULL)
		return;
	fprintf(f, "%s %s\n", kind, path);
	fclose(f);
}

static void
take_request(unsigned char *p, size_t n)
{
	size_t at = subject(p, n);
	struct request *q;
	char kind[64];
	unsigned i;

	name_kind(p, kind, sizeof(kind));
	if (at > 0 && by_handle(kind))
		n = restore_handle(p, n, at);
	q = note_request(p, at, kind);
	note_in_log(kind, q->path);
	for (i = 0; i < rule_count; i++) {
		struct rule *r = &rules[i];

		if ((strcmp(r->kind, kind) != 0 &&
			strcmp(r->kind, "ANY") != 0) ||
		    strstr(q->path, r->part) == NULL ||
		    (++r->seen != r->nth && r->nth != 0))
			continue;
		if (is(r, "status")) {
			reply_status(q->id, r->text);
			q->used = false;
			return;
		}
		if (is(r, "run") && system(r->text) != 0)
			errx(1, "%s: failed", r->text);
		silent |= is(r, "silent");
		q->rules[q->count++] = r;
	}
	memcpy(to_server.p + to_server.n, p, n);
	to_server.n += n;
}

/*
 * Never wait for the server: it may be waiting until we read.  Nothing more is
 * taken from the client before all of this is gone, so there is room for it.
 */
static void
send_on(int server)
{
	ssize_t n = write(server, to_server.p, to_server.n);

	if (n < 0 && errno != EAGAIN)
		exit(0); /* it has gone */
	if (n > 0)
		memmove(to_server.p, to_server.p + n, to_server.n -= n);
}

/* ---- Between both ------------------------------------------------------ */

static void
start_server(const char *path, int *to, int *from)
{
	int in[2], out[2];

	if (pipe(in) != 0 || pipe(out) != 0)
		err(1, "pipe");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl(path, path, (char *)NULL);
		err(1, "%s", path);
	}
	close(in[0]);
	close(out[1]);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	*to = in[1];
	*from = out[0];
}

/* Read what is there; false at the end.  Whole packets are taken. */
static bool
take(int fd, struct packet *b)
{
	static struct packet one;
	ssize_t got = read(fd, b->p + b->n, PACKET_MAX);
	size_t at = 0, n;

	if (got <= 0)
		return false;
	b->n += (size_t)got;
	while (b->n - at >= 4 && b->n - at >= (n = 4 + get(b->p + at))) {
		memcpy(one.p, b->p + at, n);
		at += n;
		if (fd == 0)
			take_request(one.p, n);
		else
			take_reply(one.p, n);
	}
	memmove(b->p, b->p + at, b->n -= at);
	return b->n < PACKET_MAX;
}

int
main(int argc, char **argv)
{
	struct pollfd fds[3] = { { 0, POLLIN, 0 }, { -1, POLLIN, 0 },
		{ -1, POLLOUT, 0 } };
	int server;

	if (argc < 2)
		errx(1, "usage: sftp_proxy RULES [SFTP-SERVER]");
	load_rules(argv[1]);
	start_server(argc > 2 ? argv[2] : "/usr/lib/openssh/sftp-server",
	    &server, &fds[1].fd);
	for (;;) {
		fds[0].fd = to_server.n == 0 ? 0 : -1;
		fds[2].fd = to_server.n == 0 ? -1 : server;
		/* replies that wait for company travel alone after a while */
		if (poll(fds, 3, held_count > 0 ? 30 : -1) == 0)
			flush_held();
		if (fds[0].revents != 0 && !take(0, &from_client))
			return 0;
		if (fds[1].revents != 0 && !take(fds[1].fd, &from_server))
			return 0;
		if (fds[2].revents != 0)
			send_on(server);
	}
}
