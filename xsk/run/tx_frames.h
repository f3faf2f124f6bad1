/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_TX_FRAMES_H
#define XSK_RUN_TX_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/desc.h"
#include "ring/audit.h"
#include "run/world.h"

/*
 * The frames of one sending port: which are free, which are with the kernel,
 * and what comes back on the completion ring. Generated packets take slots
 * from a FIFO, so that every address of the UMEM gets its turn; addresses that a spec
 * wrote itself may overlap, lie outside the UMEM or repeat, and are kept in a list.
 */
struct tx_frames {
	struct world_port *port;
	struct desc *listed; /* verbatim descriptors that are out */
	uint32_t n_listed, listed_cap;
	enum audit_fault fault; /* the first address that was not due, and what was wrong */
	uint64_t fault_addr;
	uint64_t n_faults;
};

void tx_frames_init(struct tx_frames *tf, struct world_port *port);
void tx_frames_release(struct tx_frames *tf);

/* Descriptors whose address is due back. */
static inline uint64_t tx_frames_n_out(const struct tx_frames *tf)
{
	return tf->port->tx_book.n_out + tf->n_listed;
}

/* Starts of n free slots in bytes; false when there are not so many: nothing is taken then. */
bool tx_frames_take(struct tx_frames *tf, uint32_t n, uint64_t *bases);

/* A descriptor in a slot, or one with an address of its own, goes to the kernel. */
void tx_frames_give(struct tx_frames *tf, const struct desc *desc);
void tx_frames_list(struct tx_frames *tf, const struct desc *desc);

/* Would this descriptor's bytes overwrite those of a listed one that is out? */
bool tx_frames_overlaps(const struct tx_frames *tf, const struct desc *desc);

/* An address comes back: from the completion ring, or from an invalid descriptor that was consumed. */
void tx_frames_return(struct tx_frames *tf, uint64_t addr);

#endif
