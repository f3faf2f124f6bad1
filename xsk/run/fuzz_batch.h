/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_FUZZ_BATCH_H
#define XSK_RUN_FUZZ_BATCH_H

#include <sys/uio.h>

#include "run/fuzz.h"
#include "run/world.h"

#define FUZZ_MAX_RX_FRAGS 512 /* of a packet: more than any link carries */

/* Packets of a case that are with the kernel at the same time. */
struct fuzz_batch {
	const struct fuzz_case *c;
	const struct caps *caps;
	struct world *world;
	struct fuzz_answer *answer;
	uint64_t wait_ns;  /* without any movement */
	size_t first, end; /* packets */

	/* What the model says is due: addresses that come back, packets that arrive, in this order. */
	uint64_t due[FUZZ_MAX_WINDOW + 8];
	uint32_t n_due;
	size_t arrive[FUZZ_MAX_WINDOW];
	uint32_t n_arrive, n_arrived;
	uint64_t n_invalid; /* of the whole case so far */

	struct desc descs[FUZZ_MAX_WINDOW]; /* of all packets, as on the ring */
	uint32_t n_descs;
	uint32_t n_hidden;   /* of them, not submitted yet */
	uint32_t n_reserved; /* places on the completion ring: taken, and not read yet */

	/* The packet that is arriving. */
	uint64_t frames[FUZZ_MAX_RX_FRAGS];
	struct iovec iov[FUZZ_MAX_RX_FRAGS];
	uint32_t n_frags;
};

/*
 * Sends the next batch and waits for what is due; what differs goes into the answer. Only
 * an environment that refuses is an error.
 */
int fuzz_batch_next(struct fuzz_batch *b, struct errmsg *e);

#endif
