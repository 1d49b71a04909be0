/* Open the folders in which this machine remembers a site.  Hub. */
#include "publish/state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "publish/places.h"

static void
open_source(struct state *s, const struct ferry_site *site)
{
	char name[SITE_SOURCE_NAME];

	site_source_name(site, name);
	if (site_has_source(site))
		s->source = fs_open_dir_at(s->dir, name, 0700);
	if (s->source >= 0)
		fs_sweep_old(s->source);
}

void
state_open(struct state *s, struct ferry_job *job)
{
	struct place p;
	struct ferry_error e;

	*s = (struct state){ .dir = -1, .source = -1 };
	if (places_state(&job->options, job->site, &p))
		s->dir = fs_open_dir_at(p.dirfd, p.path, 0700);
	else
		strcpy(p.path, "(no home)");
	if (s->dir >= 0) {
		fs_sweep_old(s->dir);
		open_source(s, job->site);
		return;
	}
	err_os(&e, ferry_EUSAGE, errno, "no_state",
	    "nothing can be remembered in %s", p.path);
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
