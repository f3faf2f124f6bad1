/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_POOL_H
#define XSK_RUN_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"
#include "run/result.h"
#include "run/traffic.h"

struct errmsg;
struct kernel_log;

/*
 * Runs cases side by side, each in a process of its own that cannot outlive
 * this one, has a deadline, and may crash without taking the run along.
 */
struct pool_options {
	uint32_t n_jobs; /* cases at the same time, at least 1 */
	/*
	 * Judged cases beside them whose process still closes its sockets: that takes tens of
	 * milliseconds of RCU grace periods and no CPU. 0: a case starts when the last one is gone.
	 */
	uint32_t n_ending;
	struct traffic_options traffic;
	struct spares *spares;	/* programs for the cases to borrow; NULL: each loads its own */
	struct kernel_log *log; /* a splat in it fails the cases that run then; NULL: not watched */
};

/* What the caller hears of: in the order of the plan, whatever finishes first. */
struct pool_listener {
	/* output: what the case's process wrote by itself (sanitizers, assertions), "" for nothing */
	void (*finished)(void *ctx, const struct case_plan *c, const struct case_result *result,
			 const char *output);
	/* A line of the kernel's log that no case is to blame for, but the run; may be NULL. */
	void (*stray_log)(void *ctx, const char *line);
	void (*progress)(void *ctx, size_t n_finished, size_t n_cases, const char *id);
	void *ctx;
};

/*
 * 0 when every case was run and reported; the number of a signal (SIGINT, SIGTERM, SIGHUP)
 * that came, after the running cases were ended; a negative errno with a sentence when
 * processes could not be made.
 */
int pool_run(const struct plan *plan, const struct pool_options *opts,
	     const struct pool_listener *listener, struct errmsg *e);

#endif
