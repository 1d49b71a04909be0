/*
 * The step that is being filled in: what it is, where its paths lie below the
 * site's root, and how it stands to others.  Hub.
 */
#include <stdio.h>
#include <string.h>

#include "publish/far.h"

/* What is behind FAR_SIDE in a path of ours, or NULL. */
static const char *
in_side(const char *path)
{
	const size_t n = strlen(FAR_SIDE);

	if (strncmp(path, FAR_SIDE, n) != 0)
		return NULL;
	return path[n] == '\0' ? path + n
	    : path[n] == '/'   ? path + n + 1
			       : NULL;
}

const char *
far_shown(struct far *f, const char *path)
{
	const char *state = f->job->site->remote_state, *rest = in_side(path);
	const char *slash = state == NULL ? "" : strrchr(state, '/');
	int n;

	if (state == NULL || rest == NULL)
		return path;
	slash = *rest == '\0' || (slash != NULL && slash[1] == '\0') ? "" : "/";
	n = snprintf(f->shown, sizeof(f->shown), "%s%s%s", state, slash, rest);
	return n > 0 && (size_t)n < sizeof(f->shown) ? f->shown : path;
}

/* root + "/" + path, where the root may be "/" and the path "". */
static bool
join(char *dst, size_t size, const char *root, const char *path)
{
	const size_t n = strlen(root);
	const char *slash =
	    *path == '\0' || (n > 0 && root[n - 1] == '/') ? "" : "/";
	const int len = snprintf(dst, size, "%s%s%s", root, slash, path);

	return len >= 0 && (size_t)len < size;
}

static void
set_path(struct far *f, char *dst, size_t size, enum far_place place,
    const char *path)
{
	const struct ferry_site *site = f->job->site;
	const char *root = site_root(site), *rest = in_side(path);
	char base[WORKER_MSG_PATH];

	if (site->remote_state != NULL && rest != NULL) {
		root = site->remote_state;
		path = rest;
	}
	if (place != FAR_BASE && rest == NULL && f->places[place][0] != '\0') {
		if (!join(base, sizeof(base), root, f->places[place]))
			f->too_long = true;
		root = base;
	}
	if (!join(dst, size, root, path))
		f->too_long = true;
}

void
far_set_place(
    struct far *f, enum far_place place, const char folder[FAR_RELEASE_SIZE])
{
	snprintf(f->places[place], FAR_RELEASE_SIZE, "%s", folder);
}

struct msg_step *
far_step(struct far *f, enum msg_op op, const char *path)
{
	return far_step_in(f, op, FAR_LIVE, path);
}

struct msg_step *
far_step_in(
    struct far *f, enum msg_op op, enum far_place place, const char *path)
{
	struct msg_step *s = &f->step;

	s->op = (uint8_t)op;
	s->flags = 0;
	s->mode = 0;
	s->mtime = s->offset = s->length = 0;
	memset(&s->digest, 0, sizeof(s->digest));
	s->target[0] = s->aside[0] = '\0';
	f->too_long = false;
	f->order = FAR_IN_ORDER;
	set_path(f, s->path, sizeof(s->path), place, path);
	return s;
}

void
far_set_target(struct far *f, const char *path)
{
	far_set_target_in(f, FAR_LIVE, path);
}

void
far_set_target_in(struct far *f, enum far_place place, const char *path)
{
	set_path(f, f->step.target, sizeof(f->step.target), place, path);
}

void
far_set_aside(struct far *f, const char *path)
{
	set_path(f, f->step.aside, sizeof(f->step.aside), FAR_LIVE, path);
}

void
far_set_held(struct far *f, const char *held)
{
	snprintf(f->step.target, sizeof(f->step.target), "%s", held);
}

void
far_loose(struct far *f)
{
	f->order = FAR_LOOSE;
}

void
far_urgent(struct far *f)
{
	f->order = FAR_URGENT;
}
