/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_CMD_EXPLAIN_H
#define XSK_CMD_EXPLAIN_H

#include <stdint.h>

#include "plan/plan.h"

/* A user's own program, behind the word that it is one. */
void explain_object(const struct object_plan *o);

/* What 'xskspec explain' has to say of delivery times, on standard output. */

/* Behind packet i of a flow: the time that it asks for. */
void explain_wish(const struct flow_plan *f, uint64_t i);

/* Of a flow, one line: who sets its times. */
void explain_wishes(const struct case_plan *c, const struct flow_plan *f);

/* Of the case: qdiscs, what is expected at the checkpoints, and whether something enforces it. */
void explain_edt(const struct case_plan *c);

#endif
