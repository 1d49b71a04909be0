/* What the table of options and its parser share.  Nobody else includes this. */
#ifndef CMD_OPTIONS_PARTS_H
#define CMD_OPTIONS_PARTS_H

#include "cmd/options.h"

enum { /* options_row.kind: what the option's place in struct options is */
	KIND_FLAG, /* bool */
	KIND_COUNT, /* int, one more each time */
	KIND_TEXT, /* const char * */
	KIND_NUMBER, /* int, from 0 */
	KIND_COLOR, /* enum options_color */
	KIND_CONFINE, /* enum ferry_confine */
	KIND_RETRY, /* struct options_retry */
	KIND_SITE, /* a setting of the site, by key; without a value: yes */
};

enum { OPTIONS_MOST = 128 /* rows of the table */ };

enum {
	SENDS = VERB_PUBLISH | VERB_PLAN,
	HOST = VERB_HOST_SHOW | VERB_HOST_TRUST | VERB_HOST_FORGET,
	WRITES = SENDS | VERB_UNDO,
	LOOKS = VERB_STATUS | VERB_VERIFY,
	LOGS_IN = WRITES | VERB_CHECK | LOOKS | VERB_ADOPT | VERB_UNLOCK,
	DIALS = LOGS_IN | VERB_HOST_SHOW | VERB_HOST_TRUST | VERB_INIT,
	GRANTS = VERB_ACCESS_ADD | VERB_ACCESS_IMPORT,
	/* for a site */
	WORKS = LOGS_IN | HOST | GRANTS | VERB_ACCESS_REMOVE | VERB_EXPLAIN |
	    VERB_LOG,
	RUNS = WORKS | VERB_HOST_LIST | VERB_ACCESS_LIST | VERB_INIT,
	ALL = RUNS | VERB_HELP | VERB_VERSION | VERB_COMPLETION,
};

#define RARE OPTIONS_RARE

/* The words to be typed as they are: "Say auto, require or off." */
void options_list_words(char *dst, size_t size, const char *arg);

#endif
