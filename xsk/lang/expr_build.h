/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_EXPR_BUILD_H
#define XSK_LANG_EXPR_BUILD_H

#include "lang/expr_parse.h"
#include "lang/parser.h"

/*
 * What expressions are compiled with: code that grows at its end, and what is
 * known of each complete part of it. For expr_parse.c only.
 */
#define MAX_CODE 512 /* instructions of one expression */

/* An expression while it is compiled. */
struct builder {
	struct parser *p;
	const struct value_rule *rule;
	struct expr_ins code[MAX_CODE];
	uint32_t n;
	uint32_t nesting; /* of the grammar, while it is parsed */
	bool is_bad;	  /* a diagnostic was given; what follows from it is not worth another */
};

/* A part of it that is complete: code from start to the end. */
struct node {
	uint32_t start;
	enum dim dim;
	uint32_t var_mask;
	uint32_t depth; /* of the stack */
	bool is_const;	/* code is one EXPR_CONST */
	struct srcpos pos;
};

struct diag *builder_bad(struct builder *b, enum diag_id id, struct srcpos pos, const char *text);
void builder_emit(struct builder *b, enum expr_op op, int64_t value);
struct node builder_constant(struct builder *b, int64_t value, enum dim dim, struct srcpos pos);

/* Replaces the code of n, which reads nothing, by its value. */
void builder_fold(struct builder *b, struct node *n, struct srcpos divisor);

/* Two operands: the left one is on the stack while the right one is computed. */
struct node builder_join(struct builder *b, const struct node *l, const struct node *r,
			 enum dim dim);

/* Throws code away and moves up what lies behind it. */
void builder_cut(struct builder *b, uint32_t from, uint32_t to);

/* Says so where n cannot be true or false. */
void builder_condition(struct builder *b, const struct node *n);

/* 0 where it is not constant */
int64_t node_value(const struct builder *b, const struct node *n);
/* A plain 0 goes with any dimension. */
bool node_is_zero(const struct builder *b, const struct node *n);

/* The dimension of a result; says so where the operands do not go together. */
enum dim dim_of_sum(struct builder *b, const struct node *l, const struct node *r);
enum dim dim_of_product(struct builder *b, const struct node *l, const struct node *r);
enum dim dim_of_quotient(struct builder *b, const struct node *l, const struct node *r);
enum dim dim_of_shift(struct builder *b, const struct node *l, const struct node *r);
enum dim dim_of_comparison(struct builder *b, const struct node *l, const struct node *r);

static inline enum dim as_number(enum dim dim)
{
	return dim == DIM_BOOL ? DIM_NONE : dim;
}

static inline uint32_t max_depth(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

#endif
