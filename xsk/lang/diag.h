/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_DIAG_H
#define XSK_LANG_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "lang/source.h"

struct strbuf;

/*
 * Bad news of the first kind: the author of a specification made a mistake.
 * Diagnostics are collected, never printed on the way; parsing goes on. The
 * names are stable (tests and editors rely on them), the prose is not.
 * X(identifier, name)
 */
/* clang-format off */
#define DIAG_LIST(X)                                                                               \
	X(SYNTAX, "syntax")		   /* the parser expected something else here */           \
	X(BAD_CHAR, "bad-char")		   /* a byte that no statement can contain */              \
	X(BAD_STRING, "bad-string")	   /* unterminated, or a bad escape */                     \
	X(BAD_NUMBER, "bad-number")	   /* digits that are no number */                         \
	X(OVERFLOW, "overflow")		   /* does not fit 64 bits */                              \
	X(UNKNOWN_WORD, "unknown-word")	   /* no keyword, with "did you mean" */                   \
	X(UNKNOWN_NAME, "unknown-name")	   /* no such stream, axis, variable */                    \
	X(UNIT, "unit")			   /* wrong, unknown or missing unit */                    \
	X(RANGE, "range")		   /* value outside what the keyword allows */             \
	X(LEN_RANGE, "len-range")	   /* packet shorter than its headers or above the link */ \
	X(DUPLICATE, "duplicate")	   /* said twice */                                        \
	X(CONFLICT, "conflict")		   /* two statements that exclude each other */            \
	X(CONTRADICTION, "contradiction")  /* the spec and the descriptor model disagree */        \
	X(UNEXPECTED_INVALID, "unexpected-invalid") /* invalid descriptors that nothing expects */ \
	X(MISSING, "missing")		   /* a part that is needed is not there */                \
	X(UNUSED, "unused")		   /* a stream that nobody sends, an axis nobody reads */  \
	X(DIVISION, "division")		   /* by zero, for some packet */                          \
	X(NO_TEST, "no-test")		   /* a file without a test */                             \
	X(DEADLINE, "deadline")		   /* more packets than any link carries in the time */    \
	X(BINARY, "binary")		   /* not a text file */                                   \
	X(OBJECT, "object")		   /* a BPF object that is not what the spec needs */      \
	X(TOO_MANY, "too-many")		   /* more of something than a case can have */
/* clang-format on */

enum diag_id {
#define X(id, name) DIAG_##id,
	DIAG_LIST(X)
#undef X
};

const char *diag_name(enum diag_id id);

struct diag {
	enum diag_id id;
	struct srcpos pos;
	const char *text; /* one sentence without the position */
	const char *hint; /* "did you mean 'packets'?", or NULL */
};

/* As many are kept; one more entry, DIAG_TOO_MANY, then counts the rest. */
#define DIAGS_MAX 50

/* A list that owns its texts; a zeroed struct is an empty list. */
struct diags {
	struct arena arena;
	struct diag *v;
	size_t n;
	size_t n_more; /* beyond DIAGS_MAX */
	char more_text[48];
};

/* Appends; returns the new one, to which diag_hint() may add. Never fails. */
struct diag *diag_add(struct diags *ds, enum diag_id id, struct srcpos pos, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void diag_hint(struct diags *ds, struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diags_release(struct diags *ds);

/* Sorts by position (stable): the order in which a reader meets them. */
void diags_sort(struct diags *ds);

/*
 * The text that a user sees for one:
 *
 *	file:12:3: error[len-range]: sentence
 *	    12 | <source line, cut to about 100 columns around the caret>
 *	       |   ^~~~
 *	       = did you mean ...?
 */
void diag_format(const struct diag *d, const struct source *src, struct strbuf *out);

/*
 * The word of the list (n of them) that a typing mistake most likely meant:
 * the nearest by edit distance, NULL if none is near. word is len bytes.
 */
const char *diag_nearest(const char *word, size_t len, const char *const *list, size_t n);

#endif
