/* Open the folders in which this machine remembers a site.  Hub. */
#include "publish/state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"
#include "publish/places.h"

static void
open_source(struct state *s, const struct ferry_site *site, const char *dir)
{
	char name[SITE_SOURCE_NAME], path[PLACES_SIZE];

	site_source_name(site, name);
	if (site->source != NULL && path_join(path, sizeof(path), dir, name))
		s->source = fs_open_dir(path, 0700);
	if (s->source >= 0)
		fs_sweep_old(s->source);
}

void
state_open(struct state *s, struct ferry_job *job)
{
	char path[PLACES_SIZE];
	struct ferry_error e;

	*s = (struct state){ .dir = -1, .source = -1 };
	if (places_state(&job->options, job->site, path, sizeof(path)))
		s->dir = fs_open_dir(path, 0700);
	else
		strcpy(path, "(no home)");
	if (s->dir >= 0) {
		fs_sweep_old(s->dir);
		open_source(s, job->site, path);
		return;
	}
	err_os(&e, ferry_EUSAGE, errno, "no_state",
	    "nothing can be remembered in %s", path);
	report_warning(&job->report, NULL, &e);
}

void
state_close(struct state *s)
{
	if (s->source >= 0)
		close(s->source);
	if (s->dir >= 0)
		close(s->dir);
	*s = (struct state){ .dir = -1, .source = -1 };
}
