/*
 * What an embedder writes into its own sandbox's manifest: Flatpak, Snap, App
 * Sandbox, and Landlock's rules as text.  Hub; pure printing.
 *
 * A line stands there because a right of the table asks for it, with its
 * reason; and what nothing asks for is said, too, for it is what people add.
 */
#include <string.h>

#include "base/path.h"
#include "publish/explain_parts.h"

/* ---- Flatpak ------------------------------------------------------------ */

/* A YAML string: bytes that could end it, or a line, are written as \xNN. */
static void
put_yaml(struct buf *out, const char *before, const char *s)
{
	buf_printf(out, "\"%s", before);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_put_u8(out, c);
	}
	buf_put_u8(out, '"');
}

/* The part of path below the home folder, from its '/'; or NULL. */
static const char *
below_home(const struct explain *e, const char *path)
{
	size_t n = strlen(e->home);

	return n > 1 && path_below(path, e->home) && path[n] == '/' ? path + n
								    : NULL;
}

/* "# words: the site, the private key" of the hub's rights on these places */
static void
put_names(struct buf *out, const char *words, unsigned places)
{
	const struct role_right *r;
	const char *comma = "";

	buf_printf(out, "# %s: ", words);
	for (r = role_rights; r->name != NULL; r++) {
		if ((r->roles >> ROLE_HUB & 1) == 0 || r->kind != ROLE_FILE ||
		    (places >> r->place & 1) == 0)
			continue;
		buf_printf(out, "%s%s", comma, r->name);
		comma = ", ";
	}
	buf_printf(out, "\n");
}

enum {
	/* what the user chooses; what has no line of its own otherwise */
	CHOSEN = 1 << ROLE_SITE | 1 << ROLE_SITE_FILE | 1 << ROLE_KEY,
	OWN = ((1 << ROLE_PLACES) - 1) & ~(CHOSEN | 1 << ROLE_FALLBACK),
};

static const struct role_right *
fallback_right(const struct explain *e, const char **path)
{
	*path = explain_path(e, ROLE_FALLBACK, NULL);
	return *path != NULL ? explain_right(ROLE_HUB, ROLE_FILE, ROLE_FALLBACK)
			     : NULL;
}

void
explain_flatpak(const struct explain *e, struct buf *out)
{
	const struct role_right *r =
	    explain_right(ROLE_HUB, ROLE_CONNECT, ROLE_NOWHERE);
	const char *path, *rest;

	buf_printf(out, "finish-args:\n");
	if (r != NULL) {
		explain_why(out, "  # ", r, "");
		buf_printf(out, "  - --share=network\n");
	}
	r = fallback_right(e, &path);
	if (r != NULL) {
		explain_why(out, "  # ", r, "");
		rest = below_home(e, path);
		buf_printf(out, "  - ");
		put_yaml(out, rest != NULL ? "--filesystem=~" : "--filesystem=",
		    rest != NULL ? rest : path);
		/* the mode belongs inside the quotes */
		out->len--;
		buf_printf(out, ":ro\"\n");
	}
	put_names(out, "chosen in a file dialogue, by its portal", CHOSEN);
	put_names(out, "the app's own anyway", OWN);
	buf_printf(out,
	    "# not asked for: --socket=ssh-auth --filesystem=home "
	    "--filesystem=host --device=all\n");
}

/* ---- Snap --------------------------------------------------------------- */

void
explain_snap(const struct explain *e, struct buf *out)
{
	const char *path, *rest = NULL;
	const struct role_right *r = fallback_right(e, &path);

	if (r != NULL) {
		rest = below_home(e, path);
		buf_printf(out, "plugs:\n");
		explain_why(out, "  # ", r, "");
		buf_printf(out, "  ssh-known-hosts:\n    interface: %s\n",
		    rest != NULL ? "personal-files" : "system-files");
		buf_printf(out, "    read:\n      - ");
		put_yaml(out, rest != NULL ? "$HOME" : "",
		    rest != NULL ? rest : path);
		buf_printf(out, "\n");
	}
	buf_printf(out,
	    "apps:\n  sandferry:\n    command: bin/sandferry\n"
	    "    plugs:\n");
	if (r != NULL)
		buf_printf(out, "      - ssh-known-hosts\n");
	r = explain_right(ROLE_HUB, ROLE_CONNECT, ROLE_NOWHERE);
	if (r != NULL) {
		explain_why(out, "      # ", r, "");
		buf_printf(out, "      - network\n");
	}
	r = explain_right(ROLE_HUB, ROLE_FILE, ROLE_SITE);
	if (r != NULL) {
		explain_why(out, "      # ", r, "");
		buf_printf(out, "      - home\n");
	}
	put_names(out,
	    "below a hidden folder, chosen in a file dialogue, by its portal",
	    CHOSEN);
	put_names(out, "the snap's own anyway", OWN);
	buf_printf(
	    out, "# not asked for: network-bind ssh-keys system-observe\n");
}

/* ---- App Sandbox -------------------------------------------------------- */

static void
put_xml(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '&')
			buf_printf(out, "&amp;");
		else if (c == '<')
			buf_printf(out, "&lt;");
		else if (c == '>')
			buf_printf(out, "&gt;");
		else /* XML has no way to write most control characters */
			buf_put_u8(out, c < ' ' || c == 0x7f ? '?' : c);
	}
}

static void
put_true(struct buf *out, const struct role_right *r, const char *key)
{
	if (r == NULL)
		return;
	explain_why(out, "\t<!-- ", r, " -->");
	buf_printf(out, "\t<key>com.apple.security.%s</key>\n\t<true/>\n", key);
}

void
explain_entitlements(const struct explain *e, struct buf *out)
{
	const struct role_right *r;
	const char *path, *rest;

	buf_printf(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
	    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
	    "<plist version=\"1.0\">\n<dict>\n"
	    "\t<key>com.apple.security.app-sandbox</key>\n\t<true/>\n");
	put_true(out, explain_right(ROLE_HUB, ROLE_CONNECT, ROLE_NOWHERE),
	    "network.client");
	put_true(out, explain_right(ROLE_HUB, ROLE_FILE, ROLE_SITE),
	    "files.user-selected.read-only");
	/* what was chosen once is there in the next run */
	put_true(out, explain_right(ROLE_HUB, ROLE_FILE, ROLE_KEY),
	    "files.bookmarks.app-scope");
	r = fallback_right(e, &path);
	if (r != NULL) {
		rest = below_home(e, path);
		explain_why(out, "\t<!-- ", r, " -->");
		buf_printf(out,
		    "\t<key>com.apple.security.temporary-exception.files."
		    "%s.read-only</key>\n\t<array>\n\t\t<string>",
		    rest != NULL ? "home-relative-path" : "absolute-path");
		put_xml(out, rest != NULL ? rest : path);
		buf_printf(out, "</string>\n\t</array>\n");
	}
	buf_printf(out,
	    "\t<!-- not asked for: network.server; the worker, signed by "
	    "itself, has app-sandbox and inherit, nothing else -->\n"
	    "</dict>\n</plist>\n");
}

/* ---- Landlock ----------------------------------------------------------- */

static void
put_path_rules(
    const struct explain *e, const struct role_right *r, struct buf *out)
{
	char shown[4 * 4096];

	for (size_t i = 0; i < e->path_count; i++) {
		const char *path = e->paths[i].path;

		if (e->paths[i].place != r->place)
			continue;
		buf_printf(out, "fs   read%s%s %s\n",
		    (r->what & ROLE_WRITE) != 0 ? ",write" : "",
		    (r->what & ROLE_EXECUTE) != 0 ? ",execute" : "",
		    path_escape(shown, sizeof(shown), path, strlen(path)));
	}
}

void
explain_landlock(const struct explain *e, struct buf *out)
{
	unsigned port = e->job->site->url.port;
	const struct role_right *r;

	for (enum role role = ROLE_HUB; role < ROLE_COUNT; role++) {
		bool connects = false;

		buf_printf(out, "# %s: all else is refused\n", role_name(role));
		for (r = role_rights; r->name != NULL; r++) {
			if ((r->roles >> role & 1) == 0)
				continue;
			if (r->kind == ROLE_FILE)
				put_path_rules(e, r, out);
			connects |= r->kind == ROLE_CONNECT;
		}
		if (connects && port != 0)
			buf_printf(out, "tcp  connect %u\n", port);
		else if (connects)
			buf_printf(out, "tcp  connect the site's port\n");
	}
	buf_printf(out, "# here: Landlock %d\n", e->kernel.landlock);
}
