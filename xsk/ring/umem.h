/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_UMEM_H
#define XSK_RING_UMEM_H

#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

struct errmsg;

/*
 * The memory of a UMEM: mapped here, registered with the kernel by the first
 * socket that uses it (ring/sock.h). Zeroed pages; size is rounded up to
 * whole (huge)pages, but plan->size is what gets registered.
 */
struct umem {
	const struct umem_plan *plan;
	uint8_t *mem;
	size_t mapped_size;
	int fd; /* socket that registered it: others share it through this one; -1: none did yet */
};

/*
 * Refuses with -ENOMEM, before touching any page, what would not fit into the
 * memory that is available now: registration pins every page.
 * With has_hugepages, pages come from hugetlbfs (see ring/hugepages.h).
 */
int umem_create(struct umem *umem, const struct umem_plan *plan, struct errmsg *e);

/* Accepts a zeroed struct and leaves one. Sockets on it are to be closed before. */
void umem_destroy(struct umem *umem);

#endif
