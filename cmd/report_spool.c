/* Keep changes in a file, and read them again.  Hub (the command). */
#include "cmd/report_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST = 64 * 1024 /* of a path or a reason; a path has 4 KiB */ };

struct row { /* two strings with their ends stand behind it */
	uint64_t before, after;
	uint32_t change, path, text; /* the latter: bytes */
};

int
report_spool_open(struct report_spool *s, const char *beside)
{
	const size_t size = strlen(beside) + sizeof(".XXXXXX");
	char *name = malloc(size);
	int fd, saved;

	memset(s, 0, sizeof(*s));
	if (name == NULL)
		return ENOMEM;
	snprintf(name, size, "%s.XXXXXX", beside);
	fd = mkostemp(name, O_CLOEXEC);
	saved = errno;
	if (fd >= 0) {
		unlink(name);
		s->file = fdopen(fd, "w+");
		saved = errno;
	}
	if (fd >= 0 && s->file == NULL)
		close(fd);
	free(name);
	return s->file != NULL ? 0 : saved;
}

void
report_spool_close(struct report_spool *s)
{
	if (s->file != NULL)
		fclose(s->file);
	s->file = NULL;
}

static void
sum_up(struct report_spool *s, const struct ferry_event *e)
{
	struct report_sums *sums = &s->sums[e->change];

	sums->files++;
	sums->before += e->size_before;
	sums->after += e->size_after;
	if (e->size_before > s->largest)
		s->largest = e->size_before;
	if (e->size_after > s->largest)
		s->largest = e->size_after;
}

void
report_spool_add(struct report_spool *s, const struct ferry_event *e)
{
	const char *path = e->path != NULL ? e->path : "";
	const char *text = e->text != NULL ? e->text : "";
	struct row row = { .before = e->size_before, .after = e->size_after };
	const size_t n = strlen(path) + 1, m = strlen(text) + 1;

	if (s->failed != 0 || (size_t)e->change >= REPORT_CHANGES ||
	    n > LONGEST || m > LONGEST)
		return;
	row.change = (uint32_t)e->change;
	row.path = (uint32_t)n;
	row.text = (uint32_t)m;
	errno = EIO;
	if (fwrite(&row, sizeof(row), 1, s->file) != 1 ||
	    fwrite(path, n, 1, s->file) != 1 ||
	    fwrite(text, m, 1, s->file) != 1)
		s->failed = errno;
	else
		sum_up(s, e);
}

/* False: that was the last one, or s->failed. */
static bool
next(struct report_spool *s, struct ferry_event *e, char *path, char *text)
{
	struct row row;

	if (fread(&row, sizeof(row), 1, s->file) != 1) {
		s->failed = ferror(s->file) ? EIO : 0;
		return false;
	}
	if (row.path > LONGEST || row.text > LONGEST ||
	    row.change >= REPORT_CHANGES ||
	    fread(path, row.path, 1, s->file) != 1 ||
	    fread(text, row.text, 1, s->file) != 1) {
		s->failed = EIO;
		return false;
	}
	e->change = (enum ferry_change)row.change;
	e->size_before = row.before;
	e->size_after = row.after;
	return true;
}

int
report_spool_walk(struct report_spool *s, report_spool_fn *fn, void *ctx)
{
	char *path = malloc(LONGEST), *text = malloc(LONGEST);
	struct ferry_event e = { .size = sizeof(e),
		.kind = ferry_EVENT_STEP,
		.path = path,
		.text = text };

	if (path == NULL || text == NULL)
		s->failed = ENOMEM;
	else if (s->failed == 0 && fseek(s->file, 0, SEEK_SET) != 0)
		s->failed = errno;
	while (s->failed == 0 && next(s, &e, path, text))
		fn(ctx, &e);
	free(path);
	free(text);
	return s->failed;
}
