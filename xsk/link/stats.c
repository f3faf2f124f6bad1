// SPDX-License-Identifier: GPL-2.0-only
#include "link/stats.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/route/link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "link/dev.h"
#include "link/nlconn.h"

#define MAX_STATS 4096 /* of a driver; NICs with many queues have thousands */
#define MAX_SHOWN 24

static void add_state(const struct dev_info *dev, struct strbuf *out)
{
	strbuf_add(out, "%s, %s", dev->is_up ? "up" : "down",
		   dev->has_carrier ? "carrier" : "no carrier");
	for (int k = 0; k < N_DEV_XDP; k++)
		if (dev->prog_ids[k])
			strbuf_add(out, ", %s program %u", dev_xdp_names[k], dev->prog_ids[k]);
}

static void add_counter(const char *name, uint64_t value, struct strbuf *out)
{
	if (value)
		strbuf_add(out, ", %s %llu", name, (unsigned long long)value);
}

static void add_rtnl(const struct link_end *end, struct strbuf *out)
{
	static const struct {
		rtnl_link_stat_id_t id;
		const char *name;
	} stats[] = {
		{ RTNL_LINK_RX_PACKETS, "rx_packets" }, { RTNL_LINK_RX_DROPPED, "rx_dropped" },
		{ RTNL_LINK_RX_ERRORS, "rx_errors" },	{ RTNL_LINK_TX_PACKETS, "tx_packets" },
		{ RTNL_LINK_TX_DROPPED, "tx_dropped" }, { RTNL_LINK_TX_ERRORS, "tx_errors" },
	};
	struct nlconn nl = { 0 };
	struct rtnl_link *dev;

	if (nlconn_open(&nl, NULL))
		return;
	if (!rtnl_link_get_kernel(nl.sk, end->ifindex, NULL, &dev)) {
		for (size_t k = 0; k < sizeof(stats) / sizeof(stats[0]); k++)
			add_counter(stats[k].name, rtnl_link_get_stat(dev, stats[k].id), out);
		rtnl_link_put(dev);
	}
	nlconn_close(&nl);
}

static int ethtool(int fd, const struct link_end *end, void *cmd)
{
	struct ifreq req = { .ifr_data = cmd };

	memcpy(req.ifr_name, end->ifname, sizeof(req.ifr_name));
	return ioctl(fd, SIOCETHTOOL, &req);
}

static uint32_t count_stats(int fd, const struct link_end *end)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t n;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_STATS } };

	return ethtool(fd, end, &set) || !set.info.sset_mask || set.n > MAX_STATS ? 0 : set.n;
}

/* The driver's own: on a veth packets, drops and XDP actions of each queue. */
static void add_ethtool(const struct link_end *end, struct strbuf *out)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t n = fd < 0 ? 0 : count_stats(fd, end), n_shown = 0;
	struct ethtool_gstrings *names = mem_zalloc(sizeof(*names) + n * ETH_GSTRING_LEN);
	struct ethtool_stats *stats = mem_zalloc(sizeof(*stats) + n * sizeof(stats->data[0]));

	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	stats->cmd = ETHTOOL_GSTATS;
	names->len = stats->n_stats = n;
	if (n && !ethtool(fd, end, names) && !ethtool(fd, end, stats))
		for (uint32_t k = 0; k < n && k < stats->n_stats && n_shown < MAX_SHOWN; k++) {
			char name[ETH_GSTRING_LEN + 1] = "";

			memcpy(name, names->data + (size_t)k * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
			if (!stats->data[k] || !strcmp(name, "peer_ifindex"))
				continue;
			add_counter(name, stats->data[k], out);
			n_shown++;
		}
	free(names);
	free(stats);
	if (fd >= 0)
		close(fd);
}

void stats_format(const struct link *link, enum end end, struct strbuf *out)
{
	const struct link_end *le = &link->ends[end];
	struct dev_info dev;

	if (link_enter(link, end, NULL))
		return;
	if (dev_read_index(le->ifindex, &dev, NULL)) {
		strbuf_add(out, "the device is gone");
		return;
	}
	add_state(&dev, out);
	add_rtnl(le, out);
	add_ethtool(le, out);
}
