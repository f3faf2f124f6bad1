// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_parse.h"
#include "lang/parser.h"

/* occupy END queue N | occupy END program skb|drv: what another process has before the case starts. */

static void parse_queue(struct parser *p, struct occupy_stmt *o)
{
	const struct value_rule rule = { .name = "queue", .max = 63, .vars = VAR_BIT(VAR_QUEUES) };

	o->queue = expr_parse(p, &rule);
}

/* The mode in which its program is attached: zc is none of XDP's. */
static void parse_occupant(struct parser *p, struct occupy_stmt *o)
{
	int mode = parser_choice(p, mode_names, MODE_ZC, "a mode of XDP (skb, drv)");

	o->is_program = true;
	if (mode >= 0)
		o->mode = (enum mode)mode;
}

void parse_occupy(struct parser *p)
{
	static const char *const kinds[] = { "queue", "program" };
	struct occupy_stmt o = { .pos = parser_advance(p) };
	size_t n_diags = parser_n_diags(p);
	int kind;

	if (!parser_end(p, &o.end, NULL))
		return;
	kind = parser_choice(p, kinds, 2, "what is occupied (queue, program)");
	if (kind == 0)
		parse_queue(p, &o);
	else if (kind == 1)
		parse_occupant(p, &o);
	if (parser_n_diags(p) == n_diags)
		*ARENA_PUSH(p->arena, p->test->occupies, p->test->n_occupies) = o;
}
