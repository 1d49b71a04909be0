/* init: sandferry.ini, all of it or none.  Hub (the command). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/init_parts.h"

enum { TEXT = 64 * 1024 };

bool
init_is_asked(const char *key)
{
	return strcmp(key, "url") == 0 || strcmp(key, "source") == 0 ||
	    strcmp(key, "site-url") == 0;
}

static int
there_is_one(struct ferry_error *err)
{
	return options_error(err,
	    "`sandferry check' tries what it says; edit it, or move it away "
	    "to begin anew.",
	    "there is a " INIT_FILE " here already");
}

static int
cannot_write(struct ferry_error *err)
{
	return options_error(err,
	    "init writes it where it is started: go to a folder of yours, or "
	    "name one with -C.",
	    "cannot write " INIT_FILE ": %s", strerror(errno));
}

int
init_write_possible(struct ferry_error *err)
{
	struct stat st;

	if (lstat(INIT_FILE, &st) == 0)
		return there_is_one(err);
	return access(".", W_OK) == 0 ? 0 : cannot_write(err);
}

/*
 * Six lines, and one for each further setting that was typed.  Returns the
 * length that it needs.
 */
static size_t
make_text(char *dst, size_t size, const struct options *o,
    const struct init_answers *a)
{
	const bool known = a->site_url[0] != '\0';
	size_t n = 0;

	n = (size_t)snprintf(dst, size,
	    "# What to publish, and where to: sandferry.ini(5).  No secret is "
	    "in here: share it.\n"
	    "source = %s\n"
	    "[production]\n"
	    "url = %s\n"
	    "# What visitors type to see the site; `sandferry check' looks "
	    "there.\n"
	    "%ssite-url = %s\n",
	    a->source, a->url, known ? "" : "# ",
	    known ? a->site_url : "https://www.example.org/");
	for (size_t i = 0; i < o->setting_count; i++) {
		const struct options_setting *s = &o->settings[i];

		if (!init_is_asked(s->key) && n < size)
			n += (size_t)snprintf(
			    dst + n, size - n, "%s = %s\n", s->key, s->value);
	}
	return n;
}

/* It has its name as soon as it is whole, and takes nobody else's. */
static int
publish_text(const char *text, size_t n, struct ferry_error *err)
{
	char name[] = "." INIT_FILE ".XXXXXX";
	int fd = mkstemp(name), saved = 0;
	mode_t mask;

	if (fd < 0)
		return cannot_write(err);
	errno = 0;
	mask = umask(0);
	umask(mask);
	if (write(fd, text, n) != (ssize_t)n || fchmod(fd, 0666 & ~mask) != 0 ||
	    fsync(fd) != 0)
		saved = errno != 0 ? errno : EIO;
	close(fd);
	if (saved == 0 && link(name, INIT_FILE) != 0) {
		saved = errno;
		/* a file system without links: FAT, many a FUSE */
		if (saved != EEXIST && access(INIT_FILE, F_OK) != 0)
			saved = rename(name, INIT_FILE) != 0 ? errno : 0;
	}
	unlink(name);
	errno = saved;
	if (saved == EEXIST)
		return there_is_one(err);
	return saved == 0 ? 0 : cannot_write(err);
}

/* Of a name with such characters a line would say something else. */
static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	}
	return false;
}

/* Blanks around a value are no part of it. */
static bool
has_bare_end(const char *s)
{
	const size_t n = strlen(s);

	return n > 0 && (s[0] == ' ' || s[n - 1] == ' ');
}

int
init_write_judge(const struct options *o, const struct init_answers *a,
    struct ferry_error *err)
{
	struct ferry_site *site = NULL;
	char *text = malloc(TEXT);
	size_t n = text != NULL ? make_text(text, TEXT, o, a) : 0;
	int rc;

	if (n == 0 || n >= TEXT)
		rc = options_error(err, NULL, "the answers are too long");
	else if (has_bare_end(a->source))
		rc = options_error(err, "Rename it.",
		    "a name that begins or ends with a blank cannot stand "
		    "in " INIT_FILE);
	else if (has_control(a->source) || has_control(a->site_url))
		rc = options_error(err, "Rename it.",
		    "a control character cannot stand in " INIT_FILE);
	else
		rc = ferry_site_parse(
		    &site, text, n, INIT_FILE, NULL, NULL, err);
	ferry_site_free(site);
	free(text);
	return rc;
}

int
init_write_file(const struct options *o, const struct init_answers *a,
    struct ferry_error *err)
{
	char *text = malloc(TEXT);
	size_t n = text != NULL ? make_text(text, TEXT, o, a) : 0;
	int rc;

	errno = ENOMEM;
	rc = n > 0 && n < TEXT ? publish_text(text, n, err) : cannot_write(err);
	free(text);
	return rc;
}
