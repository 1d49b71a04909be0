/*
 * Hand out small pieces of large blocks and give all of them back at once.
 * Runs in the hub and in the worker.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Each block is twice the last, for there are many arenas of a few names. */
enum { BLOCK_FIRST = 1024, BLOCK_MOST = 64 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

void
arena_init(struct arena *a)
{
	a->head = NULL;
	a->total = 0;
}

void
arena_free(struct arena *a)
{
	struct arena_block *next;

	for (; a->head; a->head = next) {
		next = a->head->next;
		free(a->head);
	}
	a->total = 0;
}

static struct arena_block *
block_new(struct arena *a, size_t n)
{
	struct arena_block *block;
	size_t size = BLOCK_FIRST;

	if (a->head)
		size = a->head->size < BLOCK_MOST / 2 ? 2 * a->head->size
						      : BLOCK_MOST;
	if (size < n)
		size = n;
	if (size > SIZE_MAX - sizeof(*block))
		return NULL;
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	/*
	 * A piece that fills its block goes second, so that what is left of
	 * the first one is still used.
	 */
	if (a->head && n > BLOCK_MOST / 4) {
		block->next = a->head->next;
		a->head->next = block;
	} else {
		block->next = a->head;
		a->head = block;
	}
	return block;
}

static void *
take(struct arena *a, size_t n, size_t align)
{
	struct arena_block *block = a->head;
	size_t at = 0;

	if (block)
		at = (block->used + align - 1) / align * align;
	if (!block || at > block->size || n > block->size - at) {
		block = block_new(a, n);
		if (!block)
			return NULL;
		at = 0;
	}
	block->used = at + n;
	a->total += n;
	return block->data + at;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return take(a, n, _Alignof(max_align_t));
}

char *
arena_copy(struct arena *a, const char *s, size_t n)
{
	char *copy = n < SIZE_MAX ? take(a, n + 1, 1) : NULL;

	if (copy && n)
		memcpy(copy, s, n);
	return copy;
}
