/*
 * The folder of this machine that a file: url names, opened for its worker.
 * Hub, which touches nothing in it.
 */
#ifndef PUBLISH_FAR_FOLDER_H
#define PUBLISH_FAR_FOLDER_H

#include "publish/job.h"

/*
 * The application's folder_fd, or what the url names: which its user has
 * chosen in this run, or granted.  *out is the caller's to close, or -1.
 * ferry_EKEY: as grants_folder_open(); ferry_EREACH: not there, not a folder;
 * ferry_ESOURCE: it holds the source, or lies in it.
 */
int far_folder_open(int *out, struct ferry_job *job, struct ferry_error *err);

/*
 * What an application keeps lies neither in the source nor in the folder (or
 * -1) that is published to.  ferry_ESOURCE.
 */
int far_folder_judge_storage(
    const struct ferry_job *job, int folder, struct ferry_error *err);

/* Only open it, whoever has chosen it. */
int far_folder_open_path(int *out, const struct ferry_job *job,
    const char *path, struct ferry_error *err);

#endif
