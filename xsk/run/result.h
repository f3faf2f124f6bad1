/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_RESULT_H
#define XSK_RUN_RESULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/errmsg.h"
#include "plan/plan.h"
#include "ring/audit.h"
#include "run/verdict.h"
#include "run/verdict_edt.h"

/*
 * What came of a case: plain data without a pointer, so that the process of the
 * case can leave it in memory that it shares with its parent, and whatever was
 * known survives a crash.
 */

enum outcome {
	OUTCOME_UNKNOWN, /* the process ended before it could say: a bug */
	OUTCOME_PASS,
	OUTCOME_FAIL,  /* verdicts */
	OUTCOME_ERROR, /* the environment refused: err */
	OUTCOME_SKIP,
	OUTCOME_BUG, /* ours: signal or exit status in err */
};

/* What a Tx ring and its completion ring did, summed over sockets and rounds. */
struct tx_result {
	uint64_t n_pkts; /* packets put on the ring, invalid ones included */
	uint64_t n_descs;
	uint64_t n_invalid_descs; /* by the model */
	uint64_t n_completions_due;
	uint64_t n_completions;
	uint64_t n_kicks;
	uint64_t n_busy; /* kicks that ended in EAGAIN, EBUSY or ENOBUFS: normal, tried again */
	int64_t ns;	 /* from the first packet to the last completion */
};

struct rx_result {
	uint64_t n_pkts;		/* ours */
	uint64_t n_due;			/* due until now */
	uint64_t n_unchanged;		/* that came as sent, where a refused change allows it */
	uint64_t n_lost, n_lost_places; /* due packets that did not come, and in how many ranges */
	uint64_t n_strangers;
	uint8_t stranger[64]; /* start of the first one */
	uint32_t stranger_len;
};

/* What the program of an end did with the packets that it saw; all 0 without a program. */
struct program_result {
	uint64_t n_seen, n_redirected, n_passed, n_dropped;
	uint64_t n_refused; /* changes that the kernel refused; err says why: a negative errno */
	int err;
};

struct case_result {
	enum outcome outcome;
	_Atomic bool is_judged; /* all of it is filled in; the process may still be there */
	struct errmsg err;
	struct verdicts verdicts;
	bool is_caught; /* the verdicts are those that the case has to get */
	struct tx_result tx;
	struct rx_result rx;
	uint64_t counters[N_ENDS][N_COUNTERS]; /* sums over sockets and rounds */
	uint64_t recovery_ns; /* the longest, from the end of a fault to the next packet; 0: no fault */
	bool is_zerocopy[N_ENDS]; /* obtained, from XDP_OPTIONS */
	int send_err;		  /* errno of a send that is not normal; 0: none */
	struct errmsg send_e;	  /* the sentence about it; empty: of AF_XDP, not looked into yet */
	struct program_result programs[N_ENDS];
	struct edt_lateness
		lateness;    /* where a qdisc keeps packets until their time; of the last round */
	char evidence[4096]; /* of a failed case, one line each: run/evidence.h */
	uint32_t bind_retries;
	/* Waits that are bounded: for a queue to be free again, for carrier, for counters to settle. */
	uint64_t bind_wait_ns, carrier_wait_ns, counters_wait_ns;
	uint32_t send_flow; /* index into case_plan.flows: whose send had send_err */
	uint64_t n_rounds;
	uint64_t setup_ns, total_ns;
	uint64_t rss_kib; /* peak of the case's process */
};

#endif
