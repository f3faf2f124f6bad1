// SPDX-License-Identifier: GPL-2.0-only
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "link/link.h"

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
void link_missing_rights(char *out, size_t size)
{
	const struct {
		int cap;
		const char *name;
		bool is_needed;
	} rights[] = {
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", true },
		{ CAP_NET_ADMIN, "CAP_NET_ADMIN", true },
		{ CAP_NET_RAW, "CAP_NET_RAW", true },
		{ CAP_IPC_LOCK, "CAP_IPC_LOCK", !pins_without_limit() },
	};
	uint64_t caps = effective_caps();
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]) && len < size; i++)
		if (rights[i].is_needed && !(caps & 1ull << rights[i].cap))
			len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "",
						rights[i].name);
}
