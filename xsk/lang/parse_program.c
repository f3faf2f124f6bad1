// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_parse.h"
#include "lang/parser.h"

static void parse_user_program(struct parser *p, struct program_stmt *stmt)
{
	stmt->file = parser_text(p, "the name of a file");
	if (parser_take_word(p, "section"))
		stmt->section = parser_text(p, "the name of a section");
	if (parser_take_word(p, "map"))
		stmt->map = parser_text(p, "the name of a map");
}

static void parse_program_arg(struct parser *p, struct program_stmt *stmt)
{
	const struct program_info *info = &program_infos[stmt->id];
	const struct value_rule rule = {
		.name = info->name,
		.min = info->min,
		.max = info->max,
		.vars = VARS_GEOMETRY,
	};

	if (stmt->id == PROGRAM_FILE)
		parse_user_program(p, stmt);
	else if (info->arg && parser_is_at_end(p))
		diag_add(p->ds, DIAG_MISSING, stmt->pos, "%s needs a number %s", info->name,
			 info->arg);
	else if (info->arg)
		stmt->arg = expr_parse(p, &rule);
}

static void add_program(struct parser *p, const struct program_stmt *stmt)
{
	struct test *t = p->test;

	for (size_t i = 0; i < t->n_programs; i++) {
		if (t->programs[i].end != stmt->end)
			continue;
		parser_duplicate(p, stmt->pos, t->programs[i].pos, "end %c has a program already",
				 end_names[stmt->end]);
		return;
	}
	*ARENA_PUSH(p->arena, t->programs, t->n_programs) = *stmt;
}

void parse_program(struct parser *p)
{
	const char *names[N_PROGRAMS];
	struct program_stmt stmt = {};
	bool has_end;
	int id;

	parser_advance(p);
	has_end = parser_is_at_end_word(p) && parser_end(p, &stmt.end, NULL);
	for (size_t i = 0; i < N_PROGRAMS; i++)
		names[i] = program_infos[i].name;
	stmt.pos = p->tok.pos;
	id = parser_choice(p, names, N_PROGRAMS, "a program");
	if (id < 0)
		return;
	stmt.id = id;
	parse_program_arg(p, &stmt);
	add_program(p, &stmt);
	if (!has_end) {
		stmt.end = END_B;
		add_program(p, &stmt);
	}
}
