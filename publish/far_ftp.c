/*
 * The FTP sessions of a job, what they share and what is remembered of their
 * server.  Hub.  Plain FTP is never fallen back to: the user allows it, or the
 * run ends.
 */
#include "publish/far_ftp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "publish/authorities.h"
#include "publish/host_tls.h"

enum {
	TLS_1_2 = 3,
	TLS_1_3 = 4,
	PROFILE_MAX = 4096,
	BASE64 = 4 * ((HASH_SIZE + 2) / 3),
	LOOKS = 4, /* at a key that turns out to be another one */
	OFFER_AGE_S = 7 * 24 * 3600, /* a server may be a newer one then */
};

static const char PROFILE[] = "host", KEY[] = "key ";

static bool
is_plain_allowed(const struct ferry_job *job)
{
	return job->options.plain_ftp ||
	    access_yes(job->access, job->site->url.text, "plain-ftp", false);
}

static enum msg_tls
mode(const struct ferry_job *job)
{
	if (job->site->url.scheme == SITE_FTPS)
		return MSG_TLS_IMPLICIT;
	return is_plain_allowed(job) ? MSG_TLS_NONE : MSG_TLS_EXPLICIT;
}

static void
say_plain(struct ferry_job *job)
{
	struct ferry_error e;

	err_set(&e, ferry_EPOLICY, "plain_ftp",
	    "FTP WITHOUT ENCRYPTION: everybody on the way to %s can read the "
	    "password and change the files",
	    job->site->url.host);
	err_hint(&e,
	    "Take `plain-ftp' or --plain-ftp away as soon as the server "
	    "speaks TLS.");
	report_warning(&job->report, NULL, &e);
}

int
far_ftp_open(struct far_ftp *f, struct ferry_job *job, struct ferry_error *err)
{
	memset(f, 0, sizeof(*f));
	f->job = job;
	f->authorities = f->state_dir = -1;
	f->tls_max = TLS_1_2;
	if (job->options.sign != NULL)
		return err_set(err, ferry_EUSAGE, "sign_for_ftp",
		    "ferry_options.sign is for SFTP; an FTP server's client "
		    "certificate needs its key here");
	if ((job->options.key_file != NULL || job_has_key(job)) &&
	    job->options.client_certificate == NULL) {
		err_set(err, ferry_EUSAGE, "key_for_ftp",
		    "an FTP server takes no key without a certificate");
		err_hint(err,
		    "Leave --key out, or name its certificate too: "
		    "--client-cert. Is it an SFTP server? Write sftp:// then.");
		return -ferry_EUSAGE;
	}
	if (mode(job) == MSG_TLS_NONE) {
		say_plain(job);
		return 0;
	}
	f->judged = f->pinned =
	    job->verb == ferry_PUBLISH && host_tls_only_pin(job, &f->spki);
	return authorities_open(&f->authorities, &job->options, err);
}

/* ---- The profile ---- */

/* An offer that is old is asked for again. */
static void
parse_offer(struct far_ftp *f, const char *text)
{
	const uint64_t now = (uint64_t)time(NULL);
	unsigned long long asked;
	unsigned value;

	if (sscanf(text, "offers %x %llu", &value, &asked) == 2 &&
	    asked <= now && now - asked < OFFER_AGE_S) {
		f->offered = value & MSG_FTP_ALL;
		f->asked = asked;
	}
}

static void
parse_key(struct far_ftp *f, const char *text)
{
	const char *base64 = text + strlen(KEY);
	unsigned char bytes[3 * BASE64 / 4];
	size_t n;

	f->vouched = strcspn(base64, "\n") == BASE64 &&
	    hash_unbase64(base64, BASE64, bytes, &n) && n == HASH_SIZE;
	if (f->vouched)
		memcpy(f->vouched_spki.b, bytes, HASH_SIZE);
}

static void
parse_profile(struct far_ftp *f, const char *text)
{
	unsigned value, folder;

	for (; *text != '\0';
	     text += strcspn(text, "\n"), text += *text == '\n') {
		if (sscanf(text, "connections %u", &value) == 1 && value > 0 &&
		    value <= SITE_MAX_CONNECTIONS)
			f->connections = value;
		else if (sscanf(text, "tls 1.%u", &value) == 1 &&
		    (value == TLS_1_2 - 1 || value == TLS_1_3 - 1))
			f->tls_max = value + 1;
		else if (sscanf(text, "has %x", &value) == 1)
			f->has = value & MSG_FTP_ALL;
		else if (sscanf(text, "lacks %x", &value) == 1)
			f->lacks = value & MSG_FTP_ALL;
		else if (sscanf(text, "modes %o %o", &value, &folder) == 2)
			f->modes =
			    (struct far_modes){ value & 0777, folder & 0777 };
		else if (strncmp(text, KEY, strlen(KEY)) == 0)
			parse_key(f, text);
		else
			parse_offer(f, text);
	}
}

void
far_ftp_load(struct far_ftp *f, int state_dir)
{
	struct buf b;

	f->state_dir = state_dir;
	buf_init(&b, PROFILE_MAX);
	if (state_dir >= 0 && fs_read(state_dir, PROFILE, false, &b) == 0)
		parse_profile(f, buf_text(&b));
	buf_free(&b);
	/*
	 * So the first handshake can be the one of the login, in which the
	 * authority has to vouch for this very key once more.
	 */
	if (f->vouched && !f->judged && mode(f->job) != MSG_TLS_NONE &&
	    f->job->verb == ferry_PUBLISH && !host_tls_has_pins(f->job)) {
		f->judged = true;
		f->spki = f->vouched_spki;
	}
}

static void
save_profile(const struct far_ftp *f)
{
	char base64[BASE64 + 1];
	struct buf b;

	buf_init(&b, PROFILE_MAX);
	buf_printf(
	    &b, "# what sandferry learned about this server; may be removed\n");
	if (f->connections > 0)
		buf_printf(&b, "connections %u\n", f->connections);
	buf_printf(&b, "tls 1.%u\nhas %x\nlacks %x\n", f->tls_max - 1,
	    (unsigned)f->has, (unsigned)f->lacks);
	if (f->modes.file != 0)
		buf_printf(&b, "modes %03o %03o\n", (unsigned)f->modes.file,
		    (unsigned)f->modes.folder);
	if (f->offered != 0)
		buf_printf(&b, "offers %x %llu\n", (unsigned)f->offered,
		    (unsigned long long)f->asked);
	if (f->vouched) {
		hash_base64(f->vouched_spki.b, HASH_SIZE, base64);
		buf_printf(&b, "%s%s\n", KEY, base64);
	}
	if (buf_ok(&b))
		(void)fs_write(f->state_dir, PROFILE, b.data, b.len, 0600);
	buf_free(&b);
}

void
far_ftp_close(struct far_ftp *f)
{
	if (f->job == NULL)
		return;
	if (f->changed && f->state_dir >= 0 && !f->job->options.dry_run)
		save_profile(f);
	if (f->authorities >= 0)
		close(f->authorities);
	secret_free(f->password);
	far_client_free(&f->client);
	memset(f, 0, sizeof(*f));
}

void
far_ftp_learned(struct far_ftp *f, const struct msg_learned *m)
{
	uint32_t without = m->lacks, has, lacks;

	/* once, a connection may be lost amid a burst for any reason */
	if ((without & MSG_FTP_BURST) != 0 && f->bursts_lost++ == 0)
		without &= ~(uint32_t)MSG_FTP_BURST;
	has = (f->has | m->has) & ~without & MSG_FTP_ALL;
	lacks = (f->lacks | without) & ~m->has & MSG_FTP_ALL;
	f->changed |= has != f->has || lacks != f->lacks;
	f->has = has;
	f->lacks = lacks;
}

void
far_ftp_ready(struct far_ftp *f, const struct msg_ready *m)
{
	if (f->offered != 0) /* so it was not asked */
		return;
	f->offered = m->features & MSG_FTP_ALL;
	f->asked = (uint64_t)time(NULL);
	f->changed = true;
}

void
far_ftp_helped(struct far_ftp *f, unsigned connections)
{
	f->changed |= f->connections != connections;
	f->connections = connections;
}

/* ---- Sessions ---- */

/*
 * With a key that is trusted already the worker logs in on its first
 * connection, if the server shows that key; else it shows us which it has.
 */
void
far_ftp_config(const struct far_ftp *f, struct session_ftp *out)
{
	*out = (struct session_ftp){ .mode = mode(f->job),
		.tls_max = f->tls_max,
		.lacks = f->lacks,
		.known = f->offered,
		.judged = f->judged,
		.verify = f->judged && !f->pinned,
		.spki = f->spki,
		.authorities = f->authorities };
}

int
far_ftp_judge(
    struct far_ftp *f, const struct msg_certificate *c, struct ferry_error *err)
{
	bool pinned;
	int rc = host_tls_judge(f->job, c, &pinned, err);

	if (rc != 0)
		return rc;
	f->judged = f->shown = true;
	f->pinned = pinned;
	f->spki = c->spki;
	f->changed |= f->vouched != !pinned ||
	    memcmp(&f->vouched_spki, &c->spki, sizeof(c->spki)) != 0;
	f->vouched = !pinned;
	f->vouched_spki = c->spki;
	return 0;
}

static bool
is_anonymous(const char *user)
{
	return strcmp(user, "anonymous") == 0 || strcmp(user, "ftp") == 0;
}

int
far_ftp_password(struct far_ftp *f, unsigned attempt, bool *known,
    struct secret **out, struct ferry_error *err)
{
	static const char anybody[] = "sandferry@"; /* RFC 1635 */
	const char *user = f->job->site->url.user;

	*known = true;
	*out = NULL;
	if (f->right && attempt > 1)
		return err_set(err, ferry_ESECRET, "secret_refused",
		    "the password is refused now");
	/* it was sent before, and not refused: the server was busy */
	if (f->password != NULL && attempt == 1)
		*out = secret_copy(f->password->data, f->password->len);
	else if (is_anonymous(user) && attempt == 1)
		*out = secret_copy(anybody, sizeof(anybody) - 1);
	else
		*known = false;
	return *known && *out == NULL ? err_memory(err) : 0;
}

int
far_ftp_keep_password(
    struct far_ftp *f, const struct secret *password, struct ferry_error *err)
{
	secret_free(f->password);
	f->password = secret_copy(password->data, password->len);
	return f->password != NULL ? 0 : err_memory(err);
}

bool
far_ftp_try_again(struct far_ftp *f, struct ferry_error *err)
{
	if (strcmp(err->id, "ftp_tls_version") == 0 && f->tls_max < TLS_1_3) {
		f->tls_max = TLS_1_3;
		f->changed = true;
		return true;
	}
	/*
	 * Which key is it, and what is wrong with it?  It is shown, and judged,
	 * before anything else.
	 */
	if (f->judged && f->looks < LOOKS &&
	    (strcmp(err->id, "ftp_key_changed") == 0 ||
		(strcmp(err->id, "ftp_tls") == 0 && !f->shown))) {
		f->looks++;
		f->judged = f->pinned = false;
		return true;
	}
	if (strcmp(err->id, "ftp_client_wanted") == 0)
		err->code = ferry_EKEY;
	if (strcmp(err->id, "ftp_no_tls") == 0) {
		strcpy(err->id, "plain_ftp");
		err->code = ferry_EPOLICY;
		err_hint(err,
		    "Ask the provider for FTP over TLS, or for SFTP. Plain FTP "
		    "shows the password to everybody on the way; --plain-ftp "
		    "allows it, or plain-ftp = yes in the access file.");
	}
	return false;
}
