// SPDX-License-Identifier: GPL-2.0-only
#include "link/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/errmsg.h"

/* Copied into every device that is created in the namespace later (net/ipv6/addrconf.c). */
#define DISABLE_IPV6 "/proc/sys/net/ipv6/conf/default/disable_ipv6"

/*
 * Router solicitations and multicast listener reports would mix with the
 * packets of a test. A kernel without IPv6 has no such file and sends none.
 */
static int silence_ipv6(struct errmsg *e)
{
	int fd = open(DISABLE_IPV6, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || write(fd, "1", 1) != 1) {
		err = errmsg_set(e, errno, "link: namespace: write 1 to %s", DISABLE_IPV6);
		if (err == -EROFS)
			errmsg_hint(e, "/proc/sys is mounted read-only: a container without "
				       "--privileged?");
	}
	if (fd >= 0)
		close(fd);
	return err;
}

int netns_open(struct errmsg *e)
{
	/* Not /proc/self: that is the process's first thread, whichever thread asks. */
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errmsg_set(e, errno, "link: namespace: open /proc/thread-self/ns/net");
	return fd;
}

int netns_create(struct errmsg *e)
{
	int err;

	if (unshare(CLONE_NEWNET)) {
		err = errmsg_set(e, errno, "link: namespace: create");
		if (err == -EPERM)
			errmsg_hint(e, "CAP_SYS_ADMIN is missing");
		return err;
	}
	err = silence_ipv6(e);
	return err ? err : netns_open(e);
}

int netns_enter(int ns_fd, struct errmsg *e)
{
	if (setns(ns_fd, CLONE_NEWNET))
		return errmsg_set(e, errno, "link: namespace: enter");
	return 0;
}
