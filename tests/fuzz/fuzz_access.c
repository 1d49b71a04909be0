/*
 * The access file: whatever its bytes, it parses or says why with a line.  What
 * parsed can be edited, keeps every other byte, and is as before when the edit
 * is taken back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/access_text.h"

#define URL "sftp://fuzz@example.org/www"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
value_of(const struct access_text *t, const char *url, const char *key)
{
	const struct access_item *item =
	    access_text_item(t, access_text_section(t, url), key);

	return item != NULL ? item->value : NULL;
}

/* A new section, and away with it. */
static void
there_and_back(struct access_text *t, const uint8_t *data, size_t size)
{
	const char *url = t->section_count > 1 ? t->sections[1].url : NULL;

	if (access_text_section(t, URL) != NULL ||
	    access_text_set(t, URL, "key", "/k", NULL) != 0)
		return;
	if (strcmp(value_of(t, URL, "key"), "/k") != 0 ||
	    access_text_set(t, URL, "keyring", "no", NULL) != 0 ||
	    access_text_set(t, URL, "key", "/other", NULL) != 0 ||
	    strcmp(value_of(t, URL, "key"), "/other") != 0 ||
	    access_text_remove(t, URL, NULL, NULL) != 0)
		abort();
	/* all that may have come to stay is a newline at the end */
	if (t->text.len < size || memcmp(t->text.data, data, size) != 0 ||
	    t->text.len > size + 2)
		abort();
	if (url == NULL)
		return;
	url = strdup(t->sections[1].url);
	if (access_text_remove(t, url, NULL, NULL) != 0 ||
	    access_text_section(t, url) != NULL)
		abort();
	free((char *)url);
}

/* The whole input as a value: it is read back as it was, or refused. */
static void
as_a_value(struct access_text *t, const uint8_t *data, size_t size)
{
	char *value = calloc(1, size + 1);
	size_t sections = t->section_count, count = t->count;

	memcpy(value, data, size);
	if (access_text_set(t, URL, "password-command", value, NULL) == 0 &&
	    strcmp(value_of(t, URL, "password-command"), value) != 0)
		abort();
	if (t->section_count > sections + 1 || t->count > count + 1)
		abort();
	free(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct access_text t;
	struct ferry_error err;

	if (size == 0)
		return 0;
	access_text_init(&t);
	buf_put(&t.text, data, size);
	if (!buf_ok(&t.text)) {
		access_text_free(&t);
		return 0;
	}
	if (access_text_parse(&t, "f.ini", &err) == 0)
		there_and_back(&t, data, size);
	else if (err.code != ferry_EUSAGE ||
	    strncmp(err.text, "f.ini:", 6) != 0)
		abort();
	access_text_free(&t);
	if (access_text_parse(&t, "f.ini", &err) != 0)
		abort();
	as_a_value(&t, data, size);
	access_text_free(&t);
	return 0;
}
