/*
 * alloc.c: linked into the command and the worker by --wrap, in front of all
 * that they themselves ask for memory (tests; hub and worker): one of these
 * calls fails.  Which one says a file beside the program, NAME.tally, which
 * counts them, too: that works for the worker, which has no environment.
 */
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dirent.h>
#include <errno.h>

#include <openssl/bn.h>
#include <openssl/evp.h>

enum { TALLY_SIZE = 128 };

static struct tally {
	uint64_t fails; /* the first is 1; 0: none */
	_Atomic uint64_t count;
	char who[TALLY_SIZE - 2 * sizeof(uint64_t)];
} * tally;

extern const char __executable_start[];

__attribute__((constructor)) static void
open_tally(void)
{
	char name[PATH_MAX + 8];
	ssize_t n = readlink("/proc/self/exe", name, PATH_MAX);
	void *p;
	int fd;

	if (n <= 0)
		return;
	strcpy(name + n, ".tally");
	fd = open(name, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	p = mmap(NULL, TALLY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		tally = p;
}

/* Is this the one?  from: for addr2line. */
static int
fails(const char *name, const void *from)
{
	if (tally == NULL ||
	    atomic_fetch_add(&tally->count, 1) + 1 != tally->fails)
		return 0;
	snprintf(tally->who, sizeof(tally->who), "%s at 0x%llx", name,
	    (unsigned long long)((const char *)from - __executable_start));
	errno = ENOMEM;
	return 1;
}

#define FAILS(name) fails(name, __builtin_return_address(0))

/* A call with nothing but a pointer or NULL as its result. */
#define WRAP(name, parameters, arguments, ...)                        \
	void *__real_##name parameters;                               \
	void *__wrap_##name parameters;                               \
	void *__wrap_##name parameters                                \
	{                                                             \
		return FAILS(#name) ? NULL : __real_##name arguments; \
	}

WRAP(malloc, (size_t n), (n))
WRAP(calloc, (size_t n, size_t size), (n, size))
WRAP(realloc, (void *p, size_t n), (p, n))
WRAP(strdup, (const char *s), (s))
WRAP(strndup, (const char *s, size_t n), (s, n))
WRAP(fopen, (const char *name, const char *mode), (name, mode))
WRAP(fdopen, (int fd, const char *mode), (fd, mode))
WRAP(fdopendir, (int fd), (fd))
WRAP(realpath, (const char *name, char *to), (name, to))
WRAP(EVP_MD_CTX_new, (void), ())
WRAP(EVP_CIPHER_CTX_new, (void), ())
WRAP(EVP_PKEY_new, (void), ())
WRAP(BN_new, (void), ())

int __wrap_vasprintf(char **to, const char *format, va_list list);
int __real_vasprintf(char **to, const char *format, va_list list);
int __wrap_asprintf(char **to, const char *format, ...);
int __wrap___asprintf_chk(char **to, int flag, const char *format, ...);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *of);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *of);
int __wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found);
int __real_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found);

int
__wrap_asprintf(char **to, const char *format, ...)
{
	va_list list;
	int n;

	if (FAILS("asprintf"))
		return -1;
	va_start(list, format);
	n = vasprintf(to, format, list);
	va_end(list);
	return n;
}

int
__wrap___asprintf_chk(char **to, int flag, const char *format, ...)
{
	va_list list;
	int n;

	(void)flag;
	if (FAILS("asprintf"))
		return -1;
	va_start(list, format);
	n = vasprintf(to, format, list);
	va_end(list);
	return n;
}

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *of)
{
	return FAILS("pthread_create")
	    ? EAGAIN
	    : __real_pthread_create(thread, attributes, run, of);
}

int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	return FAILS("getaddrinfo")
	    ? EAI_MEMORY
	    : __real_getaddrinfo(host, service, hints, found);
}
