/*
 * What are we already inside?  Flatpak, a snap, the App Sandbox of macOS, a
 * service of systemd, a container; and what of this process is confined as it
 * is.  Hub; reads a few small files, changes nothing.
 */
#ifndef CONFINE_OUTER_H
#define CONFINE_OUTER_H

#include <stdbool.h>
#include <stddef.h>

enum outer_kind {
	OUTER_NONE, /* nothing that is known here */
	OUTER_FLATPAK,
	OUTER_SNAP,
	OUTER_APP_SANDBOX,
	OUTER_SYSTEMD,
	OUTER_CONTAINER,
	OUTER_KINDS,
};

struct outer {
	enum outer_kind kind;
	/* What it is called, fit to stand in a command; "" if unknown:
	 * "org.example.Editor", a snap, "publish.service", "podman" */
	char name[128];
	char instance[64]; /* Flatpak: this run of the app; or "" */
	char evidence[64]; /* the file or the variable that says so; or "" */
	bool no_network; /* it is known to have none */
};

/*
 * Look around, below root ("" is the system itself) and in this environment.
 * A file is believed, a variable only where something else agrees: whoever is
 * started from within a snap or a service inherits its variables.
 */
void outer_find(struct outer *out, const char *root, char *const *env);

/* Take the app from the text of /.flatpak-info.  False: it names none. */
bool outer_parse_flatpak(struct outer *out, const char *text, size_t n);

/* "Flatpak", "snap", ...; "" for OUTER_NONE */
const char *outer_kind_name(enum outer_kind kind);

/*
 * One sentence: what hides this absolute path, and how it is granted there,
 * for writing as well if need be.  Always terminated; false, and dst "": there
 * is nothing around us that would hide it, or no room to say it.
 */
bool outer_hint(const struct outer *o, const char *path, bool write, char *dst,
    size_t size);

/* The same for the network, where it is known that there is none. */
bool outer_network_hint(const struct outer *o, char *dst, size_t size);

/* What the kernel can do for us, and what it does already. */
struct outer_kernel {
	int landlock; /* the newest version of the interface; 0: none */
	int landlock_errno; /* why none; or 0 */
	bool seccomp; /* filters can be set */
	/* This process as it was started, or -1: the kernel does not tell.
	 * That a Landlock domain is in force, it never tells. */
	int filtered, no_new_privs;
};

/* Ask, without giving up anything. */
void outer_ask_kernel(struct outer_kernel *out);

#endif
