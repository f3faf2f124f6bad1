// SPDX-License-Identifier: GPL-2.0-only
#include "run/traffic.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "base/mem.h"

#define LOOK_TURNS 64 /* turns between two looks at the clock, idle turns before a nap */

/*
 * A receiver that looks at its rings all the time takes their cache lines away
 * from the sender, on whose CPU nearly all of a packet's work is done: on veth
 * that costs a third of the rate. So naps grow, and shrink again as soon as so
 * much has moved meanwhile that the other end may have waited for it.
 */
#define NAP_MIN_NS 5000
#define NAP_MAX_NS 200000

static bool is_late(struct worker *w, uint64_t now)
{
	if (now >= w->traffic->deadline_at_ns)
		atomic_store(&w->traffic->is_late, true);
	return atomic_load(&w->traffic->is_late);
}

bool worker_busy(struct worker *w)
{
	w->n_spins = 0;
	return ++w->n_turns % LOOK_TURNS || !is_late(w, clock_ns());
}

static void nap(struct worker *w)
{
	w->nap_ns = w->n_moved >= w->n_much ? w->nap_ns / 2 : w->nap_ns * 2;
	if (w->nap_ns < NAP_MIN_NS)
		w->nap_ns = NAP_MIN_NS;
	if (w->nap_ns > NAP_MAX_NS)
		w->nap_ns = NAP_MAX_NS;
	w->n_moved = 0;
	nanosleep(&(struct timespec){ .tv_nsec = w->nap_ns }, NULL);
}

bool worker_idle(struct worker *w, uint64_t patience_ns)
{
	uint64_t now;

	if (!w->n_spins++)
		w->idle_since_ns = clock_ns();
	if (w->n_spins % LOOK_TURNS)
		return true;
	now = clock_ns();
	if (is_late(w, now) || now - w->idle_since_ns > patience_ns)
		return false;
	nap(w);
	return true;
}

/* The threads of a phase: for each port at most one that sends and one that receives. */
struct crew {
	struct tx_worker *tx;
	struct rx_worker *rx;
	pthread_t *threads;
	uint32_t n_tx, n_rx, n_threads;
};

static bool phase_uses(const struct traffic *t, enum end end, uint32_t port, bool rx)
{
	for (uint32_t k = 0; k < t->n_flows; k++) {
		const struct flow_plan *f = t->flows[k].plan;
		enum end at = rx ? f->to_end : f->from_end;
		uint32_t socket = rx ? f->to_socket : f->from_socket;

		if (at == end && t->c->ends[end].sockets[socket].port == port &&
		    (!rx || f->has_receiver))
			return true;
	}
	return false;
}

static void crew_init(struct crew *crew, struct traffic *t)
{
	size_t n_ports = t->c->ends[END_A].n_ports + t->c->ends[END_B].n_ports;

	crew->tx = mem_zalloc(n_ports * sizeof(*crew->tx));
	crew->rx = mem_zalloc(n_ports * sizeof(*crew->rx));
	crew->threads = mem_zalloc(2 * n_ports * sizeof(*crew->threads));
	for (enum end end = 0; end < N_ENDS; end++)
		for (uint32_t p = 0; p < t->c->ends[end].n_ports; p++) {
			if (phase_uses(t, end, p, true)) {
				rx_port_fill(&t->world->ends[end].ports[p]);
				rx_worker_init(&crew->rx[crew->n_rx++], t, end, p);
			}
			if (phase_uses(t, end, p, false))
				tx_worker_init(&crew->tx[crew->n_tx++], t, end, p);
		}
}

static void crew_release(struct crew *crew)
{
	for (uint32_t k = 0; k < crew->n_tx; k++)
		tx_worker_release(&crew->tx[k]);
	for (uint32_t k = 0; k < crew->n_rx; k++)
		rx_worker_release(&crew->rx[k]);
	free(crew->tx);
	free(crew->rx);
	free(crew->threads);
}

/* name: what top and perf show of the thread, 15 characters at most */
static int start(struct crew *crew, const char *name, void *(*run)(void *), void *worker, int cpu)
{
	pthread_t *thread = &crew->threads[crew->n_threads];
	int err = pthread_create(thread, NULL, run, worker);
	cpu_set_t cpus;

	if (err)
		return err;
	crew->n_threads++;
	pthread_setname_np(*thread, name);
	if (cpu < 0)
		return 0;
	CPU_ZERO(&cpus);
	CPU_SET((unsigned int)cpu, &cpus);
	pthread_setaffinity_np(*thread, sizeof(cpus), &cpus);
	return 0;
}

static int crew_run(struct crew *crew, struct traffic *t, struct errmsg *e)
{
	bool is_pinned = t->opts->is_pinned && sysconf(_SC_NPROCESSORS_ONLN) > 1;
	int err = 0;

	for (uint32_t k = 0; k < crew->n_rx && !err; k++)
		err = start(crew, "xskspec-rx", rx_worker_run, &crew->rx[k], is_pinned ? 1 : -1);
	for (uint32_t k = 0; k < crew->n_tx && !err; k++)
		err = start(crew, "xskspec-tx", tx_worker_run, &crew->tx[k], is_pinned ? 0 : -1);
	/* Receivers must not wait for a sender that could not be started. */
	for (uint32_t k = 0; k < t->n_flows && err; k++)
		atomic_store(&t->flows[k].is_sent, true);
	for (uint32_t k = 0; k < crew->n_threads; k++)
		pthread_join(crew->threads[k], NULL);
	return err ? errmsg_set(e, err, "run: start thread %u", crew->n_threads + 1) : 0;
}

static void add_tx(struct case_result *r, const struct tx_worker *w)
{
	r->tx.n_pkts += w->result.n_pkts;
	r->tx.n_descs += w->result.n_descs;
	r->tx.n_invalid_descs += w->result.n_invalid_descs;
	r->tx.n_completions_due += w->result.n_completions_due;
	r->tx.n_completions += w->result.n_completions;
	r->tx.n_kicks += w->result.n_kicks;
	r->tx.n_busy += w->result.n_busy;
	r->tx.ns += w->result.ns;
	if (w->send_err && !r->send_err) {
		r->send_err = w->send_err;
		r->send_flow = w->send_flow;
	}
	verdicts_join(&r->verdicts, w->base.verdicts);
}

static void add_rx(struct case_result *r, const struct rx_worker *w)
{
	r->rx.n_pkts += w->result.n_pkts;
	r->rx.n_due += w->result.n_due;
	r->rx.n_unchanged += w->result.n_unchanged;
	if (!r->rx.n_strangers && w->result.n_strangers) {
		memcpy(r->rx.stranger, w->result.stranger, sizeof(r->rx.stranger));
		r->rx.stranger_len = w->result.stranger_len;
	}
	r->rx.n_strangers += w->result.n_strangers;
	verdicts_join(&r->verdicts, w->base.verdicts);
}

static void join_results(struct case_result *r, const struct crew *crew, const struct traffic *t)
{
	if (atomic_load(&t->is_late))
		verdict_add(&r->verdicts, &(struct verdict){
						  .kind = VERDICT_DEADLINE,
						  .expect = (int64_t)t->c->deadline_ns,
						  .pos = t->flows[0].plan->pos,
					  });
	/* Senders first: where one stood still, what is missing only follows. */
	for (uint32_t k = 0; k < crew->n_tx; k++)
		add_tx(r, &crew->tx[k]);
	for (uint32_t k = 0; k < crew->n_rx; k++)
		add_rx(r, &crew->rx[k]);
}

static struct flow_run *flow_runs(const struct case_plan *c, const struct phase *phase)
{
	/* Aligned, so that what sender and receiver write does not share a cache line. */
	struct flow_run *runs =
		aligned_alloc(_Alignof(struct flow_run), phase->n_flows * sizeof(*runs));

	if (!runs)
		abort();
	for (size_t k = 0; k < phase->n_flows; k++) {
		memset(&runs[k], 0, sizeof(runs[k]));
		runs[k].index = phase->flows[k];
		runs[k].plan = &c->flows[phase->flows[k]];
	}
	return runs;
}

int traffic_run(struct world *w, const struct phase *phase, uint64_t deadline_at_ns,
		const struct traffic_options *opts, struct case_result *result, struct errmsg *e)
{
	struct traffic t = {
		.c = w->c,
		.world = w,
		.n_flows = (uint32_t)phase->n_flows,
		.deadline_at_ns = deadline_at_ns,
		.opts = opts,
	};
	struct crew crew = {};
	int err = world_steer(w, phase, e);

	if (err)
		return err;
	t.flows = flow_runs(w->c, phase);
	crew_init(&crew, &t);
	err = crew_run(&crew, &t, e);
	join_results(result, &crew, &t);
	crew_release(&crew);
	free(t.flows);
	return err;
}
