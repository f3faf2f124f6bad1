// SPDX-License-Identifier: GPL-2.0-only
#include "plan/planner.h"

const struct expect_stmt *plan_expected_error(const struct planner *pl)
{
	for (size_t k = 0; k < pl->test->n_expects; k++)
		if (pl->test->expects[k].kind == EXPECT_ERROR)
			return &pl->test->expects[k];
	return NULL;
}

const struct expect_stmt *plan_find_counter(const struct planner *pl, enum end end, int socket,
					    enum counter c)
{
	for (size_t k = 0; k < pl->test->n_expects; k++) {
		const struct expect_stmt *e = &pl->test->expects[k];

		if (e->kind == EXPECT_COUNTER && e->end == end && e->counter == c &&
		    (e->socket < 0 || e->socket == socket))
			return e;
	}
	return NULL;
}

static struct counter_plan *add_counter(struct planner *pl, enum end end, int socket,
					enum counter c)
{
	struct counter_plan *cp = ARENA_PUSH(&pl->plan->arena, pl->c->counters, pl->c->n_counters);

	cp->end = end;
	cp->socket = socket;
	cp->counter = c;
	return cp;
}

static void said_counter(struct planner *pl, const struct expect_stmt *e)
{
	struct counter_plan *cp;

	if (e->socket >= (int)pl->c->ends[e->end].n_sockets) {
		planner_diag(pl, DIAG_RANGE, e->pos, "there is no socket %d at end %c", e->socket,
			     end_names[e->end]);
		return;
	}
	cp = add_counter(pl, e->end, e->socket, e->counter);
	cp->op = e->op;
	cp->value = planner_value(pl, e->value);
	cp->pos = e->pos;
}

/* Is a counter spoken of for some socket of the end, so that each has to be judged by itself? */
static bool is_split(const struct planner *pl, enum end end, enum counter c)
{
	for (size_t s = 0; s < pl->c->ends[end].n_sockets; s++)
		if (plan_find_counter(pl, end, (int)s, c))
			return true;
	return false;
}

/* A counter of an end, or of a socket, that the spec says nothing about is to be 0. */
static void silent_counter(struct planner *pl, enum end end, enum counter c)
{
	if (!is_split(pl, end, c)) {
		add_counter(pl, end, -1, c);
		return;
	}
	for (size_t s = 0; s < pl->c->ends[end].n_sockets; s++)
		if (!plan_find_counter(pl, end, (int)s, c))
			add_counter(pl, end, (int)s, c);
}

static void silent_counters(struct planner *pl)
{
	for (enum end end = 0; end < N_ENDS; end++)
		for (enum counter c = 0; c < N_COUNTERS; c++)
			/* This one counts how often the kernel found nothing to send: any run does. */
			if (c != COUNTER_TX_RING_EMPTY_DESCS)
				silent_counter(pl, end, c);
}

static bool has_tag(const struct stream_spec *s)
{
	return s->n_headers > 1 && s->headers[1].kind == HDR_VLAN;
}

static void check_rx_meta(struct planner *pl, const struct expect_stmt *e)
{
	bool needs_tag = e->rx_meta == RX_META_VLAN && !e->err && !e->is_any_value;

	if (pl->c->ends[e->end].program != PROGRAM_RX_METADATA)
		planner_diag(pl, DIAG_CONFLICT, e->pos,
			     "nobody asks the driver: 'program %c rx_metadata'", end_names[e->end]);
	for (size_t k = 0; k < pl->c->n_flows && needs_tag; k++) {
		const struct flow_plan *f = &pl->c->flows[k];

		if (f->to_end == e->end && (e->socket < 0 || (uint32_t)e->socket == f->to_socket) &&
		    !has_tag(f->stream.spec))
			planner_diag(pl, DIAG_CONFLICT, e->pos,
				     "stream '%s' has no VLAN tag ('headers eth, vlan, ...')",
				     f->stream.spec->name);
	}
}

/* Does some flow send from, or arrive at, what the statement is about? */
static bool has_flow(const struct planner *pl, const struct expect_stmt *e)
{
	for (size_t k = 0; k < pl->c->n_flows; k++) {
		const struct flow_plan *f = &pl->c->flows[k];
		bool is_rx = e->kind == EXPECT_RX_META;
		uint32_t socket = is_rx ? f->to_socket : f->from_socket;

		if ((is_rx ? f->to_end : f->from_end) == e->end && (!is_rx || f->has_receiver) &&
		    (e->socket < 0 || (uint32_t)e->socket == socket))
			return true;
	}
	return false;
}

static void add_measure(struct planner *pl, const struct expect_stmt *e)
{
	if (e->kind != EXPECT_POLL_TIMEOUT && !has_flow(pl, e)) {
		planner_diag(pl, DIAG_CONFLICT, e->pos,
			     "nothing is %s there: this would always hold",
			     e->kind == EXPECT_RX_META ? "received" : "sent from");
		return;
	}
	if (e->kind == EXPECT_RX_META)
		check_rx_meta(pl, e);
	if (e->socket >= (int)pl->c->ends[e->end].n_sockets)
		planner_diag(pl, DIAG_RANGE, e->pos, "there is no socket %d at end %c", e->socket,
			     end_names[e->end]);
	else
		*ARENA_PUSH(&pl->plan->arena, pl->c->measures, pl->c->n_measures) = e;
}

static void for_flows_of(struct planner *pl, const struct expect_stmt *e)
{
	for (size_t k = 0; k < pl->c->n_flows; k++) {
		struct flow_plan *f = &pl->c->flows[k];

		if (e->kind == EXPECT_DELIVER && f->stream.spec != &pl->test->streams[e->stream])
			continue;
		if (!f->has_receiver)
			planner_diag(
				pl, DIAG_CONFLICT, e->pos,
				"AF_XDP does not receive at end %c: all frames are for the stack",
				end_names[f->to_end]);
		if (e->kind == EXPECT_LEN) {
			f->rx_len = e->value;
			f->may_refuse = e->may_refuse;
		} else {
			f->deliver = e->value;
		}
	}
}

void plan_expects(struct planner *pl)
{
	for (size_t k = 0; k < pl->test->n_expects; k++) {
		const struct expect_stmt *e = &pl->test->expects[k];

		if (e->kind == EXPECT_COUNTER)
			said_counter(pl, e);
		else if (e->kind == EXPECT_TX_PER_KICK || e->kind == EXPECT_POLL_TIMEOUT ||
			 e->kind == EXPECT_RX_META)
			add_measure(pl, e);
		else if (e->kind == EXPECT_LEN && e->op != CMP_EQ)
			planner_diag(pl, DIAG_CONFLICT, e->pos,
				     "the length of every packet is judged: 'len == ...'");
		else if (e->kind == EXPECT_LEN || e->kind == EXPECT_DELIVER)
			for_flows_of(pl, e);
	}
	silent_counters(pl);
}
