/*
 * The secret of this application on this account: it authenticates what the
 * application wrote down for itself.  Hub only.
 *
 * Inside Flatpak it is the Secret portal's, which no other application gets.
 * Elsewhere it is a file for its owner alone, made once.  It is not the desktop
 * keyring's there: a nightly run has no session bus, and what the same user's
 * unconfined programs could do to the file they can do to the keyring.
 */
#ifndef AUTH_APP_SECRET_H
#define AUTH_APP_SECRET_H

#include <stdbool.h>

#include "base/secret.h"
#include "sandferry.h"

enum { APP_SECRET_SIZE = 32 };

struct app_secret_config {
	int dirfd; /* AT_FDCWD, or the open folder that file is in */
	const char *file; /* its path; NULL: there is no place for it */
	bool only_file; /* inside Flatpak, too: the folder is the caller's */
	bool make; /* when it is not there: make it */
	/*
	 * Ask the Secret portal: 0 and *out, or a negated code.  NULL: this
	 * program cannot.
	 */
	int (*portal)(void *ctx, struct secret **out, struct ferry_error *err);
	void *ctx;
	const char *flatpak; /* what exists inside Flatpak; NULL: as usual */
};

/*
 * The secret of the first source that applies; the caller frees *out.
 * ferry_EKEY: "app_secret_missing" (never with make), "app_secret_unsafe" (not
 * ours alone), "app_secret_damaged", "app_secret_file", "app_secret_portal".
 */
int app_secret_get(struct secret **out, const struct app_secret_config *config,
    struct ferry_error *err);

#endif
