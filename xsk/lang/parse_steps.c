// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_parse.h"
#include "lang/parser.h"

static struct step *add_step(struct parser *p, enum step_kind kind, struct srcpos pos)
{
	struct step *s = ARENA_PUSH(p->arena, *p->steps, *p->n_steps);

	s->kind = kind;
	s->pos = pos;
	return s;
}

static bool parse_endpoint(struct parser *p, struct endpoint *ep)
{
	ep->pos = p->tok.pos;
	if (!parser_end(p, &ep->end, &ep->socket))
		return false;
	if (ep->socket < 0)
		ep->socket = 0;
	ep->pos = parser_span(p, ep->pos);
	return true;
}

/* [from END] [to END], in any order; one that is not said is the other one's opposite. */
static void parse_endpoints(struct parser *p, struct step *s)
{
	bool has_from = false, has_to = false;

	while (!p->is_lost) {
		if (!has_from && parser_take_word(p, "from"))
			has_from = parse_endpoint(p, &s->from);
		else if (!has_to && parser_take_word(p, "to"))
			has_to = parse_endpoint(p, &s->to);
		else
			break;
	}
	if (!has_from)
		s->from = (struct endpoint){ .end = has_to ? !s->to.end : END_A, .pos = s->pos };
	if (!has_to)
		s->to = (struct endpoint){ .end = !s->from.end, .pos = s->pos };
	if (!p->is_lost && s->from.end == s->to.end)
		diag_add(p->ds, DIAG_CONFLICT, s->to.pos, "the packets come from this end already");
}

static size_t parse_stream_use(struct parser *p)
{
	bool is_inline = parser_is_at_word(p, "stream") || parser_is_at_word(p, "descriptors");
	size_t n = is_inline ? parse_inline_stream(p) : parse_stream_name(p);

	if (n < p->test->n_streams)
		p->test->streams[n].is_used = true;
	return n;
}

void parse_send(struct parser *p)
{
	struct step *s = add_step(p, STEP_SEND, parser_advance(p));

	s->stream = parse_stream_use(p);
	parse_endpoints(p, s);
}

void parse_receive(struct parser *p)
{
	struct step *s = add_step(p, STEP_RECEIVE, parser_advance(p));

	s->stream = parse_stream_use(p);
	s->to = (struct endpoint){ .end = END_B, .pos = s->pos };
	if (parser_take_word(p, "on"))
		parse_endpoint(p, &s->to);
	s->from = (struct endpoint){ .end = !s->to.end, .pos = s->pos };
}

/* A block whose sends belong to s. */
static void parse_step_block(struct parser *p, struct step *s, enum scope scope)
{
	struct step **outer = p->steps;
	size_t *n_outer = p->n_steps;

	p->steps = &s->steps;
	p->n_steps = &s->n_steps;
	if (parser_block(p, scope) && !s->n_steps)
		diag_add(p->ds, DIAG_MISSING, s->pos, "nothing is sent in this block");
	p->steps = outer;
	p->n_steps = n_outer;
}

void parse_parallel(struct parser *p)
{
	struct step *s = add_step(p, STEP_PARALLEL, parser_advance(p));

	parse_step_block(p, s, SCOPE_PARALLEL);
}

void parse_repeat(struct parser *p)
{
	const struct value_rule rule = {
		.name = "repeat",
		.min = 1,
		.max = 1 << 30,
		.vars = VARS_GEOMETRY,
	};
	struct step *s = add_step(p, STEP_REPEAT, parser_advance(p));

	s->count = expr_parse(p, &rule);
	parse_step_block(p, s, SCOPE_REPEAT);
}
