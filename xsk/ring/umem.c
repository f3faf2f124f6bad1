// SPDX-License-Identifier: GPL-2.0-only
#include "ring/umem.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "ring/hugepages.h"
#include "ring/meminfo.h"

#define HUGEPAGES_DEADLINE_NS 1000000000ull

/*
 * Registration pins every page, which ends with the OOM killer if there are not that many. Hugepages
 * that the pool does not have are taken from the same memory, by mmap() itself: trying for more
 * than there is takes it from everybody else for a second. Those above the machine's limit are refused at once.
 */
static uint64_t bytes_to_take(const struct umem_plan *plan, size_t size)
{
	uint64_t page, n, pool;

	if (!plan->has_hugepages)
		return size;
	page = hugepages_size();
	n = size / page;
	pool = hugepages_in_pool();
	return n <= pool || n > hugepages_limit() ? 0 : (n - pool) * page;
}

static int check_available(const struct umem_plan *plan, size_t size, struct errmsg *e)
{
	uint64_t available = meminfo_bytes("MemAvailable"), bytes = bytes_to_take(plan, size);

	if (!available || bytes < available)
		return 0;
	errmsg_set(e, ENOMEM, "umem: %" PRIu64 " frames of %u bytes: map %zu MiB%s", plan->n_frames,
		   plan->frame_size, size >> 20, plan->has_hugepages ? " of hugepages" : "");
	errmsg_hint(e, "%" PRIu64 " MiB of memory are available ('umem { frames N }')",
		    available >> 20);
	return -ENOMEM;
}

/*
 * Hugepages of a UMEM that was destroyed just now, here or in a run side by
 * side, are free only when the kernel has let go of its sockets, some
 * milliseconds after close(): worth waiting for.
 */
static void *map_pages(const struct umem *umem)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (umem->plan->has_hugepages ? MAP_HUGETLB : 0);
	uint64_t deadline_ns = clock_ns() + HUGEPAGES_DEADLINE_NS;
	uint64_t page = umem->plan->has_hugepages ? hugepages_size() : 0;
	void *mem;

	for (;;) {
		mem = mmap(NULL, umem->mapped_size, PROT_READ | PROT_WRITE, flags, -1, 0);
		if (mem != MAP_FAILED || !umem->plan->has_hugepages || errno != ENOMEM ||
		    clock_ns() > deadline_ns || umem->mapped_size / page > hugepages_limit())
			return mem;
		poll(NULL, 0, 1);
	}
}

/*
 * Registration faults in every page, which is most of what a case takes to set up: transparent
 * huge pages make it hundreds of times fewer. Not in unaligned mode, where packets are to meet the
 * breaks between small pages. Only a wish: a kernel without them says EINVAL.
 */
static void wish_for_huge_pages(const struct umem *umem)
{
	if (!umem->plan->is_unaligned && !umem->plan->has_hugepages)
		madvise(umem->mem, umem->mapped_size, MADV_HUGEPAGE);
}

/* The machine's pool may have shrunk since the case reserved its share. */
static void say_hugepages(const struct umem *umem, struct errmsg *e)
{
	uint64_t page = hugepages_size(), wanted = umem->mapped_size / page;

	errmsg_hint(e,
		    "it takes %" PRIu64 " hugepages of %" PRIu64 " KiB; the machine has %" PRIu64
		    " left, of at most %" PRIu64
		    ": raise vm.nr_hugepages or vm.nr_overcommit_hugepages by %" PRIu64 "%s",
		    wanted, page >> 10, hugepages_left(), hugepages_limit(),
		    wanted - (wanted > hugepages_left() ? hugepages_left() : 0),
		    umem->plan->is_unreserved ? " (without 'reserve off')" : "");
}

static int map(struct umem *umem, struct errmsg *e)
{
	const struct umem_plan *plan = umem->plan;
	void *mem = map_pages(umem);
	int err;

	if (mem != MAP_FAILED) {
		umem->mem = mem;
		wish_for_huge_pages(umem);
		return 0;
	}
	err = errmsg_set(e, errno, "umem: %" PRIu64 " frames of %u bytes: map %zu KiB%s",
			 plan->n_frames, plan->frame_size, umem->mapped_size >> 10,
			 plan->has_hugepages ? " of hugepages" : "");
	if (plan->has_hugepages && err == -ENOMEM)
		say_hugepages(umem, e);
	return err;
}

int umem_create(struct umem *umem, const struct umem_plan *plan, struct errmsg *e)
{
	uint64_t page = plan->has_hugepages ? hugepages_size() : (uint64_t)sysconf(_SC_PAGESIZE);
	int err;

	*umem = (struct umem){ .plan = plan, .fd = -1 };
	if (!page)
		return errmsg_set(e, EOPNOTSUPP, "umem: this kernel has no hugepages");
	umem->mapped_size = (plan->size + page - 1) / page * page;
	if (!umem->mapped_size) /* an UMEM without a frame, for the kernel to refuse */
		umem->mapped_size = page;
	err = check_available(plan, umem->mapped_size, e);
	if (!err)
		err = map(umem, e);
	if (err)
		*umem = (struct umem){ 0 };
	return err;
}

void umem_destroy(struct umem *umem)
{
	if (umem->mem)
		munmap(umem->mem, umem->mapped_size);
	*umem = (struct umem){ 0 };
}
