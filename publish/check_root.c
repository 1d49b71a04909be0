/*
 * check, the way to the probe: the site's folder and ours in it, which are made
 * where they are not there, and taken away again.  Hub.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/check_parts.h"
#include "publish/side.h"

/* A step on the first n bytes of where this folder lies, the root or ours. */
static struct msg_step *
step_above(struct check *c, enum msg_op op, const char *base, size_t n)
{
	struct msg_step *m = far_step(&c->far, op, base);

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

/*
 * The folders that are missing on the way to one that is, noting how many there
 * were.
 */
static bool
make_way(struct check *c, struct check_finding *f, const char *base,
    const char *path, unsigned *made)
{
	const bool root = *base == '\0';
	const unsigned count = parents(path) + 1;
	struct msg_done done;
	struct ferry_error e;
	unsigned i;

	for (i = count - 1; i > 0; i--) {
		step_above(c, STEP_STAT, base, folder_end(path, i, count));
		if (!check_call(c, f, -1, &done))
			return false;
		if (done.result != RESULT_ABSENT)
			break;
	}
	while (i++ < count) {
		step_above(c, STEP_MKDIR, base, folder_end(path, i, count))
		    ->mode =
		    !root && i == count ? 0700 : c->job->site->dir_mode;
		if (!check_call(c, f, -1, &done))
			return false;
		if (far_judge(&done, "make the folder", path, &e) != 0) {
			err_hint(&e, "Check %s, and who owns its parents.",
			    root ? "the path of the url" : "remote-state");
			check_fail(f, &e);
			return false;
		}
		++*made;
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
	if (site->remote_state != NULL && c->probe.no_side)
		return make_way(
		    c, f, FAR_SIDE, site->remote_state, &c->probe.made_side);
	far_step(&c->far, STEP_MKDIR, FAR_SIDE)->mode = 0700;
	if (!check_call(c, f, -1, &done))
		return false;
	if (far_judge(&done, "make the folder", side_name(site), &e) != 0) {
		check_fail(f, &e);
		return false;
	}
	c->probe.made_side = 1;
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
	if (c->probe.no_root &&
	    !make_way(c, f, "", site_root(c->job->site), &c->probe.made_root))
		return false;
	return make_side(c, f) && try_side(c, f);
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

/* The folder and those above it, as many as were made. */
static bool
unmake_way(struct check *c, const char *base, const char *path, unsigned made)
{
	const unsigned count = parents(path) + 1;
	struct msg_done done;

	for (unsigned i = 0; i < made; i++) {
		step_above(
		    c, STEP_RMDIR, base, folder_end(path, count - i, count));
		if (far_call(&c->far, -1, &done, NULL) != 0)
			return false;
	}
	return true;
}

void
check_root_clean(struct check *c)
{
	const struct ferry_site *site = c->job->site;
	const struct check_probe *p = &c->probe;
	const struct check_web *w = &c->web;

	if (!c->prepared || !far_is_open(&c->far) || (c->lost && !c->cancelled))
		return;
	far_deafen(&c->far); /* a cancel is why, perhaps */
	if (!take_away(c, w->has_page, STEP_REMOVE, w->page) ||
	    !take_away(c, w->has_side, STEP_REMOVE, w->side) ||
	    !take_away(c, w->has_deny, STEP_REMOVE, SIDE_DENY) ||
	    !take_away(c, p->has_next, STEP_REMOVE, p->next) ||
	    !take_away(c, p->has_aside, STEP_REMOVE, p->aside) ||
	    !take_away(c, p->has_name, STEP_REMOVE, p->name))
		return;
	if (site->remote_state != NULL
		? !unmake_way(c, FAR_SIDE, site->remote_state, p->made_side)
		: !take_away(c, p->made_side > 0, STEP_RMDIR, FAR_SIDE))
		return;
	(void)unmake_way(c, "", site_root(site), p->made_root);
}
