/* --retry: one attempt after the other.  Hub (the command). */
#include "cmd/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/stop.h"
#include "cmd/text.h"
#include "cmd/ui_json.h"

enum { LONGEST = 300 /* seconds between two attempts */ };

/* What came by a descriptor, which only one attempt could read. */
struct given {
	bool whole; /* else it cannot be read, which the attempt says */
	size_t size;
	char bytes[64 * 1024]; /* what a pipe holds, and any key */
};

/* In memory that the attempts share. */
struct shared {
	struct retry_secret typed[RETRY_SECRETS];
	struct given password, key;
};

/* What another server, another line or another minute may mend. */
static bool
is_passing(int code)
{
	return code == ferry_EREACH || code == ferry_ELOST ||
	    code == ferry_EBUSY || code == ferry_ELOCKED;
}

/* Twice as long each time, less up to a quarter: not all at the same moment. */
static int
delay(const struct options_retry *retry, int number)
{
	int seconds = retry->seconds;
	unsigned random = 0;

	while (--number > 0 && seconds < LONGEST)
		seconds *= 2;
	if (seconds > LONGEST)
		seconds = LONGEST;
	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	return seconds - (int)(random % (unsigned)(seconds / 4 + 1));
}

static struct shared *
share(void)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	/* as far as the limits allow, like all other secrets */
	(void)mlock(s, sizeof(*s));
#ifdef MADV_DONTDUMP
	(void)madvise(s, sizeof(*s), MADV_DONTDUMP);
#endif
	return s;
}

static void
unshare_secrets(struct shared *s)
{
	explicit_bzero(s, sizeof(*s));
	munmap(s, sizeof(*s));
}

static void
read_given(struct given *g, int fd)
{
	ssize_t n = 1;

	while (n != 0 && g->size < sizeof(g->bytes)) {
		n = read(fd, g->bytes + g->size, sizeof(g->bytes) - g->size);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			g->size += (size_t)n;
	}
	g->whole = true;
}

/* The same once more, for one attempt, in *fd; -1: no pipe. */
static void
give_again(int *fd, const struct given *g)
{
	int fds[2];

	if (!g->whole)
		return;
	*fd = -1;
	if (pipe(fds) != 0)
		return;
	(void)!write(fds[1], g->bytes, g->size);
	close(fds[1]);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	*fd = fds[0];
}

/* The attempt itself: what it returns is its exit status. */
static int
attempt(struct ui *ui, struct options *o, const struct shared *s,
    int (*verb)(struct ui *ui, const struct options *o))
{
	if (s != NULL) {
		give_again(&o->secret_fd, &s->password);
		give_again(&o->key_fd, &s->key);
	}
	return verb(ui, o);
}

static int
judge(int status)
{
	if (status != -1 && WIFEXITED(status))
		return WEXITSTATUS(status);
	return status != -1 && WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						   : ferry_EINTERNAL;
}

int
retry_run(struct ui *ui, const struct options *o,
    int (*verb)(struct ui *ui, const struct options *o))
{
	struct shared *s = share();
	struct retry_attempt now = { .of = o->retry.count + 1 };
	struct options own = *o;
	struct ui telling = *ui; /* that there are several attempts */
	int status = ferry_EINTERNAL;
	char stopping[16];
	pid_t pid;

	/* one for both is a mistake, which the attempt says */
	if (s != NULL && o->secret_fd >= 0 && o->key_fd != o->secret_fd)
		read_given(&s->password, o->secret_fd);
	if (s != NULL && o->key_fd >= 0 && o->key_fd != o->secret_fd)
		read_given(&s->key, o->key_fd);
	now.secrets = s != NULL ? s->typed : NULL;
	telling.attempt = &now;
	signal(SIGCHLD, SIG_DFL); /* who ignores it is not told of its end */
	snprintf(
	    stopping, sizeof(stopping), "%sstopping\n", ui_mark(ui, UI_NOTICE));
	stop_watch(NULL, stopping);
	while (now.number++ < now.of) {
		now.seconds = delay(&o->retry, now.number);
		pid = stop_fork();
		if (pid == 0)
			return attempt(&telling, &own, s, verb);
		status = pid > 0 ? judge(stop_wait(pid)) : ferry_EINTERNAL;
		if (!is_passing(status) || now.number == now.of)
			break;
		/* a manager hears nothing of those that are gone already */
		ui_status(&telling, "Attempt %d of %d in %d s", now.number + 1,
		    now.of, now.seconds);
		if (!stop_rest(now.seconds)) {
			status = 128 + stop_signal();
			break;
		}
	}
	stop_unwatch();
	if (s != NULL)
		unshare_secrets(s);
	return status;
}

bool
retry_follows(const struct ui *ui, const struct ferry_error *e)
{
	return e != NULL && is_passing(e->code) && ui->attempt != NULL &&
	    ui->attempt->number < ui->attempt->of && stop_signal() == 0;
}

void
retry_announce(struct ui *ui, const struct ferry_error *e)
{
	const struct retry_attempt *a = ui->attempt;
	char text[4 * sizeof(e->text)];

	if (ui->json) {
		ui_json_retry(ui, e);
		return;
	}
	ui_log(ui, UI_WARNING, "sandferry: %s; attempt %d of %d in %d s",
	    text_show(text, sizeof(text), e->text, ui->utf8), a->number + 1,
	    a->of, a->seconds);
}

const struct retry_secret *
retry_recall(const struct ui *ui, const char *prompt)
{
	const struct retry_attempt *a = ui->attempt;

	for (size_t i = 0; a != NULL && a->secrets != NULL && i < RETRY_SECRETS;
	     i++)
		if (a->secrets[i].prompt[0] != '\0' &&
		    strcmp(a->secrets[i].prompt, prompt) == 0)
			return &a->secrets[i];
	return NULL;
}

void
retry_keep(
    const struct ui *ui, const char *prompt, const char *bytes, size_t size)
{
	const struct retry_attempt *a = ui->attempt;
	struct retry_secret *to = NULL;

	/* a code of the moment is asked for again */
	if (a == NULL || a->secrets == NULL ||
	    (strcasestr(prompt, "passw") == NULL &&
		strcasestr(prompt, "passphrase") == NULL) ||
	    strlen(prompt) >= RETRY_PROMPT_SIZE || size > RETRY_SECRET_SIZE)
		return;
	for (size_t i = 0; i < RETRY_SECRETS && to == NULL; i++)
		if (a->secrets[i].prompt[0] == '\0' ||
		    strcmp(a->secrets[i].prompt, prompt) == 0)
			to = &a->secrets[i];
	if (to == NULL)
		return;
	memcpy(to->bytes, bytes, size);
	to->size = size;
	snprintf(to->prompt, sizeof(to->prompt), "%s", prompt);
}
