/*
 * What the service manager lends to whom it starts: a journal at the end of
 * standard error, and a socket for one line of status.  sd-daemon(3),
 * sd_notify(3).
 */
#ifndef CMD_MANAGER_H
#define CMD_MANAGER_H

#include <stdbool.h>

/* Is this descriptor the stream that JOURNAL_STREAM names? */
bool manager_is_journal(int fd);
/*
 * The socket that NOTIFY_SOCKET names, connected, or -1.  It has to be there
 * before the walls are: they let nobody make another one.
 */
int manager_connect(void);
/* One line that `systemctl status' shows; where nobody listens, nothing. */
void manager_tell(int fd, const char *status);

#endif
