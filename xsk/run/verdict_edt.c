// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_edt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "bpf/edt.h"
#include "run/verdict_rx.h"

/* A time of receiving is no older than this when a program sees it, */
#define RECEIVED_NS 1000000000
/* and not later than now, but for what the clocks were adjusted since. */
#define ADJUSTED_NS 1000000

/* One expectation and the packets of one flow. */
struct edt_judge {
	const struct edt_view *v;
	struct verdicts *vs;
	uint32_t expect; /* index into edt_plan.expects */
	const struct expect_stmt *stmt;
	uint32_t flow; /* index into case_plan.flows */
	const struct flow_plan *plan;
	const struct edt_flow_plan *edt;
	struct env env; /* VAR_SET and VAR_BEFORE are those of the packet that is looked at */
	bool is_ingress;
	int64_t *values; /* of all flows, for percentiles */
	uint64_t n_values;
	int64_t *steps; /* lateness only: from packet to packet of each flow */
	uint64_t n_steps;
};

static struct verdict *accuse(struct edt_judge *j, enum verdict_kind kind, uint64_t i)
{
	const struct verdict v = {
		.kind = kind,
		.pos = j->stmt ? j->stmt->pos : j->plan->stream.spec->edt_pos,
		.flow = j->flow,
		.pkt = i,
		.socket = -1,
		.counter = j->expect, /* two in one line are two */
	};

	return verdict_add(j->vs, &v);
}

/* ---- what a packet had ---- */

static int64_t clock_offset(const struct edt_view *v, const struct stream_spec *spec)
{
	if (spec->edt_type == EDT_TAI)
		return v->tai_offset;
	return spec->edt_by == EDT_BY_TXTIME && spec->edt_type == EDT_UNSPEC ? v->realtime_offset :
									       0;
}

/* What the packet was given, or asked for, is no time of receiving, however near it is. */
static bool is_a_wish(const struct edt_judge *j, const struct edt_record *r)
{
	const struct stream_spec *spec = j->plan->stream.spec;

	return (spec->edt && r->tstamp == (uint64_t)j->env.v[VAR_SET]) ||
	       (spec->edt_before && r->tstamp == (uint64_t)j->env.v[VAR_BEFORE]);
}

/*
 * Where packets come in, the kernel notes the time for whoever wants it (SO_TIMESTAMPING,
 * net_timestamp_check()), in the same field.
 */
static bool is_received(const struct edt_judge *j, const struct edt_record *r)
{
	int64_t age = (int64_t)r->now_ns + j->v->realtime_offset - (int64_t)r->tstamp;

	return j->is_ingress && (!r->tstamp_type || r->tstamp_type == EDT_TYPE_UNREAD) &&
	       age > -ADJUSTED_NS && age < RECEIVED_NS && !is_a_wish(j, r);
}

static bool has_time(const struct edt_judge *j, const struct edt_record *r)
{
	if (r->tstamp_type && r->tstamp_type != EDT_TYPE_UNREAD)
		return true;
	return r->tstamp && !is_received(j, r);
}

static bool is_of_type(const struct edt_judge *j, const struct edt_record *r, int type)
{
	switch (type) {
	case EDT_MONO:
		return r->tstamp_type == EDT_CLOCK_MONOTONIC;
	case EDT_TAI:
		return r->tstamp_type == EDT_CLOCK_TAI;
	case EDT_UNSPEC:
		return r->tstamp_type == EDT_CLOCK_REALTIME && r->tstamp &&
		       (j->stmt->edt_seen == EDT_SEEN_RECEIVED || !is_received(j, r));
	case EDT_NONE:
		return !has_time(j, r);
	case EDT_UNREAD:
	case -1:
		return true;
	default:
		return r->tstamp_type == type - 256;
	}
}

/* No time at all is earlier than any, and one of receiving later: neither is a delivery time. */
static bool is_order(enum cmp_op op)
{
	return op != CMP_EQ && op != CMP_NE;
}

static bool is_as_expected(const struct edt_judge *j, const struct edt_record *r, int64_t value)
{
	const struct expect_stmt *e = j->stmt;

	if (!is_of_type(j, r, e->edt_type))
		return false;
	switch (e->edt_seen) {
	case EDT_SEEN_TIME:
		/* Whether somebody on the machine asks for times of receiving must not matter. */
		return cmp_holds(is_received(j, r) ? 0 : (int64_t)r->tstamp, e->op, value) &&
		       (!is_order(e->op) || has_time(j, r));
	case EDT_SEEN_NONE:
		return has_time(j, r) == (e->op == CMP_NE);
	case EDT_SEEN_RECEIVED:
		return is_received(j, r);
	default:
		return true;
	}
}

/* ---- one packet at one checkpoint ---- */

static void name_type(char *out, size_t size, int type)
{
	if (type < 0)
		out[0] = '\0';
	else if (type >= 256)
		snprintf(out, size, ", type %d", type - 256);
	else
		snprintf(out, size, ", type %s", edt_type_names[type]);
}

static void name_actual(const struct edt_judge *j, char *out, size_t size,
			const struct edt_record *r)
{
	static const int types[] = {
		[BPF_SKB_DELIVERY_TIME_NONE] = EDT_NONE,
		[BPF_SKB_DELIVERY_TIME_UNSPEC] = EDT_UNSPEC,
		[BPF_SKB_DELIVERY_TIME_MONO] = EDT_MONO,
		[BPF_SKB_DELIVERY_TIME_TAI] = EDT_TAI,
		[N_BPF_SKB_DELIVERY_TIMES] = -1,
	};
	uint32_t type = edt_delivery_time_type(r->tstamp, r->tstamp_type);

	if (is_received(j, r))
		snprintf(out, size, ", the time of receiving it");
	else if (r->tstamp_type == EDT_TYPE_UNREAD)
		name_type(out, size, EDT_UNREAD);
	else
		name_type(out, size, types[type] < 0 ? 256 + r->tstamp_type : types[type]);
}

static void name_expected(const struct edt_judge *j, char *out, size_t size, int64_t value)
{
	const struct expect_stmt *e = j->stmt;
	char type[24];

	name_type(type, sizeof(type), e->edt_type);
	switch (e->edt_seen) {
	case EDT_SEEN_TIME:
		snprintf(out, size, "%s %" PRId64 " ns%s", cmp_names[e->op], value, type);
		break;
	case EDT_SEEN_NONE:
		snprintf(out, size, "%s none%s", cmp_names[e->op], type);
		break;
	case EDT_SEEN_RECEIVED:
		snprintf(out, size, "the time of receiving it%s", type);
		break;
	default:
		snprintf(out, size, "%s", type + 2); /* without its comma */
		break;
	}
}

static void accuse_time(struct edt_judge *j, uint64_t i, const struct edt_record *r, int64_t value)
{
	struct verdict *v = accuse(j, VERDICT_EDT, i);
	char expected[80], actual[40];

	if (!v)
		return;
	name_expected(j, expected, sizeof(expected), value);
	name_actual(j, actual, sizeof(actual), r);
	v->expect = value;
	v->actual = (int64_t)r->tstamp;
	snprintf(v->text, sizeof(v->text), "edt at %s: expect %s, actual %" PRId64 " ns%s",
		 j->stmt->site, expected, (int64_t)r->tstamp, actual);
	if (j->stmt->edt_seen == EDT_SEEN_TIME && r->tstamp && v->actual != value) {
		size_t len = strlen(v->text);

		snprintf(v->text + len, sizeof(v->text) - len, " (%+" PRId64 " ns)",
			 v->actual - value);
	}
}

/* Each packet that the kernel has to send comes by once, unless none is to. */
static bool is_seen(struct edt_judge *j, uint64_t i, const struct edt_record *r)
{
	uint32_t due = j->stmt->edt_seen != EDT_SEEN_NOTHING && flow_is_valid(j->plan, i);
	struct verdict *v;

	if (r->n == due)
		return due;
	v = accuse(j, VERDICT_EDT_SEEN, i);
	if (!v)
		return false;
	v->expect = due;
	v->actual = r->n;
	snprintf(v->text, sizeof(v->text), "seen at %s: expect %s, actual %u time%s",
		 j->stmt->kind == EXPECT_ARRIVAL ? "b.ingress" : j->stmt->site,
		 due ? "once" : "never", r->n, r->n == 1 ? "" : "s");
	return false;
}

static void judge_time(struct edt_judge *j, uint64_t i, const struct edt_record *r)
{
	int64_t value = j->stmt->value ? expr_eval(j->stmt->value, &j->env, i, NULL) : 0;

	if (!is_as_expected(j, r, value))
		accuse_time(j, i, r, value);
}

static void judge_arrival(struct edt_judge *j, uint64_t i, const struct edt_record *r)
{
	const struct expect_stmt *e = j->stmt;
	int64_t value = expr_eval(e->value, &j->env, i, NULL);
	int64_t arrival = (int64_t)r->now_ns + clock_offset(j->v, j->plan->stream.spec);
	int64_t actual = e->is_difference ? arrival - j->env.v[VAR_SET] : arrival;
	struct verdict *v;

	if (e->percentile) {
		j->values[j->n_values++] = actual;
		return;
	}
	if (cmp_holds(actual, e->op, value))
		return;
	v = accuse(j, VERDICT_ARRIVAL, i);
	if (v)
		snprintf(v->text, sizeof(v->text),
			 "arrival%s: expect %s %" PRId64 " ns, actual %" PRId64 " (%+" PRId64
			 " ns)",
			 e->is_difference ? " - set" : "", cmp_names[e->op], value, actual,
			 actual - value);
}

static void accuse_gap(struct edt_judge *j, uint64_t i, const struct edt_record *r,
		       const struct edt_record *before, int64_t value)
{
	const struct expect_stmt *e = j->stmt;
	struct verdict *v = accuse(j, VERDICT_EDT, i);

	if (!v)
		return;
	if (!has_time(j, r) || !has_time(j, before))
		snprintf(v->text, sizeof(v->text),
			 "edt gap at %s: expect two delivery times, actual %" PRId64 " ns%s behind "
			 "%" PRId64 " ns%s",
			 e->site, (int64_t)r->tstamp, has_time(j, r) ? "" : " (none)",
			 (int64_t)before->tstamp, has_time(j, before) ? "" : " (none)");
	else
		snprintf(v->text, sizeof(v->text),
			 "edt gap at %s: expect %s %" PRId64 " ns, actual %" PRId64 " (%" PRId64
			 " ns behind %" PRId64 ")",
			 e->site, cmp_names[e->op], value, (int64_t)(r->tstamp - before->tstamp),
			 (int64_t)r->tstamp, (int64_t)before->tstamp);
}

/* r is of packet i, before is the one that came by in front of it. */
static void judge_gap(struct edt_judge *j, uint64_t i, const struct edt_record *r,
		      const struct edt_record *before)
{
	const struct expect_stmt *e = j->stmt;
	int64_t gap = (int64_t)(r->tstamp - before->tstamp);
	int64_t value = expr_eval(e->value, &j->env, i, NULL);
	bool has_gap = has_time(j, r) && has_time(j, before);

	if (e->percentile && has_gap)
		j->values[j->n_values++] = gap;
	else if (!has_gap || !cmp_holds(gap, e->op, value))
		accuse_gap(j, i, r, before, value);
}

/* ---- all packets ---- */

static void set_packet(struct edt_judge *j, uint64_t i)
{
	const struct stream_spec *spec = j->plan->stream.spec;

	if (spec->edt)
		j->env.v[VAR_SET] = expr_eval(spec->edt, &j->env, i, NULL);
}

static void judge_packets(struct edt_judge *j)
{
	uint32_t site = j->v->c->edt.expects[j->expect].site;
	const struct edt_record *records = j->v->records[site] + j->edt->base, *before = NULL;

	for (uint64_t i = 0; i < j->edt->n_seqs; i++) {
		const struct edt_record *r = &records[i];

		if (!is_seen(j, i, r))
			continue;
		set_packet(j, i);
		if (j->stmt->kind == EXPECT_EDT)
			judge_time(j, i, r);
		else if (j->stmt->kind == EXPECT_ARRIVAL)
			judge_arrival(j, i, r);
		else if (before)
			judge_gap(j, i, r, before);
		before = r;
	}
}

static void begin_flow(struct edt_judge *j, uint32_t flow)
{
	const struct case_plan *c = j->v->c;

	j->flow = flow;
	j->plan = &c->flows[flow];
	j->edt = &c->edt.flows[flow];
	j->env = *j->plan->env;
	j->env.v[VAR_NOW] = j->v->starts[flow];
	if (j->plan->stream.spec->edt_before)
		j->env.v[VAR_BEFORE] =
			expr_eval(j->plan->stream.spec->edt_before, &j->env, 0, NULL);
}

static void for_flows(struct edt_judge *j, const struct round_plan *group,
		      void (*judge)(struct edt_judge *j))
{
	for (size_t p = 0; p < group->n_phases; p++)
		for (size_t k = 0; k < group->phases[p].n_flows; k++) {
			begin_flow(j, group->phases[p].flows[k]);
			judge(j);
		}
}

static void judge_flow(struct edt_judge *j)
{
	if (edt_is_about(j->v->c, j->stmt, j->plan))
		judge_packets(j);
}

static void judge_percentile(struct edt_judge *j)
{
	const struct expect_stmt *e = j->stmt;
	int64_t actual, value = expr_eval(e->value, &j->v->c->env, 0, NULL);
	struct figures figures;
	char name[FIGURES_NAME];
	struct verdict *v;

	figures_of(&figures, j->values, j->n_values);
	if (!figures.n)
		return; /* none was seen, which was said */
	actual = figures_percentile(j->values, j->n_values, e->percentile);
	if (cmp_holds(actual, e->op, value))
		return;
	v = accuse(j, VERDICT_EDT_FIGURE, 0);
	if (v)
		snprintf(v->text, sizeof(v->text),
			 "%s%s %s: expect %s %" PRId64 " ns, actual %" PRId64 " (of %" PRIu64
			 ": min %" PRId64 ", mean %" PRId64 ", p50 %" PRId64 ", p99 %" PRId64
			 ", max %" PRId64 ")",
			 e->kind == EXPECT_EDT_GAP ? "edt gap at " : "arrival - set",
			 e->kind == EXPECT_EDT_GAP ? e->site : "",
			 figures_name(e->percentile, name), cmp_names[e->op], value, actual,
			 figures.n, figures.min, figures.mean, figures.p50, figures.p99,
			 figures.max);
}

static void judge_expect(struct verdicts *vs, const struct edt_view *v, uint32_t expect,
			 const struct round_plan *group)
{
	const struct edt_plan *edt = &v->c->edt;
	struct edt_judge j = {
		.v = v,
		.vs = vs,
		.expect = expect,
		.stmt = edt->expects[expect].stmt,
		.is_ingress = !edt->sites[edt->expects[expect].site].is_egress,
	};

	if (j.stmt->percentile)
		j.values = mem_realloc(NULL, (edt->n_places + 1) * sizeof(*j.values));
	for_flows(&j, group, judge_flow);
	if (j.stmt->percentile)
		judge_percentile(&j);
	free(j.values);
}

/* ---- what the kernel said to the program that sets times ---- */

static void judge_result(struct edt_judge *j, uint64_t i, const struct edt_result *r)
{
	uint32_t due = flow_is_valid(j->plan, i);
	int expect = j->stmt ? j->stmt->err : 0;
	struct verdict *v;

	if (r->n == due && (!due || -r->err == expect))
		return;
	v = accuse(j, r->n == due ? VERDICT_EDT_ERROR : VERDICT_EDT_SEEN, i);
	if (!v)
		return;
	if (r->n != due)
		snprintf(v->text, sizeof(v->text),
			 "the program that sets its time saw it: expect %s, actual %u times",
			 due ? "once" : "never", r->n);
	else
		snprintf(v->text, sizeof(v->text), "edt set: expect %s, actual %s",
			 expect ? errno_name(expect) : "no error",
			 r->err ? errno_name(-r->err) : "no error");
}

static void judge_results(struct edt_judge *j)
{
	const struct edt_result *results = j->v->results + j->edt->base;

	j->stmt = edt_error_of(j->v->c, j->plan);
	for (uint64_t i = 0; i < j->edt->n_seqs && j->edt->has_wish; i++)
		judge_result(j, i, &results[i]);
}

void verdict_edt(struct verdicts *vs, const struct edt_view *v, const struct round_plan *group)
{
	const struct edt_plan *edt = &v->c->edt;
	struct edt_judge j = { .v = v, .vs = vs, .expect = (uint32_t)edt->n_expects };

	if (v->results)
		for_flows(&j, group, judge_results);
	for (uint32_t k = 0; k < edt->n_expects; k++)
		judge_expect(vs, v, k, group);
}

/* ---- lateness ---- */

static void collect_lateness(struct edt_judge *j)
{
	const struct edt_record *records = j->v->records[j->v->c->edt.arrivals] + j->edt->base;
	int64_t offset = clock_offset(j->v, j->plan->stream.spec);
	uint64_t first = j->n_values;

	for (uint64_t i = 0; i < j->edt->n_seqs && j->plan->stream.spec->edt; i++) {
		int64_t *late = &j->values[j->n_values];

		if (!records[i].n)
			continue;
		set_packet(j, i);
		*late = (int64_t)records[i].now_ns + offset - j->env.v[VAR_SET];
		if (j->n_values++ > first)
			j->steps[j->n_steps++] = llabs(late[0] - late[-1]);
	}
}

void verdict_edt_lateness(struct edt_lateness *l, const struct edt_view *v,
			  const struct round_plan *group)
{
	struct edt_judge j = { .v = v };

	*l = (struct edt_lateness){};
	if (v->c->edt.arrivals == EDT_NO_SITE)
		return;
	j.values = mem_realloc(NULL, (v->c->edt.n_places + 1) * sizeof(*j.values));
	j.steps = mem_realloc(NULL, (v->c->edt.n_places + 1) * sizeof(*j.steps));
	for_flows(&j, group, collect_lateness);
	figures_of(&l->jitter, j.steps, j.n_steps);
	figures_of(&l->lateness, j.values, j.n_values);
	free(j.steps);
	free(j.values);
}
