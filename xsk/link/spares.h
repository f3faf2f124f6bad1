/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_SPARES_H
#define XSK_LINK_SPARES_H

#include <stddef.h>

#include "link/prog.h"

/*
 * Redirect programs that one process loads and its children attach, one after the other.
 *
 * To attach an XDP program that is attached nowhere yet costs ten milliseconds and more, and
 * so does to detach its last one, both under the lock of all network configuration: the kernel rewrites
 * its dispatcher and waits for an RCU grace period (bpf_dispatcher_change_prog()). A program that is in
 * use somewhere attaches in no time. So each spare is also attached to a device of
 * its own, in a namespace that nobody else sees. A case uses its spare alone, and the maps are
 * empty again when the sockets of the case are gone.
 */
#define SPARES_MAX 24

struct spare {
	struct prog prog; /* loaded, and attached to its own device */
	const void *user; /* NULL: free */
};

struct spares {
	struct link link[SPARES_MAX / 2]; /* a pair of devices for two spares each */
	struct spare v[SPARES_MAX];
	size_t n;	  /* made */
	size_t n_at_most; /* 0: none are to be made */
};

/*
 * A loaded program for user; NULL when there is none to be had: the case loads its own then.
 * Makes one if all that there are have users. Runs in the parent, never twice at a time.
 */
const struct prog *spares_take(struct spares *s, const void *user);

/* All that user has, when its process is gone. */
void spares_give_back(struct spares *s, const void *user);

/* Accepts a zeroed struct and leaves one. */
void spares_release(struct spares *s);

#endif
