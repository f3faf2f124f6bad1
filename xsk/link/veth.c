// SPDX-License-Identifier: GPL-2.0-only
#include "link/veth.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <poll.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/nlconn.h"

#define CARRIER_DEADLINE_NS 2000000000ull

/* linux/if.h has it, but cannot be included next to net/if.h. */
#define FLAG_LOWER_UP 0x10000u

/* ---- the pair ---- */

static int set_mac(struct rtnl_link *dev, const uint8_t mac[6])
{
	struct nl_addr *addr = nl_addr_build(AF_LLC, mac, 6);

	if (!addr)
		return -ENOMEM;
	rtnl_link_set_addr(dev, addr);
	nl_addr_put(addr);
	return 0;
}

/*
 * As many rx as tx queues on both sides, unless the case asks for less: a native program can only be attached
 * where rx queues >= the peer's tx queues (veth_xdp_set(), ENOSPC). NOARP and no
 * multicast: neither device sends a frame of its own accord.
 */
static int describe(struct rtnl_link *dev, const struct link_end *end, const struct link_plan *plan)
{
	rtnl_link_set_name(dev, end->ifname);
	rtnl_link_set_ifindex(dev, end->ifindex);
	rtnl_link_set_mtu(dev, plan->mtu);
	rtnl_link_set_num_tx_queues(dev, plan->n_queues);
	rtnl_link_set_num_rx_queues(dev, plan->n_rx_queues ? plan->n_rx_queues : plan->n_queues);
	rtnl_link_set_flags(dev, IFF_NOARP);
	rtnl_link_unset_flags(dev, IFF_MULTICAST);
	return set_mac(dev, end->mac);
}

int veth_create(struct nlconn *nl, const struct link_end *left, const struct link_end *right,
		const struct link_plan *plan, struct errmsg *e)
{
	struct rtnl_link *dev = rtnl_link_veth_alloc(), *peer = NULL;
	int err = -ENOMEM;

	if (dev)
		peer = rtnl_link_veth_get_peer(dev);
	if (!peer || describe(dev, left, plan) || describe(peer, right, plan)) {
		errmsg_set(e, ENOMEM, "link: veth '%s': describe it", left->ifname);
		goto out_put;
	}
	/* The right one cannot: it is made before the two are a pair (ENOTCONN of veth_open()). */
	rtnl_link_set_flags(dev, IFF_UP);
	if (left->master)
		rtnl_link_set_master(dev, left->master);
	rtnl_link_set_ns_fd(peer, right->ns_fd);
	nlconn_begin(nl);
	err = rtnl_link_add(nl->sk, dev, NLM_F_CREATE | NLM_F_EXCL);
	if (err) {
		err = errmsg_set(e, nlconn_errno(nl, err),
				 "link: veth '%s': create with mtu %u, %u queues", left->ifname,
				 plan->mtu, plan->n_queues);
		nlconn_hint(nl, e);
	}
out_put:
	if (peer)
		rtnl_link_put(peer); /* veth_get_peer() takes a reference */
	if (dev)
		rtnl_link_veth_release(dev);
	return err;
}

/* ---- up, with carrier ---- */

int veth_query(struct nlconn *nl, const struct link_end *end, struct rtnl_link **dev,
	       struct errmsg *e)
{
	int err;

	nlconn_begin(nl);
	err = rtnl_link_get_kernel(nl->sk, end->ifindex, end->ifname, dev);
	if (err)
		return errmsg_set(e, nlconn_errno(nl, err), "link: veth '%s': look it up",
				  end->ifname);
	return 0;
}

int veth_set_up(struct nlconn *nl, const struct link_end *end, bool is_up, struct errmsg *e)
{
	struct rtnl_link *dev = rtnl_link_alloc(), *changes = rtnl_link_alloc();
	int err = -ENOMEM;

	if (!dev || !changes) {
		errmsg_set(e, ENOMEM, "link: veth '%s': describe it", end->ifname);
		goto out_put;
	}
	rtnl_link_set_ifindex(dev, end->ifindex);
	if (is_up)
		rtnl_link_set_flags(changes, IFF_UP);
	else
		rtnl_link_unset_flags(changes, IFF_UP);
	if (end->master)
		rtnl_link_set_master(changes, end->master);
	nlconn_begin(nl);
	err = rtnl_link_change(nl->sk, dev, changes, 0);
	if (err) {
		err = errmsg_set(e, nlconn_errno(nl, err), "link: veth '%s': set %s", end->ifname,
				 is_up ? "up" : "down");
		nlconn_hint(nl, e);
	}
out_put:
	if (changes)
		rtnl_link_put(changes);
	if (dev)
		rtnl_link_put(dev);
	return err;
}

/*
 * RUNNING and not just LOWER_UP: the queueing discipline is attached by the
 * link watch, a moment after the carrier came; before that the stack drops
 * what a device should send.
 */
int veth_await_carrier(struct nlconn *nl, const struct link_end *end, struct errmsg *e)
{
	const unsigned int ready = IFF_UP | IFF_RUNNING | FLAG_LOWER_UP;
	uint64_t deadline_ns = clock_ns() + CARRIER_DEADLINE_NS;
	unsigned int flags;
	struct rtnl_link *dev;

	for (;;) {
		int err = veth_query(nl, end, &dev, e);

		if (err)
			return err;
		flags = rtnl_link_get_flags(dev);
		rtnl_link_put(dev);
		if ((flags & ready) == ready)
			return 0;
		if (clock_ns() > deadline_ns)
			return errmsg_set(e, ETIMEDOUT,
					  "link: veth '%s': wait %d ms for carrier, flags %#x",
					  end->ifname, (int)(CARRIER_DEADLINE_NS / 1000000), flags);
		poll(NULL, 0, 1);
	}
}
