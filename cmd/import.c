/* Read another tool's state.  Hub (the command). */
#include "cmd/import.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/text.h"

enum {
	MOST_BYTES = 64 * 1024 * 1024, /* of such a file */
	HEX = 2 * 32, /* of a SHA-256 */
};

static int
bad(struct ferry_error *err, const char *name, const char *why)
{
	char shown[512];

	return options_error(err,
	    "It is FTP-Deploy-Action's .ftp-deploy-sync-state.json, as it lies "
	    "in the site's folder on the server.",
	    "--import %s: %s", text_show(shown, sizeof(shown), name, true),
	    why);
}

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c != '\0' ? strchr(digits, c | ('A' ^ 'a')) : NULL;

	return p == NULL ? -1 : (int)(p - digits);
}

static bool
get_digest(const char *hex, size_t n, unsigned char digest[32])
{
	if (n != HEX)
		return false;
	for (size_t i = 0; i < HEX; i += 2) {
		int high = digit(hex[i]), low = digit(hex[i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i / 2] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* False: it is no file, or not told as one is. */
static bool
get_claim(json_t *entry, struct ferry_claim *out)
{
	json_t *path = json_object_get(entry, "name");
	json_t *size = json_object_get(entry, "size");
	json_t *hash = json_object_get(entry, "hash");
	const char *type = json_string_value(json_object_get(entry, "type"));

	if (type == NULL || strcmp(type, "file") != 0 ||
	    json_string_length(path) == 0 || !json_is_integer(size) ||
	    json_integer_value(size) < 0)
		return false;
	out->path = json_string_value(path);
	out->size = (uint64_t)json_integer_value(size);
	return get_digest(
	    json_string_value(hash), json_string_length(hash), out->sha256);
}

static int
take(struct import *m, const char *name, struct ferry_error *err)
{
	json_t *data = json_object_get(m->root, "data"), *entry;
	const char *version =
	    json_string_value(json_object_get(m->root, "version"));
	size_t i;

	if (!json_is_array(data))
		return bad(err, name, "it has no list of files");
	/* the digest was there from the first version on */
	if (version == NULL || strncmp(version, "1.", 2) != 0)
		return bad(err, name, "its version is not known");
	m->claims = calloc(json_array_size(data) + 1, sizeof(*m->claims));
	if (m->claims == NULL)
		return options_error(err, NULL, "out of memory");
	json_array_foreach(data, i, entry)
	{
		if (get_claim(entry, &m->claims[m->count]))
			m->count++;
	}
	return m->count > 0 ? 0 : bad(err, name, "it tells of no file");
}

int
import_parse(struct import *out, const char *text, size_t n, const char *name,
    struct ferry_error *err)
{
	json_error_t why;

	*out = (struct import){ .count = 0 };
	out->root = json_loadb(text, n, 0, &why);
	return out->root != NULL ? take(out, name, err)
				 : bad(err, name, why.text);
}

int
import_load(struct import *out, const char *path, struct ferry_error *err)
{
	FILE *f = fopen(path, "re");
	char *text = f != NULL ? malloc(MOST_BYTES + 1) : NULL;
	size_t n = 0;
	int rc;

	*out = (struct import){ .count = 0 };
	if (text != NULL)
		n = fread(text, 1, MOST_BYTES + 1, f);
	if (text == NULL || ferror(f))
		rc = bad(err, path, strerror(errno));
	else if (n > MOST_BYTES)
		rc = bad(err, path, "it is too large");
	else
		rc = import_parse(out, text, n, path, err);
	free(text);
	if (f != NULL)
		fclose(f);
	return rc;
}

void
import_free(struct import *m)
{
	free(m->claims);
	json_decref(m->root);
	*m = (struct import){ .count = 0 };
}
