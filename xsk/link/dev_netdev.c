// SPDX-License-Identifier: GPL-2.0-only
#include "link/dev_netdev.h"

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "link/dev.h"
#include "link/nlconn.h"

/* include/uapi/linux/netdev.h, Linux 6.18; the numbers are ABI. */
#define NETDEV_FAMILY "netdev"
#define CMD_DEV_GET 1
enum {
	A_DEV_IFINDEX = 1,
	A_DEV_XDP_FEATURES = 3,
	A_DEV_XDP_ZC_MAX_SEGS = 4,
	A_DEV_XDP_RX_METADATA_FEATURES = 5,
	A_DEV_XSK_FEATURES = 6,
	A_DEV_MAX = A_DEV_XSK_FEATURES,
};

static bool take_u64(const struct nlattr *attr, uint64_t *value)
{
	if (!attr || nla_len(attr) < (int)sizeof(*value))
		return false;
	*value = nla_get_u64(attr);
	return true;
}

static int take_dev(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[A_DEV_MAX + 1];
	struct dev_info *info = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, A_DEV_MAX, NULL))
		return NL_SKIP;
	info->has_xdp_features = take_u64(attrs[A_DEV_XDP_FEATURES], &info->xdp_features);
	info->has_rx_metadata =
		take_u64(attrs[A_DEV_XDP_RX_METADATA_FEATURES], &info->rx_metadata_features);
	info->has_xsk_features = take_u64(attrs[A_DEV_XSK_FEATURES], &info->xsk_features);
	/* Only of a driver with zero-copy (netdev_nl_dev_fill() in net/core/netdev-genl.c). */
	info->has_zc_max_segs = attrs[A_DEV_XDP_ZC_MAX_SEGS];
	if (info->has_zc_max_segs)
		info->zc_max_segs = nla_get_u32(attrs[A_DEV_XDP_ZC_MAX_SEGS]);
	return NL_OK;
}

static void ask(struct nlconn *nl, struct dev_info *info)
{
	int family = genl_ctrl_resolve(nl->sk, NETDEV_FAMILY);
	struct nl_msg *msg = family < 0 ? NULL : nlmsg_alloc();

	if (!msg)
		return;
	if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, CMD_DEV_GET, 1) &&
	    !nla_put_u32(msg, A_DEV_IFINDEX, (uint32_t)info->ifindex))
		nlconn_ask(nl, msg, take_dev, info);
	nlmsg_free(msg);
}

void dev_netdev_read(struct dev_info *info)
{
	struct nlconn nl;

	if (nlconn_open_generic(&nl, NULL))
		return;
	ask(&nl, info);
	nlconn_close(&nl);
}
