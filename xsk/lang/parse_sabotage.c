// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

/* Damage on purpose, and the verdicts that it has to get. */

static const struct value_rule packet_rule = {
	.name = "a packet",
	.max = INT64_MAX,
	.vars = VARS_GEOMETRY,
};

static int parse_kind(struct parser *p)
{
	const char *names[N_SABOTAGES];

	for (int i = 0; i < N_SABOTAGES; i++)
		names[i] = sabotage_infos[i].name;
	return parser_choice(p, names, N_SABOTAGES, "a kind of sabotage (drop, flip, ...)");
}

static void parse_arg(struct parser *p, struct sabotage_stmt *s)
{
	const struct sabotage_info *info = &sabotage_infos[s->kind];
	const struct value_rule rule = {
		.name = info->arg,
		.dim = info->dim,
		.min = info->min,
		.max = info->max,
		.vars = VARS_GEOMETRY,
	};
	const struct value_rule bit = { .name = "bit", .max = 7 };

	if (info->arg && !parser_is_at_word(p, "at"))
		s->arg = expr_parse(p, &rule);
	else if (info->arg && !info->dflt)
		diag_add(p->ds, DIAG_MISSING, s->pos, "%s needs a number: %s", info->name,
			 info->arg);
	if (s->kind == SABOTAGE_FLIP && parser_take_word(p, "bit"))
		s->bit = expr_parse(p, &bit);
}

/* sabotage KIND [N] at packet N [of STREAM] */
void parse_sabotage(struct parser *p)
{
	struct sabotage_stmt s = { .pos = parser_advance(p) };
	size_t n_diags = parser_n_diags(p);
	int kind = parse_kind(p);

	if (kind < 0)
		return;
	s.kind = (enum sabotage_kind)kind;
	parse_arg(p, &s);
	if (parser_need_word(p, "at") && parser_need_word(p, "packet"))
		s.packet = expr_parse(p, &packet_rule);
	s.is_of_stream = parser_take_word(p, "of");
	if (s.is_of_stream)
		s.stream = parse_stream_name(p);
	if (parser_n_diags(p) != n_diags)
		return;
	if (p->test->sabotage) {
		parser_duplicate(p, s.pos, p->test->sabotage->pos, "one sabotage at a time");
		return;
	}
	p->test->sabotage = arena_alloc(p->arena, sizeof(s));
	*p->test->sabotage = s;
}

/* As verdicts are called where their names are words: not_due. */
static int parse_verdict_kind(struct parser *p)
{
	char names[N_VERDICTS][24] = {};
	const char *list[N_VERDICTS];

	for (int i = 0; i < N_VERDICTS; i++) {
		list[i] = names[i];
		for (size_t k = 0; k < sizeof(names[i]) - 1 && verdict_names[i][k]; k++)
			names[i][k] = verdict_names[i][k] == '-' ? '_' : verdict_names[i][k];
	}
	return parser_choice(p, list, N_VERDICTS, "a verdict (missing, order, payload, ...)");
}

/* VERDICT [packet N] [byte N] [count N] */
void parse_verdict(struct parser *p, struct expect_stmt *e)
{
	int kind = parse_verdict_kind(p);

	e->kind = EXPECT_VERDICT;
	if (kind < 0)
		return;
	e->verdict = (enum verdict_kind)kind;
	if (parser_take_word(p, "packet"))
		e->packet = expr_parse(p, &packet_rule);
	if (parser_take_word(p, "byte"))
		e->byte = expr_parse(p, &packet_rule);
	if (parser_take_word(p, "count"))
		e->count = expr_parse(p, &packet_rule);
}
