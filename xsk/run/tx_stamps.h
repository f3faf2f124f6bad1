/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_TX_STAMPS_H
#define XSK_RUN_TX_STAMPS_H

#include <stdint.h>

#include "ring/sock.h"
#include "run/verdict.h"

/*
 * Timestamps of sent packets: each is asked for in the metadata in front of the packet, and written there
 * by the kernel before the address comes back. In copy mode that is CLOCK_TAI when the packet
 * was done (xsk_tx_metadata_complete()), so it lies between submission and completion.
 */
struct tx_stamps {
	uint64_t n_due, n_judged;
	uint64_t now_ns; /* CLOCK_TAI, of the batch */
};

uint64_t tx_stamps_clock_ns(void);

/* Into the metadata of a packet that asks: since when it may have been sent. */
void tx_stamps_ask(struct tx_stamps *ts, struct sock_tx_metadata *metadata);

/*
 * Of a packet that came back: expects ts->now_ns to be no earlier than that. True, with a verdict in *v,
 * for a time that cannot be; v's packet is the caller's to know. Metadata that asks for no time: nothing.
 */
bool tx_stamps_is_wrong(struct tx_stamps *ts, struct sock_tx_metadata *metadata, struct verdict *v);

#endif
