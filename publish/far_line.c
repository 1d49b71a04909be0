/* The line of an SFTP session, met and remembered.  Hub. */
#include "publish/far_line.h"

#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"

enum { PROFILE_MAX = 4096 };

static const char PROFILE[] = "host"; /* as FTP's; a url has one of both */

/* Where what matters comes from the server: all others send. */
static bool
reads_back(const struct ferry_job *job)
{
	return job->verb == ferry_VERIFY || job->verb == ferry_ADOPT;
}

void
far_line_init(struct far_line *l, struct ferry_job *job)
{
	*l = (struct far_line){ .job = job, .state_dir = -1 };
}

void
far_line_load(struct far_line *l, int state_dir)
{
	struct buf b;

	l->state_dir = state_dir;
	buf_init(&b, PROFILE_MAX);
	if (state_dir >= 0 && fs_read(state_dir, PROFILE, false, &b) == 0)
		line_parse(&l->known, buf_text(&b));
	buf_free(&b);
}

enum msg_compress
far_line_compress(void *ctx, unsigned rtt_us)
{
	struct far_line *l = ctx;

	l->rtt_us = rtt_us;
	l->asked = line_judge(&l->known, l->job->site->compression, rtt_us,
	    l->packed != NULL && l->packed(l->packed_ctx),
	    (uint64_t)time(NULL));
	if (!l->asked)
		return MSG_COMPRESS_NOTHING;
	return reads_back(l->job) ? MSG_COMPRESS_BOTH : MSG_COMPRESS_SENT;
}

void
far_line_progress(struct far_line *l, uint64_t bytes)
{
	if (bytes <= l->last)
		return;
	l->last = bytes;
	l->last_ms = clock_ms();
	if (l->first_ms != 0)
		return;
	l->first = bytes;
	l->first_ms = l->last_ms;
}

static void
save(const struct far_line *l)
{
	struct buf b;

	buf_init(&b, PROFILE_MAX);
	buf_printf(
	    &b, "# what sandferry learned about this server; may be removed\n");
	line_print(&l->known, &b);
	if (buf_ok(&b))
		(void)fs_write(l->state_dir, PROFILE, b.data, b.len, 0600);
	buf_free(&b);
}

/*
 * There are servers whose compression is broken: their sessions end, or fall
 * silent, right behind the login.  It may be the network, too; so next time we
 * go without, and later try again.
 */
void
far_line_failed(struct far_line *l, struct ferry_error *err)
{
	if (!l->asked || err == NULL || err->code != ferry_ELOST ||
	    l->job->site->compression != SITE_COMPRESS_AUTO)
		return;
	l->known.dull_at = (uint64_t)time(NULL);
	if (l->state_dir < 0)
		return;
	save(l);
	err_hint(err,
	    "Run the same command again: it will go without compression, in "
	    "case this server cannot compress.");
}

void
far_line_end(struct far_line *l, const struct session *session)
{
	const struct line_run run = {
		.bytes = l->last - l->first,
		.saved = session_saved(session),
		.ms = l->last_ms - l->first_ms,
		.compressed =
		    (session_ready(session)->features & MSG_COMPRESSED) != 0,
	};

	if (reads_back(l->job))
		return;
	log_line(&l->job->report.log, LOG_DEBUG,
	    "compression: %s, %llu bytes saved; round trip %u.%03u ms",
	    run.compressed ? "on" : "off", (unsigned long long)run.saved,
	    l->rtt_us / 1000, l->rtt_us % 1000);
	if (line_learn(&l->known, &run, (uint64_t)time(NULL)) &&
	    l->state_dir >= 0)
		save(l);
}
