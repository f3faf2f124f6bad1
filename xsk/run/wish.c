// SPDX-License-Identifier: GPL-2.0-only
#include "run/wish.h"

#include "base/clock.h"

clockid_t wish_clock(const struct stream_spec *spec)
{
	if (spec->edt_type == EDT_TAI)
		return CLOCK_TAI;
	return spec->edt_by == EDT_BY_TXTIME && spec->edt_type == EDT_UNSPEC ? CLOCK_REALTIME :
									       CLOCK_MONOTONIC;
}

/* What the programs along the link have to know of the flow. */
static void tell_programs(struct wish *w, struct edt *edt, const struct edt_flow_plan *plan,
			  const struct stream_spec *spec)
{
	struct edt_flow *flow = &edt->flows[plan->id];
	uint64_t first = (uint64_t)expr_eval(w->time, &w->env, 0, NULL);

	if (spec->edt_before)
		flow->preset_ns = (uint64_t)expr_eval(spec->edt_before, &w->env, 0, NULL);
	flow->start_ns = first;
	flow->step_ns = (uint64_t)expr_eval(w->time, &w->env, 1, NULL) - first;
	if (!plan->has_pattern)
		w->wishes = edt->wishes + plan->base;
}

void wish_begin(struct wish *w, struct world *world, uint32_t flow)
{
	const struct flow_plan *f = &world->c->flows[flow];
	const struct edt_flow_plan *plan = &world->c->edt.flows[flow];
	const struct stream_spec *spec = f->stream.spec;

	*w = (struct wish){ .time = spec->edt };
	if (!spec->edt)
		return;
	w->env = *f->env;
	w->env.v[VAR_NOW] = (int64_t)clock_ns_of(wish_clock(spec));
	world->starts[flow] = w->env.v[VAR_NOW];
	if (plan->has_wish)
		tell_programs(w, &world->edt, plan, spec);
}
