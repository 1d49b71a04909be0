/*
 * Sidecars: NAME.gz and NAME.br beside NAME, for servers that send what is
 * compressed already (nginx: gzip_static, brotli_static).  Hub.
 *
 * They take part in a publish as files of the local tree that are marked so
 * (tree_file.sidecar): their bytes are made when they are wanted.
 */
#ifndef PUBLISH_SIDECAR_H
#define PUBLISH_SIDECAR_H

#include "base/hash.h"
#include "publish/scan_open.h"
#include "publish/tree.h"

enum {
	SIDECAR_MIN = 256, /* bytes: below it nothing is gained */
	SIDECAR_MAX = 32 * 1024 * 1024, /* several are in memory at once */
	SIDECAR_SUFFIX = sizeof(".gz"), /* of any form, with its NUL */
	SIDECAR_VERSION = 24, /* with its NUL */
};

/* Static: ".gz". */
const char *sidecar_suffix(enum site_form form);

/*
 * If this is the name of a compressed form of a text beside it, whoever made
 * it: how much of the path is that of the text.  "a.css.gz": 5; else 0.
 */
size_t sidecar_base(const char *path);

/* By name and size: may this file have one, of whatever form? */
bool sidecar_suits(const struct tree_file *base);

struct sidecar {
	struct digest base; /* what was read */
	struct digest digest; /* what was made of it */
	uint64_t size; /* bytes; 0: it would not be smaller enough */
};

/*
 * Compress all that in holds, to out unless that is -1.  The same bytes give
 * the same bytes with the same sidecar_version().  cancel_fd: readable: stop;
 * or -1.
 */
int sidecar_make(struct sidecar *s, enum site_form form, int in, int out,
    int cancel_fd, struct ferry_error *err);
/*
 * Of what makes this form: another one may make other bytes.  False: it is not
 * built in.
 */
bool sidecar_version(enum site_form form, char dst[SIDECAR_VERSION]);

/*
 * Open a file of the tree for reading, be it of the source or a sidecar that
 * is made for this.  -1 and *err.
 */
int sidecar_open(struct scan_opener *source, const struct tree_file *f,
    struct ferry_error *err);

#endif
