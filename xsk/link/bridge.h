/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_BRIDGE_H
#define XSK_LINK_BRIDGE_H

struct errmsg;
struct nlconn;

/*
 * A bridge that is up and has no port yet, in the namespace of nl, which the calling thread is
 * in. It is a hub: every frame that comes in at one port leaves by all others as it is, but
 * those to 01:80:c2:00:00:00 to 02, which no bridge forwards, and those without a valid source
 * address. EOPNOTSUPP from a kernel without CONFIG_BRIDGE.
 */
int bridge_create(struct nlconn *nl, const char *ifname, int ifindex, struct errmsg *e);

#endif
