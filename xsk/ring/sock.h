/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_SOCK_H
#define XSK_RING_SOCK_H

#include <linux/if_xdp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xdp/xsk.h>

#include "plan/plan.h"
#include "ring/umem.h"

struct errmsg;
struct link_end;

/* Numbers that the uapi headers of Debian 12 (Linux 6.1) lack; from include/uapi/linux/if_xdp.h. */
#ifndef XDP_USE_SG
#define XDP_USE_SG (1 << 4) /* 6.6 */
#endif
#ifndef XDP_PKT_CONTD
#define XDP_PKT_CONTD (1 << 0) /* 6.6 */
#endif
#ifndef XDP_UMEM_TX_SW_CSUM
#define XDP_UMEM_TX_SW_CSUM (1 << 1) /* 6.8 */
#endif
#ifndef XDP_UMEM_TX_METADATA_LEN
#define XDP_UMEM_TX_METADATA_LEN (1 << 2) /* 6.11, where 6.8 wants none */
#endif
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9 /* 6.17 */
#endif
#ifndef XDP_TXMD_FLAGS_CHECKSUM
#define XDP_TXMD_FLAGS_TIMESTAMP (1 << 0) /* 6.8 */
#define XDP_TXMD_FLAGS_CHECKSUM (1 << 1)  /* 6.8 */
#endif
#ifndef XDP_TXMD_FLAGS_LAUNCH_TIME
#define XDP_TXMD_FLAGS_LAUNCH_TIME (1 << 2) /* 6.14 */
#endif

/* struct xdp_umem_reg of Linux 6.8 and later. */
struct sock_umem_reg {
	uint64_t addr, len;
	uint32_t chunk_size, headroom, flags, tx_metadata_len;
};

/* struct xsk_tx_metadata of Linux 6.14. */
struct sock_tx_metadata {
	uint64_t flags;
	union {
		struct {
			uint16_t csum_start, csum_offset;
			uint64_t launch_time;
		} request;
		struct {
			uint64_t tx_timestamp; /* ns; of copy mode by CLOCK_TAI, when it completed */
		} completion;
	};
};

/*
 * Sockets and rings are made with the kernel's own calls, in the order in
 * which applications make them, so that an error names the step that failed
 * (libxdp's xsk_socket__create() folds a dozen of them into one errno, and
 * refuses combinations itself that the kernel is to be asked about). Rings
 * are libxdp's struct xsk_ring_prod and xsk_ring_cons, used through its accessors.
 */

/* The fill and completion ring of one (UMEM, device, queue). One thread drives each ring. */
struct port {
	const struct port_plan *plan;
	struct umem *umem;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons completion;
	int fd; /* of the port's own, to the socket that made the two rings: see port_release() */
	void *fill_map, *completion_map;
	size_t fill_map_size, completion_map_size;
};

struct sock {
	const struct socket_plan *plan;
	struct port *port;
	struct xsk_ring_cons rx; /* rings that the plan does not ask for stay zeroed */
	struct xsk_ring_prod tx;
	int fd;
	void *rx_map, *tx_map;
	size_t rx_map_size, tx_map_size;
	uint32_t options;      /* XDP_OPTIONS read back after bind */
	bool is_zerocopy;      /* obtained, not asked for */
	bool is_busy_poll;     /* the application drives NAPI: both kicks always enter the kernel */
	uint32_t bind_retries; /* EBUSY while an earlier socket was torn down */
	uint64_t bind_wait_ns; /* for that */
};

/* Where sock_create() failed. */
enum sock_step {
	SOCK_STEP_SOCKET,
	SOCK_STEP_UMEM,
	SOCK_STEP_RINGS,
	SOCK_STEP_BIND,
	SOCK_STEP_OPTIONS
};

/*
 * Makes and binds one socket on end's device. The first socket of a UMEM
 * registers it; a socket whose port has no rings yet brings them along, a
 * further one shares them (XDP_SHARED_UMEM). Caller is in the namespace of
 * the device. A pair (device, queue) that is still being torn down gives
 * EBUSY: the bind is tried again, for at most ten seconds, unless a living
 * process is seen to hold the queue.
 * On failure *step tells where and nothing is left: a registration belongs to
 * the socket, so the same struct umem may be tried again.
 */
int sock_create(struct sock *sock, const struct socket_plan *plan, struct port *port,
		const struct link_end *end, enum mode mode, enum wakeup wakeup,
		enum sock_step *step, struct errmsg *e);

/*
 * Both accept zeroed structs and leave them. Sockets first, then their ports,
 * then UMEMs. A mapped ring keeps its socket open whatever becomes of the
 * descriptor, so the socket that brought a port's rings stays bound until
 * port_release(). If it had registered the UMEM, the next one registers it anew.
 */
void sock_destroy(struct sock *sock);
void port_release(struct port *port);

/* struct xdp_statistics of a socket as an array by enum counter. */
int sock_read_counters(const struct sock *sock, uint64_t counters[N_COUNTERS], struct errmsg *e);

/*
 * Asks the kernel to look at the Tx ring: sendto() without data, or poll() for
 * a socket with is_poll. Returns 0 or -errno; EAGAIN, EBUSY and ENOBUFS are normal
 * (docs: Documentation/networking/af_xdp.rst), the caller counts them.
 */
int sock_kick_tx(const struct sock *sock);

/* Wakes the driver's receive half where the fill ring says that it wants to be woken. */
int sock_kick_rx(const struct sock *sock);

#endif
