/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_HUGEPAGES_H
#define XSK_RING_HUGEPAGES_H

#include <stdbool.h>
#include <stdint.h>

struct errmsg;

/*
 * Raises the machine's limit of huge pages that may be made on demand
 * (nr_overcommit_hugepages) by n_pages while the calling process lives. A
 * keeper process of its own lowers it again by the same amount when the
 * caller calls hugepages_give_back(), exits, or is killed. Runs side by side
 * are safe: changes are relative and made under a lock on the sysctl's file. Where the keeper is
 * killed too, the next run lowers the limit: ring/overcommit.h.
 */
struct hugepages {
	int keeper_fd; /* the keeper notices when its other end closes */
	int keeper_pid;
};

/* size of one, in bytes; 0: the kernel has none */
uint64_t hugepages_size(void);
/* Whether the kernel has some, and the limit may be changed; an error where nobody can tell. */
int hugepages_probe(bool *can_reserve, struct errmsg *e);
/*
 * Hugepages that the machine can have at most, free or not: the pool and what may be made on
 * demand. A wish for more cannot come true by waiting.
 */
uint64_t hugepages_limit(void);
/* Of these, nobody has taken or reserved: what there is to hope for now. */
uint64_t hugepages_left(void);
/* And of those, already made. */
uint64_t hugepages_in_pool(void);
int hugepages_reserve(struct hugepages *hp, uint64_t n_pages, struct errmsg *e);
void hugepages_give_back(struct hugepages *hp);
/* Undoes what keepers did that were killed. */
void hugepages_recover(void);

#endif
