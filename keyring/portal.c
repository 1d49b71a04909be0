/*
 * The Secret portal: a secret that belongs to this Flatpak application and that
 * no other one gets (org.freedesktop.portal.Secret, RetrieveSecret).  Runs in
 * the helper sandferry-keyring.
 */
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <unistd.h>

#include "keyring/service.h"

enum { WAIT_SECONDS = 100 };

#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define TOKEN "sandferry"

struct wait {
	GMainLoop *loop;
	unsigned response;
};

static void
on_response(GDBusConnection *bus, const char *sender, const char *path,
    const char *interface, const char *signal, GVariant *arguments, void *ctx)
{
	struct wait *w = ctx;

	(void)bus, (void)sender, (void)path, (void)interface, (void)signal;
	g_variant_get_child(arguments, 0, "u", &w->response);
	g_main_loop_quit(w->loop);
}

static gboolean
on_timeout(void *ctx)
{
	struct wait *w = ctx;

	g_main_loop_quit(w->loop);
	return G_SOURCE_REMOVE;
}

/* The path of the request, which the caller may tell beforehand. */
static char *
request_path(GDBusConnection *bus)
{
	char *name = g_strdup(g_dbus_connection_get_unique_name(bus) + 1);
	char *path;

	g_strdelimit(name, ".", '_');
	path = g_strdup_printf(PORTAL_PATH "/request/%s/" TOKEN, name);
	g_free(name);
	return path;
}

/* It writes the secret to fd.  False: the error says why not. */
static bool
call(GDBusConnection *bus, int fd, GError **e)
{
	GUnixFDList *fds = g_unix_fd_list_new();
	GVariantBuilder options;
	GVariant *reply = NULL;
	int at = g_unix_fd_list_append(fds, fd, e);

	if (at >= 0) {
		g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
		g_variant_builder_add(&options, "{sv}", "handle_token",
		    g_variant_new_string(TOKEN));
		reply = g_dbus_connection_call_with_unix_fd_list_sync(bus,
		    PORTAL, PORTAL_PATH, "org.freedesktop.portal.Secret",
		    "RetrieveSecret", g_variant_new("(ha{sv})", at, &options),
		    NULL, G_DBUS_CALL_FLAGS_NONE, -1, fds, NULL, NULL, e);
	}
	if (reply != NULL)
		g_variant_unref(reply);
	g_object_unref(fds);
	return reply != NULL;
}

/* Ask, and wait for the answer; the response is 0 when the secret is written. */
static bool
retrieve(GDBusConnection *bus, int fd, unsigned *response, GError **e)
{
	struct wait w = { g_main_loop_new(NULL, FALSE), 2 };
	char *path = request_path(bus);
	unsigned id = g_dbus_connection_signal_subscribe(bus, PORTAL,
	    "org.freedesktop.portal.Request", "Response", path, NULL,
	    G_DBUS_SIGNAL_FLAGS_NONE, on_response, &w, NULL);
	bool ok = call(bus, fd, e);

	if (ok) {
		g_timeout_add_seconds(WAIT_SECONDS, on_timeout, &w);
		g_main_loop_run(w.loop);
	}
	*response = w.response;
	g_dbus_connection_signal_unsubscribe(bus, id);
	g_main_loop_unref(w.loop);
	g_free(path);
	return ok;
}

/* Any bytes: not one of them is a newline to be dropped. */
static void
read_secret(struct service_answer *answer, int fd)
{
	struct secret *s = secret_new(SERVICE_SECRET_MAX);
	ssize_t n = 1;

	while (s != NULL && n > 0 && s->len < s->cap) {
		n = read(fd, s->data + s->len, s->cap - s->len);
		if (n > 0)
			s->len += (size_t)n;
	}
	if (s != NULL && s->len > 0) {
		answer->secret = s;
		answer->m.status = KEYRING_DONE;
		return;
	}
	secret_free(s);
	service_fail(answer, KEYRING_FAILED, "the portal gave no secret");
}

void
portal_run(struct service_answer *answer)
{
	GError *e = NULL;
	GDBusConnection *bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &e);
	unsigned response = 2;
	int fds[2];
	bool ok;

	answer->m.status = KEYRING_FAILED;
	if (bus == NULL) {
		service_fail(answer, KEYRING_ABSENT, "there is no session bus");
		return;
	}
	if (pipe2(fds, O_CLOEXEC) != 0) {
		service_fail(answer, KEYRING_FAILED, "no pipe");
		return;
	}
	ok = retrieve(bus, fds[1], &response, &e);
	close(fds[1]);
	if (!ok)
		service_fail(answer, KEYRING_ABSENT, e->message);
	else if (response != 0)
		service_fail(answer, KEYRING_FAILED, "the portal refused");
	else
		read_secret(answer, fds[0]);
	close(fds[0]);
}
