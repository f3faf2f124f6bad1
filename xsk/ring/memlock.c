// SPDX-License-Identifier: GPL-2.0-only
#include "ring/memlock.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/errmsg.h"

/* The thread's own effective set: glibc has no wrapper, but the call itself is stable. */
static int change_caps(uint32_t *caps, uint32_t *old)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &hdr, data))
		return -errno;
	*old = data[0].effective;
	data[0].effective = caps ? *caps : data[0].effective & ~(1u << CAP_IPC_LOCK);
	return syscall(SYS_capset, &hdr, data) ? -errno : 0;
}

/* Only the soft limit, so that it can be raised again without CAP_SYS_RESOURCE. */
static int change_limit(uint64_t bytes, uint64_t *old)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return -errno;
	*old = limit.rlim_cur;
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	return setrlimit(RLIMIT_MEMLOCK, &limit) ? -errno : 0;
}

int memlock_lower(struct memlock *m, uint64_t bytes, struct errmsg *e)
{
	int err;

	*m = (struct memlock){ 0 };
	err = change_limit(bytes, &m->old_limit);
	if (err)
		return errmsg_set(e, -err, "umem: lower RLIMIT_MEMLOCK to %" PRIu64 " bytes",
				  bytes);
	err = change_caps(NULL, &m->old_caps);
	if (err)
		return errmsg_set(e, -err, "umem: take CAP_IPC_LOCK off the thread");
	m->is_lowered = true;
	return 0;
}

void memlock_restore(struct memlock *m)
{
	uint64_t ignored_limit;
	uint32_t ignored_caps;

	if (m->is_lowered) {
		change_limit(m->old_limit, &ignored_limit);
		change_caps(&m->old_caps, &ignored_caps);
	}
	*m = (struct memlock){ 0 };
}
