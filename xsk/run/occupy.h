/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_OCCUPY_H
#define XSK_RUN_OCCUPY_H

#include "link/link.h"
#include "plan/plan.h"

struct errmsg;

/*
 * Another process that holds a queue, or has a program attached: a child of
 * the case's process, which dies with it. What a case meets on a machine that
 * it does not have to itself.
 */
struct occupant {
	int pid; /* 0: none */
	int fd;	 /* it ends when the other end of this closes */
};

/* Returns when it has what it is to have. */
int occupy_start(struct occupant *o, const struct occupy_plan *plan, const struct link *link,
		 struct errmsg *e);

/* Accepts a zeroed struct and leaves one. */
void occupy_end(struct occupant *o);

#endif
