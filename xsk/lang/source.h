/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_SOURCE_H
#define XSK_LANG_SOURCE_H

#include <stddef.h>
#include <stdint.h>

/* A place in a specification; the one position type from lexer to verdict. */
struct srcpos {
	uint32_t line; /* from 1; 0: no place in the text */
	uint32_t col;  /* from 1, in bytes */
	uint32_t len;  /* bytes that the caret underlines, at least 1 */
};

/* The text of one specification file. Caller owns path and text. */
struct source {
	const char *path; /* as the user named it: goes into every message */
	const char *text; /* may hold any bytes, NUL included */
	size_t len;
};

#endif
