/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_VETH_H
#define XSK_LINK_VETH_H

#include <stdbool.h>

#include "link/link.h"

struct errmsg;
struct nlconn;
struct rtnl_link;

/*
 * One veth pair. A netlink socket is of the namespace in which it was opened, and that of the
 * device in question is meant by 'its' below; the calling thread may be anywhere.
 */

/*
 * Makes both devices with one request, each in its namespace, with name, index and address as
 * their structs say. left is up afterwards and a port of its bridge, right is not. nl is left's.
 */
int veth_create(struct nlconn *nl, const struct link_end *left, const struct link_end *right,
		const struct link_plan *plan, struct errmsg *e);

/* And a port of its bridge, if it has one. nl is its. */
int veth_set_up(struct nlconn *nl, const struct link_end *end, bool is_up, struct errmsg *e);

/* Until packets can be sent, 2 s at most (ETIMEDOUT): the peer has to be up too. nl is its. */
int veth_await_carrier(struct nlconn *nl, const struct link_end *end, struct errmsg *e);

/* What the kernel knows of a device now; rtnl_link_put() it. nl is its. */
int veth_query(struct nlconn *nl, const struct link_end *end, struct rtnl_link **dev,
	       struct errmsg *e);

#endif
