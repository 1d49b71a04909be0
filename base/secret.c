/*
 * Memory for a passphrase, a password or a private key.  Runs in the hub, and
 * in the worker for the one password that the server asks for.
 */
#include "base/secret.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

/* The struct, its bytes and their NUL share whole pages with nobody else. */
static size_t
map_size(size_t cap)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (cap > SIZE_MAX - sizeof(struct secret) - page)
		return 0;
	return (sizeof(struct secret) + cap + page) / page * page;
}

struct secret *
secret_new(size_t cap)
{
	size_t size = map_size(cap);
	struct secret *s;

	if (size == 0) {
		errno = ENOMEM;
		return NULL;
	}
	s = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	/* All are refused in places where the product still has to work. */
	(void)mlock(s, size);
#ifdef MADV_DONTDUMP
	(void)madvise(s, size, MADV_DONTDUMP);
#endif
#ifdef MADV_WIPEONFORK
	/* The host may fork at any time: its children get zeros. */
	(void)madvise(s, size, MADV_WIPEONFORK);
#endif
	s->data = (unsigned char *)(s + 1);
	s->cap = cap;
	return s;
}

struct secret *
secret_copy(const void *p, size_t n)
{
	struct secret *s = secret_new(n);

	if (s && n) {
		memcpy(s->data, p, n);
		s->len = n;
	}
	return s;
}

void
secret_free(struct secret *s)
{
	size_t size;
	int saved = errno;

	if (!s)
		return;
	size = map_size(s->cap);
	secret_wipe(s, size);
	(void)munlock(s, size);
	(void)munmap(s, size);
	errno = saved;
}

void
secret_wipe(void *p, size_t n)
{
	if (n == 0)
		return;
#ifdef __APPLE__
	memset_s(p, n, 0, n);
#else
	explicit_bzero(p, n);
#endif
}

void
secret_drop_newline(struct secret *s)
{
	if (s->len && s->data[s->len - 1] == '\n')
		s->data[--s->len] = '\0';
	else
		return;
	if (s->len && s->data[s->len - 1] == '\r')
		s->data[--s->len] = '\0';
}

struct secret *
secret_read(int fd, size_t max)
{
	struct secret *s;
	ssize_t n;

	/* Room for "\r\n", and for the byte that is one too many. */
	s = max < SIZE_MAX - 3 ? secret_new(max + 3) : secret_new(SIZE_MAX);
	if (!s)
		return NULL;
	do {
		n = read(fd, s->data + s->len, s->cap - s->len);
		if (n > 0)
			s->len += (size_t)n;
		else if (n < 0 && errno != EINTR)
			goto fail;
	} while (n != 0 && s->len < s->cap);

	if (s->len < s->cap)
		secret_drop_newline(s);
	if (s->len > max) {
		errno = EFBIG;
		goto fail;
	}
	return s;
fail:
	secret_free(s);
	return NULL;
}
