/* Throwaway keys for the tests of auth. */
#include "tests/unit/keygen.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"

int
keygen_setup(void **state)
{
	char *dir = strdup("/tmp/sandferry-keys-XXXXXX");

	*state = dir;
	return dir != NULL && mkdtemp(dir) != NULL ? 0 : -1;
}

int
keygen_teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	free(*state);
	return system(command);
}

void
keygen_run(const char *dir, const char *format, ...)
{
	char command[1024], line[1400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	snprintf(line, sizeof(line),
	    "exec >'%s/log' 2>&1 </dev/null; set -e; cd '%s'; %s", dir, dir,
	    command);
	if (system(line) != 0) {
		snprintf(line, sizeof(line), "cat '%s/log' >&2", dir);
		(void)!system(line);
		fail_msg("%s", command);
	}
}

struct buf
keygen_read(const char *dir, const char *name)
{
	char path[512];
	struct buf b;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	buf_init(&b, 1 << 20);
	assert_int_equal(fs_read(AT_FDCWD, path, true, &b), 0);
	return b;
}

void
keygen_write(const char *dir, const char *name, const void *p, size_t n)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_non_null(f = fopen(path, "w"));
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

struct buf
keygen_blob(const char *dir, const char *name)
{
	struct buf text = keygen_read(dir, name), blob;
	char *base64, *save;

	buf_put_u8(&text, 0);
	assert_non_null(strtok_r((char *)text.data, " ", &save));
	assert_non_null(base64 = strtok_r(NULL, " \n", &save));
	buf_init(&blob, 1 << 20);
	assert_non_null(buf_grow(&blob, strlen(base64)));
	assert_true(
	    hash_unbase64(base64, strlen(base64), blob.data, &blob.len));
	buf_free(&text);
	return blob;
}

struct buf
keygen_armour(const char *label, const void *p, size_t n)
{
	char *base64 = malloc(4 * ((n + 2) / 3) + 1);
	size_t len;
	struct buf b;

	assert_non_null(base64);
	len = hash_base64(p, n, base64);
	buf_init(&b, 1 << 20);
	buf_printf(&b, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < len; i += 70)
		buf_printf(&b, "%.70s\n", base64 + i);
	buf_printf(&b, "-----END %s-----\n", label);
	assert_true(buf_ok(&b));
	free(base64);
	return b;
}

int
keygen_parse(struct key **out, const void *p, size_t n, const char *passphrase,
    struct ferry_error *err)
{
	struct secret *s = NULL;
	int rc;

	if (passphrase != NULL) {
		s = secret_copy(passphrase, strlen(passphrase));
		assert_non_null(s);
	}
	err_clear(err);
	rc = key_parse(out, p, n, s, err);
	secret_free(s);
	assert_true((rc == 0) == (*out != NULL));
	assert_int_equal(rc, -err->code);
	return rc;
}
