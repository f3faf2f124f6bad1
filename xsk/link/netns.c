// SPDX-License-Identifier: GPL-2.0-only
#include "link/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/errmsg.h"

/* Copied into every device that is created in the namespace later (net/ipv6/addrconf.c). */
#define DISABLE_IPV6 "/proc/sys/net/ipv6/conf/default/disable_ipv6"

int netns_write(const char *path, const char *value, struct errmsg *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(value);
	int err = 0;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || write(fd, value, len) != (ssize_t)len) {
		err = errmsg_set(e, errno, "link: namespace: write %s to %s", value, path);
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
	/*
	 * Router solicitations and multicast listener reports would mix with the
	 * packets of a test.
	 */
	err = netns_write(DISABLE_IPV6, "1", e);
	return err ? err : netns_open(e);
}

int netns_enter(int ns_fd, struct errmsg *e)
{
	if (setns(ns_fd, CLONE_NEWNET))
		return errmsg_set(e, errno, "link: namespace: enter");
	return 0;
}
