/* The status line as text.  Hub (the command); pure. */
#include "cmd/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/text.h"

enum {
	NAME_COLUMNS = 8, /* a name cut shorter says nothing */
	LONGEST = 100 * 3600, /* a guess of more seconds is none */
};

void
progress_init(struct progress *p)
{
	memset(p, 0, sizeof(*p));
}

void
progress_update(struct progress *p, const struct ferry_event *e, bool utf8)
{
	double span = e->seconds - p->sample_seconds, now;

	if (e->phase != p->phase || e->kind == ferry_EVENT_PHASE ||
	    e->bytes_done < p->sample_bytes) {
		p->phase = e->phase;
		p->rate = 0;
		p->sample_seconds = e->seconds;
		p->sample_bytes = e->bytes_done;
	} else if (span >= 0.5) {
		now = (double)(e->bytes_done - p->sample_bytes) / span;
		p->rate = p->rate > 0 ? 0.7 * p->rate + 0.3 * now : now;
		p->sample_seconds = e->seconds;
		p->sample_bytes = e->bytes_done;
	}
	p->files_done = e->files_done;
	p->files_total = e->files_total;
	p->bytes_done = e->bytes_done;
	p->bytes_total = e->bytes_total;
	p->name[0] = '\0';
	if (e->path != NULL)
		text_escape(p->name, sizeof(p->name), e->path, utf8);
}

const char *
progress_phase(enum ferry_phase phase)
{
	switch (phase) {
	case ferry_PHASE_CONNECT:
		return "Connecting";
	case ferry_PHASE_SCAN:
		return "Looking";
	case ferry_PHASE_PLAN:
		return "Comparing";
	case ferry_PHASE_STAGE:
		return "Sending";
	case ferry_PHASE_COMMIT:
		return "Putting in place";
	case ferry_PHASE_CLEAN:
		return "Tidying up";
	case ferry_PHASE_VERIFY:
		return "Reading back";
	default:
		return "Working";
	}
}

/* Add one more part if it fits into so many columns. */
static void __attribute__((format(printf, 3, 4)))
add(char *line, size_t columns, const char *format, ...)
{
	char part[128];
	size_t len = strlen(line);
	va_list ap;

	va_start(ap, format);
	vsnprintf(part, sizeof(part), format, ap);
	va_end(ap);
	if (text_columns(line) + text_columns(part) <= columns)
		snprintf(line + len, PROGRESS_LINE_SIZE - len, "%s", part);
}

char *
progress_print(const struct progress *p, char dst[PROGRESS_LINE_SIZE],
    size_t columns, bool utf8)
{
	char a[TEXT_NUMBER_SIZE], b[TEXT_NUMBER_SIZE];
	size_t used, len;
	double left;

	dst[0] = '\0';
	add(dst, columns, "%s", progress_phase(p->phase));
	if (p->files_total > 0)
		add(dst, columns, "  %s/%s", text_count(a, p->files_done),
		    text_count(b, p->files_total));
	else if (p->files_done > 0)
		add(dst, columns, "  %s files", text_count(a, p->files_done));
	if (p->bytes_total > 0)
		add(dst, columns, "  %s/%s", text_bytes(a, p->bytes_done),
		    text_bytes(b, p->bytes_total));
	if (p->rate > 0 && p->bytes_total > p->bytes_done) {
		left = (double)(p->bytes_total - p->bytes_done) / p->rate;
		if (left < LONGEST)
			add(dst, columns, "  %s left", text_clock(a, left));
	}
	if (p->rate > 0 && p->bytes_total > 0)
		add(dst, columns, "  %s/s", text_bytes(a, (uint64_t)p->rate));
	used = text_columns(dst);
	if (p->name[0] != '\0' && columns >= used + 2 + NAME_COLUMNS) {
		len = strlen(dst);
		snprintf(dst + len, PROGRESS_LINE_SIZE - len, "  ");
		len += 2;
		text_cut(dst + len, PROGRESS_LINE_SIZE - len, p->name,
		    columns - used - 2, utf8);
	}
	return dst;
}
