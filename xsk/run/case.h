/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_CASE_H
#define XSK_RUN_CASE_H

#include "plan/plan.h"
#include "run/result.h"
#include "run/traffic.h"

/*
 * Runs one case from beginning to end in the calling process, which it leaves
 * in a network namespace that is about to die: call it in a process of its own
 * (run/pool.h). result is filled as things happen, and complete when judged(ctx)
 * is called: what follows only takes things down, and is mostly waiting for RCU.
 */
void case_run(const struct case_plan *c, const struct traffic_options *opts,
	      struct case_result *result, void (*judged)(void *ctx), void *ctx);

#endif
