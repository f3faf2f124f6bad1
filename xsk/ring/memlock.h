/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_MEMLOCK_H
#define XSK_RING_MEMLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct errmsg;

/*
 * The calling thread as one that may pin only so much: RLIMIT_MEMLOCK of the
 * process lowered, CAP_IPC_LOCK out of the thread's effective set. What a
 * service without rights meets, and what root never sees.
 */
struct memlock {
	bool is_lowered;
	uint64_t old_limit, old_max;
	uint32_t old_caps; /* the lower 32, of which CAP_IPC_LOCK is one */
};

/* The hard limit, where it is lower, is raised too; without the right to do that it is an error. */
int memlock_lower(struct memlock *m, uint64_t bytes, struct errmsg *e);
/* Accepts a zeroed struct and leaves one. */
void memlock_restore(struct memlock *m);

#endif
