// SPDX-License-Identifier: GPL-2.0-only
#include "plan/planner.h"

static void check_flow(struct planner *pl, struct flow_plan *f, const struct expect_stmt *e)
{
	if (!f->has_receiver)
		planner_diag(pl, DIAG_CONFLICT, e->pos,
			     "AF_XDP does not receive at end %c: nothing is missed there",
			     end_names[f->to_end]);
	f->may_lose = true;
}

static bool is_about_loss(enum expect_kind kind)
{
	return kind == EXPECT_LOST || kind == EXPECT_LOSS_CONTIGUOUS || kind == EXPECT_RECOVERY;
}

static void check_packet(struct planner *pl, const struct at_stmt *at)
{
	int64_t packet = planner_value(pl, at->packet);

	if (pl->c->n_flows && (uint64_t)packet >= pl->c->flows[0].stream.n_pkts)
		planner_diag(pl, DIAG_RANGE, at->packet->pos,
			     "packet %lld is never sent: '%s' has %llu", (long long)packet,
			     pl->c->flows[0].stream.spec->name,
			     (unsigned long long)pl->c->flows[0].stream.n_pkts);
}

void plan_faults(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (size_t k = 0; k < pl->test->n_ats; k++)
		check_packet(pl, &pl->test->ats[k]);
	for (size_t k = 0; k < pl->test->n_expects; k++) {
		const struct expect_stmt *e = &pl->test->expects[k];

		if (!is_about_loss(e->kind))
			continue;
		if (e->kind == EXPECT_RECOVERY && !pl->test->n_ats)
			planner_diag(
				pl, DIAG_MISSING, e->pos,
				"nothing happens that traffic could recover from ('at packet N "
				"{ ... }')");
		*ARENA_PUSH(&pl->plan->arena, c->losses, c->n_losses) = e;
		for (size_t f = 0; f < c->n_flows; f++)
			check_flow(pl, &c->flows[f], e);
	}
}
