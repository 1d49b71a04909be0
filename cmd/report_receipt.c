/* The sections about the server and the walls.  Hub (the command). */
#include <string.h>
#include <time.h>

#include "cmd/html.h"
#include "cmd/report_parts.h"

static void
term(FILE *to, const char *name)
{
	fprintf(to, "<dt>%s</dt><dd>", name);
}

/* Who says that this key is the server's?  One at least does, or did. */
static void
print_finding(FILE *to, const char *what, const struct ferry_host_finding *f)
{
	if (f->path == NULL || f->line == 0 || f->verdict != ferry_HOST_TRUSTED)
		return;
	fprintf(to, "<li>%s: ", what);
	html_path(to, f->path);
	fprintf(to, ", line %u</li>", f->line);
}

static void
print_vouchers(FILE *to, const struct ferry_host_report *h)
{
	const struct ferry_certificate *c = h->certificate;

	fputs("<ul>", to);
	print_finding(to,
	    c != NULL ? "your access file" : "your known_hosts file", &h->own);
	print_finding(to, "a known_hosts file that is only read", &h->fallback);
	print_finding(to, "the known_hosts file of this machine", &h->system);
	if (h->pinned &&
	    (c == NULL || h->own.verdict != ferry_HOST_TRUSTED ||
		h->own.line == 0))
		fprintf(to, "<li>%s of the site</li>",
		    c != NULL ? "a <code>tls-pin</code>"
			      : "a <code>hostkey</code>");
	else if (h->verdict != ferry_HOST_TRUSTED)
		fputs("<li>you, who were asked during this run</li>", to);
	else if (c != NULL && !h->pinned)
		fputs("<li>a certificate authority</li>", to);
	fputs("</ul></dd>", to);
}

static void
print_certificate(FILE *to, const struct ferry_certificate *c)
{
	const time_t until = (time_t)c->until;
	char day[32] = "";
	struct tm tm;
	const struct {
		const char *name, *value;
	} rows[] = { { "Certificate", c->subject }, { "Issued by", c->issuer },
		{ "For", c->names }, { "Valid until", day },
		{ "Encryption", c->version } };

	if (gmtime_r(&until, &tm) != NULL)
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value == NULL || rows[i].value[0] == '\0')
			continue;
		term(to, rows[i].name);
		html_text(to, rows[i].value);
		fputs("</dd>", to);
	}
}

static void
print_host(FILE *to, const struct ferry_host_report *h)
{
	fputs("<h3>Its identity</h3>\n<dl class=\"facts\">", to);
	term(to, h->certificate != NULL ? "TLS key" : "Host key");
	if (h->certificate == NULL) {
		html_text(to, h->type);
		fputs(" ", to);
	}
	fputs("<code>", to);
	html_text(to, h->fingerprint);
	fputs("</code></dd>", to);
	term(to, "Vouched for by");
	print_vouchers(to, h);
	if (h->certificate != NULL)
		print_certificate(to, h->certificate);
	fputs("</dl>\n", to);
}

static void
print_name(FILE *to, const char *name)
{
	if (name == NULL)
		return;
	fputs("<p>A resolver was asked for the name <code>", to);
	html_text(to, name);
	fputs("</code>.</p>\n", to);
}

static void
print_endpoints(FILE *to, const struct ferry_receipt *r)
{
	fputs("<h3>Addresses</h3>\n", to);
	print_name(to, r->looked_up);
	print_name(to, r->web_looked_up);
	fputs("<table class=\"plain\"><thead><tr><th scope=\"col\">Address"
	      "</th><th scope=\"col\" class=\"n\">Port</th><th scope=\"col\">"
	      "Result</th></tr></thead><tbody>\n",
	    to);
	for (size_t i = 0; i < r->endpoint_count; i++) {
		const struct ferry_endpoint *e = &r->endpoints[i];

		fputs("<tr><th scope=\"row\"><code>", to);
		html_text(to, e->address);
		fprintf(to,
		    "</code></th><td class=\"n\">%u</td><td>%s</td>"
		    "</tr>\n",
		    e->port, e->connected ? "connected" : "only tried");
	}
	fputs("</tbody></table>\n<p class=\"soft\">Nobody else was talked to."
	      "</p>\n",
	    to);
}

/* ---- Walls ---- */

static const struct layer {
	enum ferry_wall_layer layer;
	const char *name, *does;
} layers[] = {
	{ ferry_WALL_LANDLOCK, "Landlock",
	    "no file and no port but those of its job" },
	{ ferry_WALL_SECCOMP, "System calls",
	    "those only that it has a use for" },
	{ ferry_WALL_PRIVILEGES, "Privileges",
	    "none to gain, and nobody looks into its memory" },
	{ ferry_WALL_LIMITS, "Limits", "of memory, time and core dumps" },
};

static bool
stands(const struct ferry_wall *w, enum ferry_wall_layer layer)
{
	return layer == ferry_WALL_LANDLOCK ? w->landlock > 0
					    : (w->layers & layer) != 0;
}

static void
print_cell(FILE *to, const struct ferry_wall *w, enum ferry_wall_layer layer)
{
	const int why = w == NULL          ? 0
	    : layer == ferry_WALL_LANDLOCK ? w->landlock_errno
	    : layer == ferry_WALL_SECCOMP  ? w->seccomp_errno
					   : 0;

	if (w == NULL)
		fputs("<td>\xe2\x80\x93", to);
	else if (!stands(w, layer))
		fputs("<td class=\"no\">missing", to);
	else
		fputs("<td class=\"yes\">in force", to);
	if (w != NULL && layer == ferry_WALL_LANDLOCK && stands(w, layer))
		fprintf(to, " <small>version %d</small>", w->landlock);
	if (why != 0) {
		fputs(" <small>", to);
		html_text(to, strerror(why));
		fputs("</small>", to);
	}
	fputs("</td>", to);
}

static void
print_walls(FILE *to, const struct ferry_receipt *r)
{
	static const char *const modes[] = { "as many as this system has",
		"all of them, or no run", "none" };

	fputs("<section aria-labelledby=\"walls\">\n<h2 id=\"walls\">Walls in "
	      "force</h2>\n",
	    to);
	if ((size_t)r->confine < sizeof(modes) / sizeof(modes[0]))
		fprintf(to,
		    "<p>Asked for: %s (<code>--confine</code>). The worker "
		    "reads what the server says; sandferry itself holds the "
		    "key.</p>\n",
		    modes[r->confine]);
	fputs("<table class=\"plain walls\"><thead><tr><th scope=\"col\">Wall"
	      "</th><th scope=\"col\">The worker</th><th scope=\"col\">"
	      "sandferry</th></tr></thead><tbody>\n",
	    to);
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		fprintf(to, "<tr><th scope=\"row\">%s <small>%s</small></th>",
		    layers[i].name, layers[i].does);
		print_cell(to, r->worker, layers[i].layer);
		print_cell(to, r->self, layers[i].layer);
		fputs("</tr>\n", to);
	}
	fputs("</tbody></table>\n", to);
	if (r->worker == NULL)
		fputs(
		    "<p class=\"soft\">It did not come to a worker.</p>\n", to);
	if (r->self == NULL)
		fputs("<p class=\"soft\">sandferry did not give up its "
		      "rights.</p>\n",
		    to);
	fputs("</section>\n", to);
}

void
report_receipt_print(FILE *to, const struct ferry_receipt *r)
{
	fputs("<section aria-labelledby=\"server\">\n<h2 id=\"server\">The "
	      "server</h2>\n",
	    to);
	if (r->host != NULL)
		print_host(to, r->host);
	else if (r->endpoint_count > 0)
		fputs("<p>No key of it was relied on: it showed none, or the "
		      "one that it showed was refused.</p>\n",
		    to);
	if (r->endpoint_count > 0)
		print_endpoints(to, r);
	else
		fputs("<p>None: nothing left this machine.</p>\n", to);
	fputs("</section>\n", to);
	print_walls(to, r);
}
