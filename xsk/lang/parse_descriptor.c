// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr_parse.h"
#include "lang/parser.h"

/* descriptors { }: packets that are written down, descriptor by descriptor. */

/* addr is any 64-bit number: -2 is one, too, and as the ring has it. */
static const struct value_rule part_rules[] = {
	{ .name = "addr", .dim = DIM_BYTES, ANY_VALUE, .vars = VARS_PACKET },
	{ .name = "len", .dim = DIM_BYTES, .max = UINT32_MAX, .vars = VARS_PACKET },
	{ .name = "options", .max = UINT32_MAX, .vars = VARS_PACKET },
	{ .name = "metadata", ANY_VALUE, .vars = VARS_PACKET },
	{ .name = "csum_start", .max = UINT16_MAX, .vars = VARS_PACKET },
	{ .name = "csum_offset", .max = UINT16_MAX, .vars = VARS_PACKET },
};
#define N_PARTS (sizeof(part_rules) / sizeof(part_rules[0]))

/* addr 0, len 64, options 4: in any order, len has to be there */
static void parse_parts(struct parser *p, struct desc_spec *d)
{
	static const char *const names[N_PARTS] = { "addr",	"len",	      "options",
						    "metadata", "csum_start", "csum_offset" };
	const struct expr **slots[N_PARTS] = { &d->addr,     &d->len,	     &d->options,
					       &d->metadata, &d->csum_start, &d->csum_offset };
	bool is_said[N_PARTS] = {};

	d->pos = p->tok.pos;
	do {
		struct srcpos pos = p->tok.pos;
		int part = parser_choice(p, names, N_PARTS, "addr, len, options or metadata");

		if (part < 0) {
			is_said[1] = true; /* perhaps */
			p->is_lost = true;
			return;
		}
		if (is_said[part])
			diag_add(p->ds, DIAG_DUPLICATE, pos, "the descriptor has '%s' already",
				 names[part]);
		is_said[part] = true;
		*slots[part] = expr_parse(p, &part_rules[part]);
	} while (parser_take(p, TOK_COMMA));
	if (!is_said[1] && !p->is_lost)
		diag_add(p->ds, DIAG_MISSING, d->pos, "the descriptor has no len");
}

/* invalid [if CONDITION | unless CONDITION] */
static void parse_mark(struct parser *p, struct packet_spec *packet)
{
	const struct value_rule rule = condition_rule("the condition", VARS_PACKET);

	if (!parser_take_word(p, "invalid"))
		return;
	packet->mark = MARK_INVALID;
	if (parser_take_word(p, "if"))
		packet->mark = MARK_INVALID_IF;
	else if (parser_take_word(p, "unless"))
		packet->mark = MARK_INVALID_UNLESS;
	else
		return;
	packet->mark_cond = expr_parse(p, &rule);
}

static struct packet_spec *add_packet(struct parser *p)
{
	struct stream_spec *s = p->stream;
	struct packet_spec *packet = ARENA_PUSH(p->arena, s->packets, s->n_packets);

	packet->pos = p->tok.pos;
	return packet;
}

void parse_descriptor(struct parser *p)
{
	struct packet_spec *packet = add_packet(p);

	parse_parts(p, ARENA_PUSH(p->arena, packet->descs, packet->n_descs));
	parse_mark(p, packet);
}

void parse_packet(struct parser *p)
{
	struct packet_spec *packet = add_packet(p);
	bool is_good;

	parser_advance(p);
	p->packet = packet;
	is_good = parser_block(p, SCOPE_PACKET);
	p->packet = NULL;
	if (is_good && !packet->n_descs)
		diag_add(p->ds, DIAG_MISSING, packet->pos, "the packet has no descriptors");
	parse_mark(p, packet);
}

void parse_packet_descriptor(struct parser *p)
{
	parse_parts(p, ARENA_PUSH(p->arena, p->packet->descs, p->packet->n_descs));
}
