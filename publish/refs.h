/*
 * What the pages of a site refer to: in which order files may appear, and which
 * references lead nowhere.  Hub.  refs_read() reads the source; all else is a
 * function of what it was given.
 */
#ifndef PUBLISH_REFS_H
#define PUBLISH_REFS_H

#include "base/glob.h"
#include "publish/links.h"
#include "publish/plan.h"
#include "publish/site.h"
#include "publish/tree.h"

enum { REFS_TOLD = 10 }; /* references that lead nowhere: so many by name */

/* `from` cannot be shown without `to`: places in the local tree. */
struct refs_edge {
	uint32_t from, to;
};

struct refs_missing {
	uint32_t from; /* place in the local tree */
	const char *path; /* what it refers to */
	bool folder; /* path adds "index.html" */
};

struct refs {
	const struct tree *local; /* sealed; outlives this */
	const char *site_url; /* as in struct links; outlives this */
	const struct glob_list *served; /* by others; or NULL; outlives this */
	struct arena names;
	struct refs_edge *edges; /* each pair once */
	size_t count, cap;
	struct refs_missing missing[REFS_TOLD]; /* the first ones */
	size_t missing_count; /* all, each pair once */
	size_t pages; /* that were read */
	bool *read; /* refs_read(): which files of the tree */

	/* refs.c's own: what each reference leads to */
	struct refs_name *table;
	size_t used, size;
	uint32_t from;
	bool failed;
};

void refs_init(struct refs *r, const struct tree *local, const char *site_url,
    const struct glob_list *served);
void refs_free(struct refs *r);

/*
 * Note what this file of the local tree refers to; one that is in no language
 * of links.h refers to nothing.  Once for each file.  False: out of memory.
 */
bool refs_add(
    struct refs *r, const struct tree_file *file, const void *bytes, size_t n);

/*
 * Read the pages and style sheets that differ from the recorded ones; recorded
 * NULL: all.  A page over LIMIT_PAGE bytes is not looked at, nor is one that
 * changes meanwhile: staging it will tell.  ferry_ESOURCE, ferry_ECANCELLED:
 * another call goes on from there, each page is read once.
 */
int refs_read(struct refs *r, const struct tree *recorded,
    const struct ferry_site *site, int cancel_fd, struct ferry_error *err);

/* A file, or a folder with all in it, that is about to appear. */
struct refs_put {
	const char *path;
	bool folder;
	enum plan_rank rank; /* by its name; a folder's: the last in it */
	uint32_t wave; /* out: from 0, none left out */
	bool cyclic; /* out: needs something that needs it */
};

/*
 * When may each of them appear?  Those of one wave need nothing of each other
 * and nothing of a later wave, and may appear in any order.  Waves go by rank,
 * except that what is needed by something of a lower rank comes before that.
 * Only in a cycle something must come too early: there rank alone decides.
 * Takes time like the edges and n log n, and depends on the set of puts, not on
 * its order.  needs: what each needs of earlier waves, its two lists to be
 * freed; or NULL.
 */
int refs_order(const struct refs *r, struct refs_put *puts, size_t n,
    struct plan_needs *needs, struct ferry_error *err);

/*
 * ferry_ESOURCE, "links_missing", when a reference leads nowhere; the first
 * REFS_TOLD are told one by one, with the page.
 */
int refs_judge(const struct refs *r,
    void (*failed)(
	void *ctx, const char *page, const struct ferry_error *error),
    void *ctx, struct ferry_error *err);

#endif
