/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_VERDICT_RX_H
#define XSK_RUN_VERDICT_RX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "bpf/shared.h"
#include "plan/plan.h"
#include "run/verdict.h"

/*
 * The judge of what one socket receives: every packet is compared, byte by
 * byte, with the one that its stream would generate. Pure; one thread.
 */

#define JUDGE_MAX_GAPS 64

/* Due packets that were passed over: missing at the end, out of order if they come late. */
struct gap {
	uint64_t first, end; /* [first, end) */
};

struct judge_flow {
	const struct flow_plan *plan;
	uint32_t index;	      /* in case_plan.flows */
	struct env env;	      /* of its own: VAR_SENT changes with each packet */
	struct stream due;    /* as the packets should arrive: checksums may be complete by then */
	uint64_t next;	      /* the next packet that is due; n_pkts: none is any more */
	uint32_t hash;	      /* of the first packet, as the driver said; 0: none did yet */
	uint64_t n_unchanged; /* that came as sent although a change was due */
	uint64_t n_seen;      /* due packets that came, in whatever state */
	uint64_t n_lost, n_lost_places; /* in the end: those that did not, and in how many ranges */
	struct gap gaps[JUDGE_MAX_GAPS];
	uint32_t n_gaps;
};

/*
 * How closely the judge looks. All but the first are for bench: what reading a packet costs at
 * all, its cache lines coming from the sender's CPU, is not the cost of verifying it.
 */
enum scrutiny { SCRUTINY_EVERY_BYTE, SCRUTINY_ONE_BYTE, SCRUTINY_LENGTH, N_SCRUTINIES };

struct judge {
	const struct case_plan *c;
	struct judge_flow *flows;
	uint32_t n_flows;
	enum scrutiny scrutiny;
	uint8_t *scratch; /* twice STREAM_MAX_LEN: the frame as it should be, and as it came */
	uint64_t n_pkts;  /* that were ours */
	uint64_t pkt;	  /* the index of the last one in its flow */
	/* Where packets lie in their frame, headroom included; due: UINT32_MAX for anywhere. */
	uint32_t due_offset, offset;
	/* The counter that the program puts in front of packets, if it does, and the next one due. */
	bool has_meta;
	uint32_t due_meta, other_meta, meta;
	struct rx_meta rx_meta; /* with program rx_metadata: all that is in front of the packet */
	uint64_t last_timestamp;
	uint64_t n_strangers;
	uint8_t stranger[64]; /* start of the first stranger */
	uint32_t stranger_len;
	struct verdicts *verdicts;
};

/* flows: n_flows indices into c->flows, all with the same receiving socket. */
void judge_init(struct judge *j, const struct case_plan *c, const uint32_t *flows,
		uint32_t n_flows);
void judge_release(struct judge *j);

/*
 * One packet as it came, in n fragments, and its .offset and .meta before the call. Returns the flow it belongs to,
 * whose .next may have moved; NULL for a stranger.
 */
struct judge_flow *judge_packet(struct judge *j, const struct iovec *frags, uint32_t n);

/* Nothing more will come: what is still due is missing. */
void judge_finish(struct judge *j);

/* No packet is due any more (some may have been passed over). */
bool judge_is_done(const struct judge *j);

/* Is packet i of a flow due at the receiver: valid by the model and not excluded by 'deliver'? */
bool flow_is_due(const struct flow_plan *f, uint64_t i);

/* Will the kernel send packet i? */
bool flow_is_valid(const struct flow_plan *f, uint64_t i);

#endif
