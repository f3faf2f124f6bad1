/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_RIGHTS_H
#define XSK_LINK_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fact.h"

/* Capabilities of the calling thread that make a difference; all but the first four only to some specs. */
enum right {
	RIGHT_SYS_ADMIN,
	RIGHT_NET_ADMIN,
	RIGHT_NET_RAW,
	RIGHT_IPC_LOCK,
	RIGHT_SYS_RESOURCE,
	RIGHT_SYS_PTRACE,
	N_RIGHTS
};

struct rights {
	bool is_held[N_RIGHTS];
	bool pins_without_limit; /* RLIMIT_MEMLOCK: then CAP_IPC_LOCK is not needed */
	char missing[128];	 /* what a run needs and is not held: "CAP_NET_RAW, ..."; "" */
};

extern const struct fact rights_facts[];

void rights_read(struct rights *rights);

#endif
