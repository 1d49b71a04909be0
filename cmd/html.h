/* Text into a page of HTML.  Hub (the command). */
#ifndef CMD_HTML_H
#define CMD_HTML_H

#include <stdio.h>

/*
 * What is said about a run: nothing in it is markup, whoever it is from, and
 * nothing moves or hides what stands around it.
 */
void html_text(FILE *to, const char *text);
/* A name as it is on disk: any bytes.  Its folders are less marked than it. */
void html_path(FILE *to, const char *path);

#endif
