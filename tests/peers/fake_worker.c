/*
 * fake_worker: a worker that talks to no server and lies.  What it does is the
 * user name that it is told to log in as: see the table at the end.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "confine/chan.h"
#include "confine/spawn.h"
#include "confine/wall.h"
#include "remote/worker_msg.h"

enum { ED25519 = 32, ED25519_SIGNATURE = 64 };

static const char type_name[] = "ssh-ed25519";

/* The host's secret; its public half is made from it. */
static const unsigned char seed[ED25519] = "the host key of the fake worker";
static const unsigned char session_id[32] = "the exchange hash, H = session";

static unsigned char packet[LIMIT_MESSAGE];
static struct msg_connect ordered;
static unsigned char user_key[LIMIT_KEY_BLOB];
static size_t user_key_len;

/* ---- The door ---- */

static void
say_with(struct buf *b, int pass)
{
	if (!buf_ok(b) || chan_send(CHAN_DOOR_FD, b->data, b->len, pass) < 0)
		exit(99); /* the hub has gone */
	buf_free(b);
}

static void
say(struct buf *b)
{
	say_with(b, -1);
}

static struct buf
empty(void)
{
	struct buf b;

	buf_init(&b, 2 * LIMIT_MESSAGE);
	return b;
}

/* What a worker is behind; nobody looks. */
static void
say_wall(unsigned layers)
{
	struct buf b = empty();

	msg_put_wall(&b, &(struct msg_wall){ .layers = (uint8_t)layers });
	say(&b);
}

/* The next message must be of this type; at the end of the door, exit. */
static struct buf_reader
hear(unsigned want, int *passed)
{
	struct buf_reader body;
	unsigned type;
	int fd;
	ssize_t n = chan_receive(CHAN_DOOR_FD, packet, sizeof(packet), &fd);

	if (n <= 0)
		exit(0);
	if (!worker_msg_open(packet, (size_t)n, &type, &body) || type != want) {
		printf("expected %s, heard %s\n", worker_msg_name(want),
		    worker_msg_name(type));
		exit(98);
	}
	if (passed)
		*passed = fd;
	else if (fd >= 0)
		exit(97);
	return body;
}

/* Until the hub closes the door. */
static void
linger(void)
{
	int fd;

	while (chan_receive(CHAN_DOOR_FD, packet, sizeof(packet), &fd) > 0)
		;
	exit(0);
}

/* ---- Proofs and signatures ---- */

static EVP_PKEY *
host_key(void)
{
	return EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
}

static void
put_host_blob(struct buf *b)
{
	unsigned char public[ED25519];
	size_t n = sizeof(public);
	EVP_PKEY *key = host_key();
	struct buf blob = empty();

	EVP_PKEY_get_raw_public_key(key, public, &n);
	buf_put_cstring(&blob, type_name);
	buf_put_string(&blob, public, n);
	buf_put_string(b, blob.data, blob.len);
	buf_free(&blob);
	EVP_PKEY_free(key);
}

static void
put_host_signature(struct buf *b, const void *hash, size_t hash_len)
{
	unsigned char raw[ED25519_SIGNATURE];
	size_t n = sizeof(raw);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key = host_key();
	struct buf signature = empty();

	EVP_DigestSignInit(ctx, NULL, NULL, NULL, key);
	EVP_DigestSign(ctx, raw, &n, hash, hash_len);
	buf_put_cstring(&signature, type_name);
	buf_put_string(&signature, raw, n);
	buf_put_string(b, signature.data, signature.len);
	buf_free(&signature);
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(ctx);
}

/* What the host signed, and the hash that we say it signed. */
static void
say_hostkey(const void *signed_hash, const void *told)
{
	struct buf reply = empty(), b = empty();

	buf_put_u8(&reply, 31); /* SSH_MSG_KEX_ECDH_REPLY */
	put_host_blob(&reply);
	buf_put_cstring(&reply, "the server's half of the exchange");
	put_host_signature(&reply, signed_hash, sizeof(session_id));
	msg_put_hostkey(&b,
	    &(struct msg_hostkey){
		{ reply.data, reply.len }, { told, sizeof(session_id) } });
	say(&b);
	buf_free(&reply);
}

/* What the server takes, in every way that does not say otherwise. */
static void
say_offer(const char *methods)
{
	struct msg_offer m = { .banner = "be\033 good" };
	struct buf b = empty();

	snprintf(m.methods, sizeof(m.methods), "%s", methods);
	msg_put_offer(&b, &m);
	say(&b);
}

static void
prove_only(void)
{
	struct buf_reader r;
	struct msg_verdict verdict;

	say_hostkey(session_id, session_id);
	r = hear(MSG_VERDICT, NULL);
	if (!msg_get_verdict(&r, &verdict))
		exit(96);
	if (!verdict.trusted)
		linger();
}

static void
prove(void)
{
	prove_only();
	say_offer("publickey,password,keyboard-interactive");
}

static void
hear_key(void)
{
	struct buf_reader r = hear(MSG_LOGIN_KEY, NULL);
	struct msg_blob m;

	if (!msg_get_blob(&r, &m, sizeof(user_key)))
		exit(96);
	memcpy(user_key, m.p, m.n);
	user_key_len = m.n;
}

static struct buf
claim(const void *session, const char *user)
{
	struct buf b = empty();

	buf_put_string(&b, session, sizeof(session_id));
	buf_put_u8(&b, 50); /* SSH_MSG_USERAUTH_REQUEST */
	buf_put_cstring(&b, user);
	buf_put_cstring(&b, "ssh-connection");
	buf_put_cstring(&b, "publickey");
	buf_put_u8(&b, 1);
	buf_put_cstring(&b, type_name);
	buf_put_string(&b, user_key, user_key_len);
	return b;
}

static void
say_sign(const struct buf *data)
{
	struct buf b = empty();

	msg_put_blob(&b, MSG_SIGN, &(struct msg_blob){ data->data, data->len });
	say(&b);
}

/* Did the user's key sign this data? */
static bool
verify(struct msg_blob signature, const struct buf *data)
{
	struct buf_reader r = buf_read(user_key, user_key_len);
	struct buf_reader s = buf_read(signature.p, signature.n);
	const unsigned char *public, *raw;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key;
	size_t n, raw_len;
	bool ok;

	buf_get_string(&r, &n, 64);
	public = buf_get_string(&r, &n, ED25519);
	buf_get_string(&s, &raw_len, 64);
	raw = buf_get_string(&s, &raw_len, ED25519_SIGNATURE);
	if (!buf_get_end(&r) || !buf_get_end(&s))
		return false;
	key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, n);
	ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, raw, raw_len, data->data, data->len) == 1;
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(ctx);
	return ok;
}

static void
have_signed(void)
{
	struct buf data = claim(session_id, ordered.user);
	struct buf_reader r;
	struct msg_blob m;

	say_sign(&data);
	r = hear(MSG_SIGNATURE, NULL);
	if (!msg_get_blob(&r, &m, LIMIT_SIGNATURE) || !verify(m, &data)) {
		printf("this is no signature\n");
		exit(95);
	}
	buf_free(&data);
}

static void
say_refused(const char *methods, enum msg_refusal how)
{
	struct msg_login_refused m = { .how = (uint8_t)how };
	struct buf b = empty();

	snprintf(m.methods, sizeof(m.methods), "%s", methods);
	msg_put_login_refused(&b, &m);
	say(&b);
}

static void
say_ready(void)
{
	struct buf b = empty();

	msg_put_ready(&b,
	    &(struct msg_ready){ MSG_POSIX_RENAME, 100, "SSH-2.0-fake\033" });
	say(&b);
}

static void
log_in(void)
{
	prove();
	hear_key();
	have_signed();
	say_ready();
}

/* ---- Steps ---- */

static void
say_done(uint32_t id, unsigned result)
{
	struct msg_done m = { .id = id, .result = (uint8_t)result };
	struct buf b = empty();

	msg_put_done(&b, &m);
	say(&b);
}

static void
say_entry(uint32_t id, const char *name)
{
	struct msg_entry m = { .id = id, .mode = 0100644 };
	struct buf b = empty();

	snprintf(m.name, sizeof(m.name), "%s", name);
	msg_put_entry(&b, &m);
	say(&b);
}

static void
say_progress(uint64_t bytes)
{
	struct buf b = empty();

	msg_put_progress(&b, &(struct msg_progress){ .bytes = bytes });
	say(&b);
}

static void
say_fail(int code, const char *id, const char *text)
{
	struct ferry_error e = { .code = code };
	struct buf b = empty();

	snprintf(e.id, sizeof(e.id), "%s", id);
	snprintf(e.text, sizeof(e.text), "%s", text);
	msg_put_fail(&b, &e);
	say(&b);
}

static struct msg_step
hear_step(int *fd)
{
	static struct msg_step m;
	struct buf_reader r = hear(MSG_STEP, fd);

	if (!msg_get_step(&r, &m))
		exit(96);
	return m;
}

/* Answer every step until QUIT; a file that is passed gives its size. */
static void
serve(void)
{
	struct msg_done done;
	struct buf_reader r;
	struct msg_step m;
	struct stat st;
	unsigned type;
	struct buf b;
	uint64_t sent = 0;
	ssize_t n;
	int fd;

	for (;;) {
		n = chan_receive(CHAN_DOOR_FD, packet, sizeof(packet), &fd);
		if (n <= 0 || !worker_msg_open(packet, (size_t)n, &type, &r))
			exit(94);
		if (type == MSG_QUIT)
			exit(0);
		if (type != MSG_STEP || !msg_get_step(&r, &m))
			exit(94);
		memset(&done, 0, sizeof(done));
		done.id = m.id;
		if (fd >= 0 && fstat(fd, &st) == 0)
			done.sent = done.size = (uint64_t)st.st_size;
		if (fd >= 0)
			close(fd);
		if (m.op == STEP_LIST) {
			say_entry(m.id, "index.html");
			say_entry(m.id, "..hidden");
		}
		say_progress(sent += done.sent);
		b = empty();
		msg_put_done(&b, &done);
		say(&b);
	}
}

/* ---- Ways to behave ---- */

static void
good(void)
{
	log_in();
	serve();
}

static void
password(void)
{
	struct buf_reader r;
	struct msg_blob m;

	prove();
	for (;;) {
		r = hear(MSG_LOGIN_PASSWORD, NULL);
		if (!msg_get_blob(&r, &m, LIMIT_SECRET))
			exit(96);
		if (m.n == 6 && memcmp(m.p, "sesame", 6) == 0)
			break;
		say_refused("publickey,password", REFUSAL_WRONG);
	}
	say_ready();
	serve();
}

static void
only_keys(void)
{
	prove_only();
	say_offer("publickey");
	linger();
}

static void
only_passwords(void)
{
	prove_only();
	say_offer("password");
	linger();
}

static void
say_prompts(const struct msg_prompts *m)
{
	struct buf b = empty();

	msg_put_prompts(&b, m);
	say(&b);
}

/* Is this what was answered? */
static void
hear_answers(const char *first, const char *second)
{
	struct buf_reader r = hear(MSG_ANSWERS, NULL);
	struct msg_answers m;

	if (!msg_get_answers(&r, &m) || m.count != (second ? 2 : 1) ||
	    m.answer[0].n != strlen(first) ||
	    memcmp(m.answer[0].p, first, m.answer[0].n) != 0 ||
	    (second && memcmp(m.answer[1].p, second, m.answer[1].n) != 0))
		exit(96);
}

static void
questions(void)
{
	prove_only();
	say_offer("keyboard-interactive");
	hear(MSG_LOGIN_PROMPTED, NULL);
	say_prompts(&(struct msg_prompts){
	    .count = 1, .prompt = { { false, "Password: " } } });
	hear_answers("sesame", NULL);
	say_prompts(&(struct msg_prompts){ "Name", "Instruction", 2,
	    { { false, "Secret: " }, { true, "Code: " } } });
	hear_answers("x", "123456");
	say_ready();
	serve();
}

static void
hangs_up(void)
{
	struct msg_login_refused m = { "password", REFUSAL_CLOSED,
		"Too many \033 failures" };
	struct buf b = empty();

	prove();
	hear(MSG_LOGIN_PASSWORD, NULL);
	msg_put_login_refused(&b, &m);
	say(&b);
	linger();
}

static void
offer_early(void)
{
	say_offer("publickey");
	linger();
}

static void
offer_twice(void)
{
	prove();
	say_offer("password");
	linger();
}

static void
prompts_early(void)
{
	prove_only();
	say_prompts(&(struct msg_prompts){ .count = 0 });
	linger();
}

static void
prompts_unasked(void)
{
	prove();
	hear_key();
	say_prompts(&(struct msg_prompts){ .count = 0 });
	linger();
}

static void
prompts_many(void)
{
	struct buf b = empty();

	prove_only();
	worker_msg_begin(&b, MSG_PROMPTS);
	buf_put_cstring(&b, "");
	buf_put_cstring(&b, "");
	buf_put_u32(&b, UINT32_MAX);
	worker_msg_end(&b);
	say_offer("keyboard-interactive");
	hear(MSG_LOGIN_PROMPTED, NULL);
	say(&b);
	linger();
}

static void
prompts_for_ever(void)
{
	prove_only();
	say_offer("keyboard-interactive");
	hear(MSG_LOGIN_PROMPTED, NULL);
	for (;;) {
		say_prompts(&(struct msg_prompts){ .count = 0 });
		hear(MSG_ANSWERS, NULL);
	}
}

static void
refuse_key(void)
{
	prove();
	hear_key();
	say_refused("publickey,password", REFUSAL_WRONG);
	linger();
}

static void
both(void)
{
	prove();
	hear_key();
	have_signed();
	say_refused("password", REFUSAL_PARTIAL);
	hear(MSG_LOGIN_PASSWORD, NULL);
	say_ready();
	serve();
}

static void
partial_unsigned(void)
{
	prove();
	hear_key();
	say_refused("password", true);
	linger();
}

static void
wrong_version(void)
{
	struct buf b = empty();

	msg_put_log(&b, &(struct msg_log){ 1, "x" });
	b.data[0] = 2;
	say(&b);
	linger();
}

static void
huge_length(void)
{
	struct buf b = empty();

	msg_put_log(&b, &(struct msg_log){ 1, "x" });
	b.data[2] = 0x7f;
	say(&b);
	linger();
}

static void
huge_packet(void)
{
	struct buf b = empty();

	worker_msg_begin(&b, MSG_LOG);
	buf_grow(&b, LIMIT_MESSAGE);
	worker_msg_end(&b);
	say(&b);
	linger();
}

static void
empty_body(void)
{
	struct buf b = empty();

	worker_msg_begin(&b, MSG_HOSTKEY);
	worker_msg_end(&b);
	say(&b);
	linger();
}

static void
say_bare(unsigned type)
{
	struct buf b = empty();

	worker_msg_begin(&b, (enum worker_msg_type)type);
	worker_msg_end(&b);
	say(&b);
}

static void
unknown_type(void)
{
	say_bare(200);
	linger();
}

static void
hub_type(void)
{
	say_bare(MSG_CONNECT);
	linger();
}

static void
early_ready(void)
{
	say_ready();
	linger();
}

static void
ready_unasked(void)
{
	say_hostkey(session_id, session_id);
	say_ready();
	linger();
}

static void
two_hostkeys(void)
{
	say_hostkey(session_id, session_id);
	say_hostkey(session_id, session_id);
	linger();
}

static void
unproven(void)
{
	static const unsigned char other[32] = "another hash";

	say_hostkey(other, session_id);
	linger();
}

static void
pass_fd(void)
{
	struct buf b = empty();

	msg_put_log(&b, &(struct msg_log){ 1, "look what I have" });
	say_with(&b, CHAN_DOOR_FD);
	linger();
}

static void
sign_early(void)
{
	struct buf data = claim(session_id, ordered.user);

	say_sign(&data);
	linger();
}

static void
sign_garbage(void)
{
	struct buf data = empty();

	prove();
	hear_key();
	buf_put_cstring(&data, "sign this, please");
	say_sign(&data);
	linger();
}

static void
sign_other_user(void)
{
	struct buf data;

	prove();
	hear_key();
	data = claim(session_id, "root");
	say_sign(&data);
	linger();
}

static void
sign_other_session(void)
{
	static const unsigned char other[32] = "of a server elsewhere";
	struct buf data;

	prove();
	hear_key();
	data = claim(other, ordered.user);
	say_sign(&data);
	linger();
}

static void
sign_four_times(void)
{
	prove();
	hear_key();
	for (int i = 0; i < 4; i++)
		have_signed();
	say_ready();
	linger();
}

static void
silent(void)
{
	for (;;)
		pause();
}

static void
chatty(void)
{
	struct buf b;

	for (;;) { /* it talks, but never says what it owes */
		b = empty();
		msg_put_log(&b, &(struct msg_log){ 2, "still here" });
		say(&b);
		usleep(10 * 1000);
	}
}

static void
log_flood(void)
{
	struct buf b;

	for (;;) {
		b = empty();
		msg_put_log(&b, &(struct msg_log){ 4, "and on it goes" });
		say(&b);
	}
}

static void
exits(void)
{
	exit(7);
}

static void
dies(void)
{
	signal(SIGSYS, SIG_DFL);
	raise(SIGSYS);
}

static void
dies_otherwise(void)
{
	raise(SIGKILL);
}

static void
closes(void)
{
	close(CHAN_DOOR_FD);
	silent();
}

static void
talks(void)
{
	printf("last words\033[31m\nwithout a newline");
	fflush(stdout);
	exit(1);
}

static void
output_flood(void)
{
	for (int i = 0; i < 100 * 1000; i++)
		printf("line %d\n", i);
	fflush(stdout);
	good();
}

static void
fails(void)
{
	say_fail(ferry_EBUSY, "server_busy", "too many logins \\x1b here");
	exit(0);
}

static void
fails_badly(void)
{
	say_fail(ferry_OK, "../../x", "\033[2J");
	exit(0);
}

/* With everything of the hub's left unread. */
static void
fails_later(void)
{
	log_in();
	hear_step(NULL);
	usleep(100 * 1000);
	say_fail(ferry_EFULL, "remote_full", "the disk is full");
	exit(0);
}

static void
hostkey_again(void)
{
	log_in();
	hear_step(NULL);
	say_hostkey(session_id, session_id);
	linger();
}

static void
done_unknown(void)
{
	log_in();
	say_done(hear_step(NULL).id + 1, RESULT_OK);
	linger();
}

static void
done_twice(void)
{
	uint32_t id;

	log_in();
	id = hear_step(NULL).id;
	say_done(id, RESULT_OK);
	say_done(id, RESULT_OK);
	linger();
}

static void
entry_unlisted(void)
{
	log_in();
	say_entry(hear_step(NULL).id, "name"); /* of a STAT */
	linger();
}

static void
entry_evil(void)
{
	uint32_t id;

	log_in();
	id = hear_step(NULL).id;
	say_entry(id, "fine");
	say_entry(id, "..");
	linger();
}

static void
entry_slash(void)
{
	log_in();
	say_entry(hear_step(NULL).id, "a/b");
	linger();
}

static void
progress_backwards(void)
{
	log_in();
	hear_step(NULL);
	say_progress(10);
	say_progress(9);
	linger();
}

/* It never ends, and never goes backwards. */
static void
progress_flood(void)
{
	uint64_t bytes = 0;

	log_in();
	hear_step(NULL);
	for (;;)
		say_progress(bytes++ / 2);
}

/* Half of each message that there is to say, at its time. */
static void
half_done(void)
{
	struct msg_done m = { .id = 1 };
	struct buf b = empty();

	log_in();
	hear_step(NULL);
	msg_put_done(&b, &m);
	b.len /= 2;
	worker_msg_end(&b);
	say(&b);
	linger();
}

static void
done_with_fd(void)
{
	struct msg_done m = { 0 };
	struct buf b = empty();

	log_in();
	m.id = hear_step(NULL).id;
	msg_put_done(&b, &m);
	say_with(&b, 0);
	linger();
}

/* The end of the door is no reason to end. */
static void
stays(void)
{
	int fd;

	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	log_in();
	while (chan_receive(CHAN_DOOR_FD, packet, sizeof(packet), &fd) > 0)
		;
	silent();
}

static void
wall_again(void)
{
	say_wall(WALL_ALL);
	linger();
}

static void
step_silent(void)
{
	log_in();
	hear_step(NULL);
	silent();
}

static void
deaf(void)
{
	log_in();
	silent();
}

/* What a worker was given: stdin, stdout and stderr, the door; no more. */
static void
tell(void)
{
	extern char **environ;
	sigset_t blocked;
	struct stat st;
	int open_fds = 0;

	for (int fd = 0; fd < 1024; fd++)
		open_fds += fcntl(fd, F_GETFD) >= 0;
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	printf("fds %d null %d env %d pipe %d usr1 %d own group %d\n", open_fds,
	    fstat(0, &st) == 0 && S_ISCHR(st.st_mode), environ && environ[0],
	    signal(SIGPIPE, SIG_DFL) == SIG_DFL, sigismember(&blocked, SIGUSR1),
	    getpgrp() == getpid());
	fflush(stdout);
	good();
}

static const struct {
	const char *user;
	void (*act)(void);
} ways[] = {
	{ "good", good },
	{ "password", password },
	{ "only-keys", only_keys },
	{ "only-passwords", only_passwords },
	{ "questions", questions },
	{ "hangs-up", hangs_up },
	{ "offer-early", offer_early },
	{ "offer-twice", offer_twice },
	{ "prompts-early", prompts_early },
	{ "prompts-unasked", prompts_unasked },
	{ "prompts-many", prompts_many },
	{ "prompts-for-ever", prompts_for_ever },
	{ "refuse-key", refuse_key },
	{ "both", both },
	{ "partial-unsigned", partial_unsigned },
	{ "wrong-version", wrong_version },
	{ "huge-length", huge_length },
	{ "huge-packet", huge_packet },
	{ "empty-body", empty_body },
	{ "unknown-type", unknown_type },
	{ "hub-type", hub_type },
	{ "early-ready", early_ready },
	{ "ready-unasked", ready_unasked },
	{ "two-hostkeys", two_hostkeys },
	{ "hostkey-again", hostkey_again },
	{ "unproven", unproven },
	{ "pass-fd", pass_fd },
	{ "sign-early", sign_early },
	{ "sign-garbage", sign_garbage },
	{ "sign-other-user", sign_other_user },
	{ "sign-other-session", sign_other_session },
	{ "sign-four-times", sign_four_times },
	{ "silent", silent },
	{ "chatty", chatty },
	{ "log-flood", log_flood },
	{ "exits", exits },
	{ "dies", dies },
	{ "dies-otherwise", dies_otherwise },
	{ "closes", closes },
	{ "talks", talks },
	{ "output-flood", output_flood },
	{ "fails", fails },
	{ "fails-badly", fails_badly },
	{ "fails-later", fails_later },
	{ "done-unknown", done_unknown },
	{ "done-twice", done_twice },
	{ "entry-unlisted", entry_unlisted },
	{ "entry-evil", entry_evil },
	{ "entry-slash", entry_slash },
	{ "progress-backwards", progress_backwards },
	{ "progress-flood", progress_flood },
	{ "half-done", half_done },
	{ "done-with-fd", done_with_fd },
	{ "stays", stays },
	{ "wall-again", wall_again },
	{ "step-silent", step_silent },
	{ "deaf", deaf },
	{ "tell", tell },
};

/* Ways to begin, before there is an order: by the name of the program. */
static void
begin(void)
{
	const char *name = strrchr((const char *)getauxval(AT_EXECFN), '/');
	struct buf b = empty();

	name = name ? name + 1 : "";
	if (strcmp(name, "wall-late") == 0) {
		say_hostkey(session_id, session_id);
	} else if (strcmp(name, "wall-none") == 0) {
		silent();
	} else if (strcmp(name, "wall-half") == 0) {
		msg_put_wall(&b, &(struct msg_wall){ .layers = WALL_ALL });
		b.len -= 4;
		worker_msg_end(&b);
		say(&b);
	} else if (strcmp(name, "wall-odd") == 0) {
		say_wall(WALL_ALL + 1);
	} else if (strcmp(name, "wall-with-fd") == 0) {
		msg_put_wall(&b, &(struct msg_wall){ .layers = WALL_ALL });
		say_with(&b, 0);
	} else if (strcmp(name, "wall-thin") == 0) {
		say_wall(WALL_LIMITS);
	} else {
		say_wall(WALL_ALL);
	}
}

int
main(void)
{
	struct buf_reader r;
	struct stat st;
	int sock = -1;

	begin();
	r = hear(MSG_CONNECT, &sock);
	if (!msg_get_connect(&r, &ordered))
		return 96;
	if (fstat(sock, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		printf("CONNECT without a socket\n");
		return 93;
	}
	close(sock);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].user, ordered.user) == 0)
			ways[i].act();
	}
	printf("no such behaviour\n");
	return 92;
}
