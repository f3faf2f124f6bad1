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
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/feature.h"
#include "link/netns.h"
#include "link/nlconn.h"

#define ROUTE_PATIENCE_NS 2000000000ull
#define ROUTE_PORT 9 /* any */

union peer {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

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

/* ---- the way there ---- */

static socklen_t describe_peer(union peer *to, enum end peer_end, const struct stack_plan *plan)
{
	*to = (union peer){ 0 };
	to->sa.sa_family = (sa_family_t)plan->family;
	if (plan->family == AF_INET6) {
		memcpy(&to->in6.sin6_addr, plan->addr[peer_end], 16);
		to->in6.sin6_port = htons(ROUTE_PORT);
		return sizeof(to->in6);
	}
	memcpy(&to->in.sin_addr, plan->addr[peer_end], 4);
	to->in.sin_port = htons(ROUTE_PORT);
	return sizeof(to->in);
}

/*
 * IPv6 makes the routes to an address, its own and the peer's, in a work item, even where there are
 * no duplicates to detect (addrconf_dad_start()). A datagram socket is connected once there is a
 * route; nothing is sent.
 */
static int await_route(const struct link_end *dev, enum end peer_end, const struct stack_plan *plan,
		       struct errmsg *e)
{
	int fd = socket(plan->family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	uint64_t until_ns = clock_ns() + ROUTE_PATIENCE_NS;
	char text[INET6_ADDRSTRLEN];
	union peer to;
	socklen_t len = describe_peer(&to, peer_end, plan);

	while ((err = fd < 0 || connect(fd, &to.sa, len) ? errno : 0) == ENETUNREACH &&
	       clock_ns() < until_ns)
		poll(NULL, 0, 1);
	if (fd >= 0)
		close(fd);
	if (!err)
		return 0;
	inet_ntop(plan->family, plan->addr[peer_end], text, sizeof(text));
	return errmsg_set(e, err, "link: veth '%s': wait for the route to %s", dev->ifname, text);
}

/* ---- the device and its namespace ---- */

static int write_conf(const struct link_end *dev, const char *file, const char *value,
		      struct errmsg *e)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", dev->ifname, file);
	return netns_write(path, value, e);
}

/*
 * Without a link-local address, which would be announced. The rest of the silence is that devices
 * have NOARP and no MULTICAST (link/veth.c).
 */
static int enable_ipv6(const struct link_end *dev, struct errmsg *e)
{
	int err = write_conf(dev, "addr_gen_mode", "1", e);

	return err ? err : write_conf(dev, "disable_ipv6", "0", e);
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
	if (!err)
		err = await_route(dev, other(end), plan, e);
	return err;
}
