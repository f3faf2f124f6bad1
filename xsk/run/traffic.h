/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_TRAFFIC_H
#define XSK_RUN_TRAFFIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"
#include "run/result.h"
#include "run/tx_stamps.h"
#include "run/verdict_rx.h"
#include "run/world.h"

/*
 * One phase of a case at work: the flows that run at the same time, driven by
 * a Tx thread for each sending port and an Rx thread for each receiving one.
 * Threads never report: each fills what is its own, and is judged after it
 * was joined.
 */

/* How long nothing at all may happen before a wait gives up: no case needs longer, a bug takes it. */
#define TRAFFIC_PATIENCE_NS 2000000000ull
/* How long packets may still come in after everything was sent and completed. */
#define TRAFFIC_LATE_NS 300000000ull
/* Both on top of edt_plan.wait_ns: so long packets may be kept on their way. */

/* What the two ends of a flow tell each other, each on a cache line of its own. */
struct flow_run {
	const struct flow_plan *plan;
	uint32_t index;			   /* in case_plan.flows */
	_Alignas(64) _Atomic bool is_sent; /* Tx: will send no more, all completions are in */
	_Atomic uint64_t n_sent;	   /* Tx: packets, where somebody waits for one of them */
	/* Tx, where packets may be lost: tries beyond the window since progress was there. */
	uint64_t probed_at, stall_ns, probe_ns, n_probes;
	_Alignas(64) _Atomic uint64_t progress; /* Rx: the next packet that it waits for */
};

/* How to run, as far as the plan does not say it. */
struct traffic_options {
	enum scrutiny scrutiny; /* of the receivers; bench looks less closely */
	const struct prog
		*loaded[N_ENDS];   /* programs that the case may borrow; NULL: it loads its own */
	const struct drops *drops; /* NULL: reasons of dropped packets are not looked for */
	bool is_pinned;		   /* senders on CPU 0, receivers on CPU 1 (bench) */
};

struct traffic {
	const struct case_plan *c;
	struct world *world;
	struct flow_run *flows;
	uint32_t n_flows;
	uint64_t deadline_at_ns; /* CLOCK_MONOTONIC */
	const struct traffic_options *opts;
	/*
	 * Where a link has nodes in between, its senders stay on one CPU, as both ends of a TCP
	 * connection do: what another CPU has received may overtake what this one still has in its
	 * backlog (netif_rx()).
	 */
	int cpu;
	_Atomic bool is_late; /* some thread ran into the deadline */
};

/* Results that every worker has. */
struct worker {
	struct traffic *traffic;
	struct world_port *port;
	enum end end;
	uint32_t n_turns; /* busy ones */
	uint64_t n_moved; /* packets and completions since the last nap */
	uint64_t n_much;  /* so many that the other end may have waited meanwhile */
	int64_t nap_ns;
	uint32_t n_spins; /* idle turns since something moved */
	uint64_t idle_since_ns;
	struct verdicts *verdicts;
};

struct tx_worker {
	struct worker base;
	struct tx_flow *flows;
	uint32_t n_flows;
	struct tx_frames *frames;
	struct tx_stamps stamps;
	uint8_t *scratch; /* STREAM_MAX_LEN: a packet on its way into fragments */
	uint64_t start_ns;
	struct tx_result result;
	uint64_t n_back;    /* addresses that came back, where one of them is sabotaged */
	int send_err;	    /* an errno of sendto() that is not normal; 0: none */
	uint32_t send_flow; /* whose, in case_plan.flows */
};

struct rx_worker {
	struct worker base;
	struct rx_sock *socks;
	uint32_t n_socks;
	uint32_t *refill; /* frames on their way back to the fill ring */
	uint32_t n_refill;
	bool is_all_sent; /* seen: only then a silence means something */
	struct rx_result result;
};

/* Prepare, run (in a thread of its own), release. Init picks the flows of its port by itself. */
void tx_worker_init(struct tx_worker *w, struct traffic *t, enum end end, uint32_t port);
void *tx_worker_run(void *worker);
void tx_worker_release(struct tx_worker *w);

void rx_worker_init(struct rx_worker *w, struct traffic *t, enum end end, uint32_t port);
void *rx_worker_run(void *worker);
void rx_worker_release(struct rx_worker *w);

/* Puts the first frames on the fill ring: before anything is sent. */
void rx_port_fill(struct world_port *port);

/*
 * What a worker says after each turn of its loop: something moved, or nothing
 * did. An idle one looks for a while, then naps. False once nothing
 * has moved for patience_ns, or when the deadline of the case has passed.
 */
bool worker_busy(struct worker *w);
bool worker_idle(struct worker *w, uint64_t patience_ns);

/*
 * The first packet that may not be sent now: the receiver is too far behind, or at pace_pps (0: as
 * fast as it goes) it is not time yet.
 */
uint64_t flow_run_limit(struct flow_run *run, uint64_t pace_pps, uint64_t start_ns);

/* What a flow that was given up did not send: all packets from next on. */
void flow_run_accuse_unsent(const struct flow_run *run, uint64_t next, struct verdicts *vs);

/* Runs one phase on open sockets and adds what came of it to result. */
int traffic_run(struct world *w, const struct phase *phase, uint64_t deadline_at_ns,
		const struct traffic_options *opts, struct case_result *result, struct errmsg *e);

#endif
