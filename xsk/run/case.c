// SPDX-License-Identifier: GPL-2.0-only
#include "run/case.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ring/hugepages.h"
#include "run/evidence.h"
#include "run/faults.h"
#include "run/trouble.h"
#include "run/verdict_expected.h"
#include "run/world.h"

/* Rx counters can lag behind the last packet: so long is waited for the expected value. */
#define COUNTERS_PATIENCE_NS 1000000000ull

/* poll() that is to time out: long enough for anything that was under way. */
#define POLL_TIMEOUT_MS 50

/* A case at work. */
struct run {
	const struct case_plan *c;
	const struct traffic_options *opts;
	struct case_result *result;
	struct world world;
	struct hugepages hugepages;
	uint64_t (*socket_counters[N_ENDS])[N_COUNTERS]; /* sums over the rounds */
	uint64_t deadline_at_ns;
};

static int reserve_hugepages(struct run *r, struct errmsg *e)
{
	uint64_t page = hugepages_size(), n = 0;

	for (enum end end = 0; end < N_ENDS; end++)
		for (size_t k = 0; k < r->c->ends[end].n_umems; k++) {
			const struct umem_plan *u = &r->c->ends[end].umems[k];

			if (u->has_hugepages && !u->is_unreserved && !u->is_of_a && page)
				n += (u->size + page - 1) / page;
		}
	return n ? hugepages_reserve(&r->hugepages, n, e) : 0;
}

/* Counters of all sockets of an end now, on top of what earlier rounds left. */
static int read_counters(struct run *r, enum end end, uint64_t sum[N_COUNTERS],
			 uint64_t (*each)[N_COUNTERS], struct errmsg *e)
{
	memcpy(sum, r->result->counters[end], sizeof(r->result->counters[end]));
	for (size_t s = 0; s < r->c->ends[end].n_sockets; s++) {
		uint64_t now[N_COUNTERS];
		int err = sock_read_counters(&r->world.ends[end].socks[s], now, e);

		if (err)
			return err;
		for (int k = 0; k < N_COUNTERS; k++) {
			each[s][k] = r->socket_counters[end][s][k] + now[k];
			sum[k] += now[k];
		}
	}
	return 0;
}

static bool is_settled(const struct run *r, enum end end, const uint64_t sum[N_COUNTERS],
		       uint64_t (*each)[N_COUNTERS])
{
	if (!verdict_counters_settled(r->c, end, -1, sum))
		return false;
	for (size_t s = 0; s < r->c->ends[end].n_sockets; s++)
		if (!verdict_counters_settled(r->c, end, (int)s, each[s]))
			return false;
	return true;
}

/* Takes the counters of a round; the last round waits until they are as expected. */
static int take_counters(struct run *r, enum end end, bool is_last, struct errmsg *e)
{
	size_t size = r->c->ends[end].n_sockets * sizeof(*r->socket_counters[end]);
	uint64_t(*each)[N_COUNTERS] = mem_zalloc(size);
	uint64_t start = clock_ns(), until = start + COUNTERS_PATIENCE_NS, sum[N_COUNTERS];
	int err;

	for (;;) {
		err = read_counters(r, end, sum, each, e);
		if (err || !is_last || is_settled(r, end, sum, each) || clock_ns() > until)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	r->result->counters_wait_ns += clock_ns() - start;
	if (!err) {
		memcpy(r->result->counters[end], sum, sizeof(sum));
		memcpy(r->socket_counters[end], each, size);
	}
	free(each);
	return err;
}

/* Nothing to read, no room to send: poll() on the socket has to come to its end. */
static void judge_poll(struct run *r, const struct expect_stmt *e, int socket)
{
	struct pollfd p = {
		.fd = r->world.ends[e->end].socks[socket].fd,
		.events = e->is_pollout ? POLLOUT : POLLIN,
	};

	if (poll(&p, 1, POLL_TIMEOUT_MS) > 0)
		verdict_add(&r->result->verdicts, &(struct verdict){
							  .kind = VERDICT_POLL,
							  .pos = e->pos,
							  .end = e->end,
							  .socket = socket,
							  .counter = e->is_pollout,
							  .actual = p.revents,
						  });
}

static void judge_polls(struct run *r)
{
	for (size_t m = 0; m < r->c->n_measures; m++) {
		const struct expect_stmt *e = r->c->measures[m];

		for (int s = 0; s < (int)r->c->ends[e->end].n_sockets; s++)
			if (e->kind == EXPECT_POLL_TIMEOUT && (e->socket < 0 || e->socket == s))
				judge_poll(r, e, s);
	}
}

static void note_modes(struct run *r)
{
	for (enum end end = 0; end < N_ENDS; end++)
		for (size_t s = 0; s < r->c->ends[end].n_sockets; s++) {
			r->result->is_zerocopy[end] = r->world.ends[end].socks[s].is_zerocopy;
			r->result->bind_retries += r->world.ends[end].socks[s].bind_retries;
			r->result->bind_wait_ns += r->world.ends[end].socks[s].bind_wait_ns;
		}
}

static int set_down(struct run *r, struct errmsg *e)
{
	int err = 0;

	for (enum end end = 0; end < N_ENDS && !err; end++)
		if (r->c->link.down_mask >> end & 1)
			err = link_set_up(&r->world.link, end, false, e);
	return err;
}

static int run_phase(struct run *r, const struct phase *phase, struct errmsg *e)
{
	if (trouble_can_run(r->c, phase))
		return traffic_run(&r->world, phase, r->deadline_at_ns, r->opts, r->result, e);
	trouble_try_sends(&r->world, phase, r->result);
	return 0;
}

/* Where there are checkpoints, or wishes: of the packets of this round. */
static void judge_edt(struct run *r, const struct round_plan *group, bool is_last)
{
	struct edt *edt = &r->world.edt;
	int64_t mono = (int64_t)clock_ns();
	struct edt_view view = {
		.c = r->c,
		.results = edt->results,
		.starts = r->world.starts,
		.tai_offset = (int64_t)clock_ns_of(CLOCK_TAI) - mono,
		.realtime_offset = (int64_t)clock_ns_of(CLOCK_REALTIME) - mono,
	};

	if (!r->c->edt.n_sites && !r->c->edt.setter)
		return;
	memcpy(view.records, edt->records, sizeof(view.records));
	verdict_edt(&r->result->verdicts, &view, group);
	verdict_edt_lateness(&r->result->lateness, &view, group);
	if (!is_last && !r->result->verdicts.n)
		edt_clear(edt);
}

static int run_round(struct run *r, const struct round_plan *group, bool is_last, struct errmsg *e)
{
	int err = world_open(&r->world, e);

	if (err)
		return err;
	note_modes(r);
	if (!r->result->setup_ns)
		r->result->setup_ns = clock_ns();
	err = set_down(r, e);
	for (size_t p = 0; p < group->n_phases && !err && !r->result->send_err; p++)
		err = run_phase(r, &group->phases[p], e);
	if (is_last && !err && !r->result->send_err)
		judge_polls(r);
	for (enum end end = 0; end < N_ENDS && !err && !r->result->send_err; end++)
		err = take_counters(r, end, is_last, e);
	if (!err && !r->result->send_err)
		judge_edt(r, group, is_last);
	if (!err && r->result->send_err) {
		err = trouble_explain_send(&r->world, r->result, e);
		r->result->verdicts.n = 0; /* what is missing only follows from it */
	}
	/* What is left of a failure is evidence; what nothing follows is taken down in the end. */
	if (!is_last && !err && !r->result->verdicts.n)
		world_close(&r->world);
	r->result->n_rounds++;
	return err;
}

/* Between two rounds nobody else looks at the clock. */
static bool is_late(struct run *r)
{
	if (clock_ns() <= r->deadline_at_ns)
		return false;
	verdict_add(&r->result->verdicts, &(struct verdict){
						  .kind = VERDICT_DEADLINE,
						  .expect = (int64_t)r->c->deadline_ns,
						  .pos = r->c->test->pos,
						  .socket = -1,
					  });
	return true;
}

static int run_groups(struct run *r, struct errmsg *e)
{
	int err = 0;

	for (size_t g = 0; g < r->c->n_groups; g++) {
		const struct round_plan *group = &r->c->groups[g];

		for (uint64_t k = 0; k < group->n_rounds && !err; k++) {
			bool is_last = g + 1 == r->c->n_groups && k + 1 == group->n_rounds;

			/* What failed once would only fail again. */
			if (r->result->verdicts.n || is_late(r))
				return 0;
			err = run_round(r, group, is_last, e);
		}
	}
	return err;
}

/* Packets of flows without a receiver at this end that the kernel had to send: its stack gets them. */
static uint64_t due_at_stack(const struct case_plan *c, enum end end)
{
	uint64_t n = 0;

	for (size_t f = 0; f < c->n_flows; f++) {
		const struct flow_plan *flow = &c->flows[f];
		uint64_t n_valid = flow->is_all_valid ? flow->stream.n_pkts : 0;

		/* Of TCP more than the packets gets there, and its sink has looked at each. */
		if (flow->to_end != end || flow->has_receiver || flow->sender == SENDER_TCP)
			continue;
		for (uint64_t i = 0; i < flow->stream.n_pkts && !flow->is_all_valid; i++)
			n_valid += flow_is_valid(flow, i);
		n += n_valid * plan_rounds_of(c, f);
	}
	return n;
}

/* The statistics of a device can lag behind, like the counters. */
static int judge_stack(struct run *r, enum end end, struct errmsg *e)
{
	uint64_t until = clock_ns() + COUNTERS_PATIENCE_NS, due = due_at_stack(r->c, end), n = 0;
	int err = 0;

	if (r->result->verdicts.n) /* not all was sent then */
		return 0;
	while (n < due && !err && clock_ns() < until)
		err = link_rx_packets(&r->world.link, end, &n, e);
	if (!err && n < due)
		verdict_add(&r->result->verdicts, &(struct verdict){
							  .kind = VERDICT_STACK,
							  .end = end,
							  .socket = -1,
							  .pos = r->c->flows[0].pos,
							  .expect = (int64_t)due,
							  .actual = (int64_t)n,
						  });
	return err;
}

static int read_programs(struct run *r, struct errmsg *e)
{
	int err = 0;

	for (enum end end = 0; end < N_ENDS && !err; end++) {
		struct prog_stats stats = {};

		if (!r->world.progs[end].obj)
			continue;
		err = prog_read_stats(&r->world.progs[end], &stats, e);
		r->result->programs[end] = (struct program_result){
			stats.n_seen,	 stats.n_redirected, stats.n_passed,
			stats.n_dropped, stats.n_refused,    stats.err,
		};
	}
	return err;
}

/* Packets may have come unchanged: as many as the kernel refused to change? */
static void judge_refused(struct run *r)
{
	const struct case_result *res = r->result;
	uint64_t n_refused = res->programs[END_A].n_refused + res->programs[END_B].n_refused;
	struct verdict v = {
		.kind = VERDICT_REFUSED,
		.end = r->c->flows[0].to_end,
		.socket = -1,
		.pos = r->c->flows[0].pos,
		.expect = (int64_t)n_refused,
		.actual = (int64_t)res->rx.n_unchanged,
	};

	if (!r->c->flows[0].may_refuse || res->verdicts.n)
		return;
	if (res->rx.n_unchanged == res->rx.n_pkts)
		snprintf(v.text, sizeof(v.text), ": not a single packet was changed");
	else if (res->rx.n_unchanged == n_refused)
		return;
	verdict_add(&r->result->verdicts, &v);
}

static int run_all(struct run *r, struct errmsg *e)
{
	int err = reserve_hugepages(r, e);

	if (err)
		return err;
	err = world_create(&r->world, r->c, r->opts->loaded, e);
	r->result->carrier_wait_ns = r->world.link.carrier_wait_ns;
	if (!err)
		err = run_groups(r, e);
	if (!err && r->result->verdicts.n)
		err = trouble_find_gone(&r->world, e);
	for (enum end end = 0; end < N_ENDS && !err; end++)
		err = judge_stack(r, end, e);
	if (!err)
		err = read_programs(r, e);
	if (!err && r->c->n_flows)
		judge_refused(r);
	return err;
}

static bool is_due(const struct case_plan *c)
{
	for (size_t f = 0; f < c->n_flows; f++) {
		const struct flow_plan *flow = &c->flows[f];

		/* A stream that is not delivered at all is a wish that its counters prove. */
		if (flow->has_receiver && !flow->deliver && flow->is_all_valid)
			return true;
	}
	return false;
}

/* What the driver says of no packet proves nothing. */
static void judge_rx_meta(struct run *r)
{
	for (size_t m = 0; m < r->c->n_measures && !r->result->rx.n_pkts; m++)
		if (r->c->measures[m]->kind == EXPECT_RX_META)
			verdict_add(&r->result->verdicts,
				    &(struct verdict){ .kind = VERDICT_NOTHING,
						       .pos = r->c->measures[m]->pos,
						       .socket = -1,
						       .expect = 1 });
}

static void judge_whole(struct run *r)
{
	struct case_result *res = r->result;

	judge_rx_meta(r);
	faults_judge(r->c, res);
	for (enum end end = 0; end < N_ENDS; end++) {
		verdict_counters(&res->verdicts, r->c, end, -1, res->counters[end]);
		for (size_t s = 0; s < r->c->ends[end].n_sockets; s++)
			verdict_counters(&res->verdicts, r->c, end, (int)s,
					 r->socket_counters[end][s]);
	}
	if (is_due(r->c) && !res->rx.n_pkts)
		verdict_add(&res->verdicts, &(struct verdict){
						    .kind = VERDICT_NOTHING,
						    .pos = r->c->flows[0].pos,
						    .expect = (int64_t)r->c->flows[0].stream.n_pkts,
					    });
}

/* The case asks for an error: was it this one, at this step? */
static void judge_error(struct run *r, int err, const struct errmsg *e)
{
	const struct expect_stmt *expect = r->c->expect_error;
	struct verdict v = { .pos = expect->pos, .socket = -1 };

	if (err && -err == expect->err && r->world.failing_step == expect->failing_step)
		return;
	v.kind = err ? VERDICT_OTHER_ERROR : VERDICT_NO_ERROR;
	if (err)
		snprintf(v.text, sizeof(v.text), "%s", e->text);
	verdict_add(&r->result->verdicts, &v);
}

/* Is what happened the subject of the case? Errors of steps that no test can name never are. */
static bool is_judged_by_error(const struct run *r, int err)
{
	return r->c->expect_error && (!err || r->world.failing_step < N_FAILING_STEPS);
}

/* Damage that was never done proves nothing, whatever the verdicts say. */
static bool judge_sabotage(struct run *r)
{
	bool is_done = !is_sabotaged_by(r->c, SABOTEUR_TC) ||
		       (r->world.sabotage.n_done && *r->world.sabotage.n_done);

	if (is_done)
		return verdicts_are_expected(&r->result->verdicts, r->c);
	verdict_add(&r->result->verdicts,
		    &(struct verdict){ .kind = VERDICT_NOT_CAUGHT,
				       .pos = r->c->sabotage.stmt->pos,
				       .socket = -1,
				       .counter = UINT32_MAX,
				       .text = "the kernel did not let the saboteur do it" });
	return false;
}

static uint64_t peak_rss_kib(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : (uint64_t)usage.ru_maxrss;
}

void case_run(const struct case_plan *c, const struct traffic_options *opts,
	      struct case_result *result, void (*judged)(void *ctx), void *ctx)
{
	struct run r = { .c = c, .opts = opts, .result = result };
	uint64_t start = clock_ns();
	struct errmsg e = {};
	bool is_error;
	int err;

	r.world.failing_step = N_FAILING_STEPS;
	r.deadline_at_ns = start + c->deadline_ns;
	for (enum end end = 0; end < N_ENDS; end++)
		r.socket_counters[end] =
			mem_zalloc(c->ends[end].n_sockets * sizeof(*r.socket_counters[end]));
	err = run_all(&r, &e);
	is_error = err && !is_judged_by_error(&r, err);
	if (is_judged_by_error(&r, err))
		judge_error(&r, err, &e);
	else if (!err)
		judge_whole(&r);
	for (enum end end = 0; end < N_ENDS; end++)
		free(r.socket_counters[end]);
	result->err = e;
	result->setup_ns -= result->setup_ns ? start : 0;
	result->total_ns = clock_ns() - start;
	result->rss_kib = peak_rss_kib();
	if (!is_error && c->n_verdicts)
		result->is_caught = judge_sabotage(&r);
	result->outcome = is_error				   ? OUTCOME_ERROR :
			  result->verdicts.n && !result->is_caught ? OUTCOME_FAIL :
								     OUTCOME_PASS;
	if (result->verdicts.n && r.world.c)
		evidence_gather(&r.world, opts, result);
	judged(ctx);
	world_destroy(&r.world);
	hugepages_give_back(&r.hugepages);
}
