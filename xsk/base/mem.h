/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_BASE_MEM_H
#define XSK_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Memory for descriptions (specs, plans, texts), never for packets. When it
 * cannot be had there is nothing sensible left to say about a text file: these
 * print one line and abort, so callers need no error path.
 */
void *mem_realloc(void *old, size_t size);
void *mem_zalloc(size_t size); /* zeroed; at least one byte */
char *mem_strdup(const char *text);

/*
 * An arena owns everything that is allocated from it; all of it is zeroed at
 * first and lives until arena_release(). A zeroed struct is an empty arena.
 */
struct arena {
	struct arena_block *blocks;
};

void *arena_alloc(struct arena *a, size_t size);
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_release(struct arena *a);

/*
 * Makes room for one more element behind an array of n elements of size bytes
 * that lives in the arena: returns the array to use from now on (a copy in
 * new memory whenever n has reached a power of two). See ARENA_PUSH.
 */
void *arena_grow(struct arena *a, void *array, size_t n, size_t size);

/* Appends a zeroed element to (array, n), both lvalues; yields a pointer to it. */
#define ARENA_PUSH(a, array, n)                                                                    \
	((array) = arena_grow((a), (array), (n), sizeof(*(array))), &(array)[(n)++])

#endif
