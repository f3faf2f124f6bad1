/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_STATS_H
#define XSK_LINK_STATS_H

#include "link/link.h"

struct strbuf;

/*
 * Adds what the device of an end counted and what is attached to it: "up, carrier; native program 35;
 * rx_packets 4096, tx_packets 12; rx_queue_0_xdp_packets 4096". Counters of rtnetlink and of
 * ethtool -S, those that are not 0. Moves the calling thread into the namespace of the end. What cannot be
 * read is left out.
 */
void stats_format(const struct link *link, enum end end, struct strbuf *out);

#endif
