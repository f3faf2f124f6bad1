// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_build.h"

#include <string.h>

struct diag *builder_bad(struct builder *b, enum diag_id id, struct srcpos pos, const char *text)
{
	b->is_bad = true;
	return diag_add(b->p->ds, id, pos, "%s", text);
}

void builder_emit(struct builder *b, enum expr_op op, int64_t value)
{
	if (b->n < MAX_CODE) {
		b->code[b->n++] = (struct expr_ins){ .op = op, .value = value };
	} else if (!b->p->is_lost) {
		builder_bad(b, DIAG_TOO_MANY, b->p->tok.pos, "the expression is too long");
		b->p->is_lost = true;
	}
}

int64_t node_value(const struct builder *b, const struct node *n)
{
	return n->is_const ? b->code[n->start].value : 0;
}

bool node_is_zero(const struct builder *b, const struct node *n)
{
	return n->is_const && n->dim == DIM_NONE && !node_value(b, n);
}

struct node builder_constant(struct builder *b, int64_t value, enum dim dim, struct srcpos pos)
{
	struct node n = { .start = b->n, .dim = dim, .depth = 1, .is_const = true, .pos = pos };

	builder_emit(b, EXPR_CONST, value);
	return n;
}

void builder_fold(struct builder *b, struct node *n, struct srcpos divisor)
{
	struct expr e = { .code = b->code + n->start, .n_code = b->n - n->start };
	enum expr_fault fault = EXPR_OK;
	static const struct env env;
	int64_t value;

	if (b->p->is_lost)
		return;
	value = expr_eval(&e, &env, 0, &fault);
	if (b->is_bad)
		value = 0;
	else if (fault == EXPR_OVERFLOW)
		builder_bad(b, DIAG_OVERFLOW, n->pos, "the result does not fit 64 bits");
	else if (fault == EXPR_DIVISION)
		builder_bad(b, DIAG_DIVISION, divisor, "division by zero");
	b->n = n->start;
	builder_emit(b, EXPR_CONST, value);
	n->is_const = true;
	n->depth = 1;
}

struct node builder_join(struct builder *b, const struct node *l, const struct node *r,
			 enum dim dim)
{
	return (struct node){
		.start = l->start,
		.dim = dim,
		.var_mask = l->var_mask | r->var_mask,
		.depth = max_depth(l->depth, r->depth + 1),
		.pos = parser_span(b->p, l->pos),
	};
}

static void wrong_unit(struct builder *b, const struct node *l, const struct node *r)
{
	if (b->is_bad)
		return;
	b->is_bad = true;
	diag_add(b->p->ds, DIAG_UNIT, r->pos, "this is %s, but the left side is %s",
		 dim_name(r->dim), dim_name(l->dim));
}

enum dim dim_of_sum(struct builder *b, const struct node *l, const struct node *r)
{
	enum dim left = as_number(l->dim), right = as_number(r->dim);

	if (left == right || node_is_zero(b, r))
		return left;
	if (node_is_zero(b, l) || (left == DIM_NONE && right == DIM_BYTES))
		return right;
	if (left == DIM_BYTES && right == DIM_NONE)
		return left;
	wrong_unit(b, l, r);
	return left;
}

enum dim dim_of_product(struct builder *b, const struct node *l, const struct node *r)
{
	enum dim left = as_number(l->dim), right = as_number(r->dim);

	if (left != DIM_NONE && right != DIM_NONE)
		wrong_unit(b, l, r);
	return left == DIM_NONE ? right : left;
}

enum dim dim_of_quotient(struct builder *b, const struct node *l, const struct node *r)
{
	if (as_number(r->dim) == DIM_NONE)
		return as_number(l->dim);
	dim_of_sum(b, l, r);
	return DIM_NONE;
}

enum dim dim_of_shift(struct builder *b, const struct node *l, const struct node *r)
{
	if (as_number(r->dim) != DIM_NONE)
		wrong_unit(b, l, r);
	return as_number(l->dim);
}

enum dim dim_of_comparison(struct builder *b, const struct node *l, const struct node *r)
{
	dim_of_sum(b, l, r);
	return DIM_BOOL;
}

void builder_condition(struct builder *b, const struct node *n)
{
	if (b->is_bad || n->dim == DIM_BOOL || n->dim == DIM_NONE || n->dim == DIM_BYTES)
		return;
	b->is_bad = true;
	diag_add(b->p->ds, DIAG_UNIT, n->pos, "%s is neither true nor false", dim_name(n->dim));
}

void builder_cut(struct builder *b, uint32_t from, uint32_t to)
{
	memmove(b->code + from, b->code + to, (b->n - to) * sizeof(b->code[0]));
	b->n -= to - from;
}
