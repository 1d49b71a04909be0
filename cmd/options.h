/*
 * The command line.  One table of verbs and one of options feed parsing and
 * help; an option that is a key of the site file says which.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "sandferry.h"

enum options_verb { /* bits: an option names the verbs that it goes with */
	VERB_PUBLISH = 1 << 0,
	VERB_PLAN = 1 << 1,
	VERB_HOST_SHOW = 1 << 2,
	VERB_HOST_TRUST = 1 << 3,
	VERB_HOST_FORGET = 1 << 4,
	VERB_HELP = 1 << 5,
	VERB_VERSION = 1 << 6,
	VERB_HOST_LIST = 1 << 7,
	VERB_ACCESS_ADD = 1 << 8,
	VERB_ACCESS_LIST = 1 << 9,
	VERB_ACCESS_REMOVE = 1 << 10,
	VERB_ACCESS_IMPORT = 1 << 11,
	VERB_EXPLAIN = 1 << 12,
	VERB_CHECK = 1 << 13,
	VERB_STATUS = 1 << 15,
	VERB_VERIFY = 1 << 16,
	VERB_ADOPT = 1 << 17,
	VERB_UNLOCK = 1 << 18,
	VERB_UNDO = 1 << 14,
	VERB_LOG = 1 << 19,
	VERB_INIT = 1 << 25,
	VERB_COMPLETION = 1 << 24,
	VERB_ACCESS = VERB_ACCESS_ADD | VERB_ACCESS_LIST | VERB_ACCESS_REMOVE |
	    VERB_ACCESS_IMPORT,
};

/* In options_row.verbs: help only names it, sandferry(1) explains it. */
#define OPTIONS_RARE (1U << 30)

enum options_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options_retry {
	int count; /* further attempts */
	int seconds; /* before the first of them */
};

struct options_setting {
	const char *key, *value; /* for ferry_site_set() */
};

/* What was typed.  Strings point into argv. */
struct options {
	enum options_verb verb; /* 0: none was typed */
	const char *about; /* help VERB, or NULL */
	const char *about_sub; /* help host SUB, or NULL */
	const char *target, *site_file, *dir, *key_file, *folder;
	const char *known_hosts, *fallback_known_hosts, *system_known_hosts;
	bool check_host_ip;
	const char *fingerprint, *access_file, *certificate_file;
	const char *ssh_config; /* access import SSH_CONFIG */
	const char *import; /* adopt --import */
	const char *plan_in, *plan_out; /* publish --plan, plan --out */
	const char *report; /* --report */
	const char *generation; /* undo N; NULL: the last one */
	int run; /* log --run; 0: a list */
	const char *format; /* explain --format; NULL: text */
	const char *authorities; /* --cacert */
	const char *client_certificate; /* --client-cert */
	const char *account; /* that the password is for */
	int key_fd, secret_fd; /* or -1 */
	bool use_password, keyring, save_secret, list_all, dry_run, yes, quiet,
	    no_input, json, help, version, plain_ftp;
	bool exit_code, content, trust_size, force, follow;
	int wait_seconds; /* publish --wait */
	struct options_retry retry;
	int verbose;
	const char *shell; /* completion SHELL */
	char *const *words; /* completion offer WORD...; ends in NULL */
	enum options_color color;
	enum ferry_confine confine;
	struct options_setting *settings; /* owned; in typed order */
	size_t setting_count;
};

struct options_verb_row {
	enum options_verb verb;
	const char *name, *sub; /* "host", "show"; or sub NULL */
	const char *alias; /* of name, or NULL */
	const char *args; /* "[TARGET]" */
	const char *help;
};

struct options_row {
	char letter; /* 'n', or 0 */
	const char *name; /* "dry-run" */
	/*
	 * "FILE": what it takes, a name in capitals, or "auto|N": words in
	 * small letters to be typed as they are.  NULL: nothing.
	 */
	const char *arg;
	int kind; /* how it is stored: options.c */
	size_t offset; /* where, in struct options */
	const char *key; /* of sandferry.ini(5), or NULL */
	unsigned verbs; /* enum options_verb, or'ed; OPTIONS_RARE */
	const char *help;
};

/* What a name with several forms is for. */
struct options_group_row {
	const char *name; /* "host" */
	const char *help;
};

extern const struct options_group_row options_groups[]; /* ends in name NULL */
extern const struct options_verb_row options_verbs[]; /* ends in name NULL */
extern const struct options_row options_rows[]; /* ends in name NULL */

/*
 * Parse argv.  0 or -ferry_EUSAGE; even then out says what came before the
 * mistake (--json, --color), and options_free() is due.
 */
int options_parse(
    struct options *out, int argc, char *const argv[], struct ferry_error *err);
void options_free(struct options *o);

/*
 * The i-th word to be typed as it is, of what an option or a verb takes: 0 is
 * "auto" in "auto|N", and there is no 1.  False: no such word.
 */
bool options_word(char *dst, size_t size, const char *arg, size_t i);

/* What a verb does; where its name has several forms, what all of them do. */
const char *options_summary(const struct options_verb_row *row);

/* The last value typed for a site key, or NULL. */
const char *options_value(const struct options *o, const char *key);

/* A usage error in words: fills in err, returns -ferry_EUSAGE. */
int options_error(struct ferry_error *err, const char *hint, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

#endif
