/* The service manager's two doors, without its library.  Hub (the command). */
#include "cmd/manager.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATUS_SIZE = 1024 };

bool
manager_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, inode;
	struct stat st;
	char end;

	return stream != NULL &&
	    sscanf(stream, "%" SCNuMAX ":%" SCNuMAX "%c", &dev, &inode, &end) ==
	    2 &&
	    fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == inode;
}

/* An abstract one is written with '@' for its leading zero byte. */
int
manager_connect(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = name != NULL ? strlen(name) : 0;
	int fd;

	if (n < 2 || n >= sizeof(address.sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return -1;
	memcpy(address.sun_path, name, n);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void
manager_tell(int fd, const char *status)
{
	char line[STATUS_SIZE];
	int n;

	if (fd < 0)
		return;
	n = snprintf(line, sizeof(line), "STATUS=%s", status);
	if (n > 0)
		(void)!send(
		    fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
}
