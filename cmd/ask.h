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

/*
 * Ask for a line at the terminal, into dst[size], without blanks around it and
 * escaped nowhere.  preset stands in brackets, and an empty line takes it; "":
 * there is none.  False: nobody is there, or a signal asks to stop.
 */
bool ask_typed(struct ui *ui, const char *prompt, const char *preset, char *dst,
    size_t size);

enum ask_answer {
	ASK_NO,
	ASK_YES, /* "yes", or the very fingerprint */
	ASK_OTHER_KEY, /* another fingerprint */
	ASK_UNCLEAR,
};

/* What a typed line means when fingerprint is the one that the server has. */
enum ask_answer ask_judge(const char *line, const char *fingerprint);

#endif
