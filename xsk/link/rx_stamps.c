// SPDX-License-Identifier: GPL-2.0-only
#include "link/rx_stamps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"

#define PATIENCE_NS 2000000000ull
#define POLL_MS 10

/* With it comes the address 127.0.0.1. */
static int set_up_loopback(int fd, struct errmsg *e)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (ioctl(fd, SIOCSIFFLAGS, &req))
		return errmsg_set(e, errno, "link: device 'lo': set up");
	return 0;
}

/* Connected to itself: what it sends, it receives. */
static int make_loop(int fd, struct errmsg *e)
{
	struct sockaddr_in self = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(self);

	if (bind(fd, (struct sockaddr *)&self, len) ||
	    getsockname(fd, (struct sockaddr *)&self, &len) ||
	    connect(fd, (struct sockaddr *)&self, len))
		return errmsg_set(e, errno, "link: device 'lo': connect a socket to itself");
	return 0;
}

static int ask(int fd, struct errmsg *e)
{
	const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;

	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)))
		return errmsg_set(e, errno, "link: device 'lo': set SO_TIMESTAMPING");
	return 0;
}

static bool has_stamp(struct msghdr *msg)
{
	struct scm_timestamping stamps;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(&stamps, CMSG_DATA(c), sizeof(stamps));
		if (stamps.ts[0].tv_sec || stamps.ts[0].tv_nsec)
			return true;
	}
	return false;
}

/* One packet around. */
static bool is_stamped(int fd)
{
	union {
		struct cmsghdr hdr;
		char bytes[256];
	} control;
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return send(fd, &byte, 1, MSG_DONTWAIT) == 1 && poll(&p, 1, POLL_MS) == 1 &&
	       recvmsg(fd, &msg, MSG_DONTWAIT) == 1 && has_stamp(&msg);
}

/* The kernel throws the switch in a work item (net_enable_timestamp()). */
static int await(int fd, struct errmsg *e)
{
	uint64_t until_ns = clock_ns() + PATIENCE_NS;

	while (!is_stamped(fd)) {
		if (clock_ns() > until_ns)
			return errmsg_set(e, ETIMEDOUT,
					  "link: device 'lo': wait %d ms for receive timestamps",
					  (int)(PATIENCE_NS / 1000000));
		poll(NULL, 0, 1);
	}
	return 0;
}

int rx_stamps_on(struct rx_stamps *s, const struct link *link, struct errmsg *e)
{
	int err = link_enter(link, END_A, e);

	*s = (struct rx_stamps){ 0 };
	if (err)
		return err;
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0) {
		err = errmsg_set(e, errno, "link: device 'lo': make a socket");
		s->fd = 0;
		return err;
	}
	err = set_up_loopback(s->fd, e);
	if (!err)
		err = make_loop(s->fd, e);
	if (!err)
		err = ask(s->fd, e);
	if (!err)
		err = await(s->fd, e);
	if (err)
		rx_stamps_off(s);
	return err;
}

void rx_stamps_off(struct rx_stamps *s)
{
	if (s->fd > 0)
		close(s->fd);
	*s = (struct rx_stamps){ 0 };
}
