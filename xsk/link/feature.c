// SPDX-License-Identifier: GPL-2.0-only
#include "link/feature.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "link/nlconn.h"

#define N_BLOCKS(n) (((n) + 31) / 32)

/* Any socket will do, of whatever protocol: what it does not know itself is for devices (sock_do_ioctl()). */
static int ethtool(const struct nlconn *nl, const struct link_end *dev, void *cmd)
{
	struct ifreq req = { .ifr_data = cmd };

	memcpy(req.ifr_name, dev->ifname, sizeof(req.ifr_name));
	return ioctl(nl_socket_get_fd(nl->sk), SIOCETHTOOL, &req) < 0 ? -errno : 0;
}

static int count_features(const struct nlconn *nl, const struct link_end *dev, uint32_t *n)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t n;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES } };
	int err = ethtool(nl, dev, &set);

	*n = set.info.sset_mask ? set.n : 0;
	return err;
}

static bool is_named(const struct features *f, const char *name)
{
	for (const char *const *n = f->names; *n; n++)
		if (!strncmp(*n, name, ETH_GSTRING_LEN))
			return true;
	return false;
}

/* Numbers of features are the kernel's own and move; their names do not. */
static int find_bits(struct features *f, const struct nlconn *nl, const struct link_end *dev)
{
	struct ethtool_gstrings *names;
	uint32_t n;
	int err = count_features(nl, dev, &n);

	if (err)
		return err;
	names = mem_zalloc(sizeof(*names) + (size_t)n * ETH_GSTRING_LEN);
	*names = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_FEATURES, n };
	err = ethtool(nl, dev, names);
	for (uint32_t k = 0; !err && k < n && N_BLOCKS(k + 1) <= FEATURES_MAX_BLOCKS; k++)
		if (is_named(f, (char *)names->data + (size_t)k * ETH_GSTRING_LEN))
			f->bits[k / 32] |= 1u << k % 32;
	f->n_known = n;
	free(names);
	return err;
}

static int clear_bits(const struct features *f, const struct nlconn *nl, const struct link_end *dev)
{
	struct {
		struct ethtool_sfeatures cmd;
		struct ethtool_set_features_block blocks[FEATURES_MAX_BLOCKS];
	} set = { .cmd = { ETHTOOL_SFEATURES, N_BLOCKS(f->n_known) } };

	for (uint32_t k = 0; k < set.cmd.size && k < FEATURES_MAX_BLOCKS; k++)
		set.blocks[k].valid = f->bits[k];
	return ethtool(nl, dev, &set);
}

int features_off(struct features *f, const struct nlconn *nl, const struct link_end *dev,
		 struct errmsg *e)
{
	int err = f->n_known ? 0 : find_bits(f, nl, dev);

	if (!err)
		err = clear_bits(f, nl, dev);
	if (err)
		errmsg_set(e, -err, "link: veth '%s': switch %s off", dev->ifname, f->title);
	return err;
}
