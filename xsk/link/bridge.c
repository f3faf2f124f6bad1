// SPDX-License-Identifier: GPL-2.0-only
#include "link/bridge.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "base/errmsg.h"
#include "link/netns.h"
#include "link/nlconn.h"

/* BR_GROUPFWD_RESTRICTED of net/bridge/br_private.h: STP, pause and LACP, which it will not forward. */
#define FORWARD_ALL_GROUPS 0xfff8

/*
 * Without an ageing time nothing is learnt (br_fdb_update()), so every address is unknown
 * and every frame floods; without snooping groups are no different.
 */
static int put_options(struct nl_msg *msg)
{
	struct nlattr *info = nla_nest_start(msg, IFLA_LINKINFO), *data;
	int err;

	if (!info)
		return -ENOMEM;
	err = nla_put_string(msg, IFLA_INFO_KIND, "bridge");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (err || !data || nla_put_u32(msg, IFLA_BR_AGEING_TIME, 0) ||
	    nla_put_u8(msg, IFLA_BR_MCAST_SNOOPING, 0) ||
	    nla_put_u16(msg, IFLA_BR_GROUP_FWD_MASK, FORWARD_ALL_GROUPS))
		return -ENOMEM;
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return 0;
}

static int request(struct nlconn *nl, const char *ifname, int ifindex)
{
	struct ifinfomsg ifi = { .ifi_index = ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nl_msg *msg =
		nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	int err = -ENOMEM;

	if (msg && !nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) &&
	    !nla_put_string(msg, IFLA_IFNAME, ifname) && !put_options(msg))
		err = nlconn_tell(nl, msg);
	nlmsg_free(msg);
	return err;
}

/*
 * br_netfilter, where it is loaded, hands bridged packets to iptables and drops those whose IP
 * header is not in order: a test may want just these to arrive.
 */
static int leave_to_nobody(struct errmsg *e)
{
	static const char *const files[] = { "/proc/sys/net/bridge/bridge-nf-call-iptables",
					     "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
					     "/proc/sys/net/bridge/bridge-nf-call-arptables" };
	int err = 0;

	for (size_t k = 0; k < sizeof(files) / sizeof(files[0]) && !err; k++)
		err = netns_write(files[k], "0", e);
	return err;
}

int bridge_create(struct nlconn *nl, const char *ifname, int ifindex, struct errmsg *e)
{
	int err = request(nl, ifname, ifindex);

	if (!err)
		return leave_to_nobody(e);
	errmsg_set(e, -err, "link: bridge '%s': create", ifname);
	if (err == -EOPNOTSUPP)
		errmsg_hint(e, "the kernel has no CONFIG_BRIDGE, or its module cannot be loaded");
	else
		nlconn_hint(nl, e);
	return err;
}
