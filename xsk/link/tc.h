/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_TC_H
#define XSK_LINK_TC_H

#include <stddef.h>

#include "link/link.h"

struct errmsg;

/*
 * Programs at tc ingress and egress. There are two ways: filters of a queueing discipline
 * (clsact), which go with the device, and since Linux 6.6 links (tcx), which go with the process.
 * On devices of a private namespace that is the same. But each link that is attached or
 * detached waits for an RCU grace period with the lock of all networking held (tcx_entry_sync()):
 * 20 ms, where a filter takes 0.1. So it is clsact where the kernel has it, unless tcx is asked for.
 */
enum tc_way { TC_WAY_UNKNOWN, TC_WAY_CLSACT, TC_WAY_TCX, N_TC_WAYS };
extern const char *const tc_way_names[N_TC_WAYS]; /* unknown, clsact, tcx */

/* Most programs that one struct tc keeps. */
#define TC_MAX_LINKS (6 * LINK_MAX_PORTS)

/* Those of one link. way may be set before the first of them; else it is what that one found. */
struct tc {
	enum tc_way way;
	int fds[TC_MAX_LINKS]; /* TC_WAY_TCX */
	size_t n_fds;
	uint32_t hooked; /* TC_WAY_CLSACT: bit per port of the link whose hooks are there */
};

/*
 * Attaches a loaded program of type sched_cls to a device of a link; messages call it name. The
 * calling thread is in the namespace of the device. Of several at one hook the first gets a
 * packet first; it goes on to the next for as long as they return TC_ACT_UNSPEC. order is their
 * position there, from 0.
 */
int tc_attach(struct tc *tc, const struct link_end *dev, enum link_direction direction,
	      unsigned int order, int prog_fd, const char *name, struct errmsg *e);

/*
 * Accepts a zeroed struct and leaves one. What is attached with TC_WAY_CLSACT stays until the
 * device goes, as those of a link do with it, or until another struct tc attaches there.
 */
void tc_detach(struct tc *tc);

#endif
