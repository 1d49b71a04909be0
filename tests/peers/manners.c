/*
 * An application that loads the library, publishes and unloads it, and looks
 * whether anything of its own has changed.
 *
 *   manners LIBRARY WORKER KEY HOSTKEY KNOWN_HOSTS SOURCE URL STATE
 *	[SOURCE2 URL2 STATE2]
 *
 * Without 0, 1 and 2 if these are closed.  With a second site both are
 * published at once, on two threads.  Says on descriptor 3 what was wrong.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandferry.h"

enum { REPORT = 3, LOADS = 100, TEXT = 64 * 1024 };

/* The library: there only while it is loaded. */
struct library {
	void *handle;
	__typeof__(ferry_site_new) *site_new;
	__typeof__(ferry_site_set) *site_set;
	__typeof__(ferry_site_free) *site_free;
	__typeof__(ferry_options_fill) *options_fill;
	__typeof__(ferry_job_new) *job_new;
	__typeof__(ferry_job_start) *job_start;
	__typeof__(ferry_job_run) *job_run;
	__typeof__(ferry_job_fd) *job_fd;
	__typeof__(ferry_job_dispatch) *job_dispatch;
	__typeof__(ferry_job_free) *job_free;
};

struct place {
	const struct library *library;
	char **args; /* SOURCE URL STATE */
	const char *worker, *key, *host_key, *known_hosts;
	bool on_this_thread;
	bool kills; /* its worker, before files are read back */
	bool leaves; /* frees its job when this many events were heard */
	unsigned patience, heard;
	int outcome;
	char text[240];
	unsigned finished;
};

static bool bad;

static void
wrong(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vdprintf(REPORT, format, ap);
	va_end(ap);
	bad = true;
}

static void *
find(void *handle, const char *name)
{
	void *symbol = dlsym(handle, name);

	if (symbol == NULL) {
		wrong("%s\n", dlerror());
		_exit(1);
	}
	return symbol;
}

static void
load(struct library *l, const char *path)
{
	l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (l->handle == NULL) {
		wrong("%s\n", dlerror());
		_exit(1);
	}
	l->site_new = find(l->handle, "ferry_site_new");
	l->site_set = find(l->handle, "ferry_site_set");
	l->site_free = find(l->handle, "ferry_site_free");
	l->options_fill = find(l->handle, "ferry_options_fill");
	l->job_new = find(l->handle, "ferry_job_new");
	l->job_start = find(l->handle, "ferry_job_start");
	l->job_run = find(l->handle, "ferry_job_run");
	l->job_fd = find(l->handle, "ferry_job_fd");
	l->job_dispatch = find(l->handle, "ferry_job_dispatch");
	l->job_free = find(l->handle, "ferry_job_free");
}

/* ---- What is ours ---- */

static void
add(char *text, const char *format, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + n, TEXT - n, format, ap);
	va_end(ap);
}

/* The entries of a folder of /proc; of descriptors, only their number. */
static unsigned
count(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static void
add_line(char *text, const char *path, const char *word)
{
	FILE *f = fopen(path, "re");
	char line[4096];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, word) != NULL)
			add(text, "%s", line);
	if (f != NULL)
		fclose(f);
}

static void
look(char *text)
{
	struct sigaction action;
	char cwd[4096] = "";

	text[0] = '\0';
	add(text, "%u descriptors\n", count("/proc/self/fd"));
	add(text, "%u threads\n", count("/proc/self/task"));
	add_line(text, "/proc/self/status", "Umask");
	add_line(text, "/proc/self/status", "SigBlk");
	add_line(text, "/proc/self/status", "NoNewPrivs");
	add_line(text, "/proc/self/status", "Seccomp:");
	add_line(text, "/proc/self/maps", "libsandferry");
	for (int i = 1; i < 65; i++)
		if (sigaction(i, NULL, &action) == 0)
			add(text, "signal %d: %p %x\n", i,
			    (void *)action.sa_handler, action.sa_flags);
	add(text, "in %s\n", getcwd(cwd, sizeof(cwd)));
	add(text, "locale %s\n", setlocale(LC_ALL, NULL));
	for (char **e = environ; *e != NULL; e++)
		add(text, "%s\n", *e);
}

/* Nothing that is open while it runs gets into a program that we start. */
static void
judge_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		int fd = atoi(e->d_name);
		int flags = fcntl(fd, F_GETFD);

		if (e->d_name[0] != '.' && fd > REPORT && flags >= 0 &&
		    (flags & FD_CLOEXEC) == 0)
			wrong("descriptor %d is inherited\n", fd);
	}
	if (d != NULL)
		closedir(d);
}

/* ---- A job ---- */

static void
kill_children(void)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	char path[300];
	int pid;

	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/children",
		    e->d_name);
		FILE *f = fopen(path, "re");

		while (f != NULL && fscanf(f, "%d", &pid) == 1)
			(void)kill(pid, SIGKILL);
		if (f != NULL)
			fclose(f);
	}
	if (d != NULL)
		closedir(d);
}

static void
on_event(void *ctx, const struct ferry_event *event)
{
	struct place *p = ctx;

	p->heard++;
	if (event->kind == ferry_EVENT_PHASE)
		judge_descriptors();
	if (p->kills && event->kind == ferry_EVENT_PHASE &&
	    event->phase == ferry_PHASE_VERIFY)
		kill_children();
	if (event->kind != ferry_EVENT_FINISHED)
		return;
	p->finished++;
	p->outcome = event->summary->outcome;
	if (event->error != NULL)
		snprintf(p->text, sizeof(p->text), "%s", event->error->text);
}

static void
loop(const struct place *place, struct ferry_job *job)
{
	const struct library *l = place->library;
	struct pollfd p = { .fd = l->job_fd(job), .events = POLLIN };

	while (!(place->leaves && place->heard >= place->patience) &&
	    l->job_dispatch(job) == 0)
		(void)poll(&p, 1, -1);
}

static void *
publish(void *ctx)
{
	struct place *p = ctx;
	const struct library *l = p->library;
	struct ferry_options o;
	struct ferry_site *site = NULL;
	struct ferry_job *job = NULL;
	int rc = l->site_new(&site, NULL);

	l->options_fill(&o, sizeof(o));
	o.worker = p->worker;
	o.key_file = p->key;
	o.known_hosts = p->known_hosts;
	o.fallback_known_hosts = "none";
	o.content = p->kills;
	if (rc == 0 && p->args != NULL) {
		o.state_dir = p->args[2];
		rc = l->site_set(site, "source", p->args[0], NULL);
		rc |= l->site_set(site, "url", p->args[1], NULL);
		rc |= l->site_set(site, "hostkey", p->host_key, NULL);
	}
	if (rc == 0)
		rc = l->job_new(&job, site,
		    p->kills ? ferry_VERIFY : ferry_PUBLISH, &o, NULL);
	if (rc == 0 && p->on_this_thread)
		(void)l->job_run(job, on_event, p, NULL);
	else if (rc == 0 && l->job_start(job, on_event, p, NULL) == 0)
		loop(p, job);
	l->job_free(job);
	l->site_free(site);
	if (p->finished != 1 && !(p->leaves && p->finished == 0))
		wrong("it finished %u times\n", p->finished);
	return NULL;
}

/* Both at once, or the only one. */
static void
publish_all(const struct library *l, char **argv, bool two)
{
	struct place one = { .library = l,
		.worker = argv[2],
		.key = argv[3],
		.host_key = argv[4],
		.known_hosts = argv[5],
		.args = argv + 6 };
	struct place other = one;
	pthread_t thread;

	other.args = argv + 9;
	one.on_this_thread = two;
	if (two && pthread_create(&thread, NULL, publish, &other) != 0)
		wrong("no thread\n");
	publish(&one);
	if (two)
		pthread_join(thread, NULL);
	if (one.outcome != 0 || other.outcome != 0)
		wrong("%d %s, %d %s\n", one.outcome, one.text, other.outcome,
		    other.text);
}

/*
 * A worker that is gone before it is spoken to, or amid: no SIGPIPE comes of
 * it, which would end us, on whose thread ever.
 */
static void
fail(const struct library *l, char **argv, bool on_this_thread, bool amid)
{
	struct place p = { .library = l,
		.worker = amid ? argv[2] : "/bin/true",
		.key = argv[3],
		.host_key = argv[4],
		.known_hosts = argv[5],
		.args = argv + 6,
		.on_this_thread = on_this_thread,
		.kills = amid };

	publish(&p);
	/* from another thread it may come too late */
	if (p.outcome == 0 && (on_this_thread || !amid))
		wrong("it needs no worker\n");
}

/* The window is closed while it runs. */
static void
leave(const struct library *l, char **argv)
{
	for (unsigned i = 0; i < 4; i++) {
		struct place p = { .library = l,
			.worker = argv[2],
			.key = argv[3],
			.host_key = argv[4],
			.known_hosts = argv[5],
			.args = argv + 6,
			.leaves = true,
			.patience = i };

		publish(&p);
	}
}

static void
load_often(const char *path)
{
	for (int i = 0; i < LOADS; i++) {
		struct library l;
		struct place p = { .library = &l };

		load(&l, path);
		p.on_this_thread = i % 2 == 0;
		publish(&p);
		dlclose(l.handle);
	}
}

static pid_t
make_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	return pid;
}

int
main(int argc, char **argv)
{
	static char before[TEXT], after[TEXT];
	struct library l;
	pid_t child;
	int status = 0;

	if (argc < 9)
		return 2;
	for (int fd = REPORT + 1; fd < 1024; fd++)
		close(fd); /* the shell's */
	setlocale(LC_ALL, "C.UTF-8");
	umask(031);
	child = make_child();
	/* what other libraries do when they are first loaded is theirs */
	load_often(argv[1]);
	look(before);
	load(&l, argv[1]);
	publish_all(&l, argv, argc > 11);
	for (int i = 0; i < 4; i++)
		fail(&l, argv, i % 2 == 0, i / 2 == 0);
	leave(&l, argv);
	dlclose(l.handle);
	load_often(argv[1]);
	look(after);
	if (strcmp(before, after) != 0)
		wrong("before:\n%s\nafter:\n%s\n", before, after);
	if (waitpid(child, &status, 0) != child || status != 7 << 8)
		wrong("our child was taken away\n");
	if (waitpid(-1, NULL, 0) != -1 || errno != ECHILD)
		wrong("a child is left\n");
	return bad;
}
