/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_RX_KERNEL_H
#define XSK_RUN_RX_KERNEL_H

#include "run/traffic.h"

/*
 * Takes the one connection of a flow that a TCP socket sends, reads it to its end, and compares
 * each byte with what the stream has behind its headers, packet after packet. Which bytes came
 * in one segment it cannot see.
 *
 * Init listens, at the receiving end, into whose namespace it moves the calling thread: before
 * the sender is started. Sentence and negative errno on failure; release is needed all the same.
 */
struct rx_kernel {
	struct worker base; /* without a port */
	struct flow_run *run;
	int listen_fd, fd;
	uint64_t pkt;		  /* of which bytes are due now, */
	uint32_t len;		  /* how long it is in all, */
	uint32_t at;		  /* and which byte of it comes next */
	uint8_t *expect, *actual; /* STREAM_MAX_LEN */
	uint8_t *buf;
	int err; /* errno of a connection that broke; 0: none */
	struct rx_result result;
};

int rx_kernel_init(struct rx_kernel *w, struct traffic *t, uint32_t flow, struct errmsg *e);
void *rx_kernel_run(void *worker);
void rx_kernel_release(struct rx_kernel *w);

#endif
