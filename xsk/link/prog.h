/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_PROG_H
#define XSK_LINK_PROG_H

#include <stdbool.h>
#include <stdint.h>

#include "link/link.h"
#include "link/object_load.h"
#include "plan/plan.h"

struct errmsg;

/* Of include/uapi/linux/bpf.h, Linux 6.3. */
#ifndef BPF_F_XDP_DEV_BOUND_ONLY
#define BPF_F_XDP_DEV_BOUND_ONLY (1u << 6)
#endif

/*
 * The XDP program of one end: one of ours, configured through its read-only
 * data before it is loaded, or a user's own; attached by a bpf_link that the kernel
 * removes when the process ends.
 */
struct prog {
	struct bpf_object *obj; /* NULL: no program */
	const char *name;	/* of the program in it */
	int prog_fd, xsks_fd, by_number_fd, stats_fd;
	int link_fd;
	unsigned int n_keys; /* of the socket maps that may be in use */
	bool is_borrowed;    /* obj is another's */
	bool is_own; /* a user's own, obj is own.obj: there is no by_number_fd and no stats_fd */
	struct object_loaded own;
};

/*
 * Loads and attaches what the end asks for; PROGRAM_NONE leaves prog zeroed.
 * mode says how: XDP_FLAGS_SKB_MODE or XDP_FLAGS_DRV_MODE, never what the kernel
 * prefers. Caller is in the namespace of the end. The verifier's log is
 * trimmed to its cause in the sentence.
 */
int prog_attach(struct prog *prog, const struct link_end *end, const struct end_plan *plan,
		enum mode mode, struct errmsg *e);

/* The first half alone: loaded, and attached nowhere. ifindex: of the device it is for. */
int prog_load(struct prog *prog, const struct end_plan *plan, int ifindex, struct errmsg *e);

/*
 * The second half with what another prog of ours has loaded, its counters set to 0: that one must
 * stay until this one is detached, and nobody else may use it meanwhile.
 */
int prog_borrow(struct prog *prog, const struct prog *loaded, const struct link_end *end,
		enum mode mode, struct errmsg *e);

/*
 * Enters socket number n, bound to queue, into the maps that redirect to it. The
 * socket needs an Rx ring (EOPNOTSUPP). Of several on one queue the first gets
 * the queue's packets, until it is closed. Without a program: nothing to do.
 */
int prog_add_socket(struct prog *prog, unsigned int n, unsigned int queue, int sock_fd,
		    struct errmsg *e);

/* From now on the packets of a queue go to this socket: the map entry is replaced while in use. */
int prog_move_queue(struct prog *prog, unsigned int queue, int sock_fd, struct errmsg *e);

/* Takes all sockets out of the maps again (between rounds). */
int prog_clear_sockets(struct prog *prog, struct errmsg *e);

/* Packets that the program saw and what it did with them, summed over CPUs; a user's own: all 0. */
struct prog_stats {
	uint64_t n_ours; /* sent by a stream of the harness */
	uint64_t n_seen, n_redirected, n_passed, n_dropped;
	uint64_t n_refused; /* changes that the kernel refused */
	int err;	    /* what it said of the last one: a negative errno */
};
int prog_read_stats(const struct prog *prog, struct prog_stats *stats, struct errmsg *e);

/* The same for one Rx queue. */
int prog_read_queue(const struct prog *prog, unsigned int queue, struct prog_stats *stats,
		    struct errmsg *e);

/* Accepts a zeroed struct and leaves one. */
void prog_detach(struct prog *prog);

#endif
