/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_VLAN_OFFLOAD_H
#define XSK_LINK_VLAN_OFFLOAD_H

#include <stdint.h>

#include "link/link.h"

struct errmsg;
struct nlconn;

/* The bits of the feature by which a device takes a VLAN tag beside the packet; asked for once. */
struct vlan_offload {
	uint32_t n_features; /* 0: not asked yet */
	uint32_t bits[8];
};

/*
 * From now on the device writes tags into packets before it sends them. What cannot be
 * switched off stays. nl is of the device's namespace.
 */
int vlan_offload_off(struct vlan_offload *offload, const struct nlconn *nl,
		     const struct link_end *dev, struct errmsg *e);

#endif
