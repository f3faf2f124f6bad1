// SPDX-License-Identifier: GPL-2.0-only
#include "link/stack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/neighbour.h>
#include <stdio.h>

#include "base/errmsg.h"
#include "link/feature.h"
#include "link/netns.h"
#include "link/nlconn.h"

static enum end other(enum end end)
{
	return end == END_A ? END_B : END_A;
}

static int address_len(const struct stack_plan *plan)
{
	return plan->family == AF_INET ? 4 : 16;
}

/* Of a request about the address of an end: with the kernel's own words, where it had any. */
static int refuse(const struct nlconn *nl, int err, struct errmsg *e, const struct link_end *dev,
		  const char *what, const struct stack_plan *plan, enum end end)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(plan->family, plan->addr[end], text, sizeof(text));
	err = errmsg_set(e, err, "link: veth '%s': %s %s", dev->ifname, what, text);
	nlconn_hint(nl, e);
	return err;
}

/* ---- addresses ---- */

/*
 * With the other end as its only neighbour: two addresses need no prefix in common. libnl does
 * so for IPv4 only (rtnl_addr_set_peer()).
 */
static int put_address(struct nl_msg *msg, const struct link_end *dev, enum end end,
		       const struct stack_plan *plan)
{
	int len = address_len(plan);
	struct ifaddrmsg ifa = { .ifa_family = (uint8_t)plan->family,
				 .ifa_prefixlen = (uint8_t)(8 * len),
				 .ifa_flags = IFA_F_NODAD,
				 .ifa_index = (uint32_t)dev->ifindex };

	if (nlmsg_append(msg, &ifa, sizeof(ifa), NLMSG_ALIGNTO) ||
	    nla_put(msg, IFA_LOCAL, len, plan->addr[end]) ||
	    nla_put(msg, IFA_ADDRESS, len, plan->addr[other(end)]))
		return -ENOMEM;
	return 0;
}

static int add_address(struct nlconn *nl, const struct link_end *dev, enum end end,
		       const struct stack_plan *plan, struct errmsg *e)
{
	struct nl_msg *msg =
		nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	int err = -ENOMEM;

	nlconn_begin(nl);
	if (msg && !put_address(msg, dev, end, plan))
		err = nlconn_tell(nl, msg);
	nlmsg_free(msg);
	return err ? refuse(nl, -err, e, dev, "add address", plan, end) : 0;
}

static void describe_neighbour(struct rtnl_neigh *n, const struct link_end *dev,
			       struct nl_addr *addr, struct nl_addr *mac)
{
	rtnl_neigh_set_ifindex(n, dev->ifindex);
	rtnl_neigh_set_state(n, NUD_PERMANENT);
	rtnl_neigh_set_dst(n, addr);
	rtnl_neigh_set_lladdr(n, mac);
}

static int add_neighbour(struct nlconn *nl, const struct link_end *dev, const struct link_end *peer,
			 enum end peer_end, const struct stack_plan *plan, struct errmsg *e)
{
	struct nl_addr *addr =
		nl_addr_build(plan->family, plan->addr[peer_end], (size_t)address_len(plan));
	struct nl_addr *mac = nl_addr_build(AF_LLC, peer->mac, sizeof(peer->mac));
	struct rtnl_neigh *n = rtnl_neigh_alloc();
	int err = -NLE_NOMEM;

	nlconn_begin(nl);
	if (n && addr && mac) {
		describe_neighbour(n, dev, addr, mac);
		err = rtnl_neigh_add(nl->sk, n, NLM_F_CREATE | NLM_F_REPLACE);
	}
	if (err)
		err = refuse(nl, nlconn_errno(nl, err), e, dev, "add neighbour", plan, peer_end);
	if (n)
		rtnl_neigh_put(n);
	nl_addr_put(mac);
	nl_addr_put(addr);
	return err;
}

/* ---- the device and its namespace ---- */

/* What keeps it silent is that devices have NOARP and no MULTICAST (link/veth.c). */
static int enable_ipv6(const struct link_end *dev, struct errmsg *e)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", dev->ifname);
	return netns_write(path, "0", e);
}

static int calm_tcp(struct errmsg *e)
{
	int err = netns_write("/proc/sys/net/ipv4/tcp_timestamps", "0", e);

	return err ? err : netns_write("/proc/sys/net/ipv4/tcp_early_retrans", "0", e);
}

int stack_set_up(const struct link *link, enum end end, struct nlconn *nl,
		 const struct stack_plan *plan, struct errmsg *e)
{
	static const char *const names[] = { "tx-checksum-ip-generic", NULL };
	struct features checksum = { .title = "tx-checksumming", .names = names };
	const struct link_end *dev = &link->ends[end];
	int err = link_enter(link, end, e);

	if (!err)
		err = calm_tcp(e);
	if (!err && plan->family == AF_INET6)
		err = enable_ipv6(dev, e);
	if (!err)
		err = features_off(&checksum, nl, dev, e);
	if (!err)
		err = add_address(nl, dev, end, plan, e);
	if (!err)
		err = add_neighbour(nl, dev, &link->ends[other(end)], other(end), plan, e);
	return err;
}
