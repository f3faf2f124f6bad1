/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_KSOCK_H
#define XSK_RUN_KSOCK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"

struct errmsg;

/*
 * Sockets of the kernel's own protocols, for the streams that they send (run/tx_kernel.h) and
 * take (run/rx_kernel.h). A socket is of the namespace that the calling thread is in.
 */

/* Who sends a stream, or whom it is sent to, as its headers say. */
struct ksock_name {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
	char text[INET6_ADDRSTRLEN + 8]; /* 192.0.2.1:9, [2001:db8::1]:9 */
};

/* Of a stream with an IP header and, behind it, UDP or TCP. */
void ksock_name_of(const struct stream *s, bool is_dst, struct ksock_name *name);

/* A non-blocking one for a flow; its descriptor, or sentence and negative errno. */
int ksock_open(const struct flow_plan *f, struct errmsg *e);

/* What it sends has the fields of the IP header that the stream says. */
int ksock_take_header(int fd, const struct stream *s, struct errmsg *e);

int ksock_bind(int fd, const struct ksock_name *name, struct errmsg *e);

/* One option; title as in "set SO_SNDBUF". */
#define KSOCK_SET(fd, level, option, value, e) ksock_set(fd, level, option, #option, value, e)
int ksock_set(int fd, int level, int option, const char *title, int value, struct errmsg *e);

/*
 * The calling thread stays on a CPU from now on. What two CPUs hand over, a segment here and one
 * there, arrives in another order than it was sent in, and TCP sends some of it again: then
 * checkpoints see it twice. Where it may not stay there, that can happen.
 */
void ksock_stay(int cpu);

/* Bytes on their way that no window and no limit of the stack may stop. */
#define KSOCK_BUFFER (32 << 20)

#endif
