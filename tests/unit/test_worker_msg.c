/*
 * test_worker_msg: every message comes back as it was put; cut anywhere, with
 * a byte too many, or with a string too long, none is accepted.
 */
#include "remote/worker_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct msg_step step = { .id = 0x01020304,
	.op = STEP_RENAME,
	.flags = PUT_TRUNCATE | PUT_UNSEEN,
	.mode = 0644,
	.mtime = 0x1122334455667788,
	.offset = 1,
	.length = UINT64_MAX,
	.digest = { { 9, 8, [31] = 7 } },
	.path = "stage/ab",
	.target = "a b/\xc3\xa9#%[.html",
	.aside = "kept/x" };

static const struct msg_done done = { .id = UINT32_MAX,
	.result = RESULT_SKIPPED,
	.status = 4,
	.size = 1ULL << 40,
	.mtime = 99,
	.mode = 0100644,
	.sent = 3,
	.digest = { { 1, 2, 3, [31] = 255 } },
	.text = "Failure" };

/* One of each. */
static void
put(struct buf *b, unsigned type)
{
	static unsigned char bytes[LIMIT_KEX_REPLY];
	const struct msg_blob blob = { bytes, 100 };
	struct ferry_error fail = { .code = ferry_ELOST,
		.wire_code = 7,
		.id = "lost",
		.text = "gone",
		.hint = "again" };

	memset(bytes, 0xa5, sizeof(bytes));
	switch (type) {
	case MSG_CONNECT:
		msg_put_connect(b,
		    &(struct msg_connect){ MSG_DRIVER_SFTP, 4, 30000, 500, 64,
			MSG_COMPRESS_SENT, "deploy",
			"ssh-ed25519,rsa-sha2-512" });
		break;
	case MSG_VERDICT:
		msg_put_verdict(b, &(struct msg_verdict){ true });
		break;
	case MSG_HOSTKEY:
		msg_put_hostkey(b,
		    &(struct msg_hostkey){ { bytes, sizeof(bytes) },
			{ bytes, WORKER_MSG_HASH_MAX } });
		break;
	case MSG_LOGIN_REFUSED:
		msg_put_login_refused(b,
		    &(struct msg_login_refused){
			"publickey", REFUSAL_CLOSED, "too many" });
		break;
	case MSG_OFFER:
		msg_put_offer(
		    b, &(struct msg_offer){ "publickey", "be good\n" });
		break;
	case MSG_PROMPTS:
		msg_put_prompts(b,
		    &(struct msg_prompts){ "name", "instruction", 2,
			{ { false, "Password: " }, { true, "Code: " } } });
		break;
	case MSG_ANSWERS:
		msg_put_answers(b,
		    &(struct msg_answers){
			LIMIT_PROMPTS, { blob, [LIMIT_PROMPTS - 1] = blob } });
		break;
	case MSG_READY:
		msg_put_ready(b, &(struct msg_ready){ 127, 1000, "SSH-2.0" });
		break;
	case MSG_STEP:
		msg_put_step(b, &step);
		break;
	case MSG_DONE:
		msg_put_done(b, &done);
		break;
	case MSG_ENTRY:
		msg_put_entry(
		    b, &(struct msg_entry){ 5, 6, 7, 0755, "index.html" });
		break;
	case MSG_PROGRESS:
		msg_put_progress(
		    b, &(struct msg_progress){ 1ULL << 63, 1ULL << 62 });
		break;
	case MSG_WALL:
		msg_put_wall(b, &(struct msg_wall){ 11, 0, 38, 1 });
		break;
	case MSG_CONNECT_FTP:
		msg_put_connect_ftp(b,
		    &(struct msg_connect_ftp){ 4, MSG_TLS_EXPLICIT, 3, true,
			false, true, 30000, 20000, 21, MSG_FTP_EPSV,
			MSG_FTP_MLST, { { 5, [31] = 6 } }, "ftp.example.org",
			"deploy" });
		break;
	case MSG_CERTIFICATE:
		msg_put_certificate(b,
		    &(struct msg_certificate){ { { 5, [31] = 6 } }, 4, true,
			false, -1, 1ULL << 40, "self-signed certificate",
			"CN = a", "CN = b", "a.org, *.b.org", blob });
		break;
	case MSG_DIAL:
		msg_put_dial(b, &(struct msg_dial){ 65535 });
		break;
	case MSG_SOCKET:
		msg_put_socket(b, &(struct msg_socket){ 111 });
		break;
	case MSG_LEARNED:
		msg_put_learned(
		    b, &(struct msg_learned){ MSG_FTP_ALL, MSG_FTP_UTF8 });
		break;
	case MSG_TLS_SIGN:
		msg_put_tls_sign(
		    b, &(struct msg_tls_sign){ 0x0804, blob, blob });
		break;
	case MSG_CONNECT_HTTP:
		msg_put_connect_http(
		    b, &(struct msg_connect_http){ 20000, true });
		break;
	case MSG_HTTP_GET:
		msg_put_http_get(b,
		    &(struct msg_http_get){
			"https://e.org/a", LIMIT_HTTP, blob });
		break;
	case MSG_HTTP_REPLY:
		msg_put_http_reply(b,
		    &(struct msg_http_reply){
			MSG_HTTP_ANSWERED, true, 200, 1, "" });
		break;
	case MSG_LOG:
		msg_put_log(b, &(struct msg_log){ 4, "text" });
		break;
	case MSG_FAIL:
		msg_put_fail(b, &fail);
		break;
	default:
		msg_put_blob(b, (enum worker_msg_type)type, &blob);
	}
}

/* Read a body and put what was read into again. */
static bool
get(struct buf_reader *r, unsigned type, struct buf *again)
{
	union {
		struct msg_connect connect;
		struct msg_verdict verdict;
		struct msg_blob blob;
		struct msg_hostkey hostkey;
		struct msg_offer offer;
		struct msg_prompts prompts;
		struct msg_answers answers;
		struct msg_login_refused login_refused;
		struct msg_ready ready;
		struct msg_step step;
		struct msg_done done;
		struct msg_entry entry;
		struct msg_progress progress;
		struct msg_wall wall;
		struct msg_connect_ftp connect_ftp;
		struct msg_certificate certificate;
		struct msg_dial dial;
		struct msg_socket socket;
		struct msg_learned learned;
		struct msg_tls_sign tls_sign;
		struct msg_connect_http connect_http;
		struct msg_http_get http_get;
		struct msg_http_reply http_reply;
		struct msg_log log;
		struct ferry_error fail;
	} m;

	memset(&m, 0xee, sizeof(m));
#define BOTH(name)                       \
	if (!msg_get_##name(r, &m.name)) \
		return false;            \
	msg_put_##name(again, &m.name);  \
	return true
	switch (type) {
	case MSG_CONNECT:
		BOTH(connect);
	case MSG_VERDICT:
		BOTH(verdict);
	case MSG_HOSTKEY:
		BOTH(hostkey);
	case MSG_OFFER:
		BOTH(offer);
	case MSG_PROMPTS:
		BOTH(prompts);
	case MSG_ANSWERS:
		BOTH(answers);
	case MSG_LOGIN_REFUSED:
		BOTH(login_refused);
	case MSG_READY:
		BOTH(ready);
	case MSG_STEP:
		BOTH(step);
	case MSG_DONE:
		BOTH(done);
	case MSG_ENTRY:
		BOTH(entry);
	case MSG_PROGRESS:
		BOTH(progress);
	case MSG_WALL:
		BOTH(wall);
	case MSG_CONNECT_FTP:
		BOTH(connect_ftp);
	case MSG_CERTIFICATE:
		BOTH(certificate);
	case MSG_DIAL:
		BOTH(dial);
	case MSG_SOCKET:
		BOTH(socket);
	case MSG_LEARNED:
		BOTH(learned);
	case MSG_TLS_SIGN:
		BOTH(tls_sign);
	case MSG_CONNECT_HTTP:
		BOTH(connect_http);
	case MSG_HTTP_GET:
		BOTH(http_get);
	case MSG_HTTP_REPLY:
		BOTH(http_reply);
	case MSG_LOG:
		BOTH(log);
	case MSG_FAIL:
		BOTH(fail);
	default:
		if (!msg_get_blob(r, &m.blob, LIMIT_MESSAGE))
			return false;
		msg_put_blob(again, (enum worker_msg_type)type, &m.blob);
		return true;
	}
#undef BOTH
}

static const unsigned types[] = { MSG_CONNECT, MSG_VERDICT, MSG_LOGIN_KEY,
	MSG_LOGIN_PASSWORD, MSG_SIGNATURE, MSG_STEP, MSG_HOSTKEY, MSG_SIGN,
	MSG_LOGIN_REFUSED, MSG_READY, MSG_DONE, MSG_ENTRY, MSG_PROGRESS,
	MSG_LOG, MSG_FAIL, MSG_OFFER, MSG_PROMPTS, MSG_ANSWERS, MSG_CONNECT_FTP,
	MSG_CERTIFICATE, MSG_DIAL, MSG_SOCKET, MSG_LEARNED,
	MSG_CLIENT_CERTIFICATE, MSG_TLS_SIGN, MSG_TLS_SIGNATURE,
	MSG_CONNECT_HTTP, MSG_HTTP_GET, MSG_HTTP_REPLY };

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct buf
make(unsigned type)
{
	struct buf b;

	buf_init(&b, LIMIT_MESSAGE);
	put(&b, type);
	assert_true(buf_ok(&b));
	return b;
}

/* Is this body accepted, from memory of exactly its size? */
static bool
accepts(const void *body, size_t n, unsigned type)
{
	unsigned char *copy = malloc(n ? n : 1);
	struct buf_reader r;
	struct buf again;
	bool ok;

	assert_non_null(copy);
	memcpy(copy, body, n);
	r = buf_read(copy, n);
	buf_init(&again, LIMIT_MESSAGE);
	ok = get(&r, type, &again);
	buf_free(&again);
	free(copy);
	return ok;
}

static void
round_trips(void **state)
{
	struct buf_reader body;
	struct buf b, again;
	unsigned type;

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		b = make(types[i]);
		assert_true(worker_msg_open(b.data, b.len, &type, &body));
		assert_int_equal(type, types[i]);
		buf_init(&again, LIMIT_MESSAGE);
		assert_true(get(&body, type, &again));
		assert_int_equal(again.len, b.len);
		assert_memory_equal(again.data, b.data, b.len);
		buf_free(&again);
		buf_free(&b);
	}
}

static void
keeps_every_field(void **state)
{
	struct buf b = make(MSG_STEP);
	struct buf_reader body;
	struct msg_step s;
	struct msg_done d;
	unsigned type;

	(void)state;
	assert_true(worker_msg_open(b.data, b.len, &type, &body));
	assert_true(msg_get_step(&body, &s));
	assert_int_equal(s.id, 0x01020304);
	assert_int_equal(s.op, STEP_RENAME);
	assert_int_equal(s.flags, PUT_TRUNCATE | PUT_UNSEEN);
	assert_int_equal(s.mode, 0644);
	assert_true(s.mtime == 0x1122334455667788 && s.offset == 1);
	assert_true(s.length == UINT64_MAX);
	assert_true(hash_equal(&s.digest, &step.digest));
	assert_string_equal(s.path, step.path);
	assert_string_equal(s.target, step.target);
	assert_string_equal(s.aside, step.aside);
	buf_free(&b);

	b = make(MSG_DONE);
	assert_true(worker_msg_open(b.data, b.len, &type, &body));
	assert_true(msg_get_done(&body, &d));
	assert_true(d.id == done.id && d.result == done.result &&
	    d.status == done.status && d.size == done.size &&
	    d.mtime == done.mtime && d.mode == done.mode &&
	    d.sent == done.sent && hash_equal(&d.digest, &done.digest));
	assert_string_equal(d.text, done.text);
	buf_free(&b);
}

static void
refuses_every_truncation(void **state)
{
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		b = make(types[i]);
		/* The long reply is 35,000 bytes: its ends will do. */
		for (size_t n = 0; n < b.len - WORKER_MSG_HEADER; n++) {
			if (n > 500 && n < b.len - 500)
				continue;
			assert_false(
			    accepts(b.data + WORKER_MSG_HEADER, n, types[i]));
		}
		assert_true(accepts(b.data + WORKER_MSG_HEADER,
		    b.len - WORKER_MSG_HEADER, types[i]));
		buf_free(&b);
	}
}

static void
refuses_a_trailing_byte(void **state)
{
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		b = make(types[i]);
		buf_put_u8(&b, 0);
		assert_false(accepts(b.data + WORKER_MSG_HEADER,
		    b.len - WORKER_MSG_HEADER, types[i]));
		buf_free(&b);
	}
}

static void
refuses_wrong_headers(void **state)
{
	struct buf b = make(MSG_VERDICT);
	struct buf_reader body;
	unsigned type;

	(void)state;
	for (size_t n = 0; n < b.len; n++)
		assert_false(worker_msg_open(b.data, n, &type, &body));
	for (size_t i = 0; i < WORKER_MSG_HEADER; i++) {
		b.data[i] ^= 0x80;
		/* Any type is let through: the table of rules judges it. */
		assert_int_equal(
		    worker_msg_open(b.data, b.len, &type, &body), i == 1);
		b.data[i] ^= 0x80;
	}
	buf_put_u8(&b, 0);
	assert_false(worker_msg_open(b.data, b.len, &type, &body));
	buf_free(&b);
}

static void
refuses_long_strings(void **state)
{
	static char text[WORKER_MSG_PATH + 1];
	struct msg_log log;
	struct msg_step s;
	struct buf_reader r;
	struct buf b;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = WORKER_MSG_TEXT - 1; n <= WORKER_MSG_TEXT; n++) {
		buf_init(&b, LIMIT_MESSAGE);
		buf_put_u8(&b, 1);
		buf_put_string(&b, text, n);
		r = buf_read(b.data, b.len);
		assert_int_equal(msg_get_log(&r, &log), n < WORKER_MSG_TEXT);
		buf_free(&b);
	}
	for (size_t n = WORKER_MSG_PATH - 1; n <= WORKER_MSG_PATH; n++) {
		buf_init(&b, LIMIT_MESSAGE);
		buf_put_u32(&b, 1);
		buf_put_u8(&b, STEP_REMOVE);
		buf_put(&b, "\0\0\0\0\0\0", 6);
		for (int i = 0; i < 3 + 4; i++)
			buf_put_u64(&b, 0);
		buf_put_string(&b, text, n);
		buf_put_cstring(&b, "");
		buf_put_cstring(&b, "");
		r = buf_read(b.data, b.len);
		assert_int_equal(msg_get_step(&r, &s), n < WORKER_MSG_PATH);
		buf_free(&b);
	}
}

static void
refuses_a_nul_in_a_name(void **state)
{
	struct buf b = make(MSG_ENTRY);

	(void)state;
	b.data[b.len - 3] = '\0';
	assert_false(accepts(
	    b.data + WORKER_MSG_HEADER, b.len - WORKER_MSG_HEADER, MSG_ENTRY));
	buf_free(&b);
}

/* Blobs have a limit of the reader's. */
static void
refuses_large_blobs(void **state)
{
	struct buf b = make(MSG_SIGN);
	struct buf_reader r;
	struct msg_blob m;

	(void)state;
	r = buf_read(b.data + WORKER_MSG_HEADER, b.len - WORKER_MSG_HEADER);
	assert_true(msg_get_blob(&r, &m, 100));
	assert_int_equal(m.n, 100);
	r = buf_read(b.data + WORKER_MSG_HEADER, b.len - WORKER_MSG_HEADER);
	assert_false(msg_get_blob(&r, &m, 99));
	buf_free(&b);
}

static void
takes_an_empty_blob(void **state)
{
	const struct msg_blob nothing = { NULL, 0 };
	struct buf_reader r;
	struct msg_blob m;
	struct buf b;

	(void)state;
	buf_init(&b, LIMIT_MESSAGE);
	msg_put_blob(&b, MSG_SIGNATURE, &nothing);
	assert_true(buf_ok(&b));
	r = buf_read(b.data + WORKER_MSG_HEADER, b.len - WORKER_MSG_HEADER);
	assert_true(msg_get_blob(&r, &m, 10));
	assert_int_equal(m.n, 0);
	buf_free(&b);
}

/* Numbers that stand for something stand for something known. */
static void
refuses_unknown_values(void **state)
{
	static const struct {
		unsigned type;
		size_t at;
		unsigned char value;
	} bad[] = {
		{ MSG_CONNECT, 0, 0 },
		{ MSG_CONNECT, 0, 4 },
		{ MSG_CONNECT, 1, 5 },
		{ MSG_VERDICT, 0, 2 },
		{ MSG_VERDICT, 0, 255 },
		{ MSG_STEP, 4, 0 },
		{ MSG_STEP, 4, STEP_LAST + 1 },
		{ MSG_STEP, 5, PUT_ALL / 256 + 1 },
		{ MSG_DONE, 4, RESULT_LAST + 1 },
		{ MSG_CONNECT_FTP, 1, 0 },
		{ MSG_CONNECT_FTP, 1, MSG_TLS_NONE + 1 },
		{ MSG_CONNECT_FTP, 2, 2 },
		{ MSG_CONNECT_FTP, 2, 5 },
		{ MSG_CONNECT_FTP, 3, 2 },
		{ MSG_CONNECT_FTP, 14, 1 },
		{ MSG_CONNECT_FTP, 21, 1 },
		{ MSG_CERTIFICATE, 32, 5 },
		{ MSG_DIAL, 1, 1 },
		{ MSG_LEARNED, 3, 1 },
		{ MSG_TLS_SIGN, 1, 1 },
		{ MSG_CONNECT_HTTP, 4, 2 },
		{ MSG_HTTP_GET, 20, 2 },
		{ MSG_HTTP_REPLY, 0, MSG_HTTP_ELSEWHERE + 1 },
		{ MSG_HTTP_REPLY, 0, MSG_HTTP_FAILED }, /* and shown */
		{ MSG_HTTP_REPLY, 1, 2 },
		{ MSG_HTTP_REPLY, 4, 3 },
		{ MSG_HTTP_REPLY, 5, 0 },
		{ MSG_HTTP_REPLY, 9, LIMIT_REDIRECTS + 1 },
		{ MSG_LOG, 0, 5 },
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		b = make(bad[i].type);
		b.data[WORKER_MSG_HEADER + bad[i].at] = bad[i].value;
		assert_false(accepts(b.data + WORKER_MSG_HEADER,
		    b.len - WORKER_MSG_HEADER, bad[i].type));
		buf_free(&b);
	}
}

/* A link leads down, from where it is, or it is no step. */
static void
refuses_links_that_lead_away(void **state)
{
	static const char *const bad[] = { "", "/etc", "..", "a/../b", "a/..",
		"./a", "a//b", "a/" };
	struct msg_step s = { .op = STEP_SYMLINK };
	struct buf b;

	(void)state;
	strcpy(s.path, "/www/current");
	for (size_t i = 0; i <= COUNT(bad); i++) {
		strcpy(s.target, i < COUNT(bad) ? bad[i] : "releases/000001");
		buf_init(&b, LIMIT_MESSAGE);
		msg_put_step(&b, &s);
		assert_true(buf_ok(&b));
		assert_int_equal(accepts(b.data + WORKER_MSG_HEADER,
				     b.len - WORKER_MSG_HEADER, MSG_STEP),
		    i == COUNT(bad));
		buf_free(&b);
	}
}

static void
does_not_send_too_much(void **state)
{
	static unsigned char big[LIMIT_MESSAGE];
	const struct msg_blob m = { big, sizeof(big) };
	struct buf b;

	(void)state;
	buf_init(&b, LIMIT_MESSAGE);
	msg_put_blob(&b, MSG_SIGN, &m);
	assert_false(buf_ok(&b));
	buf_free(&b);
}

/* The longest step fits through the door. */
static void
fits_the_longest_step(void **state)
{
	static struct msg_step s;
	struct buf b;

	(void)state;
	s = step;
	memset(s.path, 'p', sizeof(s.path) - 1);
	memset(s.target, 't', sizeof(s.target) - 1);
	memset(s.aside, 'a', sizeof(s.aside) - 1);
	buf_init(&b, LIMIT_MESSAGE);
	msg_put_step(&b, &s);
	assert_true(buf_ok(&b));
	assert_true(accepts(
	    b.data + WORKER_MSG_HEADER, b.len - WORKER_MSG_HEADER, MSG_STEP));
	buf_free(&b);
}

static void
names_every_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++)
		assert_string_not_equal(worker_msg_name(types[i]), "?");
	assert_string_equal(worker_msg_name(MSG_QUIT), "QUIT");
	assert_string_equal(worker_msg_name(0), "?");
	assert_string_equal(worker_msg_name(255), "?");
}

/* test_worker_msg FOLDER: write one packet of each type, for the fuzzer. */
static int
write_corpus(const char *folder)
{
	char path[4096];
	struct buf b;
	FILE *f;

	for (size_t i = 0; i < COUNT(types); i++) {
		buf_init(&b, LIMIT_MESSAGE);
		put(&b, types[i]);
		if (types[i] == MSG_HOSTKEY) { /* small files only */
			buf_reset(&b);
			msg_put_hostkey(&b,
			    &(struct msg_hostkey){
				{ (const unsigned char *)"reply", 5 },
				{ (const unsigned char *)"hash", 4 } });
		}
		snprintf(path, sizeof(path), "%s/%s", folder,
		    worker_msg_name(types[i]));
		f = fopen(path, "wb");
		if (!f || fwrite(b.data, b.len, 1, f) != 1 || fclose(f) != 0)
			return 1;
		buf_free(&b);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(keeps_every_field),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(refuses_a_trailing_byte),
		cmocka_unit_test(refuses_wrong_headers),
		cmocka_unit_test(refuses_long_strings),
		cmocka_unit_test(refuses_a_nul_in_a_name),
		cmocka_unit_test(refuses_large_blobs),
		cmocka_unit_test(takes_an_empty_blob),
		cmocka_unit_test(refuses_unknown_values),
		cmocka_unit_test(refuses_links_that_lead_away),
		cmocka_unit_test(does_not_send_too_much),
		cmocka_unit_test(fits_the_longest_step),
		cmocka_unit_test(names_every_type),
	};

	if (argc == 2)
		return write_corpus(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
