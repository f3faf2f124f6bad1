/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_LINK_H
#define XSK_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/spec.h"
#include "plan/plan.h"

struct errmsg;

/* A device of a link and the namespace that it is in. */
struct link_end {
	int ns_fd;
	int ifindex; /* 0: the link has no such device */
	int master;  /* index of the bridge that it is a port of; 0: none */
	char ifname[16];
	uint8_t mac[6];
};

/*
 * Indices are the link's own choice: every device of one has another, in whichever namespace it
 * is, so that a program for all of them can tell them apart. Above those of the devices that
 * some modules (tunl0, sit0, ...) put into each new namespace.
 */
#define LINK_FIRST_IFINDEX 64
#define LINK_RELAY(end) (2 * PLAN_MAX_HOPS + 2 * (end))
#define LINK_MAX_PORTS (2 * PLAN_MAX_HOPS + 2 * N_ENDS)

/*
 * A veth pair, each end in a network namespace of its own that has no name:
 * only file descriptors keep it alive, so it dies with the process, whatever
 * ends that. IPv6, multicast and offloads that send frames of their own are
 * off; all devices are up with carrier when link_create() returns.
 *
 * With n hops it is n pairs in a row, and n - 1 namespaces between a and b:
 *
 *	node    0       1                     2                         n
 *	        a       fwd                   fwd2         ...          b
 *	port    a0 ---- fwd-in    fwd-out --- fwd2-in                   b0
 *
 * Nothing connects the two devices of a node until programs do (link/edt.h).
 *
 * An end with has_inner has one more pair, and its sockets are behind it:
 *
 *	... --- b0 == b-bridge == b-relay --- b1
 *
 * A packet that XDP takes at b0 never gets to tc ingress there; so tc looks at it at b0, and
 * XDP takes it at b1. The bridge is a hub: it learns nothing, asks nobody, and forwards every
 * frame as it is. It is also what generic XDP needs behind bpf_redirect(), which marks packets
 * (skb->redirected, since Linux 6.4): those generic XDP passes on unseen
 * (netif_receive_generic_xdp()), until they have gone up a stack, be it only as far as a bridge.
 *
 * A node of hub_mask has the same bridge between its two devices, fwd-bridge: what programs at
 * tc ingress leave to the stack, it forwards.
 *
 * Queueing disciplines of the plan (link/qdisc.h) are at the root of the devices by which
 * packets from a to b leave its nodes; all others have none. They see what the stack or a program at
 * tc sends, and not what AF_XDP does.
 *
 * Devices that forward do not keep VLAN tags for themselves (tx-vlan-offload is off): a tag that
 * the last of them left beside the packet, XDP would not see.
 */
struct link {
	struct link_end ends[N_ENDS]; /* what sockets bind to: copies of two ports */
	uint32_t n_hops;
	/* From a0 to b0 the row, two for each hop; at LINK_RELAY(end) and behind it an inner pair. */
	struct link_end ports[LINK_MAX_PORTS];
	int ns_fds[PLAN_MAX_HOPS + 1]; /* of the nodes */
	int home_fd;		       /* where link_create() found its caller */
	uint64_t carrier_wait_ns;
};

/*
 * Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. With addresses in the plan, kernel sockets of one end
 * reach the other (link/stack.h). Leaves the calling thread in the
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

/* The same for a node: 0 is a, n_hops is b. */
int link_enter_node(const struct link *link, uint32_t node, struct errmsg *e);

/* "a", "fwd", "fwd2", ..., "b": written to name, which is returned. */
#define LINK_NODE_NAME 16
const char *link_node_name(const struct link *link, uint32_t node, char name[LINK_NODE_NAME]);

/*
 * The device by which packets from a to b come into a node, or leave it. a and b have one for
 * both: a0 and b0, wherever sockets are.
 */
enum link_direction { LINK_INGRESS, LINK_EGRESS, N_LINK_DIRECTIONS };
const struct link_end *link_port(const struct link *link, uint32_t node,
				 enum link_direction direction);

/* The half of an end's inner pair that no socket is at; NULL: there is none. */
const struct link_end *link_relay(const struct link *link, enum end end);

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
