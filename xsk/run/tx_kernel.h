/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_TX_KERNEL_H
#define XSK_RUN_TX_KERNEL_H

#include "base/errmsg.h"
#include "run/traffic.h"
#include "run/wish.h"

/*
 * Sends one flow from a socket of the kernel's own, as flow_plan.sender says: frames as they
 * are (packet), payloads of datagrams (udp), or a connection of which each packet's payload is
 * one segment (tcp). With EDT_BY_TXTIME the socket says when each is to leave (SO_TXTIME).
 *
 * It honours the window of the flow and, but for TCP, whose pace is the kernel's
 * (SO_MAX_PACING_RATE), pace_pps. It counts as sent what no queue of this host holds any more,
 * and with TCP what the other end has.
 *
 * Init opens the socket, at the sending end, into whose namespace it moves the calling thread.
 * Sentence and negative errno on failure; release is needed all the same.
 */
struct tx_kernel {
	struct worker base; /* without a port */
	struct flow_run *run;
	int fd;
	struct wish wish;
	uint64_t start_ns;
	uint64_t next; /* packet that has not been sent yet */
	struct tx_kernel_batch *batch;
	int n_queued; /* bytes, when last looked at */
	struct tx_result result;
	int send_err;	      /* an errno that is not normal; 0: none */
	struct errmsg send_e; /* the sentence about it */
};

int tx_kernel_init(struct tx_kernel *w, struct traffic *t, uint32_t flow, struct errmsg *e);
void *tx_kernel_run(void *worker);
void tx_kernel_release(struct tx_kernel *w);

#endif
