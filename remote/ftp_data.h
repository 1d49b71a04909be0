/* What libc's stand-ins ask the one session of this process.  Worker. */
#ifndef REMOTE_FTP_DATA_H
#define REMOTE_FTP_DATA_H

#include <stdbool.h>
#include <sys/types.h>

/* Is this its data connection, and the server has not said that it is used? */
bool ftp_data_unanswered(int fd);
/* Is that said to it already, and the answer there? */
bool ftp_data_said(int fd, const char *p, size_t n);
/* Is there an answer of ours to be read from it? */
bool ftp_data_answers(int fd);
/*
 * Read that.  0: read from the server, as ever; -1: not now, half an answer is
 * there that libcurl is not to see.
 */
ssize_t ftp_data_answer(int fd, char *p, size_t n);

#endif
