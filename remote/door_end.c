/*
 * A worker's output, and its end in words.  Runs in the hub.
 */
#include "remote/door_end.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "confine/seccomp.h"

enum {
	MAX_OUTPUT = 64 * 1024, /* logged; the rest is read and dropped */
	READ_SIZE = 1024,
	READS = 64 + 1, /* at once: a full pipe, and its end */
	PATIENCE_MS = 2000,
};

/* Its own filter makes it say which call it was stopped at. */
static void
note_refusal(struct door_output *o)
{
	size_t skip = strlen(SECCOMP_LAST_WORDS), n = o->len - skip;

	if (o->len > skip && n < sizeof(o->refused) &&
	    memcmp(o->line, SECCOMP_LAST_WORDS, skip) == 0 &&
	    seccomp_is_refusal(o->line + skip, n)) {
		memcpy(o->refused, o->line + skip, n);
		o->refused[n] = '\0';
	}
}

static void
flush_line(struct door *d)
{
	struct door_output *o = &d->output;

	note_refusal(o);
	if (o->len > 0)
		log_line(d->log, LOG_WARNING, "worker's output: %.*s",
		    (int)o->len, o->line);
	o->len = 0;
}

static void
take(struct door *d, const char *p, size_t n)
{
	struct door_output *o = &d->output;

	for (; n > 0 && o->total < MAX_OUTPUT; p++, n--) {
		if (++o->total == MAX_OUTPUT) {
			flush_line(d);
			log_line(d->log, LOG_WARNING,
			    "worker's output: more is not shown");
		} else if (*p == '\n') {
			flush_line(d);
		} else {
			o->line[o->len++] = *p;
			if (o->len == sizeof(o->line))
				flush_line(d);
		}
	}
}

void
door_end_output(struct door *d)
{
	char p[READ_SIZE];
	ssize_t n;

	for (int i = 0; i < READS && d->worker.output >= 0; i++) {
		n = read(d->worker.output, p, sizeof(p));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n > 0) {
			take(d, p, (size_t)n);
			continue;
		}
		flush_line(d);
		close(d->worker.output);
		d->worker.output = -1;
	}
}

static int
end(struct door *d, unsigned patience_ms)
{
	int status = spawn_end(&d->worker, patience_ms);

	door_end_output(d);
	flush_line(d);
	if (d->worker.output >= 0)
		close(d->worker.output);
	d->worker.output = -1;
	return status;
}

void
door_end(struct door *d, unsigned patience_ms)
{
	(void)end(d, patience_ms);
}

static const char *
signal_words(int number)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
	const char *words = sigdescr_np(number);

	return words ? words : "unknown";
#else
	return strsignal(number);
#endif
}

int
door_end_report(struct door *d, struct ferry_error *err)
{
	int status = end(d, PATIENCE_MS);

	if (d->worker.killed || status == -1) {
		err_set(err, ferry_EWALL, "wall_worker_gone",
		    "the worker closed the door without a word");
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
		err_set(err, ferry_EWALL, "wall_worker_refused",
		    "the worker was stopped by its own wall%s%s",
		    d->output.refused[0] != '\0' ? ": " : "",
		    d->output.refused);
	} else if (WIFSIGNALED(status)) {
		err_set(err, ferry_EWALL, "wall_worker_signal",
		    "the worker was stopped by signal %d (%s)",
		    WTERMSIG(status), signal_words(WTERMSIG(status)));
	} else {
		err_set(err, ferry_EWALL, "wall_worker_exit",
		    "the worker exited with status %d", WEXITSTATUS(status));
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		err_hint(err,
		    "No such call is ever needed: please report this. What was "
		    "published is whole; the same command goes on.");
	else
		err_hint(err,
		    "Try again; if it happens again, please report it with "
		    "the log, which has its last words.");
	return -ferry_EWALL;
}
