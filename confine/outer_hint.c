/* How to grant a path in the sandbox that we are in, in words.  Hub; no I/O. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "confine/outer.h"

enum { WORD_SIZE = 200 };

/* One word for a shell or a unit; PATH where quoting could not be trusted. */
static const char *
word(char dst[WORD_SIZE], const char *path)
{
	bool plain = true;

	for (const char *s = path; *s != '\0'; s++) {
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f ||
		    strchr("'\"\\$`%", *s) != NULL)
			return "PATH";
		plain = plain && strchr("&|;<>()*?[]#~!{}:", *s) == NULL;
	}
	if (snprintf(dst, WORD_SIZE, plain ? "%s" : "'%s'", path) >= WORD_SIZE)
		return "PATH";
	return dst;
}

static bool say(char *dst, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
say(char *dst, size_t size, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(dst, size, format, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < size)
		return true;
	if (size > 0)
		dst[0] = '\0';
	return false;
}

static bool
say_flatpak(
    const struct outer *o, const char *path, bool write, char *dst, size_t size)
{
	return say(dst, size,
	    "Flatpak hides what it was not given: choose it in a file dialogue,"
	    " or: flatpak override --user --filesystem=%s%s %s",
	    path, write ? "" : ":ro", o->name[0] != '\0' ? o->name : "APP");
}

/* Each kind of place has an interface of its own. */
static bool
say_snap(const struct outer *o, const char *path, const char *as, char *dst,
    size_t size)
{
	const char *name = o->name[0] != '\0' ? o->name : "NAME";

	if (path_below(path, "/media") || path_below(path, "/mnt") ||
	    path_below(path, "/run/media"))
		return say(dst, size,
		    "The snap reaches it once you say: snap connect "
		    "%s:removable-media",
		    name);
	if (strcmp(path_base(path), "known_hosts") == 0)
		return say(dst, size,
		    "The snap reaches it once you say: snap connect "
		    "%s:ssh-known-hosts",
		    name);
	if (strstr(path, "/.") != NULL)
		return say(dst, size,
		    "A snap does not reach hidden folders: choose it in a file "
		    "dialogue, or copy it: cp %s ~/snap/%s/common/",
		    as, name);
	return say(dst, size,
	    "The snap reaches the home folder once you say: snap connect "
	    "%s:home",
	    name);
}

static bool
say_container(
    const struct outer *o, const char *path, bool write, char *dst, size_t size)
{
	const char *mode = write ? "" : ":ro";

	if (strcmp(o->name, "docker") != 0 && strcmp(o->name, "podman") != 0)
		return say(dst, size,
		    "This container holds its own files: mount %s into it%s.",
		    path, write ? "" : ", read-only");
	return say(dst, size,
	    "This container holds its own files: %s run -v %s:%s%s", o->name,
	    path, path, mode);
}

bool
outer_hint(
    const struct outer *o, const char *path, bool write, char *dst, size_t size)
{
	char buf[WORD_SIZE];
	const char *as = word(buf, path);

	switch (o->kind) {
	case OUTER_FLATPAK:
		return say_flatpak(o, as, write, dst, size);
	case OUTER_SNAP:
		return say_snap(o, path, as, dst, size);
	case OUTER_APP_SANDBOX:
		return say(dst, size,
		    "The App Sandbox hides what the user has not chosen in an "
		    "open panel.");
	case OUTER_SYSTEMD:
		return say(dst, size,
		    "The service may hide it: systemctl edit %s, and below "
		    "[Service]: %s=%s",
		    o->name[0] != '\0' ? o->name : "UNIT",
		    write ? "BindPaths" : "BindReadOnlyPaths", as);
	case OUTER_CONTAINER:
		return say_container(o, as, write, dst, size);
	case OUTER_NONE:
	case OUTER_KINDS:
	default:
		break;
	}
	if (size > 0)
		dst[0] = '\0';
	return false;
}

bool
outer_network_hint(const struct outer *o, char *dst, size_t size)
{
	if (size > 0)
		dst[0] = '\0';
	return o->no_network &&
	    say(dst, size,
		"Flatpak gives this app no network: "
		"flatpak override --user --share=network %s",
		o->name[0] != '\0' ? o->name : "APP");
}
