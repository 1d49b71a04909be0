/* The application's secret: made once, and believed only if it is ours. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/app_secret.h"

struct place {
	char dir[64], file[128];
	struct app_secret_config config;
};

static int
make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	strcpy(p->dir, "/tmp/test-secret-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->file, sizeof(p->file), "%s/below/app-secret", p->dir);
	p->config.dirfd = AT_FDCWD;
	p->config.file = p->file;
	p->config.flatpak = "/nowhere/.flatpak-info";
	*state = p;
	return 0;
}

static int
free_place(void **state)
{
	struct place *p = *state;
	char command[128];
	int rc;

	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	rc = system(command);
	free(p);
	return rc;
}

static void
refused(const struct place *p, const char *id)
{
	struct ferry_error e;
	struct secret *s;

	assert_int_equal(app_secret_get(&s, &p->config, &e), -ferry_EKEY);
	assert_null(s);
	assert_string_equal(e.id, id);
	assert_string_not_equal(e.hint, "");
}

static struct secret *
got(const struct place *p)
{
	struct ferry_error e;
	struct secret *s;

	if (app_secret_get(&s, &p->config, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(s->len, APP_SECRET_SIZE);
	return s;
}

static void
is_made_once(void **state)
{
	static const unsigned char zeros[APP_SECRET_SIZE];
	struct place *p = *state;
	struct secret *first, *second;
	struct stat st;

	refused(p, "app_secret_missing");
	assert_int_not_equal(access(p->file, F_OK), 0);
	p->config.make = true;
	first = got(p);
	assert_memory_not_equal(first->data, zeros, APP_SECRET_SIZE);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, APP_SECRET_SIZE);
	second = got(p);
	assert_memory_equal(first->data, second->data, APP_SECRET_SIZE);
	secret_free(second);
	p->config.make = false;
	second = got(p);
	assert_memory_equal(first->data, second->data, APP_SECRET_SIZE);
	secret_free(first);
	secret_free(second);
}

/* Whoever comes second uses the first one's. */
static void
is_made_by_one_of_many(void **state)
{
	enum { MANY = 8 };
	struct place *p = *state;
	int fds[2], status;
	unsigned char first[APP_SECRET_SIZE], other[APP_SECRET_SIZE];

	p->config.make = true;
	assert_int_equal(pipe(fds), 0);
	for (int i = 0; i < MANY; i++) {
		if (fork() == 0) {
			struct secret *s;

			if (app_secret_get(&s, &p->config, NULL) != 0 ||
			    write(fds[1], s->data, s->len) != APP_SECRET_SIZE)
				_exit(1);
			_exit(0);
		}
	}
	for (int i = 0; i < MANY; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(read(fds[0], first, sizeof(first)), sizeof(first));
	for (int i = 1; i < MANY; i++) {
		assert_int_equal(
		    read(fds[0], other, sizeof(other)), sizeof(other));
		assert_memory_equal(first, other, sizeof(first));
	}
	close(fds[0]);
	close(fds[1]);
}

static void
is_ours_alone(void **state)
{
	struct place *p = *state;
	char other[160];

	p->config.make = true;
	secret_free(got(p));
	assert_int_equal(chmod(p->file, 0640), 0);
	refused(p, "app_secret_unsafe");
	assert_int_equal(chmod(p->file, 0602), 0);
	refused(p, "app_secret_unsafe");
	assert_int_equal(chmod(p->file, 0400), 0);
	secret_free(got(p));

	/* never through a link, nor one that has another name */
	snprintf(other, sizeof(other), "%s.other", p->file);
	assert_int_equal(link(p->file, other), 0);
	refused(p, "app_secret_unsafe");
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(symlink(other, p->file), 0);
	refused(p, "app_secret_file");
	assert_int_equal(unlink(other), 0);
	refused(p, "app_secret_file");
	assert_int_not_equal(access(other, F_OK), 0);
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(mkfifo(p->file, 0600), 0);
	refused(p, "app_secret_unsafe");
	assert_int_equal(unlink(p->file), 0);
	if (geteuid() != 0)
		return;
	secret_free(got(p));
	assert_int_equal(chown(p->file, 65534, (gid_t)-1), 0);
	refused(p, "app_secret_unsafe");
}

static void
is_whole(void **state)
{
	struct place *p = *state;

	p->config.make = true;
	secret_free(got(p));
	assert_int_equal(truncate(p->file, APP_SECRET_SIZE - 1), 0);
	refused(p, "app_secret_damaged");
	assert_int_equal(truncate(p->file, APP_SECRET_SIZE + 1), 0);
	refused(p, "app_secret_damaged");
	assert_int_equal(truncate(p->file, 0), 0);
	refused(p, "app_secret_damaged");
}

static int
portal(void *ctx, struct secret **out, struct ferry_error *err)
{
	(void)err;
	*out = secret_copy(ctx, APP_SECRET_SIZE);
	return *out != NULL ? 0 : -ferry_EINTERNAL;
}

/* Inside Flatpak it is the portal's or nobody's: no file is made or read. */
static void
is_the_portals_inside_flatpak(void **state)
{
	char fixed[] = "0123456789abcdef0123456789abcdef";
	struct place *p = *state;
	struct secret *s;

	p->config.make = true;
	p->config.flatpak = "/";
	refused(p, "app_secret_portal");
	p->config.portal = portal;
	p->config.ctx = fixed;
	s = got(p);
	assert_memory_equal(s->data, fixed, APP_SECRET_SIZE);
	secret_free(s);
	assert_int_not_equal(access(p->file, F_OK), 0);
	p->config.flatpak = "/nowhere/.flatpak-info";
	s = got(p);
	assert_memory_not_equal(s->data, fixed, APP_SECRET_SIZE);
	secret_free(s);
}

#define IN_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, make_place, free_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(is_made_once),
		IN_PLACE(is_made_by_one_of_many),
		IN_PLACE(is_ours_alone),
		IN_PLACE(is_whole),
		IN_PLACE(is_the_portals_inside_flatpak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
