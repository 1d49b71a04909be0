/*
 * sandferry-worker: started by the library, never by hand.  Worker.
 *
 * Everything that opens files on first use (libcrypto's configuration and
 * algorithms) is warmed up here, before the first byte from the door, so that
 * nothing has to be opened afterwards.
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <libssh2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "confine/chan.h"
#include "confine/role.h"
#include "confine/wall.h"
#include "remote/ftp.h"
#include "remote/worker.h"
#include "remote/worker_msg.h"

#ifdef __SANITIZE_ADDRESS__
#define FOR_LSAN __attribute__((visibility("default"))) const char *
FOR_LSAN __lsan_default_suppressions(void);
FOR_LSAN __lsan_default_options(void);

/* libssh2 forgets its key exchange when the session ends in the middle. */
FOR_LSAN
__lsan_default_suppressions(void)
{
	return "leak:curve25519_sha256\n";
}

FOR_LSAN
__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

static int
warm_up(enum role role)
{
	unsigned char bytes[32], digest[EVP_MAX_MD_SIZE];
	unsigned n;

	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
		    OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS,
		NULL) != 1 ||
	    RAND_bytes(bytes, sizeof bytes) != 1 ||
	    EVP_Digest(bytes, sizeof bytes, digest, &n, EVP_sha256(), NULL) !=
		1)
		return -1;
	if (role == ROLE_FTP || role == ROLE_HTTP) {
		signal(SIGPIPE, SIG_IGN); /* libssl writes by write(2) */
		return ftp_warm_up() ? 0 : -1;
	}
	return role == ROLE_SFTP ? libssh2_init(0) : 0;
}

/* Which worker is it to be, and behind which layers? */
static bool
parse(int argc, char *const argv[], enum role *role, unsigned *layers)
{
	if (argc != 3 || !role_parse(argv[1], role) || *role == ROLE_HUB)
		return false;
	*layers = WALL_ALL;
	if (strcmp(argv[2], ROLE_UNCONFINED) == 0)
		*layers = WALL_PRIVILEGES | WALL_LIMITS;
	else if (strcmp(argv[2], ROLE_CONFINED) != 0)
		return false;
	return true;
}

/* Files in flight come as descriptors: take as many as we may have. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

/* A sanitizer reserves terabytes, and opens files of its own. */
static void
confine(struct wall *wall, enum role role, unsigned layers, int folder)
{
#ifdef SANITIZED
	/* a build for tests: it plays a worker that is behind them */
	(void)role;
	(void)folder;
	*wall = (struct wall){ .layers = layers };
#else
	const struct landlock_path path = { .path = ".",
		.access = role_access(role, ROLE_TARGET),
		.dirfd = folder };
	const struct landlock_rules rules = { .paths = &path, .path_count = 1 };

	wall_build(wall, role, layers, folder >= 0 ? &rules : NULL);
#endif
}

/* The first word through the door: what stands, and what does not. */
static int
tell(const struct wall *wall)
{
	struct msg_wall m = { .layers = (uint8_t)wall->layers,
		.landlock = (uint8_t)wall->landlock,
		.landlock_errno = (uint32_t)wall->landlock_errno,
		.seccomp_errno = (uint32_t)wall->seccomp_errno };
	struct buf b;
	int rc = -1;

	buf_init(&b, LIMIT_MESSAGE);
	msg_put_wall(&b, &m);
	if (buf_ok(&b))
		rc = chan_send(CHAN_DOOR_FD, b.data, b.len, -1);
	buf_free(&b);
	return rc;
}

/* For `check', before there is a door: what it is running with. */
static int
print_versions(void)
{
	return printf("libssh2 %s, libcurl %s, OpenSSL %s\n",
		   libssh2_version(0),
		   curl_version_info(CURLVERSION_NOW)->version,
		   OpenSSL_version(OPENSSL_VERSION_STRING)) < 0 ||
	    fflush(stdout) != 0;
}

int
main(int argc, char *argv[])
{
	enum role role;
	struct wall wall;
	unsigned layers;
	int type;
	socklen_t n = sizeof type;
	int status, folder = -1;

	if (argc == 2 && strcmp(argv[1], "versions") == 0)
		return print_versions();
	if (!parse(argc, argv, &role, &layers) ||
	    getsockopt(CHAN_DOOR_FD, SOL_SOCKET, SO_TYPE, &type, &n) != 0 ||
	    type != SOCK_SEQPACKET) {
		fprintf(stderr,
		    "sandferry-worker: started by sandferry, "
		    "never by hand\n");
		return 2;
	}
	raise_descriptors();
	fcntl(CHAN_DOOR_FD, F_SETFL, O_NONBLOCK);
	if (warm_up(role) != 0) {
		fprintf(stderr,
		    "sandferry-worker: libcrypto, libssh2 or libcurl "
		    "did not start\n");
		return 1;
	}
	if (role == ROLE_FOLDER) {
		folder = worker_folder_receive(CHAN_DOOR_FD);
		if (folder < 0)
			return 1; /* the hub is gone, or it is none */
	}
	confine(&wall, role, layers, folder);
	status = tell(&wall) == 0 ? worker_run(CHAN_DOOR_FD, folder) : 1;
	if (role == ROLE_SFTP)
		libssh2_exit();
	return status;
}
