/*
 * libssh2's memory during the login, for two reasons.  Worker.
 *
 * libssh2 frees what held an answer of the user's without wiping it.  And it
 * frees the server's refusal after having looked at its first byte only: which
 * methods are left, and whether this one was right, is read here.
 */
#include "remote/ssh_parts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { SSH_MSG_USERAUTH_FAILURE = 51 };

/* In front of what libssh2 sees. */
struct block {
	size_t n;
	_Alignas(max_align_t) unsigned char p[];
};

static struct block *
block_of(void *p)
{
	return (struct block *)((unsigned char *)p - offsetof(struct block, p));
}

/* RFC 4252, 5.1; a packet's buffer is longer than the packet. */
static void
note_refusal(struct ssh *s, const struct block *b)
{
	struct buf_reader r = buf_read(b->p, b->n);
	struct ssh_refusal seen = { .seen = true };

	if (buf_get_u8(&r) != SSH_MSG_USERAUTH_FAILURE)
		return;
	buf_get_cstring(&r, seen.methods, sizeof seen.methods);
	seen.partial = buf_get_u8(&r) != 0;
	if (!r.bad)
		s->refusal = seen;
}

void *
ssh_memory_alloc(size_t n, void **abstract)
{
	const struct ssh *s = *abstract;
	struct block *b;

	if (n > SIZE_MAX - sizeof *b)
		return NULL;
	b = s->logged_in ? malloc(sizeof *b + n) : calloc(1, sizeof *b + n);
	if (b == NULL)
		return NULL;
	b->n = n;
	return b->p;
}

void
ssh_memory_free(void *p, void **abstract)
{
	struct ssh *s = *abstract;
	struct block *b;

	if (p == NULL)
		return;
	b = block_of(p);
	if (!s->logged_in) {
		note_refusal(s, b);
		secret_wipe(b->p, b->n);
	}
	free(b);
}

void *
ssh_memory_realloc(void *p, size_t n, void **abstract)
{
	void *grown = ssh_memory_alloc(n, abstract);
	size_t old = p != NULL ? block_of(p)->n : 0;

	if (grown == NULL)
		return NULL;
	if (old > 0)
		memcpy(grown, p, old < n ? old : n);
	ssh_memory_free(p, abstract);
	return grown;
}
