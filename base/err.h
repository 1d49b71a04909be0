/* Fill in a struct ferry_error.  Runs anywhere; never allocates. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "sandferry.h"

/*
 * Set *err (NULL is fine) and return -code, so that a function can
 * `return err_set(...)`.  The text is one line without a final stop: it names
 * the thing.  Control bytes and broken UTF-8 in it are escaped, so a server's
 * words may be passed as arguments.  Any hint is cleared.
 */
int err_set(struct ferry_error *err, enum ferry_code code, const char *id,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same, with ": " and the system's (English) words for os_errno added. */
int err_os(struct ferry_error *err, enum ferry_code code, int os_errno,
    const char *id, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What the reader should do next: one sentence, imperative. */
void err_hint(struct ferry_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Out of memory: the one text for it.  Returns -ferry_EINTERNAL. */
int err_memory(struct ferry_error *err);

/* Put "context: " before the text, once, by the layer that knows the name. */
void err_prefix(struct ferry_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same words, for another reason, and without a hint.  Returns -code. */
int err_recode(struct ferry_error *err, enum ferry_code code, const char *id);

void err_clear(struct ferry_error *err);

#endif
