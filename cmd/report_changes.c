/* The section of what changes, and why.  Hub (the command). */
#include "cmd/html.h"
#include "cmd/report_parts.h"
#include "cmd/text.h"

static const struct group {
	enum ferry_change change;
	const char *name, *kind; /* a class of the style sheet */
	bool before, after; /* sizes that tell something */
} groups[] = {
	{ ferry_ADD, "New", "add", false, true },
	{ ferry_UPDATE, "Changed", "update", true, true },
	{ ferry_REMOVE, "Removed", "remove", true, false },
	{ ferry_WAIT, "Gone from the source, there for now", "wait", true,
	    false },
	{ ferry_SKIP, "Left out, never published", "out", false, false },
};

/* What a row needs to know. */
struct printing {
	FILE *to;
	const struct group *group;
	uint64_t most; /* bytes: a bar of that is as long as there is room */
};

/* A number of digits alone, whatever the locale. */
static void
print_bar(FILE *to, const char *kind, uint64_t size, uint64_t most)
{
	/* a short one is seen all the same; none is none */
	const unsigned mille = (unsigned)((double)size * 1000 / (double)most);

	if (size == 0)
		return;
	fprintf(to, "<i class=\"%s\" style=\"width:%u.%u%%\"></i>", kind,
	    mille / 10, mille % 10);
}

static void
print_size(FILE *to, uint64_t size)
{
	char text[TEXT_NUMBER_SIZE];

	fprintf(to, "<td class=\"n\">%s</td>", text_bytes(text, size));
}

static void
print_row(void *ctx, const struct ferry_event *e)
{
	const struct printing *p = ctx;
	const struct group *g = p->group;
	FILE *to = p->to;

	if (e->change != g->change)
		return;
	fputs("<tr><th scope=\"row\">", to);
	html_path(to, e->path);
	fputs(" <small>", to);
	html_text(to, e->text);
	fputs("</small></th>", to);
	if (g->before)
		print_size(to, e->size_before);
	if (g->after)
		print_size(to, e->size_after);
	fputs("<td class=\"bar\" aria-hidden=\"true\">", to);
	if (g->before)
		print_bar(to, "was", e->size_before, p->most);
	if (g->after)
		print_bar(to, "is", e->size_after, p->most);
	fputs("</td></tr>\n", to);
}

static void
print_head(FILE *to, const struct group *g, const struct report_sums *s)
{
	char files[TEXT_NUMBER_SIZE], before[TEXT_NUMBER_SIZE];
	char after[TEXT_NUMBER_SIZE];

	fprintf(to, "<h3 id=\"%s\"><i class=\"dot %s\"></i>%s <small>%s %s",
	    g->kind, g->kind, g->name, text_count(files, s->files),
	    s->files == 1 ? "file" : "files");
	text_bytes(before, s->before);
	text_bytes(after, s->after);
	if (g->before && g->after)
		fprintf(to, ", %s before, %s after", before, after);
	else if (g->before || g->after)
		fprintf(to, ", %s", g->before ? before : after);
	fprintf(to,
	    "</small></h3>\n<table class=\"changes %s\" aria-labelledby=\"%s\">"
	    "<thead><tr><th scope=\"col\">File and reason</th>",
	    g->kind, g->kind);
	if (g->before)
		fprintf(to, "<th scope=\"col\" class=\"n\">%s</th>",
		    g->after ? "Before" : "Size");
	if (g->after)
		fprintf(to, "<th scope=\"col\" class=\"n\">%s</th>",
		    g->before ? "After" : "Size");
	fputs("<td class=\"bar\" aria-hidden=\"true\"></td></tr></thead>"
	      "<tbody>\n",
	    to);
}

void
report_changes_print(FILE *to, const struct report_facts *f)
{
	const uint64_t most = f->changes->largest;
	struct printing p = { .to = to, .most = most > 0 ? most : 1 };
	char size[TEXT_NUMBER_SIZE];
	bool any = false;

	fprintf(to,
	    "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">%s"
	    "</h2>\n",
	    f->dry_run             ? "What would change, and why"
		: f->error == NULL ? "What changed, and why"
				   : "What was to change, and why");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		const struct report_sums *s =
		    &f->changes->sums[groups[i].change];

		p.group = &groups[i];
		if (s->files == 0)
			continue;
		any = true;
		print_head(to, p.group, s);
		report_spool_walk(f->changes, print_row, &p);
		fputs("</tbody></table>\n", to);
	}
	if (most > 0)
		fprintf(to,
		    "<p class=\"soft bars\">A bar over the whole width is %s, "
		    "the largest file here; a pale one is what was there "
		    "before.</p>\n",
		    text_bytes(size, most));
	else if (!any)
		fputs(f->error == NULL ? "<p>Nothing.</p>\n"
				       : "<p>It did not come to that.</p>\n",
		    to);
	fputs("</section>\n", to);
}
