// SPDX-License-Identifier: GPL-2.0-only
#include "base/mem.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char mem[];
};

_Noreturn static void out_of_memory(size_t size)
{
	fprintf(stderr, "xskspec: out of memory (%zu bytes)\n", size);
	abort();
}

void *mem_realloc(void *old, size_t size)
{
	void *mem = realloc(old, size);

	if (!mem && size)
		out_of_memory(size);
	return mem;
}

void *mem_zalloc(size_t size)
{
	/* Not realloc() and memset(): large ones stay untouched pages until they are used. */
	void *mem = calloc(1, size ? size : 1);

	if (!mem)
		out_of_memory(size);
	return mem;
}

char *mem_strdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(mem_realloc(NULL, size), text, size);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	void *mem;

	size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (!b || b->size - b->used < size) {
		size_t block_size = size > 16384 ? size : 16384;

		b = mem_realloc(NULL, sizeof(*b) + block_size);
		b->next = a->blocks;
		b->used = 0;
		b->size = block_size;
		a->blocks = b;
	}
	mem = b->mem + b->used;
	b->used += size;
	return memset(mem, 0, size);
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = arena_alloc(a, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return text;
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t size)
{
	void *bigger;

	if (n && (n & (n - 1)))
		return array;
	bigger = arena_alloc(a, (n ? 2 * n : 1) * size);
	if (n)
		memcpy(bigger, array, n * size);
	return bigger;
}

void arena_release(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
}
