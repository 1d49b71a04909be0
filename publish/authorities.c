/* Find the bundle of certificate authorities, named or the system's.  Hub. */
#include "publish/authorities.h"

#include <errno.h>

#include "base/err.h"
#include "base/fs.h"

/* Where systems keep theirs. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch */
	"/etc/pki/tls/certs/ca-bundle.crt", /* Fedora */
	"/etc/ssl/ca-bundle.pem", /* SUSE */
	"/etc/ssl/cert.pem", /* Alpine, macOS, BSD */
};

int
authorities_open(
    int *fd, const struct ferry_options *o, struct ferry_error *err)
{
	size_t i;

	*fd = -1;
	if (o->authorities != NULL) {
		*fd = fs_open_quietly(o->authorities);
		if (*fd >= 0)
			return 0;
		err_os(err, ferry_EUSAGE, errno, "cacert",
		    "cannot read the authorities in %s", o->authorities);
		err_hint(err, "Name a file of certificates in PEM: --cacert");
		return -ferry_EUSAGE;
	}
	for (i = 0; i < sizeof(bundles) / sizeof(bundles[0]) && *fd < 0; i++)
		*fd = fs_open_quietly(bundles[i]);
	return 0;
}
