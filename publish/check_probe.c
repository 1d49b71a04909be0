/*
 * check, a file there: one of our own is written, changed, read and removed.
 * Hub.  Its name is one that nobody else has, so no lock is needed; folders
 * that had to be made for it go with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "publish/check_parts.h"
#include "publish/releases_probe.h"
#include "publish/side.h"

enum {
	WRITTEN = 200,
	APPENDED = 55,
	REPLACED = 300, /* bytes */
	MODE = 0640, /* which no umask gives by itself */
	EARLIER = 30 * 60, /* seconds: a time that no upload gives */
	SKEW_MAX = 5 * 60, /* seconds */
	SKEW_NONE = 2, /* of whole seconds */
};

static bool
name_probe(struct check_probe *p, struct ferry_error *err)
{
	unsigned long long id;

	if (getentropy(&id, sizeof(id)) != 0) {
		err_os(err, ferry_EINTERNAL, errno, "no_entropy",
		    "no random bytes");
		return false;
	}
	snprintf(p->name, sizeof(p->name), FAR_SIDE "/check-%016llx", id);
	snprintf(p->upper, sizeof(p->upper), FAR_SIDE "/CHECK-%016llX", id);
	snprintf(p->next, sizeof(p->next), FAR_SIDE "/check-%016llx.new", id);
	snprintf(p->aside, sizeof(p->aside), FAR_SIDE "/check-%016llx.old", id);
	return true;
}

/* So many bytes, as a descriptor; -1. */
static int
make_bytes(size_t n)
{
	static const char words[] = "sandferry check ";
	char bytes[REPLACED];
	int fd = fs_scratch();

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = words[i % (sizeof(words) - 1)];
	if (fd >= 0 && fs_write_all(fd, bytes, n) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* A PUT of n bytes; false: it did not go well, which is said. */
static bool
put(struct check *c, struct check_finding *f, const char *path, size_t n,
    const struct msg_step *how, struct msg_done *done)
{
	struct msg_step *m;
	struct ferry_error e;
	int fd = make_bytes(n);
	bool ok;

	if (fd < 0) {
		err_os(&e, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot write a temporary file");
		check_fail(f, &e);
		return false;
	}
	m = far_step(&c->far, STEP_PUT, path);
	m->flags = how->flags;
	m->mode = how->mode;
	m->mtime = how->mtime;
	m->offset = how->offset;
	m->length = n;
	ok = check_call(c, f, fd, done);
	close(fd);
	return ok;
}

static bool
stat_probe(struct check *c, struct check_finding *f, const char *path,
    struct msg_done *done)
{
	far_step(&c->far, STEP_STAT, path);
	return check_call(c, f, -1, done);
}

/* Write, and compare the server's clock with ours at that moment. */
void
check_probe_write(struct check *c, struct check_finding *f)
{
	const struct msg_step how = { .flags = c->job->site->durable
		    ? PUT_TRUNCATE | PUT_DURABLE
		    : PUT_TRUNCATE };
	struct check_probe *p = &c->probe;
	struct msg_done done, stat;
	struct ferry_error e;
	time_t before, after;

	if (!name_probe(p, &e)) {
		check_fail(f, &e);
		return;
	}
	if (!check_root_make(c, f))
		return;
	before = time(NULL);
	p->has_name = true;
	if (!put(c, f, p->name, WRITTEN, &how, &done))
		return;
	after = time(NULL);
	if (far_judge(&done, "write", far_shown(&c->far, p->name), &e) != 0) {
		check_fail(f, &e);
		return;
	}
	if (!stat_probe(c, f, p->name, &stat))
		return;
	p->size = WRITTEN;
	p->timed = stat.result == RESULT_OK && stat.mtime != 0;
	if ((int64_t)stat.mtime < (int64_t)before)
		p->skew = (int64_t)stat.mtime - (int64_t)before;
	else if ((int64_t)stat.mtime > (int64_t)after)
		p->skew = (int64_t)stat.mtime - (int64_t)after;
	check_ok(f, "a file in %s%s", side_name(c->job->site),
	    p->made_side > 0 ? ", which is made for it" : "");
}

void
check_probe_read(struct check *c, struct check_finding *f)
{
	char got[REPLACED], sent[REPLACED];
	int fd = fs_scratch(), as = make_bytes(WRITTEN);
	struct msg_done done;
	struct ferry_error e;
	ssize_t n, m;

	far_step(&c->far, STEP_GET, c->probe.name)->length = sizeof(got);
	if (!check_call(c, f, fd, &done))
		goto out;
	n = pread(fd, got, sizeof(got), 0);
	m = pread(as, sent, sizeof(sent), 0);
	if (far_judge(&done, "read", far_shown(&c->far, c->probe.name), &e) !=
	    0) {
		check_fail(f, &e);
	} else if (n != m || n < 0 || memcmp(got, sent, (size_t)n) != 0) {
		err_set(&e, ferry_EVERIFY, "probe_differs",
		    "what comes back is not what was sent");
		err_hint(&e, "Ask the provider: does something change files?");
		check_fail(f, &e);
	} else {
		check_ok(f, "the same bytes come back");
	}
out:
	if (fd >= 0)
		close(fd);
	if (as >= 0)
		close(as);
}

void
check_probe_append(struct check *c, struct check_finding *f)
{
	const struct msg_step how = { .offset = c->probe.size };
	struct msg_done done;

	if (!put(c, f, c->probe.name, APPENDED, &how, &done))
		return;
	if (done.result == RESULT_OK) {
		c->probe.size += APPENDED;
		check_ok(f, "what is added to a file comes at its end");
		return;
	}
	check_warn(f, "is refused: %s", done.text);
	check_hint(f, "Publishing works, but sends its ledger anew each time.");
}

static bool
rename_probe(struct check *c, struct check_finding *f, const char *aside,
    struct msg_done *done)
{
	far_step(&c->far, STEP_RENAME, c->probe.next)->length = REPLACED;
	far_set_target(&c->far, c->probe.name);
	if (aside != NULL)
		far_set_aside(&c->far, aside);
	return check_call(c, f, -1, done);
}

void
check_probe_replace(struct check *c, struct check_finding *f)
{
	const struct msg_step how = { .flags = PUT_TRUNCATE };
	struct check_probe *p = &c->probe;
	struct msg_done done, stat;
	struct ferry_error e;
	bool around;

	p->has_next = true;
	if (!put(c, f, p->next, REPLACED, &how, &done))
		return;
	if (far_judge(&done, "write", far_shown(&c->far, p->next), &e) != 0) {
		check_fail(f, &e);
		return;
	}
	if (!rename_probe(c, f, NULL, &done))
		return;
	around = p->has_aside = done.result != RESULT_OK;
	if (around && !rename_probe(c, f, p->aside, &done))
		return;
	if (far_judge(&done, "rename over", far_shown(&c->far, p->name), &e) !=
	    0) {
		check_fail(f, &e);
		return;
	}
	p->has_next = p->has_aside = false;
	if (!stat_probe(c, f, p->name, &stat))
		return;
	p->size = stat.size;
	if (stat.result != RESULT_OK || stat.size != REPLACED) {
		err_set(&e, ferry_EVERIFY, "probe_differs",
		    "a file that was renamed over another is not there");
		check_fail(f, &e);
	} else if (around) {
		check_warn(f,
		    "not in one step: the old file is put aside "
		    "first");
		check_hint(f,
		    "Publishing works, but a visitor may miss a page for a "
		    "moment while it is replaced.");
	} else {
		check_ok(f,
		    "a new file takes the old one's place in one "
		    "step");
	}
}

/* Many a server offers what the disk below it then refuses. */
void
check_probe_links(struct check *c, struct check_finding *f)
{
	const bool offered = (far_features(&c->far) & MSG_HARDLINK) != 0;
	const bool copies = (far_features(&c->far) & MSG_COPY_DATA) != 0;
	struct check_probe *p = &c->probe;
	struct msg_done done = { .result = RESULT_UNSUPPORTED };

	if (offered) {
		far_step(&c->far, STEP_LINK, p->name);
		far_set_target(&c->far, p->next);
		p->has_next = true;
		if (!check_call(c, f, -1, &done))
			return;
	}
	if (done.result == RESULT_OK) {
		far_step(&c->far, STEP_REMOVE, p->next);
		if (!check_call(c, f, -1, &done))
			return;
		p->has_next = done.result != RESULT_OK;
		check_ok(f, "yes: publishes can be undone");
		return;
	}
	p->has_next = false;
	if (copies) {
		check_ok(f, "%s: old versions are copied, for undo",
		    offered ? "refused" : "no");
		return;
	}
	check_warn(
	    f, "%s: publishes cannot be undone", offered ? "refused" : "no");
	check_hint(f,
	    "Publishing works; to go back, publish an older state of the "
	    "source.");
}

/* Mode and time are set once, by the item that comes first. */
static bool
set_both(struct check *c, struct check_finding *f, struct msg_done *stat)
{
	const struct msg_step how = { .flags = PUT_TRUNCATE | PUT_ATTRIBUTES,
		.mode = MODE,
		.mtime = (uint64_t)time(NULL) - EARLIER };
	struct check_probe *p = &c->probe;
	struct msg_done done;
	struct ferry_error e;

	if (!put(c, f, p->name, WRITTEN, &how, &done))
		return false;
	p->size = WRITTEN;
	p->set = how.mtime;
	if (far_judge(&done, "write", far_shown(&c->far, p->name), &e) != 0) {
		check_fail(f, &e);
		return false;
	}
	return stat_probe(c, f, p->name, stat);
}

void
check_probe_mode(struct check *c, struct check_finding *f)
{
	const uint32_t bits = 07777;
	struct msg_done stat;

	if (!set_both(c, f, &stat))
		return;
	if ((stat.mode & bits) == MODE) {
		check_ok(f, "the one that is asked for is kept");
	} else if ((stat.mode & bits) == 0 &&
	    (far_features(&c->far) & MSG_FTP_CHMOD) != 0) {
		check_ok(f, "can be set; the server does not show it");
	} else if ((stat.mode & bits) == 0) {
		check_warn(f, "cannot be set");
		check_hint(f,
		    "Files get what the server gives them: look at one in the "
		    "browser.");
	} else {
		check_warn(f, "files get %04o, whatever is asked for",
		    (unsigned)(stat.mode & bits));
		check_hint(f,
		    "Can the web server read them? Then all is "
		    "well.");
	}
}

void
check_probe_time(struct check *c, struct check_finding *f)
{
	struct msg_done stat;

	if (!stat_probe(c, f, c->probe.name, &stat))
		return;
	if (stat.mtime == c->probe.set) {
		check_ok(f, "the one that is asked for is kept");
		return;
	}
	check_ok(f, "a file is as old as its upload");
}

void
check_probe_clock(struct check *c, struct check_finding *f)
{
	const int64_t skew = c->probe.skew;
	const uint64_t off = (uint64_t)(skew < 0 ? -skew : skew);
	const char *way = skew < 0 ? "behind" : "ahead of";

	if (!c->probe.timed) {
		check_ok(f, "the server does not show times");
	} else if (off <= SKEW_NONE) {
		check_ok(f, "agrees with ours");
	} else if (off <= SKEW_MAX) {
		check_ok(f, "%llu s %s ours", (unsigned long long)off, way);
	} else {
		check_warn(f, "%llu s %s ours", (unsigned long long)off, way);
		check_hint(f,
		    "Set the clock that is wrong: certificates and logs depend "
		    "on it, publishing does not.");
	}
}

void
check_probe_case(struct check *c, struct check_finding *f)
{
	struct msg_done stat;

	if (!stat_probe(c, f, c->probe.upper, &stat))
		return;
	if (stat.result != RESULT_OK) {
		check_ok(f, "About.html and about.html are two files");
		return;
	}
	check_warn(f, "About.html and about.html are one file");
	check_hint(f,
	    "Give no two files of a folder names that differ in case alone.");
}

/* Only where they are wanted. */
void
check_probe_releases(struct check *c, struct check_finding *f)
{
	const bool links = (far_features(&c->far) & MSG_HARDLINK) != 0;
	struct ferry_error e;
	int rc = releases_server(&c->far, &e);

	if (rc == 0)
		rc = releases_probe(&c->far, &e);
	if (rc == 0)
		check_ok(f, "one symbolic link replaces another in one step%s",
		    links ? "" : "; unchanged files are copied, not linked");
	else if (strcmp(e.id, "releases_server") == 0)
		check_fail(f, &e);
	else
		check_lose(c, f, &e);
}

void
check_probe_remove(struct check *c, struct check_finding *f)
{
	struct msg_done done;
	struct ferry_error e;

	far_step(&c->far, STEP_REMOVE, c->probe.name);
	if (!check_call(c, f, -1, &done))
		return;
	if (far_judge(&done, "remove", far_shown(&c->far, c->probe.name), &e) !=
	    0) {
		check_fail(f, &e);
		return;
	}
	c->probe.has_name = false;
	check_ok(f, "the file is gone again");
}
