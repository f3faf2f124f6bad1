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

/* Only the soft limit where that will do, so that it can be raised again without CAP_SYS_RESOURCE. */
static int lower_limit(struct memlock *m, uint64_t bytes, struct errmsg *e)
{
	struct rlimit limit;
	int err;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return errmsg_set(e, errno, "umem: read RLIMIT_MEMLOCK");
	m->old_limit = limit.rlim_cur;
	m->old_max = limit.rlim_max;
	limit.rlim_cur = bytes;
	if (limit.rlim_max < bytes)
		limit.rlim_max = bytes;
	if (!setrlimit(RLIMIT_MEMLOCK, &limit))
		return 0;
	err = errmsg_set(e, errno, "umem: set RLIMIT_MEMLOCK to %" PRIu64 " bytes", bytes);
	if (limit.rlim_max != m->old_max)
		errmsg_hint(e,
			    "the hard limit is %" PRIu64
			    ", and raising it takes CAP_SYS_RESOURCE: 'ulimit -Hl' is too low",
			    m->old_max);
	return err;
}

static void restore_limit(const struct memlock *m)
{
	struct rlimit limit = { .rlim_cur = m->old_limit, .rlim_max = m->old_max };

	setrlimit(RLIMIT_MEMLOCK, &limit);
}

int memlock_lower(struct memlock *m, uint64_t bytes, struct errmsg *e)
{
	int err;

	*m = (struct memlock){ 0 };
	err = lower_limit(m, bytes, e);
	if (err)
		return err;
	err = change_caps(NULL, &m->old_caps);
	if (err) {
		restore_limit(m);
		return errmsg_set(e, -err, "umem: take CAP_IPC_LOCK off the thread");
	}
	m->is_lowered = true;
	return 0;
}

void memlock_restore(struct memlock *m)
{
	uint32_t ignored_caps;

	if (m->is_lowered) {
		restore_limit(m);
		change_caps(&m->old_caps, &ignored_caps);
	}
	*m = (struct memlock){ 0 };
}
