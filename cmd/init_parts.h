/*
 * What the parts of init share; cmd_init.c, init_*.c and their test include
 * it.
 *
 * cmd_init.c       the four questions, the test, the end
 * init_address.c   an address as people type it, into a url
 * init_folder.c    folders and files of this machine, as they are typed
 * init_try.c       the jobs: the test, and the grant
 * init_write.c     sandferry.ini
 */
#ifndef CMD_INIT_PARTS_H
#define CMD_INIT_PARTS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "cmd/options.h"
#include "cmd/ui.h"

enum { INIT_URL = 2048, INIT_LINE = 1024 };

#define INIT_FILE "sandferry.ini"

/* ---- init_address.c ---- */

enum init_missing { /* bits */
	INIT_NO_USER = 1 << 0,
	INIT_NO_FOLDER = 1 << 1,
};

/* An address, taken apart; its pieces are encoded as urls are. */
struct init_address {
	char scheme[8], user[512], host[512], path[INIT_URL];
	unsigned missing; /* enum init_missing */
};

/*
 * "me@host", "host:/var/www", "me@host:www", "host:2222/www", "ftp.host", a url,
 * "/srv/www", "~/www".  False: err says what is wrong with it.
 */
bool init_address_parse(
    struct init_address *out, const char *typed, struct ferry_error *err);
bool init_address_set_user(struct init_address *a, const char *typed);
/* "/var/www", or below the login folder; "." and "~" are that. */
bool init_address_set_folder(struct init_address *a, const char *typed);
/* What is missing stays so. */
bool init_address_print(
    char dst[INIT_URL], const struct init_address *a, struct ferry_error *err);

/* The folder of a file: url that the library has taken; dst. */
const char *init_address_folder(char dst[PATH_MAX], const char *url);

/* ---- init_folder.c ---- */

/* "~/x", "~" below the home that the shell knows; anything else as it is. */
bool init_folder_expand(char dst[PATH_MAX], const char *typed);
/*
 * A folder that can be published, in *dst as sandferry.ini has it: relative
 * where it lies here.
 */
bool init_folder_judge(
    char dst[PATH_MAX], const char *typed, struct ferry_error *err);
/* The first that is likely to be it, or ""; what is here, in words. */
void init_folder_look(char preset[PATH_MAX], char *here, size_t size);
/* A private key file, as far as its name and its rights tell. */
bool init_folder_judge_key(
    char dst[PATH_MAX], const char *typed, struct ferry_error *err);

/* ---- init_try.c ---- */

struct init_answers {
	char source[PATH_MAX], url[INIT_URL], key[PATH_MAX], site_url[INIT_URL];
	bool password; /* in place of a key */
};

/* Exit status of the test. */
int init_try_test(
    struct ui *ui, const struct options *o, const struct init_answers *a);
/* The same of the grant, where there is something to be granted. */
int init_try_grant(
    struct ui *ui, const struct options *o, const struct init_answers *a);

/* ---- init_write.c ---- */

/* A key of the site file whose value is an answer, not what a flag has. */
bool init_is_asked(const char *key);

/* There is none yet, and one can be written. */
int init_write_possible(struct ferry_error *err);
/* Would it be understood, as it is to be written? */
int init_write_judge(const struct options *o, const struct init_answers *a,
    struct ferry_error *err);
int init_write_file(const struct options *o, const struct init_answers *a,
    struct ferry_error *err);

#endif
