// SPDX-License-Identifier: GPL-2.0-only
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void strbuf_grow(struct strbuf *sb, size_t more)
{
	size_t need = sb->len + more + 1;

	if (need <= sb->cap)
		return;
	sb->cap = need < 128 ? 128 : need * 2;
	sb->text = mem_realloc(sb->text, sb->cap);
}

void strbuf_add(struct strbuf *sb, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len <= 0)
		return;
	strbuf_grow(sb, len);
	va_start(args, fmt);
	vsnprintf(sb->text + sb->len, len + 1, fmt, args);
	va_end(args);
	sb->len += len;
}

void strbuf_add_mem(struct strbuf *sb, const void *mem, size_t len)
{
	strbuf_grow(sb, len);
	memcpy(sb->text + sb->len, mem, len);
	sb->len += len;
	sb->text[sb->len] = '\0';
}

const char *strbuf_text(const struct strbuf *sb)
{
	return sb->text ? sb->text : "";
}

void strbuf_release(struct strbuf *sb)
{
	free(sb->text);
	*sb = (struct strbuf){};
}
