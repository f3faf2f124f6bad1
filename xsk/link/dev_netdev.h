/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_DEV_NETDEV_H
#define XSK_LINK_DEV_NETDEV_H

struct dev_info;

/*
 * What the generic netlink family "netdev" knows of info->ifindex: XDP, AF_XDP
 * and metadata features. A kernel without it (before 6.3) leaves info as it is.
 */
void dev_netdev_read(struct dev_info *info);

#endif
