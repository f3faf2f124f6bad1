/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_VERDICT_EDT_H
#define XSK_RUN_VERDICT_EDT_H

#include <stdint.h>

#include "bpf/shared.h"
#include "plan/plan.h"
#include "run/verdict_figures.h"
#include "run/verdict.h"

/*
 * The judge of delivery times: every packet of every flow, at every checkpoint that the spec
 * expects something of. Pure; looks at what the programs along the link have left.
 */
struct edt_view {
	const struct case_plan *c;
	const struct edt_record *records[EDT_MAX_SITES]; /* of each site: struct edt */
	const struct edt_result *results;		 /* of the setter; NULL: there is none */
	const int64_t *starts; /* of each flow: 'now' of its delivery times */
	/* What the other clocks are ahead of CLOCK_MONOTONIC, in ns. */
	int64_t tai_offset, realtime_offset;
};

/* Arrivals against wishes, and how much that changes from packet to packet of a flow (in their order). */
struct edt_lateness {
	struct figures lateness, jitter;
};

/* Judges the flows of one group that has run; those of other groups have left nothing. */
void verdict_edt(struct verdicts *vs, const struct edt_view *v, const struct round_plan *group);

/* The same packets, where something keeps them until their time; else all 0. */
void verdict_edt_lateness(struct edt_lateness *l, const struct edt_view *v,
			  const struct round_plan *group);

#endif
