// SPDX-License-Identifier: GPL-2.0-only
#include "plan/planner.h"

/* Wishes of a case, packet by packet, and the bounds that are computed from them. */

/* How much later than any packet is sent a clock can be: 73 years after it began. */
#define LATEST_NOW (1ll << 61)

static int64_t eval_at(const struct expr *e, const struct flow_plan *f, uint64_t i, int64_t now,
		       enum expr_fault *fault)
{
	struct env env = *f->env;

	env.v[VAR_NOW] = now;
	return expr_eval(e, &env, i, fault);
}

/* Of a stream that starts at the beginning of time, and of one that starts at its end. */
static bool is_time_sane(struct planner *pl, const struct flow_plan *f, uint64_t i, int64_t *early)
{
	const struct expr *e = f->stream.spec->edt;
	enum expr_fault fault = EXPR_OK;
	int64_t late;

	*early = eval_at(e, f, i, 0, &fault);
	late = eval_at(e, f, i, LATEST_NOW, &fault);
	if (fault)
		planner_diag(pl, fault == EXPR_DIVISION ? DIAG_DIVISION : DIAG_OVERFLOW, e->pos,
			     fault == EXPR_DIVISION ?
				     "division by zero for packet %llu" :
				     "packet %llu: a delivery time is less than 2^63 ns",
			     (unsigned long long)i);
	else if (*early < 0 && expr_reads(e, VAR_NOW))
		planner_diag(pl, DIAG_RANGE, e->pos,
			     "packet %llu asks for a time %llu ns before its stream starts",
			     (unsigned long long)i, 0 - (unsigned long long)*early);
	else if (late < 0)
		planner_diag(pl, DIAG_RANGE, e->pos, "packet %llu: %lld ns is no delivery time",
			     (unsigned long long)i, (long long)late);
	else
		return true;
	return false;
}

/* Where something keeps packets, it is no reason to worry that none comes meanwhile. */
static void note_wait(struct edt_plan *plan, const struct expr *edt, int64_t time)
{
	if (plan->enforcer && expr_reads(edt, VAR_NOW) && (uint64_t)time > plan->wait_ns)
		plan->wait_ns = (uint64_t)time;
}

/* Where the times do not depend on the packet, one tells for all. */
static uint64_t times_to_look_at(const struct edt_flow_plan *plan, const struct expr *time)
{
	return plan->n_seqs && !expr_reads(time, VAR_I) ? 1 : plan->n_seqs;
}

static void check_wishes(struct planner *pl, const struct flow_plan *f,
			 const struct edt_flow_plan *plan)
{
	const struct expr *edt = f->stream.spec->edt;
	uint64_t n = times_to_look_at(plan, edt);
	int64_t start = 0, step = 0, time;

	for (uint64_t i = 0; i < n; i++) {
		if (!is_time_sane(pl, f, i, &time))
			return;
		note_wait(&pl->c->edt, edt, time);
		if (!i)
			start = time;
		if (i == 1)
			step = time - start;
		/* As the program computes it. */
		if (!plan->has_pattern || (uint64_t)time == (uint64_t)start + i * (uint64_t)step)
			continue;
		planner_diag(pl, DIAG_CONFLICT, edt->pos,
			     "the edt of packet %llu is not that of packet 0 and %llu steps: no "
			     "edt_pattern",
			     (unsigned long long)i, (unsigned long long)i);
		return;
	}
}

/* 0 is how a program is told that nothing is to be set before. */
static void check_before(struct planner *pl, const struct flow_plan *f)
{
	const struct expr *e = f->stream.spec->edt_before;
	enum expr_fault fault = EXPR_OK;
	int64_t late = e ? eval_at(e, f, 0, LATEST_NOW, &fault) : 1;

	if (fault || late <= 0)
		planner_diag(pl, DIAG_RANGE, e->pos, "edt_before is %lld ns: no delivery time",
			     (long long)late);
}

/* A bound that cannot be computed would be 0, which may well hold. */
static bool is_bound_sane(struct planner *pl, const struct flow_plan *f, const struct expr *bound,
			  uint64_t i)
{
	const struct stream_spec *spec = f->stream.spec;
	enum expr_fault fault = EXPR_OK;
	struct env env = *f->env;

	env.v[VAR_SET] = spec->edt ? eval_at(spec->edt, f, i, LATEST_NOW, NULL) : 0;
	env.v[VAR_BEFORE] = spec->edt_before ? eval_at(spec->edt_before, f, 0, LATEST_NOW, NULL) :
					       0;
	expr_eval(bound, &env, i, &fault);
	if (fault)
		planner_diag(pl, fault == EXPR_DIVISION ? DIAG_DIVISION : DIAG_OVERFLOW, bound->pos,
			     "%s for packet %llu",
			     fault == EXPR_DIVISION ? "division by zero" : "more than 64 bits",
			     (unsigned long long)i);
	return !fault;
}

static void check_bounds(struct planner *pl, const struct flow_plan *f,
			 const struct edt_flow_plan *plan)
{
	const struct edt_plan *edt = &pl->c->edt;

	for (size_t k = 0; k < edt->n_expects; k++) {
		const struct expect_stmt *e = edt->expects[k].stmt;
		uint64_t n = e->value ? times_to_look_at(plan, e->value) : 0;

		if (!edt_is_about(pl->c, e, f))
			continue;
		for (uint64_t i = 0; i < n; i++)
			if (!is_bound_sane(pl, f, e->value, i))
				break;
	}
}

void plan_edt_times(struct planner *pl)
{
	const struct case_plan *c = pl->c;

	for (size_t k = 0; k < c->n_flows; k++) {
		check_bounds(pl, &c->flows[k], &c->edt.flows[k]);
		if (!c->flows[k].stream.spec->edt)
			continue;
		check_wishes(pl, &c->flows[k], &c->edt.flows[k]);
		check_before(pl, &c->flows[k]);
	}
}
