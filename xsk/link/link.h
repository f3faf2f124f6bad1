/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_LINK_H
#define XSK_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/spec.h"
#include "plan/plan.h"

struct errmsg;

/* One side of a link: the namespace it is in and the device that sockets bind to. */
struct link_end {
	int ns_fd;
	int ifindex;
	char ifname[16];
	uint8_t mac[6];
};

/*
 * A veth pair, each end in a network namespace of its own that has no name:
 * only file descriptors keep it alive, so it dies with the process, whatever
 * ends that. IPv6, multicast and offloads that send frames of their own are
 * off; both devices are up with carrier when link_create() returns.
 */
struct link {
	struct link_end ends[N_ENDS];
	int home_fd; /* where link_create() found its caller */
	uint64_t carrier_wait_ns;
};

/*
 * Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. Leaves the calling thread in the
 * namespace of end a. Sentence and negative errno on failure, nothing is left.
 */
int link_create(struct link *link, const struct link_plan *plan, struct errmsg *e);

/*
 * Accepts a zeroed struct and leaves one. Takes the calling thread back to the
 * namespace in which link_create() found its own; devices and namespaces go in
 * the background as soon as no other thread or socket is in them.
 */
void link_destroy(struct link *link);

/* Takes the calling thread back to where link_create() found it; the link stays. */
void link_leave(const struct link *link);

/* Moves the calling thread into the namespace of an end: sockets belong where they are made. */
int link_enter(const struct link *link, enum end end, struct errmsg *e);

/* Sets the device of an end up or down. Moves the calling thread into the namespace of the end. */
int link_set_up(struct link *link, enum end end, bool is_up, struct errmsg *e);

/*
 * Frames that the device of an end has handed to its stack or to XDP since it exists, as its
 * own statistics count them. Moves the calling thread into the namespace of the end.
 */
int link_rx_packets(const struct link *link, enum end end, uint64_t *n, struct errmsg *e);

/* Names of the rights that are missing for link and sockets ("CAP_NET_ADMIN, ..."), "" if none. */
void link_missing_rights(char *out, size_t size);

#endif
