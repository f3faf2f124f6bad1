// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_parse.h"
#include "lang/parser.h"

/* at packet N { }: what happens while traffic flows. */

static void parse_frames(struct parser *p, struct action *a)
{
	const struct value_rule rule = { .name = "a frame",
					 .max = 1ll << 32,
					 .vars = VARS_GEOMETRY };

	if (parser_need_word(p, "frames"))
		expr_parse_range(p, &rule, &a->lo, &a->hi);
}

static void parse_link_state(struct parser *p, struct action *a)
{
	static const char *const states[] = { "down", "up" };

	a->kind = parser_choice(p, states, 2, "a state (down, up)") ? ACTION_LINK_UP :
								      ACTION_LINK_DOWN;
}

static void parse_wait(struct parser *p, struct action *a)
{
	const struct value_rule rule = {
		.name = "wait",
		.dim = DIM_TIME,
		.max = 3600000000000,
		.vars = VARS_GEOMETRY,
	};

	a->lo = expr_parse(p, &rule);
}

/* The end of an action is its own, else that of the at statement. */
static void parse_action_end(struct parser *p, struct action *a)
{
	if (parser_is_at_end_word(p)) {
		parser_end(p, &a->end, NULL);
	} else if (p->at->end >= 0) {
		a->end = (enum end)p->at->end;
	} else if (!p->is_lost) {
		diag_add(p->ds, DIAG_MISSING, a->pos, "at which end? Say a or b");
	}
}

static const struct action_syntax {
	const char *name;
	enum action_kind kind;
	bool has_end;
	void (*parse_rest)(struct parser *p, struct action *a);
} syntaxes[] = {
	{ "discard", ACTION_DISCARD, true, parse_frames },
	{ "unmap", ACTION_UNMAP, true, parse_frames },
	{ "link", ACTION_LINK_DOWN, true, parse_link_state },
	{ "wait", ACTION_WAIT, false, parse_wait },
	{ "detach", ACTION_DETACH, true, NULL },
	{ "attach", ACTION_ATTACH, true, NULL },
	{ "close", ACTION_CLOSE, true, NULL },
	{ "reopen", ACTION_REOPEN, true, NULL },
};

void parse_action(struct parser *p)
{
	struct action *a = ARENA_PUSH(p->arena, p->at->actions, p->at->n_actions);
	const struct action_syntax *syntax = syntaxes;

	while (!parser_is_at_word(p, syntax->name))
		syntax++;
	a->kind = syntax->kind;
	a->pos = parser_advance(p);
	if (syntax->has_end)
		parse_action_end(p, a);
	if (syntax->parse_rest)
		syntax->parse_rest(p, a);
}

void parse_at(struct parser *p)
{
	const struct value_rule rule = {
		.name = "the packet",
		.max = 1ll << 48,
		.vars = VARS_GEOMETRY,
	};
	struct at_stmt *at = ARENA_PUSH(p->arena, p->test->ats, p->test->n_ats);
	enum end end;

	at->pos = parser_advance(p);
	at->end = -1;
	if (parser_need_word(p, "packet"))
		at->packet = expr_parse(p, &rule);
	if (parser_take_word(p, "on") && parser_end(p, &end, NULL))
		at->end = end;
	else if (p->is_lost)
		at->end = END_A; /* it may stand in what was not understood */
	p->at = at;
	if (parser_block(p, SCOPE_ACTION) && !at->n_actions)
		diag_add(p->ds, DIAG_MISSING, at->pos, "nothing happens in this block");
	p->at = NULL;
}
