/* Is a file of the source packed already?  Its middle says.  Hub. */
#include "publish/scan_sample.h"

#include <sys/types.h>
#include <unistd.h>

#include "base/packed.h"
#include "publish/scan_open.h"

enum { SIZE_MIN = 16 * 1024 }; /* bytes: smaller ones are soon sent */

bool
scan_sample(int dirfd, const char *name, uint64_t size)
{
	unsigned char sample[PACKED_SAMPLE];
	bool packed;
	int fd;

	if (size < SIZE_MIN)
		return false;
	fd = scan_open_beneath(dirfd, name, 0);
	if (fd < 0)
		return false;
	packed = pread(fd, sample, sizeof(sample), (off_t)(size / 2)) ==
		(ssize_t)sizeof(sample) &&
	    packed_looks(sample);
	close(fd);
	return packed;
}
