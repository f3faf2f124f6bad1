/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_DIAGNOSE_H
#define XSK_RING_DIAGNOSE_H

#include <linux/if_xdp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errmsg;
struct link_end;
struct sock;
struct umem;

/*
 * Why the kernel refused a step of ring/sock.c, and what helps. An errno of
 * AF_XDP has up to a dozen causes: each function looks at what can be seen
 * after the failure (limits, queues, owners, features, further attempts on sockets
 * of its own) and adds the cause to the sentence in e. err is the positive
 * errno. The caller is in the namespace of the device.
 */

void diagnose_umem(const struct umem *umem, int err, struct errmsg *e);

/* A ring of n entries. */
void diagnose_ring(uint32_t n, int err, struct errmsg *e);

struct bind_refusal {
	const struct sock *sock;
	const struct link_end *end;
	const struct sockaddr_xdp *addr;
	bool brings_port; /* fill and completion ring are the socket's own */
	int err;
	uint64_t waited_ns; /* for an EBUSY to go away */
};
/* "XDP_COPY|XDP_USE_NEED_WAKEUP|0x4000" */
void diagnose_format_flags(uint16_t flags, char *out, size_t size);
void diagnose_bind(const struct bind_refusal *r, struct errmsg *e);

/* sendto(): what sock_kick_tx() says besides EAGAIN, EBUSY and the like. */
void diagnose_send(const struct sock *sock, const struct link_end *end, int err, struct errmsg *e);

#endif
