// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_parse.h"

#include <string.h>

#include "lang/expr_build.h"

#define MAX_NESTING 128 /* parentheses, signs and ?: inside each other */

static struct node parse_ternary(struct builder *b);

/* C's binary operators; the higher the level, the tighter they bind. && and || are jumps. */
static const struct binary {
	uint8_t level;
	uint8_t op;
	enum dim (*dim)(struct builder *b, const struct node *l, const struct node *r);
} binaries[N_TOKENS] = {
	[TOK_OROR] = { 1, 0, NULL },
	[TOK_ANDAND] = { 2, 0, NULL },
	[TOK_OR] = { 3, EXPR_OR, dim_of_sum },
	[TOK_XOR] = { 4, EXPR_XOR, dim_of_sum },
	[TOK_AND] = { 5, EXPR_AND, dim_of_sum },
	[TOK_EQ] = { 6, EXPR_EQ, dim_of_comparison },
	[TOK_NE] = { 6, EXPR_NE, dim_of_comparison },
	[TOK_LT] = { 7, EXPR_LT, dim_of_comparison },
	[TOK_LE] = { 7, EXPR_LE, dim_of_comparison },
	[TOK_GT] = { 7, EXPR_GT, dim_of_comparison },
	[TOK_GE] = { 7, EXPR_GE, dim_of_comparison },
	[TOK_SHL] = { 8, EXPR_SHL, dim_of_shift },
	[TOK_SHR] = { 8, EXPR_SHR, dim_of_shift },
	[TOK_PLUS] = { 9, EXPR_ADD, dim_of_sum },
	[TOK_MINUS] = { 9, EXPR_SUB, dim_of_sum },
	[TOK_STAR] = { 10, EXPR_MUL, dim_of_product },
	[TOK_SLASH] = { 10, EXPR_DIV, dim_of_quotient },
	[TOK_PERCENT] = { 10, EXPR_MOD, dim_of_sum },
};

/* Names that mean something in every expression. */
static const struct word {
	const char *name;
	enum expr_op op;
	int64_t value; /* of an EXPR_CONST */
} words[] = {
	{ "on", EXPR_CONST, 1 },      { "off", EXPR_CONST, 0 },	  { "true", EXPR_CONST, 1 },
	{ "false", EXPR_CONST, 0 },   { "min", EXPR_MIN, 0 },	  { "max", EXPR_MAX, 0 },
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
	n = builder_join(b, &l, &r, dim_of_sum(b, &l, &r));
	n.pos = parser_span(b->p, pos);
	if (is_range && l.is_const && r.is_const && node_value(b, &l) > node_value(b, &r))
		builder_bad(b, DIAG_RANGE, n.pos, "the range is empty");
	builder_emit(b, op, op == EXPR_RANDOM ? (int64_t)++b->p->n_randoms : 0);
	if (is_range) {
		check_var_allowed(b, VAR_I, pos);
		n.var_mask |= VAR_BIT(VAR_I);
	} else if (l.is_const && r.is_const) {
		builder_fold(b, &n, n.pos);
	}
	return n;
}

static struct node parse_word(struct builder *b, const struct word *word)
{
	struct srcpos pos = parser_advance(b->p);
	struct node n;

	if (word->op == EXPR_CONST)
		return builder_constant(b, word->value, DIM_BOOL, pos);
	if (word->op != EXPR_IMIX)
		return parse_call(b, word->op, pos);
	check_var_allowed(b, VAR_I, pos);
	n = (struct node){
		.start = b->n, .dim = DIM_BYTES, .var_mask = VAR_BIT(VAR_I), .depth = 1, .pos = pos
	};
	builder_emit(b, EXPR_IMIX, 0);
	return n;
}

static struct node variable(struct builder *b, unsigned int var, enum dim dim)
{
	struct node n = { .start = b->n,
			  .dim = dim,
			  .var_mask = VAR_BIT(var),
			  .depth = 1,
			  .pos = parser_advance(b->p) };

	builder_emit(b, EXPR_VAR, var);
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
	return builder_constant(b, 0, DIM_NONE, parser_advance(p));
}

static const enum dim var_dims[N_FIXED_VARS] = {
	[VAR_I] = DIM_NONE,	      [VAR_UMEM_SIZE] = DIM_BYTES,
	[VAR_FRAME_SIZE] = DIM_BYTES, [VAR_HEADROOM] = DIM_BYTES,
	[VAR_MTU] = DIM_BYTES,	      [VAR_QUEUES] = DIM_NONE,
	[VAR_UNALIGNED] = DIM_BOOL,   [VAR_NOW] = DIM_TIME,
	[VAR_SENT] = DIM_BYTES,	      [VAR_SET] = DIM_TIME,
	[VAR_BEFORE] = DIM_TIME,      [VAR_RX_ROOM] = DIM_BYTES,
	[VAR_MAX_FRAGS] = DIM_NONE,   [VAR_MAX_HEADROOM] = DIM_BYTES,
	[VAR_TX_BUDGET] = DIM_NONE,   [VAR_NIC_RING_MAX] = DIM_NONE,
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

/* Is the word a variable that this value may read? */
static bool is_readable(const struct builder *b)
{
	const struct parser *p = b->p;

	for (size_t i = 0; i < p->test->n_axes; i++) {
		if (is_token(&p->tok, p->test->axes[i].name))
			return true;
	}
	for (size_t i = 0; i < N_FIXED_VARS; i++) {
		if (b->rule->vars & VAR_BIT(i) && is_token(&p->tok, var_names[i]))
			return true;
	}
	return false;
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
		return builder_constant(b, value, dim, parser_advance(p));
	}
	if (parser_is_at(p, TOK_WORD) && (!parser_is_at_next_statement(p) || is_readable(b)))
		return parse_name(b);
	if (parser_is_at(p, TOK_LPAREN))
		return parse_parens(b);
	parser_expected(p, "a value");
	return builder_constant(b, 0, DIM_NONE, p->tok.pos);
}

/* False, with a diagnostic, where the text nests too deeply to be meant. */
static bool enter(struct builder *b)
{
	if (b->p->is_lost)
		return false;
	if (b->nesting++ < MAX_NESTING)
		return true;
	builder_bad(b, DIAG_TOO_MANY, b->p->tok.pos, "the expression nests too deeply");
	b->p->is_lost = true;
	return false;
}

static struct node parse_unary(struct builder *b)
{
	enum token_kind kind = b->p->tok.kind;
	enum expr_op op;
	struct srcpos pos;
	struct node n;

	if (!enter(b))
		return builder_constant(b, 0, DIM_NONE, b->p->tok.pos);
	if (kind != TOK_MINUS && kind != TOK_PLUS && kind != TOK_NOT && kind != TOK_TILDE) {
		n = parse_primary(b);
		b->nesting--;
		return n;
	}
	op = kind == TOK_NOT ? EXPR_NOT : kind == TOK_TILDE ? EXPR_BITNOT : EXPR_NEG;
	pos = parser_advance(b->p);
	n = parse_unary(b);
	b->nesting--;
	if (b->p->is_lost)
		return n;
	if (op == EXPR_NOT)
		builder_condition(b, &n);
	n.pos = parser_span(b->p, pos);
	n.dim = op == EXPR_NOT ? DIM_BOOL : as_number(n.dim);
	if (kind != TOK_PLUS)
		builder_emit(b, op, 0);
	if (n.is_const)
		builder_fold(b, &n, n.pos);
	return n;
}

static struct node finish_binary(struct builder *b, const struct binary *binary,
				 const struct node *l, const struct node *r)
{
	struct node n = builder_join(b, l, r, binary->dim(b, l, r));
	bool is_division = binary->op == EXPR_DIV || binary->op == EXPR_MOD;

	builder_emit(b, binary->op, 0);
	if (l->is_const && r->is_const)
		builder_fold(b, &n, r->pos);
	else if (is_division && r->is_const && !node_value(b, r) && !b->is_bad)
		builder_bad(b, DIAG_DIVISION, r->pos, "division by zero");
	return n;
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

	builder_condition(b, l);
	builder_emit(b, EXPR_JUMP_IF_ZERO, 2);
	if (!is_and) {
		builder_emit(b, EXPR_CONST, 1);
		builder_emit(b, EXPR_JUMP, 0);
	}
	right = b->n;
	r = parse_binary(b, is_and ? 3 : 2);
	if (b->p->is_lost)
		return *l;
	builder_condition(b, &r);
	builder_emit(b, EXPR_BOOL, 0);
	if (is_and) {
		builder_emit(b, EXPR_JUMP, 1);
		builder_emit(b, EXPR_CONST, 0);
	}
	if (b->p->is_lost)
		return *l;
	if (is_and)
		b->code[jump].value = b->n - right - 1;
	else
		b->code[right - 1].value = b->n - right;
	n = builder_join(b, l, &r, DIM_BOOL);
	if (l->is_const && r.is_const)
		builder_fold(b, &n, n.pos);
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
		if (b->p->is_lost)
			break;
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
	builder_cut(b, n->start, chosen->start);
	n->var_mask = chosen->var_mask;
	n->is_const = chosen->is_const;
}

/* cond, JUMP_IF_ZERO to no, yes..., JUMP to end, no... */
static struct node parse_branches(struct builder *b, const struct node *cond)
{
	struct node yes, no, n;

	builder_condition(b, cond);
	builder_emit(b, EXPR_JUMP_IF_ZERO, 0);
	yes = parse_ternary(b);
	parser_need(b->p, TOK_COLON);
	builder_emit(b, EXPR_JUMP, 0);
	no = parse_ternary(b);
	if (b->p->is_lost)
		return *cond;
	b->code[yes.start - 1].value = no.start - yes.start;
	b->code[no.start - 1].value = b->n - no.start;
	n = *cond;
	n.dim = yes.dim == DIM_BOOL && no.dim == DIM_BOOL ? DIM_BOOL : dim_of_sum(b, &yes, &no);
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
		return builder_constant(b, 0, DIM_NONE, b->p->tok.pos);
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
		return n->dim == b->rule->dim || node_is_zero(b, n);
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
		builder_bad(b, DIAG_TOO_MANY, n->pos, "the expression nests too deeply");
	} else if (!is_dim_allowed(b, n)) {
		b->is_bad = true;
		diag_add(b->p->ds, DIAG_UNIT, n->pos, "%s takes %s, but this is %s", b->rule->name,
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
