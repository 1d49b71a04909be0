/*
 * test_session: the hub's side of the door against tests/peers/fake_worker, in
 * all its ways to lie, and against itself when it is honest.  After each test
 * no process and no descriptor is left.
 */
#include "remote/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "confine/wall.h"
#include "known_hosts/proof.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { SILENCE_MS = 200, LOG_SIZE = 1 << 20 };

struct world {
	int answers; /* asked for */
	char heard[80]; /* from the server */

	char worker[PATH_MAX];
	int listener;
	unsigned port;
	struct key *key;
	int lowest; /* descriptor that was free before the test */

	struct session_config config;
	struct log log;
	char *said; /* what was logged */
	size_t said_len;

	/* how the callbacks behave, and what they saw */
	bool with_key;
	int verdict;
	unsigned ponder_ms; /* over it */
	const char *passwords[SECRETS_MAX_TRIES]; /* NULL: none */
	unsigned walls, hosts, asked, logged_in, dones, entries;
	char host_type[64];
	uint64_t bytes, size;
	uint32_t last_done;
	struct session *session;
	int inside; /* what a step from inside a callback gave */
};

/* ---- Callbacks ---- */

static void
on_line(void *ctx, enum log_level level, const char *line)
{
	struct world *w = ctx;
	size_t n = strlen(line);

	(void)level;
	if (w->said_len + n + 2 > LOG_SIZE)
		return;
	memcpy(w->said + w->said_len, line, n);
	w->said_len += n;
	w->said[w->said_len++] = '\n';
	w->said[w->said_len] = '\0';
}

static int
judge_wall(void *ctx, const struct msg_wall *wall, struct ferry_error *err)
{
	struct world *w = ctx;

	w->walls++;
	assert_int_equal(w->hosts, 0);
	if (wall->layers == WALL_ALL)
		return 0;
	return err_set(err, ferry_EWALL, "wall_missing", "no");
}

static int
judge_host(void *ctx, const void *blob, size_t n, const char *address,
    struct ferry_error *err)
{
	struct world *w = ctx;

	w->hosts++;
	assert_string_equal(address, "127.0.0.1");
	proof_key_type(blob, n, w->host_type, sizeof(w->host_type));
	usleep(w->ponder_ms * 1000);
	if (w->verdict == 0)
		return 0;
	return err_set(
	    err, (enum ferry_code)w->verdict, "host_key_changed", "no");
}

static int
need_key(void *ctx, const struct key **out, struct ferry_error *err)
{
	struct world *w = ctx;

	(void)err;
	assert_int_equal(w->hosts, 1);
	*out = w->with_key ? w->key : NULL;
	return 0;
}

static int
need_password(void *ctx, unsigned attempt, const char *prompt,
    struct secret **out, struct ferry_error *err)
{
	struct world *w = ctx;
	const char *password = w->passwords[attempt - 1];

	assert_int_equal(w->hosts, 1);
	assert_int_equal(attempt, ++w->asked);
	if (prompt)
		assert_string_equal(prompt, "Password: ");
	if (!password)
		return err_set(err, ferry_ESECRET, "password_needed", "none");
	*out = secret_copy(password, strlen(password));
	return 0;
}

static int
need_answer(void *ctx, const char *prompt, bool echo, struct secret **out,
    struct ferry_error *err)
{
	struct world *w = ctx;

	assert_int_equal(w->hosts, 1);
	assert_string_equal(prompt, echo ? "Code: " : "Secret: ");
	if (++w->answers > 2)
		return err_set(err, ferry_ESECRET, "answer_needed", "none");
	*out = secret_copy(echo ? "123456" : "x", echo ? 6 : 1);
	return 0;
}

static void
said(void *ctx, const char *text)
{
	struct world *w = ctx;

	snprintf(w->heard, sizeof(w->heard), "%s", text);
}

static void
logged_in(void *ctx)
{
	((struct world *)ctx)->logged_in++;
}

static void
on_done(void *ctx, const struct msg_done *done)
{
	struct world *w = ctx;

	w->dones++;
	w->last_done = done->id;
	w->size = done->size;
	w->inside = session_wait(w->session, 0, NULL);
}

static void
on_entry(void *ctx, const struct msg_entry *entry)
{
	struct world *w = ctx;

	assert_non_null(entry->name);
	w->entries++;
}

static void
on_progress(void *ctx, uint64_t bytes)
{
	((struct world *)ctx)->bytes = bytes;
}

/* ---- The world of a test ---- */

static int
lowest(void)
{
	int fd = open("/dev/null", O_RDONLY);

	close(fd);
	return fd;
}

/* Beside the tests' folder, as make puts it. */
static void
find_worker(char dst[PATH_MAX])
{
	char self[PATH_MAX] = "";
	const char *named = getenv("FAKE_WORKER");

	if (named) {
		snprintf(dst, PATH_MAX, "%s", named);
		return;
	}
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	if (snprintf(dst, PATH_MAX, "%s/../peers/fake_worker", dirname(self)) >=
	    PATH_MAX)
		dst[0] = '\0';
}

static struct key *
make_key(void)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	struct key *key = NULL;
	struct ferry_error err = { 0 };
	char *pem;
	long n;

	PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
	n = BIO_get_mem_data(bio, &pem);
	if (key_parse(&key, pem, (size_t)n, NULL, &err) < 0)
		fail_msg("%s", err.text);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return key;
}

static int
group_setup(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	find_worker(w->worker);
	if (access(w->worker, X_OK) < 0) {
		fprintf(stderr, "no %s: make peers\n", w->worker);
		return -1;
	}
	w->said = malloc(LOG_SIZE);
	w->key = make_key();
	w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!w->said ||
	    bind(w->listener, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(w->listener, 256) < 0 ||
	    getsockname(w->listener, (struct sockaddr *)&a, &n) < 0)
		return -1;
	w->port = ntohs(a.sin_port);
	*state = w;
	return 0;
}

static int
group_teardown(void **state)
{
	struct world *w = *state;

	close(w->listener);
	key_free(w->key);
	free(w->said);
	free(w);
	return 0;
}

static int
setup(void **state)
{
	struct world *w = *state;

	w->said[0] = '\0';
	w->said_len = 0;
	w->log = (struct log){ LOG_TRACE, on_line, w };
	w->with_key = true;
	w->verdict = 0;
	w->ponder_ms = 0;
	memset(w->passwords, 0, sizeof(w->passwords));
	w->heard[0] = '\0';
	w->answers = w->walls = w->hosts = w->asked = w->logged_in = w->dones =
	    w->entries = 0;
	w->bytes = w->size = 0;
	w->last_done = 0;
	w->session = NULL;
	w->inside = 0;
	w->config = (struct session_config){ .host = "127.0.0.1",
		.port = w->port,
		.user = "good",
		.worker = w->worker,
		.algorithms = "ssh-ed25519",
		.connect_ms = 2000,
		.silence_ms = 5000,
		.cancel_fd = -1,
		.log = &w->log,
		.ctx = w,
		.confine = true,
		.judge_wall = judge_wall,
		.judge_host = judge_host,
		.need_key = need_key,
		.need_password = need_password,
		.need_answer = need_answer,
		.said = said,
		.logged_in = logged_in,
		.on_done = on_done,
		.on_entry = on_entry,
		.on_progress = on_progress };
	w->lowest = lowest();
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	session_close(w->session);
	w->session = NULL;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(lowest(), w->lowest);
	return 0;
}

static int
open_session(struct world *w, const char *user, struct ferry_error *err)
{
	memset(err, 0, sizeof(*err));
	w->config.user = user;
	return session_open(&w->session, &w->config, err);
}

static void
open_well(struct world *w, const char *user)
{
	struct ferry_error err;

	if (open_session(w, user, &err) < 0)
		fail_msg("%s: %s\n%s", user, err.text, w->said);
}

static struct msg_step
step(uint32_t id, unsigned op)
{
	struct msg_step m = { .id = id, .op = (uint8_t)op, .path = "a/b" };

	return m;
}

/* ---- An honest worker ---- */

static void
logs_in_by_key(void **state)
{
	struct world *w = *state;

	open_well(w, "good");
	assert_int_equal(w->walls, 1);
	assert_int_equal(w->hosts, 1);
	assert_int_equal(w->logged_in, 1);
	assert_int_equal(w->asked, 0);
	assert_string_equal(w->host_type, "ssh-ed25519");
	assert_int_equal(session_ready(w->session)->max_files, 100);
	assert_string_equal(
	    session_ready(w->session)->server, "SSH-2.0-fake\033");
}

static void
logs_in_by_password(void **state)
{
	struct world *w = *state;

	w->with_key = false;
	w->passwords[0] = "wrong";
	w->passwords[1] = "sesame";
	open_well(w, "password");
	assert_int_equal(w->asked, 2);
	assert_int_equal(w->logged_in, 1);
	assert_null(strstr(w->said, "sesame"));
}

static void
logs_in_by_both(void **state)
{
	struct world *w = *state;

	w->passwords[0] = "any";
	open_well(w, "both");
	assert_int_equal(w->asked, 1);
	assert_int_equal(w->logged_in, 1);
}

static void
runs_steps(void **state)
{
	struct world *w = *state;
	struct ferry_error err = { 0 };
	struct msg_step m = step(1, STEP_PUT);
	FILE *f = tmpfile();

	assert_non_null(f);
	fputs("12345", f);
	fflush(f);
	open_well(w, "good");
	assert_int_equal(session_step(w->session, &m, fileno(f), &err), 0);
	fclose(f); /* the worker has its own by now */
	assert_int_equal(session_wait(w->session, 0, &err), 0);
	assert_int_equal(w->dones, 1);
	assert_int_equal(w->last_done, 1);
	assert_int_equal(w->size, 5);
	assert_int_equal(w->bytes, 5);
	assert_int_equal(w->inside, -ferry_EINTERNAL);

	m = step(2, STEP_LIST);
	assert_int_equal(session_step(w->session, &m, -1, &err), 0);
	assert_int_equal(session_wait(w->session, 0, &err), 0);
	assert_int_equal(w->entries, 2);
	session_close(w->session);
	w->session = NULL;
	assert_non_null(strstr(w->said, "-> STEP 1 PUT a/b\n"));
	assert_non_null(strstr(w->said, "<- DONE 1 ok\n"));
	assert_non_null(strstr(w->said, "-> QUIT\n"));
}

/* More than fit in flight, in the socket, and in a table. */
static void
runs_many_steps(void **state)
{
	struct world *w = *state;
	struct ferry_error err = { 0 };
	struct msg_step m = step(0, STEP_PUT);
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	w->log.level = LOG_WARNING;
	open_well(w, "good");
	memset(m.path, 'p', sizeof(m.path) - 1);
	for (m.id = 1; m.id <= 5000; m.id++)
		assert_int_equal(session_step(w->session, &m, fd, &err), 0);
	assert_int_equal(session_wait(w->session, 10, &err), 0);
	assert_true(w->dones >= 4990);
	assert_int_equal(session_wait(w->session, 0, &err), 0);
	assert_int_equal(w->dones, 5000);
	close(fd);
}

static void
refuses_an_id_in_flight(void **state)
{
	struct world *w = *state;
	const struct msg_step m = step(9, STEP_STAT);
	struct ferry_error err;

	open_well(w, "step-silent");
	assert_int_equal(session_step(w->session, &m, -1, &err), 0);
	assert_int_equal(
	    session_step(w->session, &m, -1, &err), -ferry_EINTERNAL);
	assert_string_equal(err.id, "session_misused");
}

/* The worker gets what it needs to, whatever the host looks like. */
static void
spawns_cleanly(void **state)
{
	struct world *w = *state;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	sigset_t usr1, before;
	int leak = open("/dev/null", O_RDONLY), in = dup(0);

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &before);
	sigaction(SIGPIPE, &ignore, &old);
	close(0); /* a pipe or the door may become descriptor 0 */
	open_well(w, "tell");
	sigaction(SIGPIPE, &old, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	session_close(w->session); /* its door may be descriptor 0 */
	w->session = NULL;
	dup2(in, 0);
	close(in);
	close(leak);
	assert_non_null(
	    strstr(w->said, "fds 4 null 1 env 0 pipe 1 usr1 0 own group 1\n"));
}

static void
stops_after_the_host(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->config.host_only = true;
	open_well(w, "good");
	assert_int_equal(w->hosts, 1);
	assert_int_equal(w->logged_in, 0);
	assert_int_equal(session_wait(w->session, 0, &err), -ferry_EINTERNAL);
	assert_non_null(strstr(w->said, "-> VERDICT not trusted\n"));
}

static void
stops_at_a_wrong_host(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->verdict = ferry_EHOSTCHANGED;
	assert_int_equal(open_session(w, "good", &err), -ferry_EHOSTCHANGED);
	assert_string_equal(err.id, "host_key_changed");
	assert_null(w->session);
	assert_null(strstr(w->said, "LOGIN"));
}

/* ---- Refused logins ---- */

static void
says_what_is_offered(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	assert_int_equal(open_session(w, "refuse-key", &err), -ferry_ELOGIN);
	assert_string_equal(err.id, "login_key_refused");
	assert_string_equal(err.text,
	    "the server refused this key for user refuse-key; it offers: "
	    "publickey,password");
	assert_non_null(strstr(err.hint, "ssh-ed25519 SHA256:"));
	assert_int_equal(w->asked, 0);
}

static void
asks_three_times(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->with_key = false;
	for (size_t i = 0; i < COUNT(w->passwords); i++)
		w->passwords[i] = "wrong";
	assert_int_equal(open_session(w, "password", &err), -ferry_ELOGIN);
	assert_string_equal(err.id, "login_password_refused");
	assert_int_equal(w->asked, 3);
}

static void
asks_nobody_where_only_keys_count(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->config.need_key = NULL;
	w->passwords[0] = "any";
	assert_int_equal(open_session(w, "only-keys", &err), -ferry_ELOGIN);
	assert_string_equal(err.id, "login_no_method");
	assert_int_equal(w->asked, 0);
	assert_non_null(strstr(err.hint, "key"));
}

static void
says_that_keys_do_not_count(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	assert_int_equal(
	    open_session(w, "only-passwords", &err), -ferry_ESECRET);
	assert_string_equal(err.id, "password_needed");
	assert_non_null(strstr(err.text, "takes no key yet"));
}

static void
passes_questions_on(void **state)
{
	struct world *w = *state;

	w->with_key = false;
	w->passwords[0] = "sesame";
	open_well(w, "questions");
	assert_int_equal(w->asked, 1);
	assert_int_equal(w->answers, 2);
	assert_string_equal(w->heard, "Name: Instruction");
}

static void
stops_where_nobody_answers(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->with_key = false;
	w->passwords[0] = "sesame";
	w->answers = 1;
	assert_int_equal(open_session(w, "questions", &err), -ferry_ESECRET);
	assert_string_equal(err.id, "answer_needed");
}

static void
says_that_the_server_hung_up(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->with_key = false;
	w->passwords[0] = w->passwords[1] = "wrong";
	assert_int_equal(open_session(w, "hangs-up", &err), -ferry_ELOGIN);
	assert_int_equal(w->asked, 1);
	assert_non_null(strstr(err.text, "(Too many \\x1b failures)"));
}

static void
passes_on_that_there_is_no_password(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->with_key = false;
	assert_int_equal(open_session(w, "password", &err), -ferry_ESECRET);
	assert_string_equal(err.id, "password_needed");
}

static void
wants_a_password_as_well(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->config.need_password = NULL;
	assert_int_equal(open_session(w, "both", &err), -ferry_ELOGIN);
	assert_string_equal(err.id, "login_partial");
}

/* ---- Hostile workers ---- */

static const struct lie {
	const char *user;
	int code;
	const char *id, *words;
} opening_lies[] = {
	{ "wrong-version", ferry_EWALL, "wall_header", "" },
	{ "huge-length", ferry_EWALL, "wall_header", "" },
	{ "huge-packet", ferry_EWALL, "wall_length", "65536" },
	{ "empty-body", ferry_EWALL, "wall_body", "malformed HOSTKEY" },
	{ "unknown-type", ferry_EWALL, "wall_unknown", "type 200" },
	{ "hub-type", ferry_EWALL, "wall_unknown", "CONNECT" },
	{ "wall-again", ferry_EWALL, "wall_repeated", "second WALL" },
	{ "early-ready", ferry_EWALL, "wall_early", "READY" },
	{ "ready-unasked", ferry_EWALL, "wall_early", "READY" },
	{ "two-hostkeys", ferry_EWALL, "wall_repeated", "second HOSTKEY" },
	{ "unproven", ferry_EWALL, "host_proof", "did not sign" },
	{ "pass-fd", ferry_EWALL, "wall_descriptor", "" },
	{ "partial-unsigned", ferry_EWALL, "wall_partial", "before it had" },
	{ "sign-early", ferry_EWALL, "wall_early", "SIGN" },
	{ "offer-early", ferry_EWALL, "wall_early", "OFFER" },
	{ "offer-twice", ferry_EWALL, "wall_repeated", "second OFFER" },
	{ "prompts-early", ferry_EWALL, "wall_early", "PROMPTS" },
	{ "prompts-unasked", ferry_EWALL, "wall_early", "PROMPTS" },
	{ "prompts-many", ferry_EWALL, "wall_body", "malformed PROMPTS" },
	{ "prompts-for-ever", ferry_EWALL, "wall_prompts", "more than 16" },
	{ "sign-garbage", ferry_EWALL, "claim_refused", "" },
	{ "sign-other-user", ferry_EWALL, "claim_refused", "another user" },
	{ "sign-other-session", ferry_EWALL, "claim_refused",
	    "another session" },
	{ "sign-four-times", ferry_EWALL, "wall_signatures", "more than 3" },
	{ "log-flood", ferry_EWALL, "wall_log", "" },
	{ "exits", ferry_EWALL, "wall_worker_exit", "status 7" },
	{ "dies", ferry_EWALL, "wall_worker_refused", "its own wall" },
	{ "dies-otherwise", ferry_EWALL, "wall_worker_signal",
	    "signal 9 (Killed)" },
	{ "talks", ferry_EWALL, "wall_worker_exit", "status 1" },
	{ "fails", ferry_EBUSY, "server_busy", "the session reports: " },
	{ "fails-badly", ferry_EWALL, "worker_failed",
	    "the session reports: \\x1b[2J" },
	{ "no-such-way", ferry_EWALL, "wall_worker_exit", "status 92" },
};

static const struct lie step_lies[] = {
	{ "hostkey-again", ferry_EWALL, "wall_unknown", "HOSTKEY" },
	{ "fails-later", ferry_EFULL, "remote_full", "the disk is full" },
	{ "done-unknown", ferry_EWALL, "wall_done", "step 2" },
	{ "done-twice", ferry_EWALL, "wall_done", "step 1" },
	{ "entry-unlisted", ferry_EWALL, "wall_entry", "step 1" },
	{ "progress-backwards", ferry_EWALL, "wall_progress", "" },
	{ "progress-flood", ferry_EWALL, "wall_progress", "faster" },
	{ "half-done", ferry_EWALL, "wall_body", "malformed DONE" },
	{ "done-with-fd", ferry_EWALL, "wall_descriptor", "" },
};

static const struct lie list_lies[] = {
	{ "entry-evil", ferry_EWALL, "wall_entry", "\"..\"" },
	{ "entry-slash", ferry_EWALL, "wall_entry", "\"a/b\"" },
};

static void
is_caught(const struct world *w, const struct lie *lie, int rc,
    const struct ferry_error *err)
{
	if (rc != -lie->code || strcmp(err->id, lie->id) != 0 ||
	    !strstr(err->text, lie->words))
		fail_msg("%s gave %d %s: %s\n%s", lie->user, rc, err->id,
		    err->text, w->said);
	assert_int_equal(err->code, lie->code);
	assert_null(strchr(err->text, '\033'));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
}

static void
catches_lies_while_opening(void **state)
{
	struct world *w = *state;
	struct ferry_error err;
	int rc;

	for (size_t i = 0; i < COUNT(opening_lies); i++) {
		setup(state);
		w->ponder_ms = 50; /* what comes meanwhile comes too early */
		rc = open_session(w, opening_lies[i].user, &err);
		is_caught(w, &opening_lies[i], rc, &err);
		assert_null(w->session);
		assert_int_equal(w->logged_in, 0);
		teardown(state);
	}
}

/* What comes before anything is asked of it; by the name of its program. */
static const struct lie first_lies[] = {
	{ "wall-late", ferry_EWALL, "wall_early", "HOSTKEY" },
	{ "wall-half", ferry_EWALL, "wall_body", "malformed WALL" },
	{ "wall-odd", ferry_EWALL, "wall_body", "malformed WALL" },
	{ "wall-with-fd", ferry_EWALL, "wall_descriptor", "" },
	{ "wall-thin", ferry_EWALL, "wall_missing", "no" },
	{ "wall-none", ferry_ELOST, "worker_silent", "" },
};

static void
catches_lies_about_the_wall(void **state)
{
	struct world *w = *state;
	char dir[] = "/tmp/test_session.XXXXXX", path[64];
	struct ferry_error err;
	int rc;

	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < COUNT(first_lies); i++) {
		setup(state);
		snprintf(path, sizeof(path), "%s/%s", dir, first_lies[i].user);
		assert_int_equal(symlink(w->worker, path), 0);
		w->config.worker = path;
		w->config.silence_ms =
		    first_lies[i].code == ferry_ELOST ? SILENCE_MS : 5000;
		rc = open_session(w, "good", &err);
		is_caught(w, &first_lies[i], rc, &err);
		assert_int_equal(w->hosts, 0);
		/* it was not told whom it would be talking to */
		assert_null(strstr(w->said, "CONNECT"));
		teardown(state);
		unlink(path);
	}
	rmdir(dir);
}

/* It was asked to end, and had its time. */
static void
ends_a_worker_that_stays(void **state)
{
	struct world *w = *state;

	open_well(w, "stays");
	session_close(w->session);
	w->session = NULL;
}

static void
catch_while_stepping(
    struct world *w, const struct lie *lie, const struct msg_step *first)
{
	struct msg_step m = *first;
	struct ferry_error err = { 0 }, again = { 0 };
	int rc = 0;

	open_well(w, lie->user);
	for (m.id = 1; rc == 0 && m.id < 300; m.id += 100)
		rc = session_step(w->session, &m, -1, &err);
	if (rc == 0)
		rc = session_wait(w->session, 0, &err);
	is_caught(w, lie, rc, &err);
	assert_int_equal(session_step(w->session, &m, -1, &again), rc);
	assert_memory_equal(&again, &err, sizeof(err));
	assert_int_equal(session_wait(w->session, 0, NULL), rc);
}

static void
catches_lies_about_steps(void **state)
{
	struct msg_step m = step(1, STEP_STAT);

	for (size_t i = 0; i < COUNT(step_lies); i++) {
		setup(state);
		catch_while_stepping(*state, &step_lies[i], &m);
		teardown(state);
	}
	m.op = STEP_LIST;
	for (size_t i = 0; i < COUNT(list_lies); i++) {
		setup(state);
		catch_while_stepping(*state, &list_lies[i], &m);
		teardown(state);
	}
}

static void
outlives_a_flood_of_output(void **state)
{
	struct world *w = *state;

	open_well(w, "output-flood");
	session_close(w->session);
	w->session = NULL;
	assert_non_null(strstr(w->said, "worker's output: line 1\n"));
	assert_non_null(strstr(w->said, "worker's output: more is not shown"));
	assert_null(strstr(w->said, "line 99999"));
}

static void
logs_last_words(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	assert_int_equal(open_session(w, "talks", &err), -ferry_EWALL);
	assert_non_null(
	    strstr(w->said, "worker's output: last words\\x1b[31m"));
	assert_non_null(strstr(w->said, "worker's output: without a newline"));
}

static void
takes_this_long(uint64_t before, unsigned least_ms)
{
	assert_in_range(clock_ms() - before, least_ms, least_ms + 10 * 1000);
}

static void
ends_silence(void **state)
{
	static const char *const users[] = { "silent", "chatty" };
	struct world *w = *state;
	struct ferry_error err;
	uint64_t before;

	for (size_t i = 0; i < COUNT(users); i++) {
		w->config.silence_ms = SILENCE_MS;
		before = clock_ms();
		assert_int_equal(open_session(w, users[i], &err), -ferry_ELOST);
		assert_string_equal(err.id, "worker_silent");
		takes_this_long(before, 2 * SILENCE_MS);
	}
}

static void
ends_silence_about_a_step(void **state)
{
	struct world *w = *state;
	const struct msg_step m = step(1, STEP_STAT);
	struct ferry_error err;

	w->config.silence_ms = SILENCE_MS;
	open_well(w, "step-silent");
	assert_int_equal(session_step(w->session, &m, -1, &err), 0);
	usleep(600 * 1000); /* nobody has waited yet */
	assert_int_equal(session_wait(w->session, 1, &err), 0);
	assert_int_equal(session_wait(w->session, 0, &err), -ferry_ELOST);
}

/* It reads nothing: the socket fills up. */
static void
ends_deafness(void **state)
{
	struct world *w = *state;
	struct msg_step m = step(1, STEP_REMOVE);
	struct ferry_error err;
	int rc = 0;

	w->log.level = LOG_WARNING;
	w->config.silence_ms = SILENCE_MS;
	open_well(w, "deaf");
	memset(m.path, 'p', sizeof(m.path) - 1);
	while (rc == 0 && m.id < 1000) {
		rc = session_step(w->session, &m, -1, &err);
		m.id++;
	}
	assert_int_equal(rc, -ferry_ELOST);
}

static void
ends_a_worker_that_closes_the_door(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	assert_int_equal(open_session(w, "closes", &err), -ferry_EWALL);
	assert_string_equal(err.id, "wall_worker_gone");
}

static void
can_be_cancelled(void **state)
{
	struct world *w = *state;
	struct msg_step m = step(1, STEP_STAT);
	struct ferry_error err;
	uint64_t before = clock_ms();
	int tube[2];

	assert_int_equal(pipe2(tube, O_CLOEXEC), 0);
	w->config.cancel_fd = tube[0];
	open_well(w, "step-silent");
	assert_int_equal(session_step(w->session, &m, -1, &err), 0);
	assert_int_equal(write(tube[1], "x", 1), 1);
	assert_int_equal(session_wait(w->session, 0, &err), -ferry_ECANCELLED);
	m.id = 2;
	assert_int_equal(
	    session_step(w->session, &m, -1, &err), -ferry_ECANCELLED);
	session_close(w->session);
	w->session = NULL;
	takes_this_long(before, 0);

	assert_int_equal(open_session(w, "good", &err), -ferry_ECANCELLED);
	close(tube[0]);
	close(tube[1]);
}

/* The worker does not listen, so the last step waits at the door. */
static void
can_be_cancelled_at_the_door(void **state)
{
	struct world *w = *state;
	struct msg_step m = step(1, STEP_STAT);
	struct ferry_error err;
	int tube[2], rc;
	pid_t child;

	w->config.silence_ms = 5000;
	assert_int_equal(pipe2(tube, O_CLOEXEC), 0);
	w->config.cancel_fd = tube[0];
	open_well(w, "deaf");
	memset(m.path, 'p', sizeof(m.path) - 1);
	child = fork();
	if (child == 0) {
		usleep(200 * 1000);
		_exit(write(tube[1], "x", 1) != 1);
	}
	do {
		rc = session_step(w->session, &m, -1, &err);
		m.id++;
	} while (rc == 0);
	assert_int_equal(rc, -ferry_ECANCELLED);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(tube[0]);
	close(tube[1]);
}

static void
says_that_there_is_no_worker(void **state)
{
	struct world *w = *state;
	struct ferry_error err;

	w->config.worker = "/nonexistent/sandferry-worker";
	assert_int_equal(open_session(w, "good", &err), -ferry_EWALL);
	assert_string_equal(err.id, "wall_worker_start");
	assert_non_null(strstr(err.text, "/nonexistent/sandferry-worker"));
}

static void
refuses_a_long_user(void **state)
{
	char user[WORKER_MSG_USER + 1];
	struct world *w = *state;
	struct ferry_error err;

	memset(user, 'u', sizeof(user) - 1);
	user[sizeof(user) - 1] = '\0';
	assert_int_equal(open_session(w, user, &err), -ferry_EUSAGE);
}

static void
says_nothing_to_null(void **state)
{
	struct world *w = *state;

	w->config.user = "dies";
	w->config.log = NULL;
	assert_int_equal(
	    session_open(&w->session, &w->config, NULL), -ferry_EWALL);
	session_close(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(logs_in_by_key),
		TEST(logs_in_by_password),
		TEST(logs_in_by_both),
		TEST(runs_steps),
		TEST(runs_many_steps),
		TEST(refuses_an_id_in_flight),
		TEST(spawns_cleanly),
		TEST(stops_after_the_host),
		TEST(stops_at_a_wrong_host),
		TEST(says_what_is_offered),
		TEST(asks_three_times),
		TEST(asks_nobody_where_only_keys_count),
		TEST(says_that_keys_do_not_count),
		TEST(passes_questions_on),
		TEST(stops_where_nobody_answers),
		TEST(says_that_the_server_hung_up),
		TEST(passes_on_that_there_is_no_password),
		TEST(wants_a_password_as_well),
		TEST(catches_lies_while_opening),
		TEST(catches_lies_about_steps),
		TEST(outlives_a_flood_of_output),
		TEST(logs_last_words),
		TEST(ends_silence),
		TEST(ends_silence_about_a_step),
		TEST(ends_deafness),
		TEST(catches_lies_about_the_wall),
		TEST(ends_a_worker_that_stays),
		TEST(ends_a_worker_that_closes_the_door),
		TEST(can_be_cancelled),
		TEST(can_be_cancelled_at_the_door),
		TEST(says_that_there_is_no_worker),
		TEST(refuses_a_long_user),
		TEST(says_nothing_to_null),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
