/* Questions, on the terminal of the one who started the command. */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/ui.h"

/* Is somebody there who can answer? */
bool ask_possible(void);
/* Put a question of the job's, and answer it. */
void ask_question(
    struct ui *ui, struct ferry_job *job, const struct ferry_question *q);

enum ask_answer {
	ASK_NO,
	ASK_YES, /* "yes", or the very fingerprint */
	ASK_OTHER_KEY, /* another fingerprint */
	ASK_UNCLEAR,
};

/* What a typed line means when fingerprint is the one that the server has. */
enum ask_answer ask_judge(const char *line, const char *fingerprint);

#endif
