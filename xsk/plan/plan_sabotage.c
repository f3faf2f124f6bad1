// SPDX-License-Identifier: GPL-2.0-only
#include "plan/header.h"
#include "plan/planner.h"

static const struct flow_plan *find_flow(const struct planner *pl, const struct sabotage_stmt *s,
					 uint32_t *index)
{
	for (size_t k = 0; k < pl->c->n_flows; k++) {
		const struct flow_plan *f = &pl->c->flows[k];

		if (f->from_end != END_A ||
		    (s->is_of_stream && f->stream.spec != &pl->test->streams[s->stream]))
			continue;
		*index = (uint32_t)k;
		return f;
	}
	return NULL;
}

/* The saboteur of tc knows packets by their number. */
static void check_tc(struct planner *pl, const struct sabotage_stmt *s, const struct flow_plan *f)
{
	const char *name = sabotage_infos[s->kind].name;
	uint16_t start, offset;

	if (pl->c->link.n_hops < 2)
		planner_diag(pl, DIAG_CONFLICT, s->pos,
			     "%s is done at fwd's ingress: 'link { hops 2 }'", name);
	if (f->stream.payload != PAYLOAD_SEQUENCE || f->stream.seq)
		planner_diag(
			pl, DIAG_CONFLICT, s->pos,
			"packets are found by their number: payload sequence, no seq of its own");
	if (pl->c->sabotage.packet >= f->stream.n_pkts)
		planner_diag(pl, DIAG_RANGE, s->packet->pos,
			     "there is no packet %llu: '%s' has %llu",
			     (unsigned long long)pl->c->sabotage.packet, f->stream.spec->name,
			     (unsigned long long)f->stream.n_pkts);
	if (s->kind == SABOTAGE_DELAY &&
	    (!f->stream.fixed_len || f->stream.fixed_len > PLAN_MAX_HELD))
		planner_diag(pl, DIAG_CONFLICT, s->pos,
			     "a packet that waits has a fixed length of at most %d bytes",
			     PLAN_MAX_HELD);
	if (s->kind == SABOTAGE_CSUM && !header_csum_place(&f->stream, &start, &offset))
		planner_diag(pl, DIAG_CONFLICT, s->pos, "'%s' has no UDP or TCP checksum",
			     f->stream.spec->name);
}

static void check_xdp(struct planner *pl, const struct sabotage_stmt *s)
{
	enum program_id program = pl->c->ends[END_B].program;
	bool is_steer = s->kind == SABOTAGE_STEER;

	if (is_steer ? program != PROGRAM_REDIRECT && program != PROGRAM_STEER_MAC :
		       program != PROGRAM_METADATA)
		planner_diag(pl, DIAG_CONFLICT, s->pos, "%s is done by 'program b %s'",
			     sabotage_infos[s->kind].name, is_steer ? "redirect" : "metadata");
	pl->c->ends[END_B].sabotage = &pl->c->sabotage;
}

static void plan_stmt(struct planner *pl, const struct sabotage_stmt *s)
{
	const struct sabotage_info *info = &sabotage_infos[s->kind];
	struct sabotage_plan *plan = &pl->c->sabotage;
	const struct flow_plan *f = find_flow(pl, s, &plan->flow);

	plan->stmt = s;
	plan->kind = s->kind;
	plan->packet = (uint64_t)planner_value(pl, s->packet);
	plan->arg = s->arg ? planner_value(pl, s->arg) : info->dflt;
	plan->bit = s->bit ? (uint32_t)planner_value(pl, s->bit) : 0;
	if (info->arg && (plan->arg < info->min || plan->arg > info->max))
		planner_diag(pl, DIAG_RANGE, s->pos, "%s %lld: it must be %lld to %lld", info->name,
			     (long long)plan->arg, (long long)info->min, (long long)info->max);
	if (!f)
		planner_diag(pl, DIAG_CONFLICT, s->pos, "nothing is sent from a to b");
	else if (info->who == SABOTEUR_TC)
		check_tc(pl, s, f);
	else if (info->who == SABOTEUR_XDP)
		check_xdp(pl, s);
	if (!pl->c->n_verdicts)
		planner_diag(pl, DIAG_MISSING, s->pos,
			     "what is sabotaged has to be found: 'expect verdict ...'");
}

void plan_sabotage(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (size_t k = 0; k < pl->test->n_expects; k++)
		if (pl->test->expects[k].kind == EXPECT_VERDICT)
			*ARENA_PUSH(&pl->plan->arena, c->verdicts, c->n_verdicts) =
				&pl->test->expects[k];
	if (pl->test->sabotage)
		plan_stmt(pl, pl->test->sabotage);
}
