/*
 * check, the way to the probe: the site's folder and ours in it, which are made
 * where they are not there, and taken away again.  Hub.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/check_parts.h"
#include "publish/side.h"

/* A step on the root's first n bytes. */
static struct msg_step *
step_above(struct check *c, enum msg_op op, size_t n)
{
	struct msg_step *m = far_step(&c->far, op, "");

	m->path[n] = '\0';
	return m;
}

/* Where the i-th folder of the root's path ends; 0: there are fewer. */
static size_t
parent_end(const char *root, unsigned i)
{
	const char *p = root;

	while (i > 0 && (p = strchr(p + 1, '/')) != NULL)
		i--;
	return p == NULL || i > 0 ? 0 : (size_t)(p - root);
}

/* How many folders lie above the root? */
static unsigned
parents(const char *root)
{
	unsigned n = 1;

	while (parent_end(root, n) > 0)
		n++;
	return n - 1;
}

/* The i-th folder from above, counting from 1; the last one is the root. */
static size_t
folder_end(const char *root, unsigned i, unsigned count)
{
	return i < count ? parent_end(root, i) : strlen(root);
}

void
check_root_folder(struct check *c, struct check_finding *f)
{
	const char *root = c->job->site->url.path;
	struct msg_done done;
	struct ferry_error e;

	far_step(&c->far, STEP_STAT, "");
	if (!check_call(c, f, -1, &done))
		return;
	c->probe.no_root = done.result == RESULT_ABSENT;
	if (c->probe.no_root) {
		check_ok(f, "%s is not there yet: publishing makes it", root);
	} else if (far_judge(&done, "look at", root, &e) != 0) {
		check_fail(f, &e);
	} else if (!S_ISDIR(done.mode) && !S_ISLNK(done.mode)) {
		err_set(&e, ferry_EDENIED, "remote_no_folder",
		    "%s is there, and is no folder", root);
		err_hint(&e, "Correct the path of the url.");
		check_fail(f, &e);
	} else {
		check_ok(f, "%s is there", root);
	}
}

/* The folders that are missing, noting how many were. */
static bool
make_parents(struct check *c, struct check_finding *f)
{
	const char *root = c->job->site->url.path;
	const unsigned count = parents(root) + 1;
	struct msg_done done;
	struct ferry_error e;
	unsigned i;

	if (!c->probe.no_root)
		return true;
	for (i = count - 1; i > 0; i--) {
		step_above(c, STEP_STAT, folder_end(root, i, count));
		if (!check_call(c, f, -1, &done))
			return false;
		if (done.result != RESULT_ABSENT)
			break;
	}
	while (i++ < count) {
		step_above(c, STEP_MKDIR, folder_end(root, i, count))->mode =
		    c->job->site->dir_mode;
		if (!check_call(c, f, -1, &done))
			return false;
		if (far_judge(&done, "make the folder", root, &e) != 0) {
			err_hint(&e,
			    "Check the path of the url, and who owns its "
			    "parents.");
			check_fail(f, &e);
			return false;
		}
		c->probe.made_parents++;
	}
	return true;
}

static bool
make_side(struct check *c, struct check_finding *f)
{
	const struct ferry_site *site = c->job->site;
	struct msg_done done;
	struct ferry_error e;

	c->probe.no_side = c->probe.no_root;
	if (!c->probe.no_root || site->remote_state != NULL) {
		far_step(&c->far, STEP_STAT, FAR_SIDE);
		if (!check_call(c, f, -1, &done))
			return false;
		if (done.result == RESULT_OK)
			return true;
		c->probe.no_side = done.result == RESULT_ABSENT;
	}
	far_step(&c->far, STEP_MKDIR, FAR_SIDE)->mode = 0700;
	if (!check_call(c, f, -1, &done))
		return false;
	if (far_judge(&done, "make the folder", side_name(site), &e) != 0) {
		check_fail(f, &e);
		return false;
	}
	c->probe.made_side = true;
	return true;
}

/* Renames lead from there into the root. */
static bool
try_side(struct check *c, struct check_finding *f)
{
	struct ferry_error e;
	int rc = side_probe(&c->far, &e);

	if (rc == 0)
		return true;
	if (strcmp(e.id, "remote_state_elsewhere") == 0)
		check_fail(f, &e);
	else
		check_lose(c, f, &e);
	return false;
}

bool
check_root_make(struct check *c, struct check_finding *f)
{
	return make_parents(c, f) && make_side(c, f) && try_side(c, f);
}

/* False: the session is lost. */
static bool
take_away(struct check *c, bool there, enum msg_op op, const char *path)
{
	struct msg_done done;

	if (!there)
		return true;
	far_step(&c->far, op, path);
	return far_call(&c->far, -1, &done, NULL) == 0;
}

void
check_root_clean(struct check *c)
{
	const char *root = c->job->site->url.path;
	const struct check_probe *p = &c->probe;
	struct msg_done done;
	unsigned count, i;

	if (!c->prepared || !far_is_open(&c->far) || (c->lost && !c->cancelled))
		return;
	far_deafen(&c->far); /* a cancel is why, perhaps */
	if (!take_away(c, p->has_next, STEP_REMOVE, p->next) ||
	    !take_away(c, p->has_aside, STEP_REMOVE, p->aside) ||
	    !take_away(c, p->has_name, STEP_REMOVE, p->name) ||
	    !take_away(c, p->made_side, STEP_RMDIR, FAR_SIDE))
		return;
	if (p->made_parents == 0)
		return;
	count = parents(root) + 1;
	for (i = 0; i < p->made_parents; i++) {
		step_above(c, STEP_RMDIR, folder_end(root, count - i, count));
		if (far_call(&c->far, -1, &done, NULL) != 0)
			return;
	}
}
