/* Names: judging them, joining them, showing them.  No I/O. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One component of a name that somebody else sent: not empty, not "." or "..",
 * no '/' and no NUL, at most LIMIT_NAME bytes.
 */
bool path_name_ok(const char *name, size_t n);
/* A relative path made of such components, at most LIMIT_PATH bytes. */
bool path_relative_ok(const char *path);
/*
 * Write dir + "/" + name.  dir "" gives name, one that ends in '/' gets no
 * second one, and dst may be dir.  False, and dst "", when it does not fit.
 */
bool path_join(char *dst, size_t size, const char *dir, const char *name);
/* Length of the folder part of a path ("a/b" and "/a" give 1, "a" gives 0). */
size_t path_dir_len(const char *path);
/* The part behind the last '/'. */
const char *path_base(const char *path);
/* Is path equal to dir, or below it?  dir "" holds everything. */
bool path_below(const char *path, const char *dir);
/*
 * Copy for showing: control bytes, DEL, C1 controls, line separators,
 * bidirectional marks and broken UTF-8 become \xNN, a backslash \\.  Always
 * terminated; cut at a whole character with "..." when it does not fit.
 * Returns dst.
 */
char *path_escape(char *dst, size_t size, const char *src, size_t n);
/* Is it well-formed UTF-8? */
bool path_utf8_ok(const char *s, size_t n);

#endif
