/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_RX_STAMPS_H
#define XSK_LINK_RX_STAMPS_H

#include "link/link.h"

struct errmsg;

/*
 * The time of receiving it, on every packet that has no other: the kernel writes it, on the
 * whole machine, as long as some socket asks for it. It is CLOCK_REALTIME and no delivery time;
 * what sends a packet on removes it.
 */
struct rx_stamps {
	int fd; /* 0: none */
};

/*
 * From here on packets have one: the switch is thrown some time after it was asked for, which is
 * waited for, 2 s at most (ETIMEDOUT). Sets up the loopback device of end a, into whose
 * namespace it moves the calling thread. Sentence and negative errno on failure.
 */
int rx_stamps_on(struct rx_stamps *s, const struct link *link, struct errmsg *e);

/*
 * Accepts a zeroed struct and leaves one. The kernel goes on for a moment, and for as long as
 * anybody else wants it.
 */
void rx_stamps_off(struct rx_stamps *s);

#endif
