/* The FTP engine: beginning, login, and which step is whose.  Worker. */
#include "remote/ftp.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "remote/ftp_engine.h"

uint64_t
ftp_now_ms(void)
{
	return clock_ms();
}

bool
ftp_warm_up(void)
{
	SSL_CTX *ctx;

	tzset(); /* gmtime_r(3) would do it, and read a file */
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG |
		    OPENSSL_INIT_LOAD_SSL_STRINGS |
		    OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
		NULL) != 1 ||
	    curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return false;
	ctx = SSL_CTX_new(TLS_client_method()); /* fetches all algorithms */
	SSL_CTX_free(ctx);
	return ctx != NULL;
}

/* ---- Beginning ---- */

static int
read_authorities(struct ftp *f, const struct buf *pem, struct ferry_error *err)
{
	BIO *b;
	X509 *cert;
	int rc = 0;

	if (pem->len == 0)
		return 0;
	f->authorities = X509_STORE_new();
	b = BIO_new_mem_buf(pem->data, (int)pem->len);
	if (f->authorities == NULL || b == NULL)
		rc = err_memory(err);
	while (rc == 0 &&
	    (cert = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL) {
		/* one that is there twice is no error from OpenSSL 1.1.1 on */
		if (X509_STORE_add_cert(f->authorities, cert) != 1)
			rc = err_memory(err);
		X509_free(cert);
	}
	BIO_free(b);
	return rc;
}

int
ftp_new(struct ftp **out, const struct msg_connect_ftp *config, int sock,
    const struct buf *authorities, const struct ftp_hooks *hooks,
    struct ferry_error *err)
{
	struct ftp *f = calloc(1, sizeof(*f));
	int rc;

	*out = NULL;
	if (f == NULL) {
		close(sock);
		return err_memory(err);
	}
	f->config = *config;
	f->hooks = *hooks;
	f->lacks = config->lacks;
	f->sock = sock;
	f->control = f->data = -1;
	f->heard = ftp_now_ms();
	ftp_reply_init(&f->reply);
	ftp_reply_init(&f->unsaid);
	rc = read_authorities(f, authorities, err);
	if (rc < 0)
		ftp_free(f);
	else
		*out = f;
	return rc;
}

void
ftp_free(struct ftp *f)
{
	if (f == NULL)
		return;
	wire_close(f);
	ftp_tls_forget(f);
	ftp_client_free(f->client);
	if (f->sock >= 0)
		close(f->sock);
	X509_STORE_free(f->authorities);
	ftp_reply_free(&f->reply);
	ftp_reply_free(&f->unsaid);
	free(f);
}

uint64_t
ftp_heard(const struct ftp *f)
{
	return f->heard;
}

uint64_t
ftp_sent(const struct ftp *f)
{
	return f->sent;
}

void
ftp_learn(struct ftp *f, uint32_t trait, bool has)
{
	struct msg_learned m;

	if (has && (f->lacks & trait) == 0)
		f->has |= trait;
	if (!has) {
		f->has &= ~trait;
		f->lacks |= trait;
	}
	m.has = f->has & trait;
	m.lacks = f->lacks & trait;
	if (!f->ready ||
	    (m.has == (f->told_has & trait) &&
		m.lacks == (f->told_lacks & trait)))
		return;
	f->told_has = f->has;
	f->told_lacks = f->lacks;
	f->hooks.learned(f->hooks.ctx, &m);
}

/* ---- Login ---- */

/* One line of FEAT's answer; RFC 2389, 3.2: a blank before each. */
static void
take_feature(struct ftp *f, const char *p, size_t n)
{
	static const struct {
		const char *name;
		uint32_t trait;
	} known[] = {
		{ "MLST", MSG_FTP_MLST },
		{ "MLSD", MSG_FTP_MLST },
		{ "SIZE", MSG_FTP_SIZE },
		{ "REST STREAM", MSG_FTP_REST },
		{ "MFMT", MSG_FTP_MFMT },
		{ "EPSV", MSG_FTP_EPSV },
		{ "UTF8", MSG_FTP_UTF8 },
		{ "AVBL", MSG_FTP_AVBL },
	};
	size_t i, len;

	while (n > 0 && *p == ' ') {
		p++;
		n--;
	}
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		len = strlen(known[i].name);
		if (n >= len && strncasecmp(p, known[i].name, len) == 0 &&
		    (n == len || p[len] == ' ') &&
		    (f->lacks & known[i].trait) == 0)
			f->has |= known[i].trait;
	}
}

static void
ask_features(struct ftp *f)
{
	const char *p, *end, *next;

	f->has |= MSG_FTP_APPE & ~f->lacks; /* until it is refused */
	f->utf8 = false;
	if (f->config.known != 0) {
		f->has |= f->config.known & ~f->lacks & ~(uint32_t)MSG_FTP_SEEN;
		return;
	}
	if (wire_command(f, "FEAT") / 100 != 2)
		return;
	p = (const char *)f->reply.lines.data;
	end = p + f->reply.lines.len;
	for (; p < end; p = next + 1) {
		next = memchr(p, '\n', (size_t)(end - p));
		if (next == NULL)
			break;
		take_feature(f, p, (size_t)(next - p));
	}
}

static bool
is_ascii(const char *path)
{
	for (; *path != '\0'; path++)
		if ((unsigned char)*path >= 0x80)
			return false;
	return true;
}

bool
ftp_needs_utf8(const struct ftp *f, const struct msg_step *step)
{
	return !f->utf8 && (f->has & MSG_FTP_UTF8) != 0 &&
	    (step->op == STEP_LIST || !is_ascii(step->path) ||
		!is_ascii(step->target) || !is_ascii(step->aside));
}

/* Many sessions see no such name, and need not say so. */
static void
announce_utf8(struct ftp *f, const struct msg_step *step)
{
	if (!ftp_needs_utf8(f, step))
		return;
	f->utf8 = true;
	(void)wire_command(f, "OPTS UTF8 ON");
}

/* Where the login begins: CWD can go back there. */
static void
note_home(struct ftp *f)
{
	const char *home = NULL;

	if (curl_easy_getinfo(f->easy, CURLINFO_FTP_ENTRY_PATH, &home) ==
		CURLE_OK &&
	    home != NULL && strlen(home) < sizeof(f->home))
		strcpy(f->home, home);
}

static void
say_ready(struct ftp *f)
{
	struct msg_ready m = { .features = f->has, .max_files = 1 };

	memcpy(m.server, f->server, sizeof(m.server));
	f->ready = true;
	f->owed = 0;
	f->told_has = f->has;
	f->told_lacks = f->lacks;
	f->hooks.ready(f->hooks.ctx, &m);
}

static void
refuse_login(struct ftp *f, struct msg_login_refused *refused)
{
	memset(refused, 0, sizeof(*refused));
	strcpy(refused->methods, "password");
	refused->how = REFUSAL_WRONG;
	ftp_reply_text(&f->reply, refused->words, sizeof(refused->words));
}

int
ftp_login(struct ftp *f, const struct secret *password, enum ftp_login *result,
    struct msg_login_refused *refused, struct ferry_error *err)
{
	unsigned code;
	int rc;

	*result = FTP_LOGIN_DONE;
	wire_close(f);
	ftp_tls_forget(f);
	f->easy = NULL;
	f->multi = NULL;
	rc = wire_open(f, err);
	if (rc < 0)
		return rc;
	wire_login(f, password);
	code = f->reply.code;
	if (f->curl == CURLE_LOGIN_DENIED && !f->silent && !f->stopped &&
	    !ftp_reply_is_crowded(&f->reply) && code / 100 == 5) {
		*result = FTP_LOGIN_REFUSED;
		refuse_login(f, refused);
		return 0;
	}
	if (f->curl != CURLE_OK)
		return ftp_error(f, err);
	note_home(f);
	if (f->config.mode != MSG_TLS_NONE)
		f->has |= MSG_FTP_TLS;
	ask_features(f);
	if (f->lost)
		return ftp_error(f, err);
	say_ready(f);
	return 0;
}

/* ---- Steps ---- */

void
ftp_queue_init(struct ftp_queue *q)
{
	q->first = NULL;
	q->end = &q->first;
}

void
ftp_queue_add(struct ftp_queue *q, struct ftp_todo *t)
{
	t->next = NULL;
	*q->end = t;
	q->end = &t->next;
}

void
ftp_queue_put_back(struct ftp_queue *q, struct ftp_todo *t)
{
	t->next = q->first;
	q->first = t;
	if (t->next == NULL)
		q->end = &t->next;
}

struct ftp_todo *
ftp_queue_take(struct ftp_queue *q)
{
	struct ftp_todo *t = q->first;

	if (t == NULL)
		return NULL;
	q->first = t->next;
	if (q->first == NULL)
		q->end = &q->first;
	return t;
}

void
ftp_refuse_for(struct msg_done *done, enum msg_result result, const char *why)
{
	done->result = result;
	msg_copy_text(done->text, sizeof(done->text), why, strlen(why));
}

void
ftp_refuse(struct ftp *f, struct msg_done *done)
{
	char text[WORKER_MSG_TEXT];

	ftp_reply_text(&f->reply, text, sizeof(text));
	ftp_refuse_for(done, ftp_reply_judge(&f->reply), text);
	if (done->result == RESULT_OK)
		done->result = RESULT_FAILED;
	done->status = f->reply.code;
}

/* "MFMT 20261122061517 path" */
static void
set_time(struct ftp *f, const char *path, uint64_t mtime)
{
	time_t t = (time_t)mtime;
	struct tm tm;
	char stamp[32];
	unsigned code;

	if ((f->has & MSG_FTP_MFMT) == 0 || mtime == 0 ||
	    gmtime_r(&t, &tm) == NULL)
		return;
	strftime(stamp, sizeof(stamp), "%Y%m%d%H%M%S", &tm);
	code = wire_command(f, "MFMT %s %s", stamp, path);
	if (code >= 500)
		ftp_learn(f, MSG_FTP_MFMT, false);
}

void
ftp_note_chmod(struct ftp *f, unsigned code)
{
	if (code / 100 == 2)
		ftp_learn(f, MSG_FTP_CHMOD, true);
	else if (code >= 500 && code != 550) /* 550: this file only */
		ftp_learn(f, MSG_FTP_CHMOD, false);
}

unsigned
ftp_chmod(struct ftp *f, const char *path, uint32_t mode)
{
	unsigned code;

	if ((f->lacks & MSG_FTP_CHMOD) != 0)
		return 0;
	code = wire_command(f, "SITE CHMOD %o %s", mode & 07777, path);
	ftp_note_chmod(f, code);
	return code;
}

void
ftp_attributes(struct ftp *f, const char *path, uint32_t mode, uint64_t mtime)
{
	set_time(f, path, mtime);
	if ((mode & 07777) != 0)
		(void)ftp_chmod(f, path, mode);
}

/* What no command of FTP can carry: a line's end, and Telnet's escape. */
static bool
can_be_sent(const char *path)
{
	return strpbrk(path, "\r\n\xff") == NULL;
}

bool
ftp_can_say(const struct msg_step *step)
{
	return step->path[0] != '\0' && can_be_sent(step->path) &&
	    can_be_sent(step->target) && can_be_sent(step->aside);
}

static int
do_step(
    struct ftp *f, const struct msg_step *step, int fd, struct ferry_error *err)
{
	struct msg_done done = { .id = step->id };
	bool settled;

	ftp_reply_clear(&f->reply);
	announce_utf8(f, step);
	if (!ftp_can_say(step))
		ftp_refuse_for(&done, RESULT_UNSUPPORTED,
		    "FTP cannot send a name with these bytes");
	else if (step->op == STEP_PUT)
		put_step(f, step, fd, &done);
	else
		ops_step(f, step, fd, &done);
	if (fd >= 0)
		close(fd);
	/* the connection is lost, but the server had said how it ended */
	settled = !f->lost || done.status >= 400;
	if (settled)
		f->hooks.done(f->hooks.ctx, &done);
	return f->lost ? ftp_error(f, err) : 0;
}

int
ftp_work(struct ftp *f, struct ftp_queue *q, struct ferry_error *err)
{
	struct ftp_todo *t;
	int rc;

	if (ftp_is_many(f, q)) {
		f->puts = 0;
		announce_utf8(f, &q->first->step);
		if (!f->lost)
			ftp_many(f, q);
		return f->lost ? ftp_error(f, err) : 0;
	}
	t = ftp_queue_take(q);
	if (t == NULL)
		return 0;
	f->puts = t->step.op == STEP_PUT ? f->puts + 1 : 0;
	rc = do_step(f, &t->step, t->fd, err);
	free(t);
	return rc;
}

int
ftp_idle(struct ftp *f, struct ferry_error *err)
{
	(void)wire_command(f, "NOOP");
	return f->lost ? ftp_error(f, err) : 0;
}
