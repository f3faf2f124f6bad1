// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

/* Names that a statement or an expression would never look up as an axis. */
static const char *const reserved_names[] = {
	"mode", "wakeup", "i",	 "now", "sent",	  "set",   "on",   "off",
	"true", "false",  "min", "max", "random", "sweep", "imix", "before",
};

static bool is_axis_name_good(struct parser *p, const struct axis *axis)
{
	size_t n = parser_n_diags(p);

	for (size_t i = 0; i < sizeof(reserved_names) / sizeof(reserved_names[0]); i++) {
		if (!strcmp(axis->name, reserved_names[i]))
			diag_add(p->ds, DIAG_CONFLICT, axis->pos,
				 "'%s' has a meaning of its own: no axis can have this name",
				 axis->name);
	}
	for (size_t i = 0; i < N_FIXED_VARS; i++) {
		if (p->vars_read >> i & 1 && !strcmp(axis->name, var_names[i]))
			diag_add(p->ds, DIAG_CONFLICT, axis->pos,
				 "a statement above has read '%s' without this axis: move it up",
				 axis->name);
	}
	for (const struct axis *other = p->test->axes; other < axis; other++) {
		if (!strcmp(axis->name, other->name))
			parser_duplicate(p, axis->pos, other->pos, "the test has an axis '%s'",
					 axis->name);
	}
	return parser_n_diags(p) == n;
}

#define MAX_LABEL 64
#define MAX_VALUES 64 /* of one axis */

/* A value as the author wrote it, without blanks: it becomes part of the ids of cases. */
static const char *axis_label(struct parser *p, const char *from, const char *end)
{
	char *label = arena_alloc(p->arena, end - from + 1), *out = label;

	for (; from < end; from++) {
		if (*from == '#')
			from = memchr(from, '\n', end - from);
		if (!strchr(" \t\r\n\f", *from))
			*out++ = *from;
	}
	return label;
}

static bool has_label(const struct axis *axis, const char *label)
{
	for (size_t i = 0; i < axis->n_values; i++) {
		if (!strcmp(axis->labels[i], label))
			return true;
	}
	return false;
}

/* Numbers and sizes mix; anything else has to be what the first value is. */
static void join_axis_dim(struct parser *p, struct axis *axis, const struct expr *value)
{
	bool is_number = value->dim == DIM_NONE || value->dim == DIM_BYTES;
	bool was_number = axis->dim == DIM_NONE || axis->dim == DIM_BYTES;

	if (!axis->n_values || (is_number && was_number))
		axis->dim = value->dim == DIM_BYTES || !axis->n_values ? value->dim : axis->dim;
	else if (axis->dim != value->dim)
		diag_add(p->ds, DIAG_UNIT, value->pos, "this is %s, but the first value is %s",
			 dim_name(value->dim), dim_name(axis->dim));
}

static void parse_axis_value(struct parser *p, struct axis *axis)
{
	const struct value_rule rule = {
		.name = "a value of an axis",
		.dim = N_DIMS,
		ANY_VALUE,
		.vars = VARS_KERNEL, /* geometry may depend on the axis */
	};
	const char *from = p->tok.text, *label;
	const struct expr *value = expr_parse(p, &rule);
	size_t n = axis->n_values;

	if (!value)
		return;
	label = axis_label(p, from, p->prev_end);
	if (strlen(label) > MAX_LABEL) {
		diag_add(p->ds, DIAG_TOO_MANY, value->pos, "a value has no more than %d characters",
			 MAX_LABEL);
		return;
	}
	if (axis->n_values == MAX_VALUES) {
		diag_add(p->ds, DIAG_TOO_MANY, value->pos, "an axis has no more than %d values",
			 MAX_VALUES);
		p->is_lost = true;
		return;
	}
	if (has_label(axis, label))
		diag_add(p->ds, DIAG_DUPLICATE, value->pos, "the axis has the value %s already",
			 label);
	join_axis_dim(p, axis, value);
	*ARENA_PUSH(p->arena, axis->values, axis->n_values) = value;
	*ARENA_PUSH(p->arena, axis->labels, n) = label;
}

void parse_axis(struct parser *p)
{
	struct test *t = p->test;
	struct axis axis = {}, *new;

	parser_advance(p);
	axis.name = parser_name(p, "a name for the axis", &axis.pos);
	if (!axis.name)
		return;
	do {
		parse_axis_value(p, &axis);
	} while (parser_take(p, TOK_COMMA));
	if (t->n_axes == MAX_AXES) {
		diag_add(p->ds, DIAG_TOO_MANY, axis.pos, "a test has no more than %d axes",
			 MAX_AXES);
		return;
	}
	new = ARENA_PUSH(p->arena, t->axes, t->n_axes);
	*new = axis;
	new->is_used = !is_axis_name_good(p, new); /* then nobody could read it */
}
