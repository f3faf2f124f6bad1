/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_BASE_FACT_H
#define XSK_BASE_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf;

/*
 * Structs that are shown, written and read back member by member: one row a
 * member, and each way of printing goes by the rows, so that none can forget
 * a member. A table ends with a zeroed row.
 */
enum fact_kind {
	FACT_BOOL, /* bool */
	FACT_U32,  /* uint32_t */
	FACT_U64,  /* uint64_t, below 2^63: what JSON readers agree about */
	FACT_TEXT, /* an array of char of size bytes */
};

struct fact {
	const char *name; /* in columns and JSON */
	const char *meaning;
	enum fact_kind kind;
	size_t offset, size;
	/*
	 * How a summary says it, NULL: not at all. For numbers phrase takes one %llu, which is
	 * value, or from - value where there is a from. For booleans phrase says the true one,
	 * phrase_no the false one.
	 */
	const char *phrase, *phrase_no;
	uint64_t from;
	bool is_zero_unknown; /* a number of 0 is shown as "-" */
};

/* Rows from member: of struct type. */
#define FACT(type, member, kind_, name_, meaning_)                                                 \
	.name = (name_), .meaning = (meaning_), .kind = (kind_), .offset = offsetof(type, member), \
	.size = sizeof(((type *)0)->member)

/* Numbers and booleans as a number; texts have none: 0. */
uint64_t fact_number(const struct fact *f, const void *of);
void fact_set_number(const struct fact *f, void *of, uint64_t value);
const char *fact_text(const struct fact *f, const void *of);

/* "yes", "704", the text; "-" for an empty one and a number that is unknown. */
void fact_format(const struct fact *f, const void *of, struct strbuf *out);

/* The phrases of all rows that have one, with ", " between them. */
void fact_summary(const struct fact *facts, const void *of, struct strbuf *out);

#endif
