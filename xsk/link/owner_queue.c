// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "link/nlconn.h"
#include "link/owner.h"

struct search {
	int ifindex;
	uint32_t queue;
	uint32_t inode;	 /* found by sock_diag; 0: none */
	char target[32]; /* socket:[INODE] */
};

/* ---- sock_diag ---- */

static int take_socket(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[XDP_DIAG_MAX + 1];
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct xdp_diag_msg *diag = nlmsg_data(hdr);
	const struct xdp_diag_info *info;
	struct search *s = arg;

	if (nlmsg_parse(hdr, sizeof(*diag), attrs, XDP_DIAG_MAX, NULL) || !attrs[XDP_DIAG_INFO])
		return NL_SKIP;
	info = nla_data(attrs[XDP_DIAG_INFO]);
	if ((int)info->ifindex == s->ifindex && info->queue_id == s->queue)
		s->inode = diag->xdiag_ino;
	return NL_OK;
}

/* False where the kernel has no sock_diag for AF_XDP: then nothing is known yet. */
static bool ask_diag(struct search *s)
{
	struct xdp_diag_req req = { .sdiag_family = AF_XDP, .xdiag_show = XDP_SHOW_INFO };
	struct nl_msg *msg = nlmsg_alloc_simple(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
	bool is_answered = false;
	struct nlconn nl;

	if (!msg)
		return false;
	if (!nlmsg_append(msg, &req, sizeof(req), NLMSG_ALIGNTO) && !nlconn_open_diag(&nl, NULL)) {
		is_answered = !nlconn_ask(&nl, msg, take_socket, s);
		nlconn_close(&nl);
	}
	nlmsg_free(msg);
	return is_answered;
}

/* ---- from the inode to the process ---- */

static bool is_socket(void *arg, int pid, const char *path, const char *target)
{
	const struct search *s = arg;

	(void)pid;
	(void)path;
	return !strcmp(target, s->target);
}

/* A mapped ring is a file mapping of the socket, and keeps it when all descriptors are closed. */
static bool has_mapping(void *arg, int pid)
{
	const struct search *s = arg;
	char path[64], line[512];
	bool is_found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	while (f && !is_found && fgets(line, sizeof(line), f))
		is_found = strstr(line, s->target);
	if (f)
		fclose(f);
	return is_found;
}

static void find_inode(struct owner *o, struct search *s)
{
	o->is_known = s->inode;
	if (!s->inode)
		return;
	snprintf(s->target, sizeof(s->target), "socket:[%u]", s->inode);
	owner_find_descriptor(o, is_socket, s);
	if (o->pid)
		return;
	owner_find_process(o, has_mapping, s);
	o->is_mapped = o->pid;
}

/* ---- without sock_diag ---- */

/*
 * A socket may share the UMEM and the queue of another one with nothing but an Rx ring of
 * its own, and is refused where that other one is not on this queue: it lacks the fill and
 * completion ring that it would need there (xsk_bind() in net/xdp/xsk.c). So the attempt tells, and
 * what it binds receives nothing, as it is in no map, and is closed at once.
 */
static bool sits_on(int fd, const struct search *s)
{
	struct sockaddr_xdp addr = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_SHARED_UMEM,
		.sxdp_ifindex = (uint32_t)s->ifindex,
		.sxdp_queue_id = s->queue,
		.sxdp_shared_umem_fd = (uint32_t)fd,
	};
	const uint32_t n = 1;
	int sharer = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	bool is_bound;

	if (sharer < 0)
		return false;
	is_bound = !setsockopt(sharer, SOL_XDP, XDP_RX_RING, &n, sizeof(n)) &&
		   !bind(sharer, (struct sockaddr *)&addr, sizeof(addr));
	close(sharer);
	return is_bound;
}

/* The descriptor of another process as one of ours; -1: not to be had. */
static int borrow(int pid, int fd)
{
	int pid_fd, mine = -1;

	if (pid == getpid())
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pid_fd < 0)
		return -1;
	mine = (int)syscall(SYS_pidfd_getfd, pid_fd, fd, 0);
	close(pid_fd);
	return mine;
}

static bool is_sharing(void *arg, int pid, const char *path, const char *target)
{
	static const char xattr[] = "system.sockprotoname"; /* sockfs_xattr_get() in net/socket.c */
	char proto[8] = "";
	bool is_it;
	int fd;

	if (strncmp(target, "socket:", 7) || getxattr(path, xattr, proto, sizeof(proto)) < 0 ||
	    strcmp(proto, "XDP") != 0)
		return false;
	fd = borrow(pid, (int)strtol(strrchr(path, '/') + 1, NULL, 10));
	is_it = fd >= 0 && sits_on(fd, arg);
	if (fd >= 0)
		close(fd);
	return is_it;
}

struct owner owner_of_queue(int ifindex, uint32_t queue)
{
	struct search s = { .ifindex = ifindex, .queue = queue };
	struct owner o = { 0 };

	if (ask_diag(&s)) {
		find_inode(&o, &s);
	} else {
		owner_find_descriptor(&o, is_sharing, &s);
		o.is_known = o.pid;
	}
	return o;
}
