/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_SABOTAGE_H
#define XSK_LINK_SABOTAGE_H

#include <stdint.h>

#include "bpf/shared.h"
#include "link/edt.h"
#include "link/link.h"
#include "plan/plan.h"

struct errmsg;

/*
 * The saboteur between the ends (bpf/sabotage.bpf.c): a tc program at fwd's ingress, behind the one
 * that sets delivery times and in front of the one that forwards. Everything it does has to be
 * found.
 */
struct sabotage {
	struct sabotage_bpf *skel;
	struct edt_guest guest;		/* for edt_open() */
	struct sabotage_config *config; /* may be changed while packets come by */
	__u64 *n_done;			/* packets that it has damaged */
};

/* Loads it for what the plan of a case asks for. Sentence and negative errno on failure. */
int sabotage_open(struct sabotage *s, const struct link *link, const struct case_plan *c,
		  struct errmsg *e);

/* What the program is told for a plan: also with other numbers than the case's own. */
void sabotage_configure(struct sabotage_config *config, const struct link *link,
			const struct case_plan *c, const struct sabotage_plan *plan);

/* Accepts a zeroed struct and leaves one. */
void sabotage_close(struct sabotage *s);

#endif
