/*
 * The Secret Service of the desktop, through libsecret.  Runs in the helper
 * sandferry-keyring.
 */
#include "keyring/service.h"

#include <libsecret/secret.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

static const SecretSchema schema = {
	.name = "org.sandferry.Secret",
	.flags = SECRET_SCHEMA_NONE,
	.attributes = {
		{ "application", SECRET_SCHEMA_ATTRIBUTE_STRING },
		{ "kind", SECRET_SCHEMA_ATTRIBUTE_STRING },
		{ "url", SECRET_SCHEMA_ATTRIBUTE_STRING },
		{ NULL, 0 },
	},
};

void
service_fail(struct service_answer *answer, enum keyring_status status,
    const char *words)
{
	if (answer->m.status == KEYRING_FAILED && answer->m.words[0] != '\0')
		return;
	answer->m.status = status;
	snprintf(answer->m.words, sizeof(answer->m.words), "%s",
	    words != NULL ? words : "");
}

/* Is nobody there, or did somebody say no? */
static void
fail_by(struct service_answer *answer, GError *e)
{
	bool absent = e->domain == G_IO_ERROR ||
	    g_error_matches(e, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
	    g_error_matches(e, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
	    g_error_matches(e, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_FAILED);
	bool locked = g_error_matches(e, SECRET_ERROR, SECRET_ERROR_IS_LOCKED);

	if (absent)
		service_fail(answer, KEYRING_ABSENT, NULL);
	else if (locked)
		service_fail(answer, KEYRING_LOCKED, NULL);
	else
		service_fail(answer, KEYRING_FAILED, e->message);
	g_error_free(e);
}

/* In a sandbox libsecret keeps a file of its own, which is never locked. */
static bool
has_service(void)
{
	return access("/.flatpak-info", F_OK) != 0;
}

/* Is the default collection there, and open? */
static enum keyring_status
look_at_collection(struct service_answer *answer)
{
	GError *e = NULL;
	SecretService *service;
	SecretCollection *collection;
	enum keyring_status status = KEYRING_DONE;

	service = secret_service_get_sync(SECRET_SERVICE_NONE, NULL, &e);
	if (service == NULL) {
		fail_by(answer, e);
		return answer->m.status;
	}
	collection = secret_collection_for_alias_sync(service,
	    SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, NULL, &e);
	if (e != NULL) {
		fail_by(answer, e);
		status = answer->m.status;
	} else if (collection == NULL) {
		status = KEYRING_NOTHING;
	} else if (secret_collection_get_locked(collection)) {
		status = KEYRING_LOCKED;
	}
	g_clear_object(&collection);
	g_object_unref(service);
	return status;
}

static void
take_value(struct service_answer *answer, SecretRetrievable *item)
{
	GError *e = NULL;
	SecretValue *value;
	const char *p;
	gsize n;

	if (SECRET_IS_ITEM(item) && secret_item_get_locked(SECRET_ITEM(item))) {
		service_fail(answer, KEYRING_LOCKED, NULL);
		return;
	}
	value = secret_retrievable_retrieve_secret_sync(item, NULL, &e);
	if (value == NULL) {
		if (e != NULL)
			fail_by(answer, e);
		return;
	}
	p = secret_value_get(value, &n);
	if (n <= LIMIT_SECRET)
		answer->secret = secret_copy(p, n);
	if (answer->secret != NULL)
		answer->m.status = KEYRING_DONE;
	else
		service_fail(answer, KEYRING_FAILED, "what it has is too long");
	secret_value_unref(value);
}

static void
look_up(struct service_answer *answer, const struct keyring_request *request,
    GHashTable *attributes)
{
	SecretSearchFlags flags = SECRET_SEARCH_LOAD_SECRETS;
	GError *e = NULL;
	GList *items;

	if (request->may_ask)
		flags |= SECRET_SEARCH_UNLOCK;
	items =
	    secret_password_searchv_sync(&schema, attributes, flags, NULL, &e);
	answer->m.status = KEYRING_NOTHING;
	if (e != NULL)
		fail_by(answer, e);
	else if (items != NULL)
		take_value(answer, SECRET_RETRIEVABLE(items->data));
	else if (has_service() && look_at_collection(answer) == KEYRING_LOCKED)
		/* KWallet shows nothing of what is locked. */
		service_fail(answer, KEYRING_LOCKED, NULL);
	g_list_free_full(items, g_object_unref);
}

/* Storing would unlock, or even make, a collection: with a dialogue. */
static bool
may_store(struct service_answer *answer, const struct keyring_request *request)
{
	enum keyring_status status;

	if (request->may_ask || !has_service())
		return true;
	status = look_at_collection(answer);
	if (status == KEYRING_NOTHING)
		service_fail(answer, KEYRING_FAILED, "it was never set up");
	else if (status == KEYRING_LOCKED)
		service_fail(answer, KEYRING_LOCKED, NULL);
	return status == KEYRING_DONE;
}

static void
store(struct service_answer *answer, const struct keyring_request *request,
    GHashTable *attributes)
{
	GError *e = NULL;
	SecretValue *value;

	if (!may_store(answer, request))
		return;
	value = secret_value_new((const char *)request->secret,
	    (gssize)request->secret_len, "text/plain");
	if (secret_password_storev_binary_sync(&schema, attributes,
		SECRET_COLLECTION_DEFAULT, request->label, value, NULL, &e))
		answer->m.status = KEYRING_DONE;
	else if (e != NULL)
		fail_by(answer, e);
	secret_value_unref(value);
}

static void
clear(struct service_answer *answer, GHashTable *attributes)
{
	GError *e = NULL;

	if (secret_password_clearv_sync(&schema, attributes, NULL, &e))
		answer->m.status = KEYRING_DONE;
	else if (e != NULL)
		fail_by(answer, e);
	else
		answer->m.status = KEYRING_NOTHING;
}

void
service_run(
    struct service_answer *answer, const struct keyring_request *request)
{
	GHashTable *attributes = secret_attributes_build(&schema, "application",
	    "sandferry", "kind", request->kind, "url", request->about, NULL);

	answer->m.status = KEYRING_FAILED;
	if (request->verb == KEYRING_LOOKUP)
		look_up(answer, request, attributes);
	else if (request->verb == KEYRING_STORE)
		store(answer, request, attributes);
	else
		clear(answer, attributes);
	g_hash_table_unref(attributes);
}
