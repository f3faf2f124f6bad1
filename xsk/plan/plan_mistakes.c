// SPDX-License-Identifier: GPL-2.0-only
#include "plan/planner.h"

void plan_umem_mistakes(struct planner *pl, enum end end, uint32_t n)
{
	struct umem_plan *u = &pl->c->ends[end].umems[n];

	u->is_unreserved = !planner_setting(pl, SET_UMEM_RESERVE, end, (int)n, NULL);
	u->has_memlock = planner_has_setting(pl, SET_UMEM_MEMLOCK, end, (int)n);
	if (u->has_memlock)
		u->memlock = (uint64_t)planner_setting(pl, SET_UMEM_MEMLOCK, end, (int)n, NULL);
}

void plan_socket_mistakes(struct planner *pl, enum end end, uint32_t n)
{
	struct socket_plan *s = &pl->c->ends[end].sockets[n];

	s->bind_flags = (uint32_t)planner_setting(pl, SET_SOCKET_BIND_FLAGS, end, (int)n, NULL);
	s->has_own_rings = planner_setting(pl, SET_SOCKET_OWN_RINGS, end, (int)n, NULL);
	s->is_unbound = planner_setting(pl, SET_SOCKET_UNBOUND, end, (int)n, NULL);
	/* A socket has at least one of the two: the role that the steps give it may be gone now. */
	s->does_rx |= !s->tx_ring;
	s->does_tx |= !s->rx_ring;
	s->is_blocking = planner_setting(pl, SET_SOCKET_BLOCKING, end, (int)n, NULL);
}

void plan_occupies(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (size_t k = 0; k < pl->test->n_occupies; k++) {
		const struct occupy_stmt *stmt = &pl->test->occupies[k];
		struct occupy_plan *o = ARENA_PUSH(&pl->plan->arena, c->occupies, c->n_occupies);
		int64_t queue = stmt->queue ? planner_value(pl, stmt->queue) : 0;

		*o = (struct occupy_plan){
			.end = stmt->end,
			.is_program = stmt->is_program,
			.mode = stmt->mode,
			.queue = (uint32_t)queue,
			.pos = stmt->pos,
		};
		if (queue < 0 || queue >= c->link.n_queues)
			planner_diag(
				pl, DIAG_RANGE, stmt->queue->pos,
				"queue %lld does not exist: the link has %u ('link { queues N }')",
				(long long)queue, c->link.n_queues);
	}
}
