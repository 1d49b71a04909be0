/*
 * A unit of systemd that publishes the site with what the table asks for, and
 * nothing else: systemd.exec(5).  Hub; pure printing.
 *
 * The account is a passing one (DynamicUser).  What only the user may read
 * comes as a credential, which the manager reads; places.c finds the one state
 * folder.  Landlock's and seccomp's own calls stay allowed: the walls
 * of the product stand inside those of the unit.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/path.h"
#include "publish/account.h"
#include "publish/explain_parts.h"

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

/* As it is, to the end of the line; specifiers are the manager's everywhere. */
static void
put_raw(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		buf_printf(out, *s == '%' ? "%%%%" : "%c", *s);
}

/* A word of a command line. */
static void
put_word(struct buf *out, const char *s)
{
	buf_put_u8(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '%' || c == '$')
			buf_printf(out, "%c%c", c, c);
		else if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_put_u8(out, c);
	}
	buf_put_u8(out, '"');
}

/* A path to bind: there, only a backslash can be escaped. */
static void
put_path(struct buf *out, const char *s)
{
	char quote = strchr(s, '"') != NULL ? '\'' : '"';

	buf_put_u8(out, (uint8_t)quote);
	for (; *s != '\0'; s++)
		buf_printf(out,
		    *s == '%'        ? "%%%%"
			: *s == '\\' ? "\\\\"
				     : "%c",
		    *s);
	buf_put_u8(out, (uint8_t)quote);
}

/* May it stand in a line at all? */
static bool
fits(struct buf *out, const char *path, bool quoted)
{
	size_t n = strlen(path);

	if (!has_control(path) &&
	    (quoted ? strchr(path, '"') == NULL || strchr(path, '\'') == NULL
		    : path[n - 1] != ' ' && path[n - 1] != '\\'))
		return true;
	buf_printf(out, "# a unit cannot hold the name of this one\n");
	return false;
}

static void
put_bind(const struct explain *e, struct buf *out, enum role_place place,
    const char *otherwise)
{
	const struct role_right *r = explain_right(ROLE_HUB, ROLE_FILE, place);
	const char *path = explain_path(e, place, otherwise);

	if (r == NULL || path == NULL)
		return;
	explain_why(out, "# ", r, "");
	if (!fits(out, path, true))
		return;
	buf_printf(out, "%s=",
	    (r->what & ROLE_WRITE) != 0 ? "BindPaths" : "BindReadOnlyPaths");
	put_path(out, path);
	buf_printf(out, "\n");
}

/* Read by the manager, handed over below $CREDENTIALS_DIRECTORY. */
static bool
put_credential(const struct explain *e, struct buf *out, enum role_place place,
    const char *id, const char *otherwise)
{
	const struct role_right *r = explain_right(ROLE_HUB, ROLE_FILE, place);
	const char *path = explain_path(e, place, otherwise);

	if (r == NULL || path == NULL)
		return false;
	explain_why(out, "# ", r, "");
	if (!fits(out, path, false))
		return false;
	buf_printf(out, "LoadCredential=%s:", id);
	put_raw(out, path);
	buf_printf(out, "\n");
	return true;
}

static void
put_option(struct buf *out, const char *option, const char *value)
{
	buf_printf(out, " %s ", option);
	put_word(out, value);
}

/* Whatever becomes of the site file, a password is for this one. */
static void
put_account(const struct ferry_site *site, struct buf *out)
{
	char account[LIMIT_INI_LINE];

	if (site->url.text == NULL)
		return;
	account_print(account, sizeof(account), &site->url);
	put_option(out, "--account", account);
}

/* The key is not named: grants.c finds the credential. */
static void
put_command(const struct explain *e, struct buf *out, bool fallback)
{
	const struct ferry_site *site = e->job->site;

	buf_printf(out, "ExecStart=");
	put_word(out, e->program);
	buf_printf(out, " publish --no-input");
	if (site->file != NULL) {
		put_option(out, "--config", site->file);
		if (site->target != NULL && *site->target != '\0')
			put_option(out, "--target", site->target);
		put_account(site, out);
	} else {
		put_option(out, "--source",
		    site->source != NULL ? site->source : "/path/to/site");
		put_option(out, "--url",
		    site->url.text != NULL ? site->url.text
					   : "sftp://user@example.org/path");
	}
	buf_printf(out, " --fallback-known-hosts %s\n",
	    fallback ? "%d/known_hosts" : "none");
}

static void
put_files(const struct explain *e, struct buf *out)
{
	const char *fallback = explain_path(e, ROLE_FALLBACK, NULL);
	bool known;

	put_bind(e, out, ROLE_SITE, "/path/to/site");
	put_bind(e, out, ROLE_SITE_FILE, NULL);
	put_bind(e, out, ROLE_WORKER, NULL);
	buf_printf(out, "BindReadOnlyPaths=");
	put_path(out, e->program);
	buf_printf(out, "\n");
	(void)put_credential(e, out, ROLE_KEY, "key", "/path/to/key");
	/* without the file, a credential would keep the unit from starting */
	known = fallback != NULL && access(fallback, R_OK) == 0 &&
	    put_credential(e, out, ROLE_FALLBACK, "known_hosts", fallback);
	put_command(e, out, known);
	buf_printf(out,
	    "# own known hosts, own state, access file\n"
	    "StateDirectory=sandferry\n"
	    "StateDirectoryMode=0700\n"
	    "ProtectSystem=strict\n"
	    "ProtectHome=tmpfs\n"
	    "PrivateTmp=yes\n"
	    "PrivateDevices=yes\n"
	    "ProtectProc=invisible\n"
	    "ProcSubset=pid\n"
	    "UMask=0077\n");
}

static void
put_network(struct buf *out)
{
	const struct role_right *r =
	    explain_right(ROLE_HUB, ROLE_CONNECT, ROLE_NOWHERE);

	if (r == NULL) {
		buf_printf(out, "PrivateNetwork=yes\n");
		return;
	}
	explain_why(out, "# ", r, "");
	buf_printf(out,
	    "# (unix and netlink: the resolver, and the door to the worker)\n"
	    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK\n"
	    "SocketBindDeny=any\n");
}

/* Those limits that hold for the hub as well hold for the whole unit. */
static void
put_limits(struct buf *out)
{
	const struct role_right *r;

	for (r = role_rights; r->name != NULL; r++) {
		if (r->kind != ROLE_LIMIT || (r->roles >> ROLE_HUB & 1) == 0 ||
		    r->what != RLIMIT_CORE)
			continue;
		explain_why(out, "# ", r, "");
		buf_printf(
		    out, "LimitCORE=%llu\n", (unsigned long long)r->value);
	}
}

static void
put_rest(struct buf *out)
{
	buf_printf(out,
	    "# system calls: the usual ones, and those that build our walls\n"
	    "SystemCallFilter=@system-service\n"
	    "SystemCallFilter=landlock_create_ruleset landlock_add_rule "
	    "landlock_restrict_self seccomp\n"
	    "SystemCallErrorNumber=EPERM\n"
	    "SystemCallArchitectures=native\n"
	    "NoNewPrivileges=yes\n"
	    "CapabilityBoundingSet=\n"
	    "AmbientCapabilities=\n"
	    "PrivateUsers=yes\n"
	    "RestrictNamespaces=yes\n"
	    "RestrictRealtime=yes\n"
	    "RestrictSUIDSGID=yes\n"
	    "LockPersonality=yes\n"
	    "MemoryDenyWriteExecute=yes\n"
	    "ProtectClock=yes\n"
	    "ProtectControlGroups=yes\n"
	    "ProtectHostname=yes\n"
	    "ProtectKernelLogs=yes\n"
	    "ProtectKernelModules=yes\n"
	    "ProtectKernelTunables=yes\n"
	    "RemoveIPC=yes\n"
	    "KeyringMode=private\n"
	    "DevicePolicy=closed\n");
}

void
explain_systemd(const struct explain *e, struct buf *out)
{
	const char *url = e->job->site->url.text;

	buf_printf(out, "[Unit]\nDescription=Publish ");
	put_raw(out, url != NULL ? url : "a site");
	buf_printf(out,
	    "\nWants=network-online.target\nAfter=network-online.target\n\n"
	    "[Service]\nType=oneshot\nDynamicUser=yes\n"
	    "# the status line; each attempt of --retry is a process\n"
	    "NotifyAccess=all\n");
	put_files(e, out);
	put_network(out);
	put_limits(out);
	put_rest(out);
}
