/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_VERDICT_EXPECTED_H
#define XSK_RUN_VERDICT_EXPECTED_H

#include <stdbool.h>

#include "plan/plan.h"
#include "run/verdict.h"

/*
 * A case that has to get verdicts (c->verdicts): has it got these and no others, each with the
 * packet, the byte and the count that were said? Else verdicts not-caught are added for those that
 * are missing, and what is there beyond what was expected stays. Pure.
 */
bool verdicts_are_expected(struct verdicts *vs, const struct case_plan *c);

/* Packets that a verdict is about. */
uint64_t verdict_count(const struct verdict *v);

#endif
