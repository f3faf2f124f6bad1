// SPDX-License-Identifier: GPL-2.0-only
#include "link/rights.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "link/link.h"

#define HELD(right, name, meaning)                                                                 \
	{                                                                                          \
		FACT(struct rights, is_held[right], FACT_BOOL, name, meaning)                      \
	}

const struct fact rights_facts[] = {
	[RIGHT_SYS_ADMIN] = HELD(RIGHT_SYS_ADMIN, "CAP_SYS_ADMIN",
				 "needed: network namespaces; includes CAP_BPF"),
	[RIGHT_NET_ADMIN] =
		HELD(RIGHT_NET_ADMIN, "CAP_NET_ADMIN", "needed: devices, XDP programs, busy poll"),
	[RIGHT_NET_RAW] = HELD(RIGHT_NET_RAW, "CAP_NET_RAW", "needed: AF_XDP sockets"),
	[RIGHT_IPC_LOCK] = HELD(RIGHT_IPC_LOCK, "CAP_IPC_LOCK",
				"needed unless memlock is unlimited: a UMEM is pinned"),
	[RIGHT_SYS_RESOURCE] =
		HELD(RIGHT_SYS_RESOURCE, "CAP_SYS_RESOURCE", "not needed: raises limits"),
	[RIGHT_SYS_PTRACE] =
		HELD(RIGHT_SYS_PTRACE, "CAP_SYS_PTRACE", "for userfaultfd's events of fork()"),
	{ FACT(struct rights, pins_without_limit, FACT_BOOL, "memlock_unlimited",
	       "RLIMIT_MEMLOCK: how much memory may be pinned") },
	{ FACT(struct rights, missing, FACT_TEXT, "missing", "needed and not held") },
	{},
};

static const int capabilities[N_RIGHTS] = {
	[RIGHT_SYS_ADMIN] = CAP_SYS_ADMIN,	 [RIGHT_NET_ADMIN] = CAP_NET_ADMIN,
	[RIGHT_NET_RAW] = CAP_NET_RAW,		 [RIGHT_IPC_LOCK] = CAP_IPC_LOCK,
	[RIGHT_SYS_RESOURCE] = CAP_SYS_RESOURCE, [RIGHT_SYS_PTRACE] = CAP_SYS_PTRACE,
};

/* libcap for one call is too much: glibc has no wrapper, but the call itself is stable. */
static uint64_t effective_caps(void)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &hdr, data))
		return 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static bool pins_without_limit(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur == RLIM_INFINITY;
}

/*
 * CAP_BPF is not asked for: CAP_SYS_ADMIN, without which there are no network
 * namespaces, includes it (bpf_capable() in the kernel).
 */
static bool is_needed(const struct rights *rights, enum right right)
{
	return right < RIGHT_IPC_LOCK || (right == RIGHT_IPC_LOCK && !rights->pins_without_limit);
}

void rights_read(struct rights *rights)
{
	uint64_t caps = effective_caps();
	size_t size = sizeof(rights->missing), len = 0;

	*rights = (struct rights){ .pins_without_limit = pins_without_limit() };
	for (enum right r = 0; r < N_RIGHTS; r++) {
		rights->is_held[r] = caps >> capabilities[r] & 1;
		if (!rights->is_held[r] && is_needed(rights, r) && len < size)
			len += (size_t)snprintf(rights->missing + len, size - len, "%s%s",
						len ? ", " : "", rights_facts[r].name);
	}
}

void link_missing_rights(char *out, size_t size)
{
	struct rights rights;

	rights_read(&rights);
	snprintf(out, size, "%s", rights.missing);
}
