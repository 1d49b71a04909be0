/* Questions on /dev/tty: is this the key?  What is it?  Hub (the command). */
#include "cmd/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/retry.h"
#include "cmd/stop.h"
#include "cmd/text.h"

enum { ANSWER_MAX = 1024, TRIES = 3 };

bool
ask_possible(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	bool ours;

	if (fd < 0)
		return false;
	/* A background job would be stopped by the terminal, not answered. */
	ours = tcgetpgrp(fd) == getpgrp();
	close(fd);
	return ours;
}

static void
tell_some(int tty, const char *s, size_t n)
{
	ssize_t w;

	while (n > 0) {
		w = write(tty, s, n);
		if (w <= 0)
			return;
		s += w;
		n -= (size_t)w;
	}
}

static void
tell(int tty, const char *s)
{
	tell_some(tty, s, strlen(s));
}

/* Sentences, on as many lines as they need. */
static void
tell_words(int tty, const char *s)
{
	const size_t columns = ui_columns(tty);
	size_t n = 0;

	while (columns > 0 && s[n = text_fit(s, columns)] != '\0') {
		tell_some(tty, s, n);
		tell(tty, "\n");
		for (s += n; *s == ' ';)
			s++;
	}
	tell(tty, s);
}

/*
 * Read a line without its newline into dst, terminated.  -1: the terminal went
 * away, the line was too long, or a signal asked to stop.  0 and *again: what
 * was typed is gone, for we were stopped and went on.
 */
static int
read_line(int tty, char dst[ANSWER_MAX + 1], bool *again)
{
	const unsigned pauses = stop_pauses();
	struct timeval patience;
	size_t n = 0;
	fd_set set;
	ssize_t got;
	int ready;

	while (n <= ANSWER_MAX) {
		/* In the background it waits for being brought back. */
		if (tcgetpgrp(tty) != getpgrp())
			raise(SIGTTIN);
		/* A signal may come between a look and the wait. */
		patience.tv_sec = 0;
		patience.tv_usec = 200 * 1000;
		FD_ZERO(&set);
		FD_SET(tty, &set);
		ready = select(tty + 1, &set, NULL, NULL, &patience);
		*again = stop_pauses() != pauses;
		if (stop_signal() != 0 || (ready < 0 && errno != EINTR))
			return -1;
		if (*again)
			return 0;
		if (ready <= 0)
			continue;
		got = read(tty, dst + n, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != 1) {
			tell(tty, "\n"); /* which Ctrl-D does not */
			return -1;
		}
		if (dst[n] == '\n') {
			dst[n] = '\0';
			return (int)n;
		}
		n++;
	}
	tcflush(tty, TCIFLUSH);
	return -1;
}

/* Show the prompt, once more whenever we come back to it, and read a line. */
static int
ask_line(int tty, const char *prompt, bool echo, char dst[ANSWER_MAX + 1])
{
	bool again;
	int n;

	stop_ask(tty, echo);
	do {
		tell_words(tty, prompt);
		n = read_line(tty, dst, &again);
	} while (n == 0 && again);
	stop_answered();
	return n;
}

/* A server's own prompt may end in a colon already. */
static void
print_prompt(char *dst, size_t size, const struct ui *ui, const char *prompt)
{
	size_t n;

	text_show(dst, size - 2, prompt, ui->utf8);
	n = strlen(dst);
	while (n > 0 && dst[n - 1] == ' ')
		n--;
	strcpy(dst + n, n > 0 && strchr(":?", dst[n - 1]) != NULL ? " " : ": ");
}

bool
ask_typed(struct ui *ui, const char *prompt, const char *preset, char *dst,
    size_t size)
{
	char line[ANSWER_MAX + 1], shown[4096], all[sizeof(shown) + 256];
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), n;
	size_t from;

	ui_end(ui);
	if (tty < 0)
		return false;
	text_escape(shown, sizeof(shown), preset, ui->utf8);
	snprintf(all, sizeof(all), "%s%s%s%s: ", prompt,
	    *preset != '\0' ? " [" : "", shown, *preset != '\0' ? "]" : "");
	n = ask_line(tty, all, true, line);
	close(tty);
	if (n < 0)
		return false;
	from = strspn(line, " \t");
	while ((size_t)n > from && strchr(" \t\r", line[n - 1]) != NULL)
		line[--n] = '\0';
	snprintf(dst, size, "%s", line[from] != '\0' ? line + from : preset);
	return true;
}

static void
ask_secret(int tty, const struct ui *ui, struct ferry_job *job,
    const struct ferry_question *q)
{
	const struct retry_secret *before =
	    q->attempt <= 1 ? retry_recall(ui, q->prompt) : NULL;
	char prompt[1024], line[ANSWER_MAX + 1];
	int n;

	if (before != NULL) {
		ferry_job_answer(job, q->id, true, before->bytes, before->size);
		return;
	}
	if (q->attempt > 1 && q->attempt <= TRIES && !q->echo)
		tell(tty, "That was not it.\n");
	print_prompt(prompt, sizeof(prompt), ui, q->prompt);
	n = ask_line(tty, prompt, q->echo, line);
	if (n > 0 && !q->echo)
		retry_keep(ui, q->prompt, line, (size_t)n);
	/* An empty line gives up, except where a prompt is only confirmed. */
	if (n > 0 || (n == 0 && q->echo))
		ferry_job_answer(job, q->id, true, line, (size_t)n);
	else
		ferry_job_answer(job, q->id, false, NULL, 0);
	explicit_bzero(line, sizeof(line));
}

static void
tell_finding(int tty, const struct ui *ui, const char *whose,
    const struct ferry_host_finding *f)
{
	char path[4096], line[5120];

	if (f->path == NULL) {
		snprintf(line, sizeof(line),
		    "  %-9s no file yet: nothing is recorded\n", whose);
	} else if (f->line == 0) {
		text_escape(path, sizeof(path), f->path, ui->utf8);
		snprintf(line, sizeof(line), "  %-9s %s: nothing about it\n",
		    whose, path);
	} else {
		text_escape(path, sizeof(path), f->path, ui->utf8);
		snprintf(line, sizeof(line), "  %-9s %s:%u: %s %s\n", whose,
		    path, f->line, f->type, f->fingerprint);
	}
	tell(tty, line);
}

static void
tell_compare(int tty)
{
	tell(tty, "\n");
	tell_words(tty,
	    "Compare the fingerprint with the one that your provider shows.");
	tell(tty, "\n");
}

/* No authority vouches for it: what it says about itself proves nothing. */
static void
tell_certificate(
    int tty, const struct ui *ui, const struct ferry_host_report *h)
{
	const struct ferry_certificate *c = h->certificate;
	char line[1024], shown[512];

	snprintf(line, sizeof(line), "%s, port %u, shows a certificate %s.",
	    h->host, h->port,
	    c->chain_ok ? "for other names" : "that no authority vouches for");
	tell_words(tty, line);
	snprintf(line, sizeof(line), "\n\n  %-9s %s\n", "for",
	    text_show(shown, sizeof(shown), c->names, ui->utf8));
	tell(tty, line);
	if (!c->chain_ok) {
		snprintf(line, sizeof(line), "  %-9s %s\n", "because",
		    text_show(shown, sizeof(shown), c->why, ui->utf8));
		tell(tty, line);
	}
	snprintf(line, sizeof(line), "  %-9s %s\n", "its key", h->fingerprint);
	tell(tty, line);
	tell_compare(tty);
}

static void
tell_host(int tty, const struct ui *ui, const struct ferry_host_report *h)
{
	char line[1024];

	snprintf(line, sizeof(line),
	    "%s, port %u, %s.  It shows this key:", h->host, h->port,
	    h->verdict == ferry_HOST_NEW_TYPE
		? "is known by keys of other types only"
		: "is not known yet");
	tell_words(tty, line);
	snprintf(
	    line, sizeof(line), "\n\n  %-9s %s\n", h->type, h->fingerprint);
	tell(tty, line);
	tell_finding(tty, ui, "yours", &h->own);
	tell_finding(tty, ui, "fallback", &h->fallback);
	if (h->system.path != NULL)
		tell_finding(tty, ui, "system", &h->system);
	tell_compare(tty);
}

static void
ask_host_key(int tty, const struct ui *ui, struct ferry_job *job,
    const struct ferry_question *q)
{
	enum ask_answer answer = ASK_UNCLEAR;
	char line[ANSWER_MAX + 1];
	int tries;

	if (q->host == NULL) {
		ferry_job_answer(job, q->id, false, NULL, 0);
		return;
	}
	if (q->host->certificate != NULL)
		tell_certificate(tty, ui, q->host);
	else
		tell_host(tty, ui, q->host);
	for (tries = 0; answer == ASK_UNCLEAR && tries < TRIES; tries++) {
		answer =
		    ask_line(tty,
			tries == 0 ? "Trust it?  yes, no [no], or paste the "
				     "fingerprint that you have: "
				   : "Type yes, no, or the whole "
				     "fingerprint: ",
			true, line) < 0
		    ? ASK_NO
		    : ask_judge(line, q->host->fingerprint);
	}
	if (answer == ASK_OTHER_KEY) {
		tell_words(tty,
		    "THAT IS NOT THE KEY OF THIS SERVER.  Something may "
		    "stand between you and it; nothing was sent.");
		tell(tty, "\n");
	}
	/* What was pasted tells the library that it is another key. */
	if (answer == ASK_OTHER_KEY)
		ferry_job_answer(job, q->id, false, line, strlen(line));
	else
		ferry_job_answer(job, q->id, answer == ASK_YES, NULL, 0);
}

static void
ask_grant(int tty, const struct ui *ui, struct ferry_job *job,
    const struct ferry_question *q)
{
	char key[4096], url[4096], comment[1024], line[ANSWER_MAX + 1];
	char prompt[sizeof(url) + 64];
	const struct ferry_grant *g = q->grant;
	bool yes = false;

	if (g != NULL) {
		tell(tty, text_escape(key, sizeof(key), g->key, ui->utf8));
		snprintf(line, sizeof(line), "\n  %s %s %s\n", g->type,
		    g->fingerprint,
		    text_show(comment, sizeof(comment), g->comment, ui->utf8));
		tell(tty, line);
		snprintf(prompt, sizeof(prompt),
		    "Let it log in to %s?  yes or no [no]: ",
		    text_escape(url, sizeof(url), g->url, ui->utf8));
		yes = ask_line(tty, prompt, true, line) > 0 &&
		    strcmp(line, "yes") == 0;
	}
	ferry_job_answer(job, q->id, yes, NULL, 0);
}

static void
ask_confirm(int tty, const struct ui *ui, struct ferry_job *job,
    const struct ferry_question *q)
{
	char shown[1024], prompt[sizeof(shown) + 32], line[ANSWER_MAX + 1];

	snprintf(prompt, sizeof(prompt), "%s  yes or no [no]: ",
	    text_show(shown, sizeof(shown), q->prompt, ui->utf8));
	ferry_job_answer(job, q->id,
	    ask_line(tty, prompt, true, line) > 0 && strcmp(line, "yes") == 0,
	    NULL, 0);
}

void
ask_question(
    struct ui *ui, struct ferry_job *job, const struct ferry_question *q)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	ui_wipe(ui);
	if (tty < 0) {
		ferry_job_answer(job, q->id, false, NULL, 0);
		return;
	}
	if (q->kind == ferry_ASK_HOST_KEY)
		ask_host_key(tty, ui, job, q);
	else if (q->kind == ferry_ASK_GRANT)
		ask_grant(tty, ui, job, q);
	else if (q->kind == ferry_ASK_CONFIRM)
		ask_confirm(tty, ui, job, q);
	else
		ask_secret(tty, ui, job, q);
	close(tty);
}
