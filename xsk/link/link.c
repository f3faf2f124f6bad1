// SPDX-License-Identifier: GPL-2.0-only
#include "link/link.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/netns.h"
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
	rtnl_link_set_mtu(dev, plan->mtu);
	rtnl_link_set_num_tx_queues(dev, plan->n_queues);
	rtnl_link_set_num_rx_queues(dev, plan->n_rx_queues ? plan->n_rx_queues : plan->n_queues);
	rtnl_link_set_flags(dev, IFF_NOARP);
	rtnl_link_unset_flags(dev, IFF_MULTICAST);
	return set_mac(dev, end->mac);
}

/* One request makes both devices, each in its namespace at once: nothing has to be moved. */
static int create_veth(struct nlconn *nl, const struct link *link, const struct link_plan *plan,
		       struct errmsg *e)
{
	const struct link_end *a = &link->ends[END_A], *b = &link->ends[END_B];
	struct rtnl_link *dev = rtnl_link_veth_alloc(), *peer = NULL;
	int err = -ENOMEM;

	if (dev)
		peer = rtnl_link_veth_get_peer(dev);
	if (!peer || describe(dev, a, plan) || describe(peer, b, plan)) {
		errmsg_set(e, ENOMEM, "link: veth '%s': describe it", a->ifname);
		goto out_put;
	}
	rtnl_link_set_ns_fd(peer, b->ns_fd);
	nlconn_begin(nl);
	err = rtnl_link_add(nl->sk, dev, NLM_F_CREATE | NLM_F_EXCL);
	if (err) {
		err = errmsg_set(e, nlconn_errno(nl, err),
				 "link: veth '%s': create with mtu %u, %u queues", a->ifname,
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

static int query(struct nlconn *nl, const struct link_end *end, struct rtnl_link **dev,
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

static int change_state(struct nlconn *nl, struct link_end *end, bool is_up, struct errmsg *e)
{
	struct rtnl_link *dev, *changes = rtnl_link_alloc();
	int err;

	if (!changes)
		return errmsg_set(e, ENOMEM, "link: veth '%s': describe it", end->ifname);
	err = query(nl, end, &dev, e);
	if (err)
		goto out_changes;
	end->ifindex = rtnl_link_get_ifindex(dev);
	if (is_up)
		rtnl_link_set_flags(changes, IFF_UP);
	else
		rtnl_link_unset_flags(changes, IFF_UP);
	nlconn_begin(nl);
	err = rtnl_link_change(nl->sk, dev, changes, 0);
	if (err) {
		err = errmsg_set(e, nlconn_errno(nl, err), "link: veth '%s': set %s", end->ifname,
				 is_up ? "up" : "down");
		nlconn_hint(nl, e);
	}
	rtnl_link_put(dev);
out_changes:
	rtnl_link_put(changes);
	return err;
}

/*
 * RUNNING and not just LOWER_UP: the queueing discipline is attached by the
 * link watch, a moment after the carrier came; before that the stack drops
 * what a device should send.
 */
static int await_carrier(struct nlconn *nl, const struct link_end *end, struct errmsg *e)
{
	const unsigned int ready = IFF_UP | IFF_RUNNING | FLAG_LOWER_UP;
	uint64_t deadline_ns = clock_ns() + CARRIER_DEADLINE_NS;
	unsigned int flags;
	struct rtnl_link *dev;

	for (;;) {
		int err = query(nl, end, &dev, e);

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

static int create_pair(struct link *link, const struct link_plan *plan, struct errmsg *e)
{
	struct link_end *a = &link->ends[END_A], *b = &link->ends[END_B];
	struct nlconn nl_a = { 0 }, nl_b = { 0 };
	uint64_t start_ns;
	int err;

	err = link_enter(link, END_B, e);
	if (!err)
		err = nlconn_open(&nl_b, e);
	if (!err)
		err = link_enter(link, END_A, e);
	if (!err)
		err = nlconn_open(&nl_a, e);
	if (!err)
		err = create_veth(&nl_a, link, plan, e);
	if (!err)
		err = change_state(&nl_a, a, true, e);
	if (!err)
		err = change_state(&nl_b, b, true, e);
	start_ns = clock_ns();
	if (!err)
		err = await_carrier(&nl_b, b, e);
	if (!err)
		err = await_carrier(&nl_a, a, e);
	link->carrier_wait_ns = clock_ns() - start_ns;
	nlconn_close(&nl_a);
	nlconn_close(&nl_b);
	return err;
}

/* ---- the link ---- */

static int init_end(struct link *link, enum end end, struct errmsg *e)
{
	struct link_end *le = &link->ends[end];
	int fd = netns_create(e);

	if (fd < 0)
		return fd;
	le->ns_fd = fd;
	snprintf(le->ifname, sizeof(le->ifname), "%c0", end == END_A ? 'a' : 'b');
	plan_mac(end, 0, le->mac);
	return 0;
}

int link_create(struct link *link, const struct link_plan *plan, struct errmsg *e)
{
	int err;

	*link = (struct link){ 0 };
	link->home_fd = netns_open(e);
	if (link->home_fd < 0)
		return link->home_fd;
	err = init_end(link, END_B, e);
	if (!err)
		err = init_end(link, END_A, e);
	if (!err)
		err = create_pair(link, plan, e);
	if (err)
		link_destroy(link);
	return err;
}

/*
 * Closing the last descriptor of a namespace is all it takes, as long as no
 * thread is in it: the kernel removes the devices with it. That this may cost
 * tens of milliseconds of RCU grace periods is not waited for.
 */
void link_destroy(struct link *link)
{
	link_leave(link);
	if (link->home_fd > 0)
		close(link->home_fd);
	for (int end = 0; end < N_ENDS; end++)
		if (link->ends[end].ns_fd > 0)
			close(link->ends[end].ns_fd);
	*link = (struct link){ 0 };
}

void link_leave(const struct link *link)
{
	if (link->home_fd > 0)
		netns_enter(link->home_fd, NULL);
}

int link_enter(const struct link *link, enum end end, struct errmsg *e)
{
	return netns_enter(link->ends[end].ns_fd, e);
}

int link_set_up(struct link *link, enum end end, bool is_up, struct errmsg *e)
{
	struct nlconn nl = { 0 };
	int err = link_enter(link, end, e);

	if (!err)
		err = nlconn_open(&nl, e);
	if (!err)
		err = change_state(&nl, &link->ends[end], is_up, e);
	nlconn_close(&nl);
	return err;
}

int link_rx_packets(const struct link *link, enum end end, uint64_t *n, struct errmsg *e)
{
	struct nlconn nl = { 0 };
	struct rtnl_link *dev;
	int err;

	err = link_enter(link, end, e);
	if (!err)
		err = nlconn_open(&nl, e);
	if (!err)
		err = query(&nl, &link->ends[end], &dev, e);
	if (!err) {
		*n = rtnl_link_get_stat(dev, RTNL_LINK_RX_PACKETS);
		rtnl_link_put(dev);
	}
	nlconn_close(&nl);
	return err;
}
