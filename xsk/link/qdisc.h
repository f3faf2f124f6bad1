/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_QDISC_H
#define XSK_LINK_QDISC_H

#include <stdbool.h>

#include "lang/spec.h"

struct errmsg;
struct nlconn;

/*
 * Queueing disciplines, set up to wait for delivery times of packets that no socket of the machine
 * has sent:
 *
 *	fq     by CLOCK_MONOTONIC, whatever clock the time is of: not before it. What is more than
 *	       10 s ahead (its horizon) is dropped.
 *	etf    by CLOCK_TAI: at most QDISC_ETF_DELTA_NS before the time, never after it. What is
 *	       late, or before the last one that left, is dropped, as is what has no time.
 *	pfifo  does not look at times.
 *
 * None drops because too many wait. Beside them tc programs may be at the hooks of the same device.
 */
#define QDISC_ETF_DELTA_NS 200000

/*
 * Makes one the root of a device, in place of what was; site is what messages call the place
 * ("fwd.egress"). nl is of the namespace of the device.
 */
int qdisc_set(struct nlconn *nl, int ifindex, enum qdisc_kind kind, const char *site,
	      struct errmsg *e);

/*
 * Sets one if the kernel has it, by the name that it has there: besides those above also netem
 * and clsact, with which nothing is done but to ask for them.
 */
bool qdisc_try(struct nlconn *nl, int ifindex, const char *name);

#endif
