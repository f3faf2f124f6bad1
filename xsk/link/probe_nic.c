// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "link/dev.h"
#include "link/probe.h"

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void take_programs(const struct dev_info *info, struct probe_nic *nic)
{
	size_t len = 0, size = sizeof(nic->programs);

	for (enum dev_xdp x = 0; x < N_DEV_XDP && len < size; x++)
		if (info->prog_ids[x])
			len += (size_t)snprintf(nic->programs + len, size - len, "%s%s %u",
						len ? ", " : "", dev_xdp_names[x],
						info->prog_ids[x]);
	if (!len)
		snprintf(nic->programs, size, "none");
}

static void take_features(const struct dev_info *info, struct probe_nic *nic)
{
	if (info->has_xdp_features)
		dev_format_features(info->xdp_features, dev_xdp_feature_names, N_DEV_XDP_FEATURES,
				    nic->xdp_features, sizeof(nic->xdp_features));
	if (info->has_xsk_features)
		dev_format_features(info->xsk_features, dev_xsk_feature_names, N_DEV_XSK_FEATURES,
				    nic->xsk_features, sizeof(nic->xsk_features));
	if (info->has_rx_metadata)
		dev_format_features(info->rx_metadata_features, dev_rx_metadata_feature_names,
				    N_DEV_RX_METADATA_FEATURES, nic->rx_metadata,
				    sizeof(nic->rx_metadata));
	nic->zc_max_segs = info->zc_max_segs;
}

int probe_read_nic(const char *ifname, struct probe_nic *nic, struct errmsg *e)
{
	struct dev_info info;
	int err = dev_read(ifname, &info, e);

	if (err)
		return err;
	*nic = (struct probe_nic){
		.mtu = info.mtu,
		.rx_queues = dev_rx_queues(&info),
		.tx_queues = dev_tx_queues(&info),
		.max_queues = info.max_channels.combined +
			      larger(info.max_channels.rx, info.max_channels.tx),
		.rx_ring = info.rings.rx,
		.max_rx_ring = info.max_rings.rx,
		.tx_ring = info.rings.tx,
		.max_tx_ring = info.max_rings.tx,
	};
	snprintf(nic->name, sizeof(nic->name), "%s", info.name);
	snprintf(nic->driver, sizeof(nic->driver), "%s", info.driver);
	snprintf(nic->bus, sizeof(nic->bus), "%s", info.bus);
	snprintf(nic->state, sizeof(nic->state), "%s%s", info.is_up ? "up" : "down",
		 info.has_carrier ? ", carrier" : ", no carrier");
	take_features(&info, nic);
	take_programs(&info, nic);
	return 0;
}
