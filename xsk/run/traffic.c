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
#include "run/faults.h"
#include "run/rx_kernel.h"
#include "run/tx_kernel.h"

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

/*
 * A window of packets that are all lost would never move again. So where packets may be lost, the
 * sender uses half of it. When nothing has come for a while it tries packets out of the other half,
 * one by one, so that the receiver can be late without being overrun; after a long while it
 * takes for lost what is out.
 */
#define STALL_NS 5000000
#define PROBE_NS 1000000
#define LOST_NS 200000000
#define LOST_AGAIN_NS 50000000

static uint64_t count_probes(struct flow_run *run, uint64_t progress, uint64_t half)
{
	uint64_t now = clock_ns();
	bool is_lost = now - run->stall_ns > LOST_NS;

	if (progress != run->probed_at || !run->stall_ns) {
		run->probed_at = progress;
		run->stall_ns = now;
		run->probe_ns = now + STALL_NS;
		run->n_probes = 0;
	} else if (now > run->probe_ns && (is_lost || run->n_probes < half)) {
		run->probe_ns = now + (is_lost ? LOST_AGAIN_NS : PROBE_NS);
		run->n_probes += is_lost ? half : 1;
	}
	return run->n_probes;
}

uint64_t flow_run_limit(struct flow_run *run, uint64_t pace_pps, uint64_t start_ns)
{
	const struct flow_plan *plan = run->plan;
	uint64_t limit = plan->stream.n_pkts;

	if (plan->window_pkts) {
		uint64_t progress = atomic_load_explicit(&run->progress, memory_order_acquire);

		uint64_t window = plan->may_lose ? (plan->window_pkts + 1) / 2 : plan->window_pkts;

		if (plan->may_lose)
			window += count_probes(run, progress, plan->window_pkts / 2);
		if (limit - progress > window)
			limit = progress + window;
	}
	if (pace_pps) {
		uint64_t ns = clock_ns() - start_ns;
		uint64_t due = (uint64_t)((unsigned __int128)ns * pace_pps / 1000000000) + 1;

		if (due < limit)
			limit = due;
	}
	return limit;
}

void flow_run_accuse_unsent(const struct flow_run *run, uint64_t next, struct verdicts *vs)
{
	if (next < run->plan->stream.n_pkts)
		verdict_add(vs, &(struct verdict){
					.kind = VERDICT_UNSENT,
					.end = run->plan->from_end,
					.socket = -1,
					.flow = run->index,
					.pos = run->plan->pos,
					.pkt = next,
					.last = run->plan->stream.n_pkts - 1,
				});
}

/*
 * The threads of a phase: for each port at most one that sends and one that receives, and for
 * each flow that a kernel socket sends one that does so, with TCP another one that takes it.
 */
struct crew {
	struct tx_worker *tx;
	struct rx_worker *rx;
	struct tx_kernel *tx_kernel;
	struct rx_kernel *rx_kernel;
	struct faults faults;
	pthread_t *threads;
	uint32_t n_tx, n_rx, n_tx_kernel, n_rx_kernel, n_threads;
};

static bool phase_uses(const struct traffic *t, enum end end, uint32_t port, bool rx)
{
	for (uint32_t k = 0; k < t->n_flows; k++) {
		const struct flow_plan *f = t->flows[k].plan;
		enum end at = rx ? f->to_end : f->from_end;
		uint32_t socket = rx ? f->to_socket : f->from_socket;

		if (at == end && t->c->ends[end].sockets[socket].port == port &&
		    (rx ? f->has_receiver : f->sender == SENDER_XDP))
			return true;
	}
	return false;
}

static void init_ports(struct crew *crew, struct traffic *t, enum end end)
{
	for (uint32_t p = 0; p < t->c->ends[end].n_ports; p++) {
		if (phase_uses(t, end, p, true)) {
			rx_port_fill(&t->world->ends[end].ports[p]);
			rx_worker_init(&crew->rx[crew->n_rx++], t, end, p);
		}
		if (phase_uses(t, end, p, false))
			tx_worker_init(&crew->tx[crew->n_tx++], t, end, p);
	}
}

/* Who is connected to comes first. */
static int init_kernel(struct crew *crew, struct traffic *t, uint32_t flow, struct errmsg *e)
{
	enum sender sender = t->flows[flow].plan->sender;
	int err = 0;

	if (sender == SENDER_TCP)
		err = rx_kernel_init(&crew->rx_kernel[crew->n_rx_kernel++], t, flow, e);
	if (!err && sender != SENDER_XDP)
		err = tx_kernel_init(&crew->tx_kernel[crew->n_tx_kernel++], t, flow, e);
	return err;
}

/* On failure crew_release() is needed all the same. */
static int crew_init(struct crew *crew, struct traffic *t, struct errmsg *e)
{
	size_t n_ports = t->c->ends[END_A].n_ports + t->c->ends[END_B].n_ports;
	int err = 0;

	crew->tx = mem_zalloc(n_ports * sizeof(*crew->tx));
	crew->rx = mem_zalloc(n_ports * sizeof(*crew->rx));
	crew->tx_kernel = mem_zalloc(t->n_flows * sizeof(*crew->tx_kernel));
	crew->rx_kernel = mem_zalloc(t->n_flows * sizeof(*crew->rx_kernel));
	crew->threads = mem_zalloc((2 * (n_ports + t->n_flows) + 1) * sizeof(*crew->threads));
	faults_init(&crew->faults, t);
	for (enum end end = 0; end < N_ENDS; end++)
		init_ports(crew, t, end);
	for (uint32_t k = 0; k < t->n_flows && !err; k++)
		err = init_kernel(crew, t, k, e);
	return err;
}

static void crew_release(struct crew *crew)
{
	for (uint32_t k = 0; k < crew->n_tx; k++)
		tx_worker_release(&crew->tx[k]);
	for (uint32_t k = 0; k < crew->n_rx; k++)
		rx_worker_release(&crew->rx[k]);
	for (uint32_t k = 0; k < crew->n_tx_kernel; k++)
		tx_kernel_release(&crew->tx_kernel[k]);
	for (uint32_t k = 0; k < crew->n_rx_kernel; k++)
		rx_kernel_release(&crew->rx_kernel[k]);
	free(crew->tx);
	free(crew->rx);
	free(crew->tx_kernel);
	free(crew->rx_kernel);
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

/* Receivers first. An error number of the thread that could not be started. */
static int start_all(struct crew *crew, const struct traffic *t)
{
	bool is_pinned = t->opts->is_pinned && sysconf(_SC_NPROCESSORS_ONLN) > 1;
	int rx_cpu = is_pinned ? 1 : -1, err = 0;
	int tx_cpu = is_pinned ? 0 : t->c->link.n_hops > 1 ? t->cpu : -1;

	for (uint32_t k = 0; k < crew->n_rx && !err; k++)
		err = start(crew, "xskspec-rx", rx_worker_run, &crew->rx[k], rx_cpu);
	for (uint32_t k = 0; k < crew->n_rx_kernel && !err; k++)
		err = start(crew, "xskspec-rx", rx_kernel_run, &crew->rx_kernel[k], rx_cpu);
	for (uint32_t k = 0; k < crew->n_tx && !err; k++)
		err = start(crew, "xskspec-tx", tx_worker_run, &crew->tx[k], tx_cpu);
	for (uint32_t k = 0; k < crew->n_tx_kernel && !err; k++)
		err = start(crew, "xskspec-tx", tx_kernel_run, &crew->tx_kernel[k], tx_cpu);
	if (!err && t->c->test->n_ats)
		err = start(crew, "xskspec-faults", faults_run, &crew->faults, -1);
	return err;
}

static int crew_run(struct crew *crew, struct traffic *t, struct errmsg *e)
{
	int err = start_all(crew, t);

	/* Receivers must not wait for a sender that could not be started. */
	for (uint32_t k = 0; k < t->n_flows && err; k++)
		atomic_store(&t->flows[k].is_sent, true);
	for (uint32_t k = 0; k < crew->n_threads; k++)
		pthread_join(crew->threads[k], NULL);
	return err ? errmsg_set(e, err, "run: start thread %u", crew->n_threads + 1) : 0;
}

static void add_tx(struct case_result *r, const struct tx_result *tx,
		   const struct verdicts *verdicts)
{
	r->tx.n_pkts += tx->n_pkts;
	r->tx.n_descs += tx->n_descs;
	r->tx.n_invalid_descs += tx->n_invalid_descs;
	r->tx.n_completions_due += tx->n_completions_due;
	r->tx.n_completions += tx->n_completions;
	r->tx.n_kicks += tx->n_kicks;
	r->tx.n_busy += tx->n_busy;
	r->tx.ns += tx->ns;
	verdicts_join(&r->verdicts, verdicts);
}

/* Only the first is told: what comes after it may follow from it. */
static void add_send_err(struct case_result *r, int err, uint32_t flow, const struct errmsg *e)
{
	if (!err || r->send_err)
		return;
	r->send_err = err;
	r->send_flow = flow;
	if (e)
		r->send_e = *e;
}

static void add_rx(struct case_result *r, const struct rx_result *rx,
		   const struct verdicts *verdicts)
{
	r->rx.n_pkts += rx->n_pkts;
	r->rx.n_due += rx->n_due;
	r->rx.n_unchanged += rx->n_unchanged;
	r->rx.n_lost += rx->n_lost;
	r->rx.n_lost_places += rx->n_lost_places;
	if (!r->rx.n_strangers && rx->n_strangers) {
		memcpy(r->rx.stranger, rx->stranger, sizeof(r->rx.stranger));
		r->rx.stranger_len = rx->stranger_len;
	}
	r->rx.n_strangers += rx->n_strangers;
	verdicts_join(&r->verdicts, verdicts);
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
	for (uint32_t k = 0; k < crew->n_tx; k++) {
		const struct tx_worker *w = &crew->tx[k];

		add_tx(r, &w->result, w->base.verdicts);
		add_send_err(r, w->send_err, w->send_flow, NULL);
	}
	for (uint32_t k = 0; k < crew->n_tx_kernel; k++) {
		const struct tx_kernel *w = &crew->tx_kernel[k];

		add_tx(r, &w->result, w->base.verdicts);
		add_send_err(r, w->send_err, w->run->index, &w->send_e);
	}
	if (crew->faults.recovery_ns > r->recovery_ns)
		r->recovery_ns = crew->faults.recovery_ns;
	for (uint32_t k = 0; k < crew->n_rx; k++)
		add_rx(r, &crew->rx[k].result, crew->rx[k].base.verdicts);
	for (uint32_t k = 0; k < crew->n_rx_kernel; k++)
		add_rx(r, &crew->rx_kernel[k].result, crew->rx_kernel[k].base.verdicts);
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
		.cpu = sched_getcpu(),
	};
	struct crew crew = {};
	int err = world_steer(w, phase, e);

	if (err)
		return err;
	t.flows = flow_runs(w->c, phase);
	err = crew_init(&crew, &t, e);
	if (!err) {
		err = crew_run(&crew, &t, e);
		if (!err && crew.faults.err) {
			err = crew.faults.err;
			*e = crew.faults.e;
		}
		join_results(result, &crew, &t);
	}
	crew_release(&crew);
	free(t.flows);
	return err;
}
