/*
 * What another tool says that it has put on a server: FTP-Deploy-Action's
 * .ftp-deploy-sync-state.json.  Hub (the command).  It names each file with its
 * size and its SHA-256, which is what adopt can do something with.
 */
#ifndef CMD_IMPORT_H
#define CMD_IMPORT_H

#include "cmd/options.h"

struct import {
	void *root; /* the parsed file: names point into it */
	struct ferry_claim *claims;
	size_t count;
};

/* ferry_EUSAGE says what is wrong with the file.  import_free() is due then,
 * too. */
int import_load(struct import *out, const char *path, struct ferry_error *err);
/* The same from its text; name stands in errors. */
int import_parse(struct import *out, const char *text, size_t n,
    const char *name, struct ferry_error *err);
void import_free(struct import *m);

#endif
