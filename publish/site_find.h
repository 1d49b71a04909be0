/* Where the site file is.  Hub. */
#ifndef PUBLISH_SITE_FIND_H
#define PUBLISH_SITE_FIND_H

#include "sandferry.h"

#define SITE_FILE_NAME "sandferry.ini"

/*
 * Walk up from dir (NULL: the current folder) to the folder that holds a site
 * file; *out is its path, which is the caller's to free.
 */
int site_find(const char *dir, char **out, struct ferry_error *err);

/*
 * The folder that holds this file, and the file by its absolute path; both are
 * the caller's to free, in any case.
 */
int site_find_folder(
    const char *path, char **file, char **folder, struct ferry_error *err);

#endif
