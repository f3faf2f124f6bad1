// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "ring/diagnose.h"
#include "ring/meminfo.h"
#include "ring/sock.h"

/* ---- the headroom ---- */

/* Would one chunk of it register, with another headroom? On a socket that is nobody's. */
static bool registers(const struct umem *umem, uint32_t headroom)
{
	const struct umem_plan *plan = umem->plan;
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct xdp_umem_reg reg;
	bool is_good;

	if (fd < 0)
		return false;
	memset(&reg, 0, sizeof(reg)); /* with its padding, as in sock.c */
	reg.addr = (uintptr_t)umem->mem;
	reg.len = plan->frame_size;
	reg.chunk_size = plan->frame_size;
	reg.headroom = headroom;
	reg.flags = plan->is_unaligned ? XDP_UMEM_UNALIGNED_CHUNK_FLAG : 0;
	is_good = !setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg));
	close(fd);
	return is_good;
}

/* The limit differs between kernels that share a version number: found by halving. */
static uint32_t largest_headroom(const struct umem *umem)
{
	uint32_t good = 0, bad = umem->plan->headroom;

	while (bad - good > 1) {
		uint32_t middle = good + (bad - good) / 2;

		if (registers(umem, middle))
			good = middle;
		else
			bad = middle;
	}
	return good;
}

/* ---- EINVAL: the rules of xdp_umem_reg() in net/xdp/xdp_umem.c, in its order ---- */

static uint32_t next_power_of_two(uint32_t size)
{
	uint32_t power = 2048;

	while (power < size)
		power *= 2;
	return power;
}

static void say_headroom(const struct umem *umem, struct errmsg *e)
{
	uint32_t most = largest_headroom(umem);

	errmsg_hint(
		e,
		"a headroom of %u leaves too little of a chunk of %u: this kernel takes at most %u "
		"('umem { headroom %u }')",
		umem->plan->headroom, umem->plan->frame_size, most, most);
}

static void say_einval(const struct umem *umem, struct errmsg *e)
{
	const struct umem_plan *plan = umem->plan;
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);

	if (plan->frame_size < 2048)
		errmsg_hint(e,
			    "a chunk has at least 2048 bytes, not %u ('umem { frame_size 2048 }')",
			    plan->frame_size);
	else if (plan->frame_size > page)
		errmsg_hint(
			e,
			"a chunk of %u bytes is larger than a page, which no kernel is known to "
			"take: at most %u ('umem { frame_size %u }')",
			plan->frame_size, page, page);
	else if (!plan->is_unaligned && plan->frame_size & (plan->frame_size - 1))
		errmsg_hint(e,
			    "aligned chunks have a power of two as their size, not %u "
			    "('umem { frame_size %u }' or 'umem { unaligned }')",
			    plan->frame_size, next_power_of_two(plan->frame_size));
	else if (plan->size < plan->frame_size)
		errmsg_hint(e,
			    "%" PRIu64 " bytes hold not a single chunk of %u ('umem { frames N }')",
			    plan->size, plan->frame_size);
	else if (!plan->is_unaligned && plan->size % plan->frame_size)
		errmsg_hint(e,
			    "%" PRIu64 " bytes are no multiple of the chunk, %" PRIu64
			    " too many ('umem { size %" PRIu64 " }')",
			    plan->size, plan->size % plan->frame_size,
			    plan->size - plan->size % plan->frame_size);
	else if (plan->headroom && registers(umem, 0))
		say_headroom(umem, e);
	else if ((plan->tx_metadata || plan->has_sw_csum) && registers(umem, plan->headroom))
		errmsg_hint(e,
			    "this kernel does not take Tx metadata of %u bytes%s: Linux 6.8 does",
			    plan->tx_metadata,
			    plan->has_sw_csum ? " with XDP_UMEM_TX_SW_CSUM" : "");
	else
		errmsg_hint(e, "none of the causes that are known here");
}

/* ---- the others ---- */

/* Without CAP_IPC_LOCK xdp_umem_account_pages() counts what all UMEMs of the user pin. */
static void say_enobufs(const struct umem_plan *plan, struct errmsg *e)
{
	struct rlimit limit = { 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	errmsg_hint(e,
		    "RLIMIT_MEMLOCK is %" PRIu64
		    " KiB for all UMEMs of the user, this one pins %" PRIu64
		    " KiB, and CAP_IPC_LOCK is missing: raise it ('ulimit -l %" PRIu64
		    "'), or give the process CAP_IPC_LOCK",
		    (uint64_t)limit.rlim_cur >> 10, (plan->size + 1023) >> 10,
		    (plan->size + 1023) >> 10);
}

void diagnose_umem(const struct umem *umem, int err, struct errmsg *e)
{
	if (err == EINVAL)
		say_einval(umem, e);
	else if (err == ENOBUFS)
		say_enobufs(umem->plan, e);
	else if (err == ENOMEM)
		errmsg_hint(e,
			    "its %" PRIu64 " MiB could not be pinned: %" PRIu64
			    " MiB of memory are available ('umem { frames N }')",
			    umem->plan->size >> 20, meminfo_bytes("MemAvailable") >> 20);
}
