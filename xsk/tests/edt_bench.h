/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_TESTS_EDT_BENCH_H
#define XSK_TESTS_EDT_BENCH_H

#include "base/strbuf.h"
#include "bpf/edt.h"
#include "run/verdict_edt.h"
#include "tests/planned.h"

/* The judge of delivery times, at records that no kernel has written. */

#define START_NS 1000000000000 /* when streams start, of CLOCK_MONOTONIC */
#define REALTIME_NS 1700000000000000000
#define NOW_REAL (REALTIME_NS + START_NS)
#define TAI_NS (REALTIME_NS + 37000000000)
#define N_PKTS 10
#define N_SITES 3
#define N_FLOWS 3

/* A planned case whose flows have N_PKTS packets each, and what was found of them. */
struct bench {
	struct planned p;
	const struct case_plan *c;
	struct edt_view v;
	struct edt_record records[N_SITES][N_FLOWS * N_PKTS];
	struct edt_result results[N_FLOWS * N_PKTS];
	int64_t starts[N_FLOWS];
	struct verdicts vs;
	struct strbuf text;
};

static struct bench bench; /* too large for the stack */

static int64_t wish_of(const struct bench *b, size_t flow, uint64_t i)
{
	const struct flow_plan *f = &b->c->flows[flow];
	struct env env = *f->env;

	env.v[VAR_NOW] = b->starts[flow];
	return f->stream.spec->edt ? expr_eval(f->stream.spec->edt, &env, i, NULL) : 0;
}

/* All as it should be: every packet came by every site 1 us after its time, which it has. */
static void fill(struct bench *b)
{
	for (size_t f = 0; f < b->c->n_flows; f++)
		for (uint64_t i = 0; i < N_PKTS; i++) {
			size_t place = b->c->edt.flows[f].base + i;
			int64_t wish = wish_of(b, f, i);

			for (size_t s = 0; s < N_SITES; s++)
				b->records[s][place] = (struct edt_record){
					.now_ns = (uint64_t)(wish ? wish : START_NS) + 1000,
					.tstamp = (uint64_t)wish,
					.n = 1,
					.tstamp_type = wish ? EDT_CLOCK_MONOTONIC : 0,
				};
			b->results[place].n = 1;
		}
}

__attribute__((unused)) static struct bench *open_bench(const char *text)
{
	struct bench *b = &bench;

	*b = (struct bench){};
	b->c = planned_one(&b->p, "drv", text);
	CHECK(b->c->edt.n_sites <= N_SITES && b->c->n_flows <= N_FLOWS, "%s", text);
	CHECK_EQ(b->c->n_flows * N_PKTS, b->c->edt.n_places);
	for (size_t f = 0; f < N_FLOWS; f++)
		b->starts[f] = START_NS + (int64_t)f * 1000000000;
	for (size_t s = 0; s < b->c->edt.n_sites; s++)
		b->v.records[s] = b->records[s];
	b->v.c = b->c;
	b->v.results = b->c->edt.setter ? b->results : NULL;
	b->v.starts = b->starts;
	b->v.realtime_offset = REALTIME_NS;
	b->v.tai_offset = TAI_NS;
	fill(b);
	return b;
}

static void close_bench(struct bench *b)
{
	strbuf_release(&b->text);
	planned_release(&b->p);
}

/* Everything that is wrong in the first group, "" for nothing: "kind packet N: ...; kind ...". */
__attribute__((unused)) static const char *judge(struct bench *b)
{
	b->vs.n = 0;
	strbuf_release(&b->text);
	verdict_edt(&b->vs, &b->v, b->c->groups);
	for (uint32_t k = 0; k < b->vs.n; k++) {
		strbuf_add(&b->text, "%s%s ", k ? "; " : "", verdict_names[b->vs.v[k].kind]);
		verdict_format(&b->vs.v[k], b->c, &b->text);
		if (b->vs.v[k].n_more)
			strbuf_add(&b->text, " and %u more", (unsigned int)b->vs.v[k].n_more);
	}
	return strbuf_text(&b->text);
}

/* Packet 3 as site 0 is to have seen it. */
__attribute__((unused)) static struct edt_record *odd(struct bench *b)
{
	return &b->records[0][3];
}

#define HOPS "link { hops 2 }\n"
#define S(what) "stream s { packets 10; headers eth, ipv4; " what " }\nsend s\n"
#define WISH S("edt now + i * 1us")
#define FQ "link { hops 2; qdisc fwd.egress fq }\n"
#define ETF "link { hops 2; qdisc fwd.egress etf }\n"

#endif
