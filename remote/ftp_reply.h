/* What an FTP server answers, line by line, and what that means.  Worker. */
#ifndef REMOTE_FTP_REPLY_H
#define REMOTE_FTP_REPLY_H

#include "base/buf.h"
#include "remote/worker_msg.h"

struct ftp_reply { /* the last one, whole or not yet */
	unsigned code; /* 0: none is complete */
	unsigned open; /* the code of one of several lines that goes on */
	struct buf lines; /* its text without codes, '\n' behind each line */
	size_t count; /* of its lines */
};

void ftp_reply_init(struct ftp_reply *r);
void ftp_reply_free(struct ftp_reply *r);
void ftp_reply_clear(struct ftp_reply *r);
/* One more line, with or without its end.  False: more than is decent. */
bool ftp_reply_line(struct ftp_reply *r, const char *line, size_t n);
/* Its words, in one line, raw: "" where there are none. */
void ftp_reply_text(const struct ftp_reply *r, char *dst, size_t size);
/*
 * The number that is all it says, in one line.  False: it says something else,
 * or no file has so many bytes.
 */
bool ftp_reply_number(const struct ftp_reply *r, uint64_t *out);
/* What its code means; where that says little, its words help. */
enum msg_result ftp_reply_judge(const struct ftp_reply *r);
/* Does it say that there are too many of us? */
bool ftp_reply_is_crowded(const struct ftp_reply *r);
/* Is it vsftpd's last word, when the other half of it has died? */
bool ftp_reply_is_oops(const struct ftp_reply *r);

#endif
