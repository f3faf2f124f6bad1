/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_QDISC_H
#define XSK_LINK_QDISC_H

#include <stdbool.h>

#include "lang/spec.h"

struct errmsg;
struct nlconn;

/*
 * Queueing disciplines, so set up that they take packets that were forwarded and drop none because
 * many wait. What they do with delivery times:
 *
 *	fq     Takes every time for one of CLOCK_MONOTONIC: not before it. What is beyond its horizon,
 *	       10 s from now, is dropped. A flow that waits is not looked at again until its first
 *	       packet is due: one that comes in later with an earlier time waits as long.
 *	etf    Takes every time for one of CLOCK_TAI: at most QDISC_ETF_DELTA_NS before it, not after
 *	       it. What is late, or earlier than the last one that left, is dropped, and so is what has
 *	       no time.
 *	pfifo  Does not look at them.
 *
 * None changes time or clock of a packet. Its sender owns a packet for as long as it waits: AF_XDP
 * does not complete it, a send buffer has that much less room. tc programs may be at the hooks of
 * the same device.
 */
#define QDISC_ETF_DELTA_NS 10000000 /* with 500 us, kernels that are emulated drop every tenth */

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
