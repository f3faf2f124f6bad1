// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/socket.h>

#include "plan/header.h"
#include "plan/planner.h"

/* Flows that a socket of the kernel sends: its headers have to be those of the stream. */

static bool has_protocol(const struct flow_plan *f)
{
	return f->sender == SENDER_UDP || f->sender == SENDER_TCP;
}

/* A socket has one address and one port at each end. */
static bool is_constant(const struct stream *s)
{
	const struct stream_layer *udp = &s->layers[2];

	for (uint32_t k = 0; k < s->n_patches; k++)
		if (s->patches[k].bit_offset < 8u * (udp->offset + 4))
			return false;
	return true;
}

static void plan_stack(struct planner *pl, const struct flow_plan *f)
{
	struct stack_plan *stack = &pl->c->link.stack;
	const struct stream_layer *ip = &f->stream.layers[1];
	const uint8_t *at = f->stream.hdr + ip->offset;
	bool is_v4 = ip->kind == HDR_IPV4;

	stack->family = is_v4 ? AF_INET : AF_INET6;
	memcpy(stack->addr[f->from_end], at + (is_v4 ? 12 : 8), is_v4 ? 4 : 16);
	memcpy(stack->addr[f->to_end], at + (is_v4 ? 16 : 24), is_v4 ? 4 : 16);
	stack->mac[f->from_end] = (uint8_t)f->id;
}

/* What a socket lets one choose of its headers; the rest is the kernel's. */
static bool is_settable(enum sender sender, enum field_id id)
{
	switch (id) {
	case FIELD_IPV4_SRC:
	case FIELD_IPV4_DST:
	case FIELD_IPV4_TTL:
	case FIELD_IPV4_TOS:
	case FIELD_IPV6_SRC:
	case FIELD_IPV6_DST:
	case FIELD_IPV6_HLIM:
	case FIELD_IPV6_TCLASS:
		return true;
	case FIELD_UDP_SPORT:
	case FIELD_UDP_DPORT:
		return sender == SENDER_UDP;
	case FIELD_TCP_SPORT:
	case FIELD_TCP_DPORT:
		return sender == SENDER_TCP;
	default:
		return false;
	}
}

/* Said as it would be anyway, a field does no harm. */
static bool is_as_the_kernel_has_it(const struct planner *pl, const struct field *field)
{
	return (field->id == FIELD_IPV4_DF && expr_eval(field->value, &pl->c->env, 0, NULL) == 1) ||
	       (field->id == FIELD_IPV4_ID && !expr_reads(field->value, VAR_I) &&
		!expr_eval(field->value, &pl->c->env, 0, NULL));
}

static void check_fields(struct planner *pl, const struct flow_plan *f)
{
	const struct stream_spec *spec = f->stream.spec;

	for (size_t h = 0; h < spec->n_headers; h++)
		for (size_t k = 0; k < spec->headers[h].n_fields; k++) {
			const struct field *field = &spec->headers[h].fields[k];

			if (!is_settable(f->sender, field->id) &&
			    !is_as_the_kernel_has_it(pl, field))
				planner_diag(pl, DIAG_CONFLICT, field->pos,
					     "the kernel chooses %s of %s for its %s sockets",
					     field_infos[field->id].name,
					     header_names[spec->headers[h].kind],
					     sender_names[f->sender]);
		}
}

/* The frames of a socket are on whichever queue the kernel takes: there may be but one. */
static void check_queue(struct planner *pl, const struct flow_plan *f)
{
	if (f->to_socket || pl->c->link.n_queues > 1)
		planner_diag(
			pl, DIAG_CONFLICT, f->pos,
			"the kernel chooses the queue for its %s sockets: one queue, one socket",
			sender_names[f->sender]);
}

/* TCP needs its packets, at the end that it is connected to. */
static void check_program(struct planner *pl, const struct flow_plan *f)
{
	enum program_id program = pl->c->ends[f->to_end].program;

	if (f->sender == SENDER_TCP && program != PROGRAM_NONE && program != PROGRAM_PASS)
		planner_diag(
			pl, DIAG_CONFLICT, f->pos,
			"program %s takes the packets of TCP at end %c away: 'program %c pass'",
			program_infos[program].name, end_names[f->to_end], end_names[f->to_end]);
}

static void check_flow(struct planner *pl, const struct flow_plan *f)
{
	struct srcpos pos = f->stream.spec->sender_pos;
	const char *name = sender_names[f->sender];

	check_queue(pl, f);
	check_program(pl, f);
	if (!has_protocol(f))
		return;
	if (f->stream.n_layers < 3)
		return; /* check_edt.c has said so */
	check_fields(pl, f);
	if (!is_constant(&f->stream))
		planner_diag(pl, DIAG_CONFLICT, pos,
			     "a %s socket has one address and one port at each end", name);
	if (pl->c->link.stack.family)
		planner_diag(
			pl, DIAG_CONFLICT, pos,
			"one udp or tcp socket in a test: the device of its end has its number");
}

void plan_kernel_senders(struct planner *pl)
{
	for (size_t k = 0; k < pl->c->n_flows; k++) {
		struct flow_plan *f = &pl->c->flows[k];

		if (f->sender == SENDER_XDP)
			continue;
		check_flow(pl, f);
		if (has_protocol(f) && f->stream.n_layers == 3)
			plan_stack(pl, f);
	}
}
