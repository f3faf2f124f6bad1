/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_BASE_STRBUF_H
#define XSK_BASE_STRBUF_H

#include <stddef.h>

/* A growing, always NUL-terminated text. A zeroed struct is an empty one. */
struct strbuf {
	char *text; /* NULL as long as nothing was added: use strbuf_text() */
	size_t len;
	size_t cap;
};

void strbuf_add(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_add_mem(struct strbuf *sb, const void *mem, size_t len);
const char *strbuf_text(const struct strbuf *sb);
void strbuf_release(struct strbuf *sb);

#endif
