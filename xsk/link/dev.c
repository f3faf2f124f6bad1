// SPDX-License-Identifier: GPL-2.0-only
#include "link/dev.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/strbuf.h"
#include "link/dev_netdev.h"
#include "link/nlconn.h"

const char *const dev_xdp_names[N_DEV_XDP] = { "native", "generic", "offloaded" };

const char *const dev_xdp_feature_names[N_DEV_XDP_FEATURES] = {
	"basic", "redirect", "ndo-xmit", "xsk-zerocopy", "hw-offload", "rx-sg", "ndo-xmit-sg",
};

const char *const dev_rx_metadata_feature_names[N_DEV_RX_METADATA_FEATURES] = {
	"timestamp",
	"hash",
	"vlan-tag",
};

const char *const dev_xsk_feature_names[N_DEV_XSK_FEATURES] = {
	"tx-timestamp",
	"tx-checksum",
	"tx-launch-time-fifo",
};

void dev_format_features(uint64_t bits, const char *const *names, size_t n_names, char *out,
			 size_t size)
{
	size_t len = 0;

	snprintf(out, size, "none");
	for (size_t bit = 0; bit < 64 && len < size; bit++) {
		const char *space = len ? " " : "";

		if (!(bits >> bit & 1))
			continue;
		if (bit < n_names)
			len += (size_t)snprintf(out + len, size - len, "%s%s", space, names[bit]);
		else
			len += (size_t)snprintf(out + len, size - len, "%sbit%zu", space, bit);
	}
}

void dev_format_driver(const struct dev_info *dev, struct strbuf *out)
{
	char features[96];

	strbuf_add(out, "driver %s", dev->driver[0] ? dev->driver : "(unknown)");
	if (!dev->has_xdp_features)
		return;
	dev_format_features(dev->xdp_features, dev_xdp_feature_names, N_DEV_XDP_FEATURES, features,
			    sizeof(features));
	strbuf_add(out, ": xdp features %s", features);
}

/* ---- rtnetlink ---- */

static void take_text(const struct nlattr *attr, char *out, size_t size)
{
	if (attr)
		snprintf(out, size, "%.*s", nla_len(attr), (const char *)nla_data(attr));
}

static void take_u32(const struct nlattr *attr, uint32_t *value)
{
	if (attr && nla_len(attr) >= (int)sizeof(*value))
		*value = nla_get_u32(attr);
}

static void take_programs(struct nlattr *nest, struct dev_info *info)
{
	struct nlattr *attrs[IFLA_XDP_MAX + 1];

	if (!nest || nla_parse_nested(attrs, IFLA_XDP_MAX, nest, NULL))
		return;
	take_u32(attrs[IFLA_XDP_DRV_PROG_ID], &info->prog_ids[DEV_XDP_DRV]);
	take_u32(attrs[IFLA_XDP_SKB_PROG_ID], &info->prog_ids[DEV_XDP_SKB]);
	take_u32(attrs[IFLA_XDP_HW_PROG_ID], &info->prog_ids[DEV_XDP_HW]);
}

static void take_kind(struct nlattr *nest, struct dev_info *info)
{
	struct nlattr *attrs[IFLA_INFO_MAX + 1];

	if (nest && !nla_parse_nested(attrs, IFLA_INFO_MAX, nest, NULL))
		take_text(attrs[IFLA_INFO_KIND], info->driver, sizeof(info->driver));
}

static int take_link(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[IFLA_MAX + 1];
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct ifinfomsg *ifi = nlmsg_data(hdr);
	struct dev_info *info = arg;

	if (hdr->nlmsg_type != RTM_NEWLINK || nlmsg_parse(hdr, sizeof(*ifi), attrs, IFLA_MAX, NULL))
		return NL_SKIP;
	info->ifindex = ifi->ifi_index;
	info->flags = ifi->ifi_flags;
	info->is_up = ifi->ifi_flags & IFF_UP;
	info->has_carrier = attrs[IFLA_CARRIER] && nla_get_u8(attrs[IFLA_CARRIER]);
	info->peer_ifindex = attrs[IFLA_LINK] ? (int)nla_get_u32(attrs[IFLA_LINK]) : 0;
	info->peer_nsid = -1;
	if (attrs[IFLA_LINK_NETNSID])
		info->peer_nsid = (int)nla_get_u32(attrs[IFLA_LINK_NETNSID]);
	take_text(attrs[IFLA_IFNAME], info->name, sizeof(info->name));
	take_u32(attrs[IFLA_MTU], &info->mtu);
	take_u32(attrs[IFLA_NUM_RX_QUEUES], &info->n_rx_queues);
	take_u32(attrs[IFLA_NUM_TX_QUEUES], &info->n_tx_queues);
	take_programs(attrs[IFLA_XDP], info);
	take_kind(attrs[IFLA_LINKINFO], info);
	return NL_OK;
}

/* ifname NULL: by index; nsid -1: in the caller's namespace */
static struct nl_msg *link_request(const char *ifname, int ifindex, int nsid)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);

	if (!msg)
		return NULL;
	if (!nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) &&
	    (!ifname || !nla_put_string(msg, IFLA_IFNAME, ifname)) &&
	    (nsid < 0 || !nla_put_u32(msg, IFLA_TARGET_NETNSID, (uint32_t)nsid)))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int read_link(const char *ifname, int ifindex, struct dev_info *info, struct errmsg *e)
{
	struct nl_msg *msg = link_request(ifname, ifindex, -1);
	struct nlconn nl = { 0 };
	char what[32];
	int err;

	snprintf(what, sizeof(what), ifname ? "'%s'" : "%.0sindex %d", ifname ? ifname : "",
		 ifindex);
	if (!msg)
		return errmsg_set(e, ENOMEM, "link: device %s: describe it", what);
	err = nlconn_open(&nl, e);
	if (!err) {
		err = nlconn_ask(&nl, msg, take_link, info);
		if (err)
			errmsg_set(e, -err, "link: device %s: look it up", what);
	}
	nlconn_close(&nl);
	nlmsg_free(msg);
	return err;
}

/* ---- ethtool ---- */

/* A driver that does not know the command says EOPNOTSUPP. */
static bool ethtool(int fd, const struct dev_info *info, void *command)
{
	struct ifreq ifr = { .ifr_data = command };

	memcpy(ifr.ifr_name, info->name, sizeof(ifr.ifr_name));
	return !ioctl(fd, SIOCETHTOOL, &ifr);
}

static void read_driver(int fd, struct dev_info *info)
{
	struct ethtool_drvinfo drv = { .cmd = ETHTOOL_GDRVINFO };

	if (!ethtool(fd, info, &drv))
		return;
	if (drv.driver[0])
		memcpy(info->driver, drv.driver, sizeof(info->driver) - 1);
	memcpy(info->bus, drv.bus_info, sizeof(info->bus) - 1);
}

static void read_channels(int fd, struct dev_info *info)
{
	struct ethtool_channels ch = { .cmd = ETHTOOL_GCHANNELS };

	if (!ethtool(fd, info, &ch))
		return;
	info->has_channels = true;
	info->channels = (struct dev_channels){ ch.rx_count, ch.tx_count, ch.combined_count,
						ch.other_count };
	info->max_channels =
		(struct dev_channels){ ch.max_rx, ch.max_tx, ch.max_combined, ch.max_other };
}

static void read_rings(int fd, struct dev_info *info)
{
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };

	if (!ethtool(fd, info, &ring))
		return;
	info->has_rings = true;
	info->rings = (struct dev_rings){ ring.rx_pending, ring.tx_pending };
	info->max_rings = (struct dev_rings){ ring.rx_max_pending, ring.tx_max_pending };
}

static void read_ethtool(struct dev_info *info)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	read_driver(fd, info);
	read_channels(fd, info);
	read_rings(fd, info);
	close(fd);
}

/* ---- all of it ---- */

static int read_all(const char *ifname, int ifindex, struct dev_info *info, struct errmsg *e)
{
	int err;

	*info = (struct dev_info){ 0 };
	err = read_link(ifname, ifindex, info, e);
	if (err)
		return err;
	read_ethtool(info);
	dev_netdev_read(info);
	return 0;
}

int dev_read(const char *ifname, struct dev_info *info, struct errmsg *e)
{
	return read_all(ifname, 0, info, e);
}

int dev_read_index(int ifindex, struct dev_info *info, struct errmsg *e)
{
	return read_all(NULL, ifindex, info, e);
}

int dev_read_peer(const struct dev_info *info, struct dev_info *peer)
{
	struct nlconn nl = { 0 };
	struct nl_msg *msg;
	int err;

	*peer = (struct dev_info){ 0 };
	if (!info->peer_ifindex)
		return -ENODEV;
	msg = link_request(NULL, info->peer_ifindex, info->peer_nsid);
	if (!msg)
		return -ENOMEM;
	err = nlconn_open(&nl, NULL);
	if (!err)
		err = nlconn_ask(&nl, msg, take_link, peer);
	nlconn_close(&nl);
	nlmsg_free(msg);
	return err;
}

static uint32_t in_use(const struct dev_info *info, uint32_t alone, uint32_t allocated)
{
	uint32_t n = info->channels.combined + alone;

	return info->has_channels && n ? n : allocated;
}

uint32_t dev_rx_queues(const struct dev_info *info)
{
	return in_use(info, info->channels.rx, info->n_rx_queues);
}

uint32_t dev_tx_queues(const struct dev_info *info)
{
	return in_use(info, info->channels.tx, info->n_tx_queues);
}
