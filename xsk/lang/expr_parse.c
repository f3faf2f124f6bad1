// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_parse.h"

#include <string.h>

#include "lang/parser.h"

#define MAX_CODE 512   /* instructions of one expression */
#define MAX_NESTING 128 /* parentheses, signs and ?: inside each other */

/* An expression while it is compiled. */
struct builder {
	struct parser *p;
	const struct value_rule *rule;
	struct expr_ins code[MAX_CODE];
	uint32_t n;
	uint32_t nesting;
	bool is_bad; /* a diagnostic was given; what follows from it is not worth another */
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

static struct node parse_ternary(struct builder *b);

static struct diag *bad(struct builder *b, enum diag_id id, struct srcpos pos, const char *text)
{
	b->is_bad = true;
	return diag_add(b->p->ds, id, pos, "%s", text);
}

static void emit(struct builder *b, enum expr_op op, int64_t value)
{
	if (b->n < MAX_CODE) {
		b->code[b->n++] = (struct expr_ins){ .op = op, .value = value };
	} else if (!b->p->is_lost) {
		bad(b, DIAG_TOO_MANY, b->p->tok.pos, "the expression is too long");
		b->p->is_lost = true;
	}
}

static int64_t node_value(const struct builder *b, const struct node *n)
{
	return n->is_const ? b->code[n->start].value : 0;
}

static bool is_literal_zero(const struct builder *b, const struct node *n)
{
	return n->is_const && n->dim == DIM_NONE && !node_value(b, n);
}

static struct node constant(struct builder *b, int64_t value, enum dim dim, struct srcpos pos)
{
	struct node n = { .start = b->n, .dim = dim, .depth = 1, .is_const = true, .pos = pos };

	emit(b, EXPR_CONST, value);
	return n;
}

/* Replaces code that reads nothing by its value. */
static void fold(struct builder *b, struct node *n, struct srcpos divisor)
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
		bad(b, DIAG_OVERFLOW, n->pos, "the result does not fit 64 bits");
	else if (fault == EXPR_DIVISION)
		bad(b, DIAG_DIVISION, divisor, "division by zero");
	b->n = n->start;
	emit(b, EXPR_CONST, value);
	n->is_const = true;
	n->depth = 1;
}

static uint32_t max_depth(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Both counted, the left one is on the stack while the right one is computed. */
static struct node join(struct builder *b, const struct node *l, const struct node *r, enum dim dim)
{
	return (struct node){
		.start = l->start,
		.dim = dim,
		.var_mask = l->var_mask | r->var_mask,
		.depth = max_depth(l->depth, r->depth + 1),
		.pos = parser_span(b->p, l->pos),
	};
}

static enum dim as_number(enum dim dim)
{
	return dim == DIM_BOOL ? DIM_NONE : dim;
}

static void wrong_unit(struct builder *b, const struct node *l, const struct node *r)
{
	if (b->is_bad)
		return;
	b->is_bad = true;
	diag_add(b->p->ds, DIAG_UNIT, r->pos, "this is %s, but the left side is %s",
		 dim_name(r->dim), dim_name(l->dim));
}

/* The dimension of two values that have to be alike: + - % < == min ?: ... */
static enum dim alike(struct builder *b, const struct node *l, const struct node *r)
{
	enum dim left = as_number(l->dim), right = as_number(r->dim);

	if (left == right || is_literal_zero(b, r))
		return left;
	if (is_literal_zero(b, l) || (left == DIM_NONE && right == DIM_BYTES))
		return right;
	if (left == DIM_BYTES && right == DIM_NONE)
		return left;
	wrong_unit(b, l, r);
	return left;
}

static enum dim dim_of_product(struct builder *b, const struct node *l, const struct node *r)
{
	enum dim left = as_number(l->dim), right = as_number(r->dim);

	if (left != DIM_NONE && right != DIM_NONE)
		wrong_unit(b, l, r);
	return left == DIM_NONE ? right : left;
}

static enum dim dim_of_quotient(struct builder *b, const struct node *l, const struct node *r)
{
	if (as_number(r->dim) == DIM_NONE)
		return as_number(l->dim);
	alike(b, l, r);
	return DIM_NONE;
}

static enum dim dim_of_shift(struct builder *b, const struct node *l, const struct node *r)
{
	if (as_number(r->dim) != DIM_NONE)
		wrong_unit(b, l, r);
	return as_number(l->dim);
}

static enum dim dim_of_comparison(struct builder *b, const struct node *l, const struct node *r)
{
	alike(b, l, r);
	return DIM_BOOL;
}

/* C's binary operators; the higher the level, the tighter they bind. && and || are jumps. */
static const struct binary {
	uint8_t level;
	uint8_t op;
	enum dim (*dim)(struct builder *b, const struct node *l, const struct node *r);
} binaries[N_TOKENS] = {
	[TOK_OROR] = { 1, 0, NULL },
	[TOK_ANDAND] = { 2, 0, NULL },
	[TOK_OR] = { 3, EXPR_OR, alike },
	[TOK_XOR] = { 4, EXPR_XOR, alike },
	[TOK_AND] = { 5, EXPR_AND, alike },
	[TOK_EQ] = { 6, EXPR_EQ, dim_of_comparison },
	[TOK_NE] = { 6, EXPR_NE, dim_of_comparison },
	[TOK_LT] = { 7, EXPR_LT, dim_of_comparison },
	[TOK_LE] = { 7, EXPR_LE, dim_of_comparison },
	[TOK_GT] = { 7, EXPR_GT, dim_of_comparison },
	[TOK_GE] = { 7, EXPR_GE, dim_of_comparison },
	[TOK_SHL] = { 8, EXPR_SHL, dim_of_shift },
	[TOK_SHR] = { 8, EXPR_SHR, dim_of_shift },
	[TOK_PLUS] = { 9, EXPR_ADD, alike },
	[TOK_MINUS] = { 9, EXPR_SUB, alike },
	[TOK_STAR] = { 10, EXPR_MUL, dim_of_product },
	[TOK_SLASH] = { 10, EXPR_DIV, dim_of_quotient },
	[TOK_PERCENT] = { 10, EXPR_MOD, alike },
};

/* Names that mean something in every expression. */
static const struct word {
	const char *name;
	enum expr_op op;
	int64_t value; /* of an EXPR_CONST */
} words[] = {
	{ "on", EXPR_CONST, 1 },   { "off", EXPR_CONST, 0 }, { "true", EXPR_CONST, 1 },
	{ "false", EXPR_CONST, 0 }, { "min", EXPR_MIN, 0 },   { "max", EXPR_MAX, 0 },
	{ "random", EXPR_RANDOM, 0 }, { "sweep", EXPR_SWEEP, 0 }, { "imix", EXPR_IMIX, 0 },
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

static bool is_token(const struct token *tok, const char *name)
{
	return strlen(name) == tok->len && !memcmp(name, tok->text, tok->len);
}

static void check_var_allowed(struct builder *b, unsigned int var, struct srcpos pos)
{
	if (b->rule->vars & VAR_BIT(var))
		return;
	b->is_bad = true;
	diag_add(b->p->ds, DIAG_UNKNOWN_NAME, pos,
		 var == VAR_I ? "%s is not computed for each packet: there is no '%s' here" :
				"%s cannot depend on '%s'",
		 b->rule->name, var_names[var]);
}

/* min(x, y), random(x..y), ...; the name is taken. */
static struct node parse_call(struct builder *b, enum expr_op op, struct srcpos pos)
{
	bool is_range = op == EXPR_RANDOM || op == EXPR_SWEEP;
	struct node l, r, n;

	parser_need(b->p, TOK_LPAREN);
	l = parse_ternary(b);
	parser_need(b->p, is_range ? TOK_DOTDOT : TOK_COMMA);
	r = parse_ternary(b);
	if (!parser_need(b->p, TOK_RPAREN))
		return l;
	n = join(b, &l, &r, alike(b, &l, &r));
	n.pos = parser_span(b->p, pos);
	if (is_range && l.is_const && r.is_const && node_value(b, &l) > node_value(b, &r))
		bad(b, DIAG_RANGE, n.pos, "the range is empty");
	emit(b, op, op == EXPR_RANDOM ? (int64_t)++b->p->n_randoms : 0);
	if (is_range) {
		check_var_allowed(b, VAR_I, pos);
		n.var_mask |= VAR_BIT(VAR_I);
	} else if (l.is_const && r.is_const) {
		fold(b, &n, n.pos);
	}
	return n;
}

static struct node parse_word(struct builder *b, const struct word *word)
{
	struct srcpos pos = parser_advance(b->p);
	struct node n;

	if (word->op == EXPR_CONST)
		return constant(b, word->value, DIM_BOOL, pos);
	if (word->op != EXPR_IMIX)
		return parse_call(b, word->op, pos);
	check_var_allowed(b, VAR_I, pos);
	n = (struct node){ .start = b->n, .dim = DIM_BYTES, .var_mask = VAR_BIT(VAR_I), .depth = 1,
			   .pos = pos };
	emit(b, EXPR_IMIX, 0);
	return n;
}

static struct node variable(struct builder *b, unsigned int var, enum dim dim)
{
	struct node n = { .start = b->n, .dim = dim, .var_mask = VAR_BIT(var), .depth = 1,
			  .pos = parser_advance(b->p) };

	emit(b, EXPR_VAR, var);
	return n;
}

static struct node unknown_name(struct builder *b)
{
	const char *names[N_WORDS + N_FIXED_VARS + MAX_AXES];
	struct parser *p = b->p;
	size_t n = 0;

	for (size_t i = 0; i < p->test->n_axes; i++)
		names[n++] = p->test->axes[i].name;
	for (size_t i = 0; i < N_FIXED_VARS; i++) {
		if (b->rule->vars & VAR_BIT(i))
			names[n++] = var_names[i];
	}
	for (size_t i = 0; i < N_WORDS; i++)
		names[n++] = words[i].name;
	b->is_bad = true;
	parser_suggest(p,
		       diag_add(p->ds, DIAG_UNKNOWN_NAME, p->tok.pos, "there is no '%.*s'",
				lex_shown(p->tok.len), p->tok.text),
		       &p->tok, names, n);
	return constant(b, 0, DIM_NONE, parser_advance(p));
}

static const enum dim var_dims[N_FIXED_VARS] = {
	[VAR_I] = DIM_NONE,	   [VAR_UMEM_SIZE] = DIM_BYTES, [VAR_FRAME_SIZE] = DIM_BYTES,
	[VAR_HEADROOM] = DIM_BYTES, [VAR_MTU] = DIM_BYTES,	[VAR_QUEUES] = DIM_NONE,
	[VAR_UNALIGNED] = DIM_BOOL, [VAR_NOW] = DIM_TIME,	[VAR_SENT] = DIM_BYTES,
	[VAR_SET] = DIM_TIME,
};

static struct node parse_name(struct builder *b)
{
	struct parser *p = b->p;

	for (size_t i = 0; i < p->test->n_axes; i++) {
		struct axis *axis = &p->test->axes[i];

		if (is_token(&p->tok, axis->name)) {
			axis->is_used = true;
			return variable(b, VAR_AXIS0 + i, axis->dim);
		}
	}
	for (size_t i = 0; i < N_FIXED_VARS; i++) {
		if (is_token(&p->tok, var_names[i])) {
			p->vars_read |= VAR_BIT(i);
			check_var_allowed(b, i, p->tok.pos);
			return variable(b, i, var_dims[i]);
		}
	}
	for (size_t i = 0; i < N_WORDS; i++) {
		if (is_token(&p->tok, words[i].name))
			return parse_word(b, &words[i]);
	}
	return unknown_name(b);
}

static struct node parse_parens(struct builder *b)
{
	struct srcpos pos = parser_advance(b->p);
	struct node n = parse_ternary(b);

	parser_need(b->p, TOK_RPAREN);
	n.pos = parser_span(b->p, pos);
	return n;
}

static struct node parse_primary(struct builder *b)
{
	struct parser *p = b->p;

	if (parser_is_at(p, TOK_NUMBER)) {
		int64_t value = p->tok.value;
		enum dim dim = p->tok.dim;

		b->is_bad |= p->tok.is_bad;
		return constant(b, value, dim, parser_advance(p));
	}
	if (parser_is_at(p, TOK_WORD))
		return parse_name(b);
	if (parser_is_at(p, TOK_LPAREN))
		return parse_parens(b);
	parser_expected(p, "a value");
	return constant(b, 0, DIM_NONE, p->tok.pos);
}

/* False, with a diagnostic, where the text nests too deeply to be meant. */
static bool enter(struct builder *b)
{
	if (b->p->is_lost)
		return false;
	if (b->nesting++ < MAX_NESTING)
		return true;
	bad(b, DIAG_TOO_MANY, b->p->tok.pos, "the expression nests too deeply");
	b->p->is_lost = true;
	return false;
}

static void check_condition(struct builder *b, const struct node *n)
{
	if (b->is_bad || n->dim == DIM_BOOL || n->dim == DIM_NONE || n->dim == DIM_BYTES)
		return;
	b->is_bad = true;
	diag_add(b->p->ds, DIAG_UNIT, n->pos, "%s is neither true nor false", dim_name(n->dim));
}

static struct node parse_unary(struct builder *b)
{
	enum token_kind kind = b->p->tok.kind;
	enum expr_op op;
	struct srcpos pos;
	struct node n;

	if (!enter(b))
		return constant(b, 0, DIM_NONE, b->p->tok.pos);
	if (kind != TOK_MINUS && kind != TOK_PLUS && kind != TOK_NOT && kind != TOK_TILDE) {
		n = parse_primary(b);
		b->nesting--;
		return n;
	}
	op = kind == TOK_NOT ? EXPR_NOT : kind == TOK_TILDE ? EXPR_BITNOT : EXPR_NEG;
	pos = parser_advance(b->p);
	n = parse_unary(b);
	b->nesting--;
	if (op == EXPR_NOT)
		check_condition(b, &n);
	n.pos = parser_span(b->p, pos);
	n.dim = op == EXPR_NOT ? DIM_BOOL : as_number(n.dim);
	if (kind != TOK_PLUS)
		emit(b, op, 0);
	if (n.is_const)
		fold(b, &n, n.pos);
	return n;
}

static struct node finish_binary(struct builder *b, const struct binary *binary,
				 const struct node *l, const struct node *r)
{
	struct node n = join(b, l, r, binary->dim(b, l, r));
	bool is_division = binary->op == EXPR_DIV || binary->op == EXPR_MOD;

	emit(b, binary->op, 0);
	if (l->is_const && r->is_const)
		fold(b, &n, r->pos);
	else if (is_division && r->is_const && !node_value(b, r) && !b->is_bad)
		bad(b, DIAG_DIVISION, r->pos, "division by zero");
	return n;
}

/* Throws code away and moves up what lies behind it. */
static void cut_code(struct builder *b, uint32_t from, uint32_t to)
{
	memmove(b->code + from, b->code + to, (b->n - to) * sizeof(b->code[0]));
	b->n -= to - from;
}

static struct node parse_binary(struct builder *b, unsigned int min_level);

/*
 * l && r: l, JUMP_IF_ZERO +3, r..., BOOL, JUMP +1, CONST 0
 * l || r: l, JUMP_IF_ZERO +2, CONST 1, JUMP +r, r..., BOOL
 */
static struct node parse_logic(struct builder *b, struct node *l, bool is_and)
{
	uint32_t jump = b->n, right;
	struct node r, n;

	check_condition(b, l);
	emit(b, EXPR_JUMP_IF_ZERO, 2);
	if (!is_and) {
		emit(b, EXPR_CONST, 1);
		emit(b, EXPR_JUMP, 0);
	}
	right = b->n;
	r = parse_binary(b, is_and ? 3 : 2);
	check_condition(b, &r);
	emit(b, EXPR_BOOL, 0);
	if (is_and) {
		emit(b, EXPR_JUMP, 1);
		emit(b, EXPR_CONST, 0);
	}
	if (b->p->is_lost)
		return *l;
	if (is_and)
		b->code[jump].value = b->n - right - 1;
	else
		b->code[right - 1].value = b->n - right;
	n = join(b, l, &r, DIM_BOOL);
	if (l->is_const && r.is_const)
		fold(b, &n, n.pos);
	return n;
}

static struct node parse_binary(struct builder *b, unsigned int min_level)
{
	struct node l = parse_unary(b), r;

	while (!b->p->is_lost) {
		const struct binary *binary = &binaries[b->p->tok.kind];

		if (!binary->level || binary->level < min_level)
			break;
		parser_advance(b->p);
		if (!binary->dim) {
			l = parse_logic(b, &l, binary == &binaries[TOK_ANDAND]);
			continue;
		}
		r = parse_binary(b, binary->level + 1u);
		l = finish_binary(b, binary, &l, &r);
	}
	return l;
}

/* A constant condition leaves only the code of the branch that it takes. */
static void choose_branch(struct builder *b, struct node *n, const struct node *yes,
			  const struct node *no)
{
	const struct node *chosen = node_value(b, n) ? yes : no;

	if (chosen == yes)
		b->n = no->start - 1; /* the jump over no */
	cut_code(b, n->start, chosen->start);
	n->var_mask = chosen->var_mask;
	n->is_const = chosen->is_const;
}

/* cond, JUMP_IF_ZERO to no, yes..., JUMP to end, no... */
static struct node parse_branches(struct builder *b, const struct node *cond)
{
	struct node yes, no, n;

	check_condition(b, cond);
	emit(b, EXPR_JUMP_IF_ZERO, 0);
	yes = parse_ternary(b);
	parser_need(b->p, TOK_COLON);
	emit(b, EXPR_JUMP, 0);
	no = parse_ternary(b);
	if (b->p->is_lost)
		return *cond;
	b->code[yes.start - 1].value = no.start - yes.start;
	b->code[no.start - 1].value = b->n - no.start;
	n = *cond;
	n.dim = yes.dim == DIM_BOOL && no.dim == DIM_BOOL ? DIM_BOOL : alike(b, &yes, &no);
	n.depth = max_depth(n.depth, max_depth(yes.depth, no.depth));
	n.var_mask |= yes.var_mask | no.var_mask;
	n.pos = parser_span(b->p, cond->pos);
	if (cond->is_const)
		choose_branch(b, &n, &yes, &no);
	return n;
}

static struct node parse_ternary(struct builder *b)
{
	struct node n;

	if (!enter(b))
		return constant(b, 0, DIM_NONE, b->p->tok.pos);
	n = parse_binary(b, 1);
	if (parser_take(b->p, TOK_QUESTION))
		n = parse_branches(b, &n);
	b->nesting--;
	return n;
}

/* May a value of this dimension stand where the rule asks for its own? */
static bool is_dim_allowed(const struct builder *b, const struct node *n)
{
	switch (b->rule->dim) {
	case N_DIMS:
		return true;
	case DIM_BOOL:
		return n->dim == DIM_BOOL || n->dim == DIM_NONE || n->dim == DIM_BYTES;
	case DIM_BYTES:
		return n->dim == DIM_BYTES || n->dim == DIM_NONE;
	default:
		return n->dim == b->rule->dim || is_literal_zero(b, n);
	}
}

static void check_range(struct builder *b, const struct node *n)
{
	const struct value_rule *rule = b->rule;
	int64_t value = node_value(b, n);
	char text[32], min[32], max[32];

	if (value >= rule->min && value <= rule->max) {
		if (rule->is_pow2 && value & (value - 1))
			diag_add(b->p->ds, DIAG_RANGE, n->pos,
				 "%s is %lld, but it has to be a power of two", rule->name,
				 (long long)value);
		else
			return;
	} else {
		unit_format(value, n->dim, text, sizeof(text));
		unit_format(rule->min, rule->dim, min, sizeof(min));
		unit_format(rule->max, rule->dim, max, sizeof(max));
		diag_add(b->p->ds, DIAG_RANGE, n->pos, "%s is %s, but it has to be %s to %s",
			 rule->name, text, min, max);
	}
	b->is_bad = true;
}

static void check_rule(struct builder *b, const struct node *n)
{
	if (n->depth > EXPR_MAX_DEPTH) {
		bad(b, DIAG_TOO_MANY, n->pos, "the expression nests too deeply");
	} else if (!is_dim_allowed(b, n)) {
		b->is_bad = true;
		diag_add(b->p->ds, DIAG_UNIT, n->pos, "%s is %s, but this is %s", b->rule->name,
			 dim_name(b->rule->dim), dim_name(n->dim));
	} else if (n->is_const) {
		check_range(b, n);
	}
}

static const struct expr *finish(struct builder *b, const struct node *n)
{
	size_t size = b->n * sizeof(b->code[0]);
	struct expr_ins *code = arena_alloc(b->p->arena, size);
	struct expr *e = arena_alloc(b->p->arena, sizeof(*e));

	memcpy(code, b->code, size);
	*e = (struct expr){
		.code = code,
		.n_code = b->n,
		.var_mask = n->var_mask,
		.dim = n->dim,
		.is_const = n->is_const,
		.pos = n->pos,
	};
	return e;
}

const struct expr *expr_parse(struct parser *p, const struct value_rule *rule)
{
	struct builder b;
	struct node n;

	if (p->is_lost)
		return NULL;
	b.p = p;
	b.rule = rule;
	b.n = b.nesting = 0;
	b.is_bad = false;
	n = parse_ternary(&b);
	if (!p->is_lost && !b.is_bad)
		check_rule(&b, &n);
	return p->is_lost || b.is_bad ? NULL : finish(&b, &n);
}

bool expr_parse_range(struct parser *p, const struct value_rule *rule, const struct expr **lo,
		      const struct expr **hi)
{
	struct srcpos pos = p->tok.pos;
	int64_t from, to;

	*lo = expr_parse(p, rule);
	parser_need(p, TOK_DOTDOT);
	*hi = expr_parse(p, rule);
	if (!*lo || !*hi)
		return false;
	if (!expr_is_constant(*lo, &from) || !expr_is_constant(*hi, &to) || from <= to)
		return true;
	diag_add(p->ds, DIAG_RANGE, parser_span(p, pos), "the range is empty");
	return false;
}

const struct expr *expr_constant(struct parser *p, int64_t value, enum dim dim, struct srcpos pos)
{
	struct expr_ins *code = arena_alloc(p->arena, sizeof(*code));
	struct expr *e = arena_alloc(p->arena, sizeof(*e));

	*code = (struct expr_ins){ .op = EXPR_CONST, .value = value };
	*e = (struct expr){ .code = code, .n_code = 1, .dim = dim, .is_const = true, .pos = pos };
	return e;
}

bool expr_is_constant(const struct expr *e, int64_t *value)
{
	if (!e || !e->is_const)
		return false;
	*value = e->code->value;
	return true;
}
