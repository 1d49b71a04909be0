/*
 * Does the server have what releases need?  Hub.
 *
 * Many offer what the disk below them, or a policy, then refuses: a publish
 * should not learn that when all is sent.
 */
#include "publish/releases_probe.h"

#include <string.h>

#include "base/err.h"

#define LINK FAR_SIDE "/probe-link"
#define LINK_NEW FAR_SIDE "/probe-link.new"

static const char OLD_HELD[] = "releases/probe", NEW_HELD[] = "releases/probed";

static int
refuse(struct ferry_error *err, const char *what, const char *why)
{
	err_set(err, ferry_EDENIED, "releases_server",
	    "layout = releases is not possible on this server: it %s%s%s%s",
	    what, *why != '\0' ? " (" : "", why, *why != '\0' ? ")" : "");
	err_hint(err,
	    "Nothing was changed. Use layout = flat, which needs none of "
	    "that; or have the server's administrator allow it.");
	return -ferry_EDENIED;
}

int
releases_server(struct far *f, struct ferry_error *err)
{
	const uint32_t features = far_features(f);

	if ((features & MSG_POSIX_RENAME) == 0)
		return refuse(err,
		    "cannot replace a name in one step, without a gap (no "
		    "posix-rename@openssh.com)",
		    "");
	if ((features & (MSG_HARDLINK | MSG_COPY_DATA)) == 0)
		return refuse(err,
		    "can neither link nor copy a file (no "
		    "hardlink@openssh.com, no copy-data)",
		    "");
	return 0;
}

static const struct step {
	enum msg_op op;
	const char *path, *target; /* of a link: what it holds */
} steps[] = {
	{ STEP_REMOVE, LINK, NULL }, /* of one that was cut off */
	{ STEP_REMOVE, LINK_NEW, NULL },
	{ STEP_SYMLINK, LINK, OLD_HELD },
	{ STEP_SYMLINK, LINK_NEW, NEW_HELD },
	{ STEP_RENAME, LINK_NEW, LINK },
	{ STEP_READLINK, LINK, NULL },
	{ STEP_REMOVE, LINK_NEW, NULL },
	{ STEP_REMOVE, LINK, NULL },
};

enum { MADE = 2, MADE_NEW, RENAMED, HELD, COUNT = 8 };

int
releases_probe(struct far *f, struct ferry_error *err)
{
	struct msg_done done[COUNT] = { 0 };
	struct far_handler handler = { .done = far_keep_done, .ctx = done };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT; i++) {
		far_step(f, steps[i].op, steps[i].path);
		if (steps[i].op == STEP_SYMLINK)
			far_set_held(f, steps[i].target);
		else if (steps[i].target != NULL)
			far_set_target(f, steps[i].target);
		handler.item = i;
		rc = far_send(f, -1, &handler, err);
	}
	if (rc == 0)
		rc = far_wait(f, err);
	if (rc != 0)
		return rc;
	for (size_t i = MADE; i <= MADE_NEW; i++)
		if (done[i].result != RESULT_OK)
			return refuse(
			    err, "makes no symbolic links", done[i].text);
	if (done[RENAMED].result != RESULT_OK)
		return refuse(err,
		    "cannot put one symbolic link in another's place",
		    done[RENAMED].text);
	if (done[HELD].result != RESULT_OK ||
	    strcmp(done[HELD].text, NEW_HELD) != 0)
		return refuse(
		    err, "makes other symbolic links than it is told", "");
	return 0;
}
