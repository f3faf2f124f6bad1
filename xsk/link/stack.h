/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_STACK_H
#define XSK_LINK_STACK_H

#include "link/link.h"

struct errmsg;
struct nlconn;

/*
 * What sockets of the kernel's own protocols need at an end: its address, the way to the other
 * end, and that end's hardware address, so that nobody has to ask for it. Neither device says
 * anything of its own accord, with IPv6 neither: no duplicate address detection, no router
 * solicitation, no multicast listener report.
 *
 * What leaves is as it will arrive: no checksums for others to complete. TCP has no timestamps
 * option, so that its payload is right behind 20 bytes of header, and a SYN has no word there that
 * could be taken for a sequence number. It does not send the last segment again only because its
 * acknowledgement is delayed (tail loss probe).
 *
 * Moves the calling thread into the namespace of the end. nl is of it.
 */
int stack_set_up(const struct link *link, enum end end, struct nlconn *nl,
		 const struct stack_plan *plan, struct errmsg *e);

#endif
