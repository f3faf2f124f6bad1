// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

/* Settings, and the blocks of a test that hold little else: link, umem, socket. */

/* What is known when the plan computes the setting: sockets before link before UMEM. */
static uint32_t readable_vars(const struct keyword *kw)
{
	switch (kw->scope) {
	case SCOPE_LINK:
	case SCOPE_SOCKET:
		return VARS_KERNEL;
	case SCOPE_UMEM:
		return VARS_KERNEL | VAR_BIT(VAR_MTU) | VAR_BIT(VAR_QUEUES) |
		       (kw->setting == SET_UMEM_HEADROOM ?
				VAR_BIT(VAR_MAX_HEADROOM) | VAR_BIT(VAR_FRAME_SIZE) :
				0);
	default:
		return kw->is_per_packet ? VARS_PACKET : VARS_GEOMETRY;
	}
}

static const struct expr *parse_value(struct parser *p, const struct keyword *kw, struct srcpos pos)
{
	const struct value_rule rule = {
		.name = kw->name,
		.dim = kw->dim,
		.min = kw->is_loose ? 0 : kw->min, /* the rest is for check_loose() */
		.max = kw->max,
		.is_pow2 = kw->is_pow2 && !kw->is_loose,
		.vars = readable_vars(kw),
	};

	if (kw->kind == VALUE_FLAG && parser_is_at_end(p))
		return expr_constant(p, 1, DIM_BOOL, pos);
	return expr_parse(p, &rule);
}

static void store_test_setting(struct parser *p, const struct setting *new)
{
	struct test *t = p->test;

	for (size_t i = 0; i < t->n_settings; i++) {
		const struct setting *old = &t->settings[i];

		if (old->kw != new->kw || old->end_mask != new->end_mask ||
		    old->socket != new->socket)
			continue;
		parser_duplicate(p, new->pos, old->pos, "'%s' was said already", new->kw->name);
		return;
	}
	*ARENA_PUSH(p->arena, t->settings, t->n_settings) = *new;
}

static void check_socket_setting(struct parser *p, const struct setting *s)
{
	int id = s->kw->setting;

	if (s->socket >= 0 && (id == SET_SOCKET_COUNT || id == SET_SOCKET_SHARE_UMEM))
		diag_add(p->ds, DIAG_CONFLICT, s->pos, "'%s' is about all sockets of an end",
			 s->kw->name);
}

void parse_setting(struct parser *p, const struct keyword *kw)
{
	struct setting s = {
		.kw = kw, .pos = parser_advance(p), .end_mask = END_MASK_BOTH, .socket = -1
	};

	s.value = parse_value(p, kw, s.pos);
	if (p->stream) {
		p->stream->set[kw->setting] = s.value;
		return;
	}
	if (kw->scope == SCOPE_UMEM || kw->scope == SCOPE_SOCKET) {
		s.end_mask = p->end_mask;
		s.socket = p->socket;
		check_socket_setting(p, &s);
	}
	store_test_setting(p, &s);
}

void parse_link(struct parser *p)
{
	bool is_veth;

	parser_advance(p);
	is_veth = parser_take_word(p, "veth");
	p->test->is_link_veth |= is_veth;
	if (!is_veth && parser_is_at(p, TOK_WORD)) {
		parser_choice(p, (const char *const[]){ "veth" }, 1, "a kind of link (veth)");
		if (!parser_is_at(p, TOK_LBRACE))
			return;
	}
	if (!is_veth || parser_is_at(p, TOK_LBRACE))
		parser_block(p, SCOPE_LINK);
}

static void parse_end_block(struct parser *p, enum scope scope)
{
	enum end end;

	parser_advance(p);
	p->end_mask = END_MASK_BOTH;
	p->socket = -1;
	if (!parser_is_at(p, TOK_LBRACE)) {
		if (!parser_end(p, &end, &p->socket))
			return;
		p->end_mask = 1u << end;
	}
	parser_block(p, scope);
}

void parse_umem(struct parser *p)
{
	parse_end_block(p, SCOPE_UMEM);
}

void parse_socket(struct parser *p)
{
	parse_end_block(p, SCOPE_SOCKET);
}

/* a, b, fwd, and with more hops fwd2 ... fwd7 */
static bool is_site_node(const char *name, size_t len)
{
	if (len == 1)
		return name[0] == 'a' || name[0] == 'b';
	return (len == 3 || (len == 4 && name[3] >= '2' && name[3] <= '7')) &&
	       !memcmp(name, "fwd", 3);
}

const char *parse_site(struct parser *p)
{
	static const char *const directions[] = { "ingress", "egress" };
	const char *node = p->tok.text;
	struct srcpos pos;
	int direction, len = (int)p->tok.len;

	if (!parser_is_at(p, TOK_WORD)) {
		parser_expected(p, "a place like fwd.egress");
		return NULL;
	}
	pos = parser_advance(p);
	if (!is_site_node(node, len)) {
		diag_add(p->ds, DIAG_UNKNOWN_NAME, pos,
			 "'%.*s' is no place of the link: those are a, fwd, fwd2, ..., b",
			 lex_shown(len), node);
		len = 0;
	}
	if (!parser_need(p, TOK_DOT))
		return NULL;
	direction = parser_choice(p, directions, 2, "a direction (ingress, egress)");
	if (direction < 0 || !len)
		return NULL;
	pos = parser_span(p, pos);
	if (len > 1)
		p->fwd_pos = p->fwd_pos.line ? p->fwd_pos : pos;
	return arena_printf(p->arena, "%.*s.%s", len, node, directions[direction]);
}

void parse_qdisc(struct parser *p)
{
	struct qdisc_stmt q = { .pos = parser_advance(p) };
	int kind;

	q.site = parse_site(p);
	kind = parser_choice(p, qdisc_names, N_QDISC_KINDS,
			     "a queueing discipline (fq, etf, pfifo)");
	for (size_t i = 0; i < p->test->n_qdiscs && q.site; i++) {
		if (strcmp(p->test->qdiscs[i].site, q.site))
			continue;
		parser_duplicate(p, q.pos, p->test->qdiscs[i].pos, "%s has a qdisc already",
				 q.site);
		return;
	}
	if (kind >= 0)
		q.kind = kind;
	if (q.site && (strstr(q.site, "ingress") || q.site[0] == 'b'))
		diag_add(p->ds, DIAG_CONFLICT, q.pos,
			 "packets from a to b leave no node by %s: a qdisc is for those that leave",
			 q.site);
	else if (q.site && kind >= 0)
		*ARENA_PUSH(p->arena, p->test->qdiscs, p->test->n_qdiscs) = q;
}

/* down a */
void parse_down(struct parser *p)
{
	struct srcpos pos = parser_advance(p);
	enum end end;

	if (!parser_end(p, &end, NULL))
		return;
	if (p->test->down_mask >> end & 1)
		diag_add(p->ds, DIAG_DUPLICATE, parser_span(p, pos), "end %c is down already",
			 end_names[end]);
	p->test->down_mask |= (uint8_t)(1u << end);
}
