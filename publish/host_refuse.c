/* The ways to refuse a host key, in words.  Hub; no I/O. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "publish/host_parts.h"

/* A command that would be cut short is no command. */
static void
hint_trust(struct host_judgement *j, const char *first, struct ferry_error *err)
{
	const char *command = j->report.command;

	if (strlen(first) + strlen(command) + 3 < sizeof(err->hint))
		err_hint(err, "%s: %s", first, command);
	else
		err_hint(err,
		    "%s: `host trust' with the same options and "
		    "--fingerprint %s",
		    first, j->fingerprint);
}

static void
hint_beware(struct host_judgement *j, const char *hint, struct ferry_error *err)
{
	j->report.command = NULL;
	err_hint(err, "%s", hint);
}

int
host_refuse_revoked(struct host_judgement *j, struct ferry_error *err)
{
	err_set(err, ferry_EHOSTCHANGED, "host_key_revoked",
	    "%s offered a key that is marked as revoked: %s %s", j->where,
	    j->type, j->fingerprint);
	hint_beware(j, "Do not connect; ask who runs the server.", err);
	return -ferry_EHOSTCHANGED;
}

int
host_refuse_changed(struct host_judgement *j, struct ferry_error *err)
{
	const struct ferry_host_finding *known = &j->report.own;

	if (known->verdict != ferry_HOST_CHANGED)
		known = &j->report.fallback;
	if (known->verdict != ferry_HOST_CHANGED &&
	    j->report.system.path != NULL)
		known = &j->report.system;
	err_set(err, ferry_EHOSTCHANGED, "host_key_changed",
	    "the host key of %s has changed: it was %s, now it is %s (%s:%u)",
	    j->where, known->fingerprint, j->fingerprint,
	    known->path != NULL ? known->path : "known_hosts", known->line);
	if (j->report.command == NULL)
		hint_beware(j,
		    "Somebody may be listening. Ask who runs the server.", err);
	else
		hint_trust(j,
		    "Somebody may be listening. If the change is confirmed",
		    err);
	return -ferry_EHOSTCHANGED;
}

int
host_refuse_unpinned(struct host_judgement *j, struct ferry_error *err)
{
	err_set(err, ferry_EHOSTCHANGED, "host_key_not_pinned",
	    "%s offered %s %s, which is not a host key that this site names",
	    j->where, j->type, j->fingerprint);
	hint_beware(j,
	    "Somebody may be listening. If the key is right, correct "
	    "`hostkey` in the site file or --hostkey.",
	    err);
	return -ferry_EHOSTCHANGED;
}

int
host_refuse_other(struct host_judgement *j, struct ferry_error *err)
{
	err_set(err, ferry_EHOSTCHANGED, "host_key_not_expected",
	    "%s offered %s %s, which is not the key that you expect", j->where,
	    j->type, j->fingerprint);
	hint_beware(j,
	    "Somebody may be listening. Ask who runs the server which key it "
	    "has; nothing was recorded.",
	    err);
	return -ferry_EHOSTCHANGED;
}

/* Two facts: this key is new, and a key of another type is known. */
static void
set_new_type(const struct host_judgement *j, struct ferry_error *err)
{
	const struct ferry_host_finding *known = &j->report.own;

	if (known->verdict != ferry_HOST_NEW_TYPE)
		known = &j->report.fallback;
	if (known->verdict != ferry_HOST_NEW_TYPE)
		known = &j->report.system;
	err_set(err, ferry_EHOSTKEY, "host_key_new_type",
	    "%s offered a key of a new type, %s %s; known is its %s key "
	    "(%s:%u)",
	    j->where, j->type, j->fingerprint, known->type, known->path,
	    known->line);
}

int
host_refuse_unknown(struct host_judgement *j, struct ferry_error *err)
{
	if (j->report.verdict == ferry_HOST_NEW_TYPE)
		set_new_type(j, err);
	else
		err_set(err, ferry_EHOSTKEY, "host_key_unknown",
		    "the host key of %s is not known: %s %s", j->where, j->type,
		    j->fingerprint);
	hint_trust(
	    j, "Compare it with what the server's owner says, then", err);
	return -ferry_EHOSTKEY;
}
