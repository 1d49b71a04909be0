/* What libc's stand-ins ask the one session of this process.  Worker. */
#ifndef REMOTE_FTP_WIRE_H
#define REMOTE_FTP_WIRE_H

#include <stdbool.h>

/* Is this its data connection, and the server has not said that it is used? */
bool ftp_wire_unanswered(int fd);

#endif
