// SPDX-License-Identifier: GPL-2.0-only
/*
 * The compiler and evaluator of expressions against a slow one that walks a tree. The tree is made
 * from the input and written with as few parentheses as C's rules allow: precedence counts too.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "lang/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_NODES 64
#define MAX_DEPTH 9

enum kind { NUMBER, VARIABLE, UNARY, BINARY, TERNARY, CALL, IMIX };

struct tree {
	enum kind kind;
	const char *text; /* of a variable, an operator, a call */
	int level;	  /* how tightly it binds; 12: a value by itself */
	int64_t number;	  /* also of a random() */
	struct tree *kids[3];
};

static const struct {
	const char *text;
	int level;
} binaries[] = {
	{ "||", 1 }, { "&&", 2 }, { "|", 3 },  { "^", 4 },  { "&", 5 },	 { "==", 6 },
	{ "!=", 6 }, { "<", 7 },  { "<=", 7 }, { ">", 7 },  { ">=", 7 }, { "<<", 8 },
	{ ">>", 8 }, { "+", 9 },  { "-", 9 },  { "*", 10 }, { "/", 10 }, { "%", 10 },
};
static const char *const unaries[] = { "-", "+", "!", "~" };
static const char *const calls[] = { "min", "max", "random", "sweep" };
static const char *const variables[] = { "i", "queues", "max_frags", "k" };
static const enum var slots[] = { VAR_I, VAR_QUEUES, VAR_MAX_FRAGS, VAR_AXIS0 };
static const int64_t edges[] = {
	0, 1, 2, 62, 63, 64, INT32_MAX, INT64_MAX, INT64_MAX - 1, 1ll << 62
};

struct input {
	const uint8_t *data;
	size_t size;
	struct tree nodes[MAX_NODES];
	int n_nodes, n_randoms;
};

static unsigned int take(struct input *in, unsigned int below)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++ % below;
}

static int64_t take_number(struct input *in)
{
	uint64_t n = 0;

	if (take(in, 2))
		return edges[take(in, sizeof(edges) / sizeof(edges[0]))];
	for (unsigned int k = take(in, 9); k > 0; k--)
		n = n << 8 | take(in, 256);
	return (int64_t)(n & INT64_MAX);
}

/* ---- the tree ---- */

static struct tree *grow(struct input *in, int depth);

static void grow_kids(struct input *in, struct tree *t, int n, int depth)
{
	for (int k = 0; k < n; k++)
		t->kids[k] = grow(in, depth + 1);
}

static void grow_leaf(struct input *in, struct tree *t)
{
	unsigned int which = take(in, 3), var;

	t->level = 12;
	if (which == 2) {
		t->kind = IMIX;
		return;
	}
	t->kind = which ? VARIABLE : NUMBER;
	var = which ? take(in, 4) : 0;
	t->text = variables[var];
	t->number = which ? (int64_t)slots[var] : take_number(in);
}

static struct tree *grow(struct input *in, int depth)
{
	struct tree *t = &in->nodes[in->n_nodes++];
	unsigned int which = take(in, 8), op;

	*t = (struct tree){ .level = 12 };
	if (depth >= MAX_DEPTH || in->n_nodes + 3 * MAX_DEPTH >= MAX_NODES || which < 2) {
		grow_leaf(in, t);
	} else if (which == 2) {
		t->kind = UNARY;
		t->level = 11;
		t->text = unaries[take(in, 4)];
		grow_kids(in, t, 1, depth);
	} else if (which == 3) {
		t->kind = TERNARY;
		t->level = 0;
		grow_kids(in, t, 3, depth);
	} else if (which == 4) {
		t->kind = CALL;
		t->text = calls[take(in, 4)];
		grow_kids(in, t, 2, depth);
		t->number = *t->text == 'r' ? ++in->n_randoms : 0;
	} else {
		op = take(in, sizeof(binaries) / sizeof(binaries[0]));
		t->kind = BINARY;
		t->text = binaries[op].text;
		t->level = binaries[op].level;
		grow_kids(in, t, 2, depth);
	}
	return t;
}

/* ---- its text ---- */

static void print(const struct tree *t, int level, struct strbuf *out)
{
	bool is_loose = t->level < level;

	strbuf_add(out, is_loose ? "(" : "");
	switch (t->kind) {
	case NUMBER:
		strbuf_add(out, "%lld", (long long)t->number);
		break;
	case VARIABLE:
		strbuf_add(out, "%s", t->text);
		break;
	case IMIX:
		strbuf_add(out, "imix");
		break;
	case UNARY:
		strbuf_add(out, "%s ", t->text);
		print(t->kids[0], 11, out);
		break;
	case BINARY:
		print(t->kids[0], t->level, out);
		strbuf_add(out, " %s ", t->text);
		print(t->kids[1], t->level + 1, out);
		break;
	case TERNARY:
		print(t->kids[0], 1, out);
		strbuf_add(out, " ? ");
		print(t->kids[1], 0, out);
		strbuf_add(out, " : ");
		print(t->kids[2], 0, out);
		break;
	case CALL:
		strbuf_add(out, "%s(", t->text);
		print(t->kids[0], 0, out);
		strbuf_add(out, *t->text == 'm' ? ", " : "..");
		print(t->kids[1], 0, out);
		strbuf_add(out, ")");
		break;
	}
	strbuf_add(out, is_loose ? ")" : "");
}

/* ---- its value, in 128 bits ---- */

struct at {
	const struct env *env;
	uint64_t i;
	enum expr_fault fault; /* the first one */
};

static __int128 walk(const struct tree *t, struct at *at);

/* A number of 64 bits, or the fault. */
static __int128 fit(__int128 n, struct at *at)
{
	if (n >= INT64_MIN && n <= INT64_MAX)
		return n;
	at->fault = EXPR_OVERFLOW;
	return 0;
}

static __int128 fault(struct at *at, enum expr_fault which)
{
	at->fault = which;
	return 0;
}

static __int128 shift(char direction, __int128 a, __int128 by, struct at *at)
{
	__int128 power = 1, n;

	if (by < 0 || by > 62)
		return fault(at, EXPR_OVERFLOW);
	for (int k = 0; k < by; k++)
		power *= 2;
	if (direction == '<')
		return fit(a * power, at);
	n = a / power;
	return n - (a % power < 0); /* down, not towards 0 */
}

static __int128 divide(char op, __int128 a, __int128 b, struct at *at)
{
	__int128 n;

	if (!b)
		return fault(at, EXPR_DIVISION);
	n = fit(a / b, at);
	return at->fault ? 0 : op == '/' ? n : a - n * b;
}

static bool compare(const char *op, __int128 a, __int128 b)
{
	switch (*op) {
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return op[1] ? a <= b : a < b;
	default:
		return op[1] ? a >= b : a > b;
	}
}

static __int128 combine(const char *op, __int128 a, __int128 b, struct at *at)
{
	switch (*op) {
	case '+':
		return fit(a + b, at);
	case '-':
		return fit(a - b, at);
	case '*':
		return fit(a * b, at);
	case '/':
	case '%':
		return divide(*op, a, b, at);
	case '&':
		return (int64_t)a & (int64_t)b;
	case '|':
		return (int64_t)a | (int64_t)b;
	case '^':
		return (int64_t)a ^ (int64_t)b;
	default:
		return op[1] == op[0] && *op != '=' ? shift(*op, a, b, at) : compare(op, a, b);
	}
}

static __int128 walk_binary(const struct tree *t, struct at *at)
{
	__int128 a = walk(t->kids[0], at), b;

	if (at->fault)
		return 0;
	if (t->level <= 2 && !!a == (t->level == 1))
		return t->level == 1;
	b = walk(t->kids[1], at);
	if (at->fault)
		return 0;
	return t->level <= 2 ? !!b : combine(t->text, a, b, at);
}

static __int128 walk_call(const struct tree *t, struct at *at)
{
	__int128 a = walk(t->kids[0], at), b = at->fault ? 0 : walk(t->kids[1], at);
	unsigned __int128 number = at->i;

	if (at->fault)
		return 0;
	if (t->text[0] == 'm')
		return (t->text[1] == 'i') == (a < b) ? a : b;
	if (a > b)
		return fault(at, EXPR_DIVISION);
	if (t->text[0] == 'r')
		number = hash64(at->env->seed ^ (uint64_t)t->number, at->i);
	return a + (__int128)(number % (unsigned __int128)(b - a + 1));
}

static __int128 walk_unary(const struct tree *t, struct at *at)
{
	__int128 a = walk(t->kids[0], at);

	if (at->fault)
		return 0;
	switch (*t->text) {
	case '-':
		return fit(-a, at);
	case '!':
		return !a;
	case '~':
		return -a - 1;
	default:
		return a;
	}
}

static __int128 walk(const struct tree *t, struct at *at)
{
	static const int imix[] = { 60, 566, 60, 566, 60, 1514, 60, 566, 60, 60, 566, 60 };
	__int128 a;

	switch (t->kind) {
	case NUMBER:
		return t->number;
	case VARIABLE:
		return t->number == VAR_I ? (int64_t)at->i : at->env->v[t->number];
	case IMIX:
		return imix[(at->i + at->env->seed) % 12];
	case UNARY:
		return walk_unary(t, at);
	case BINARY:
		return walk_binary(t, at);
	case CALL:
		return walk_call(t, at);
	default:
		a = walk(t->kids[0], at);
		return at->fault ? 0 : walk(t->kids[a ? 1 : 2], at);
	}
}

/* ---- both ---- */

static void compare_at(const struct expr *e, const struct tree *t, const struct env *env,
		       uint64_t i, const char *text)
{
	enum expr_fault actual_fault = EXPR_OK;
	struct at at = { .env = env, .i = i };
	int64_t expect = (int64_t)walk(t, &at), actual = expr_eval(e, env, i, &actual_fault);

	if (at.fault)
		expect = 0;
	if (expect == actual && at.fault == actual_fault)
		return;
	fprintf(stderr, "%s\nfor packet %llu: expect %lld fault %d, actual %lld fault %d\n", text,
		(unsigned long long)i, (long long)expect, at.fault, (long long)actual,
		actual_fault);
	abort();
}

static void compare_all(const struct expr *e, const struct tree *t, struct input *in,
			const char *text)
{
	static const uint64_t packets[] = { 0, 1, 2, 11, 12, 4095, UINT32_MAX, INT64_MAX };
	struct env env = { .seed = (uint64_t)take_number(in) };

	for (int k = 0; k < N_VARS; k++)
		env.v[k] = take_number(in) - (take(in, 2) ? 0 : INT64_MAX);
	for (size_t k = 0; k < sizeof(packets) / sizeof(packets[0]); k++)
		compare_at(e, t, &env, packets[k], text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .data = data, .size = size };
	const struct tree *t = grow(&in, 0);
	struct strbuf text = {};
	struct diags ds = {};
	struct source src = { .path = "fuzz.spec" };
	struct spec spec;

	/* As a number, whatever it is. Depending on i it is not looked at by the parser's ranges. */
	strbuf_add(&text, "test t { axis k 1, 2; stream s { packets k; seq 0 * i + (");
	print(t, 0, &text);
	strbuf_add(&text, ") }; send s }");
	src.text = strbuf_text(&text);
	src.len = text.len;
	spec_parse(&spec, &src, "fuzz", &ds);
	/* What it says of constants, as a division by zero, is not to be evaluated. */
	for (size_t k = 0; k < ds.n; k++)
		if (ds.v[k].id == DIAG_SYNTAX || ds.v[k].id == DIAG_UNKNOWN_NAME) {
			fprintf(stderr, "%s\n%s\n", text.text, ds.v[k].text);
			abort();
		}
	if (!ds.n)
		compare_all(spec.tests[0].streams[0].set[SET_STREAM_SEQ], t, &in, text.text);
	strbuf_release(&text);
	diags_release(&ds);
	spec_release(&spec);
	return 0;
}
