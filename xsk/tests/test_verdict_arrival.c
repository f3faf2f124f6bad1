// SPDX-License-Identifier: GPL-2.0-only
/* When packets arrive, gaps between their times, and whose they are among several flows. */
#include "run/verdict_edt.h"

#include "tests/edt_bench.h"

static void test_arrival(void)
{
	struct bench *b = open_bench(FQ WISH "expect arrival >= set\n expect arrival - set <= 1us");

	CHECK_STR("", judge(b));
	odd(b)->now_ns++;
	CHECK_STR("arrival packet 3: arrival - set: expect <= 1000 ns, actual 1001 (+1 ns)",
		  judge(b));
	odd(b)->now_ns -= 1002;
	CHECK_STR("arrival packet 3: arrival: expect >= 1000000003000 ns, actual 1000000002999 "
		  "(-1 ns)",
		  judge(b));
	odd(b)->n = 0;
	CHECK_STR("edt-seen packet 3: seen at b.ingress: expect once, actual 0 times; edt-seen "
		  "packet 3: seen at b.ingress: expect once, actual 0 times",
		  judge(b));
	close_bench(b);
}

/* Who asks for nothing comes neither late nor early, but comes. */
static void test_arrival_beside(void)
{
	struct bench *b = open_bench(FQ "stream n { packets 10; headers eth, ipv4 }\n send n\n" WISH
					"expect arrival - set <= 1us\n expect arrival > 9ns");

	for (size_t i = 0; i < N_PKTS; i++)
		b->records[0][i].now_ns = START_NS;
	CHECK_STR("", judge(b));
	b->records[0][3].now_ns = 9;
	CHECK_STR("arrival packet 3: arrival: expect > 9 ns, actual 9 (+0 ns)", judge(b));
	b->records[0][13].now_ns++;
	judge(b);
	CHECK(b->vs.n == 2 && b->vs.v[0].flow == 1 && b->vs.v[1].flow == 0, "%s", judge(b));
	close_bench(b);
}

/* Checkpoints look at CLOCK_MONOTONIC, whatever the clock of the wish. */
static void test_arrival_by_other_clocks(void)
{
	static const struct {
		const char *text;
		int64_t offset;
	} clocks[] = {
		{ ETF S("edt now type tai") "expect arrival >= set", TAI_NS },
		{ ETF S("edt now type unspec by txtime; sender packet") "expect arrival >= set",
		  REALTIME_NS },
		{ FQ S("edt now by txtime; sender packet") "expect arrival >= set", 0 },
		{ FQ S("edt now type unspec") "expect arrival >= set", 0 },
	};

	for (size_t k = 0; k < sizeof(clocks) / sizeof(clocks[0]); k++) {
		struct bench *b = open_bench(clocks[k].text);

		b->starts[0] += clocks[k].offset;
		for (size_t i = 0; i < N_PKTS; i++)
			b->records[0][i].now_ns = START_NS;
		CHECK_STR("", judge(b));
		odd(b)->now_ns--;
		CHECK(strstr(judge(b), "arrival packet 3: ") && strstr(judge(b), " (-1 ns)"),
		      "row %zu: %s", k, judge(b));
		close_bench(b);
	}
}

static void test_arrival_percentile(void)
{
	static const char p90[] =
		"edt-figure arrival - set p90: expect <= 5000 ns, actual 5001 (of 10: "
		"min 1000, mean 2000, p50 1000, p99 7000, max 7000)";
	struct bench *b = open_bench(
		FQ WISH "expect arrival - set p80 <= 5us\n expect arrival - set p90 <= 5us");

	CHECK_STR("", judge(b));
	b->records[0][1].now_ns += 4001;
	CHECK_STR("", judge(b));
	odd(b)->now_ns += 6000;
	CHECK_STR(p90, judge(b));
	CHECK_EQ(6, b->vs.v[0].pos.line);
	b->records[0][9].now_ns += 4000;
	judge(b);
	CHECK_EQ(1, b->vs.n);
	b->records[0][9].now_ns++;
	CHECK(strstr(judge(b), "p80: expect <= 5000 ns, actual 5001"), "%s", judge(b));
	CHECK_EQ(2, b->vs.n);
	for (size_t i = 0; i < N_PKTS; i++)
		b->records[0][i].n = 0;
	CHECK(!strstr(judge(b), "edt-figure"), "nothing to sort: %s", judge(b));
	CHECK_EQ(2, b->vs.n);
	close_bench(b);
}

static void test_arrival_mean(void)
{
	struct bench *b = open_bench(FQ WISH "expect arrival - set mean < 1001ns");

	CHECK_STR("", judge(b));
	odd(b)->now_ns += 9;
	CHECK_STR("", judge(b)); /* whole ns */
	odd(b)->now_ns++;
	CHECK_STR("edt-figure arrival - set mean: expect < 1001 ns, actual 1001 (of 10: min 1000, "
		  "mean 1001, p50 1000, p99 1010, max 1010)",
		  judge(b));
	close_bench(b);
}

static void test_gap(void)
{
	struct bench *b = open_bench(HOPS WISH "expect edt gap at b.ingress >= 1us");

	CHECK_STR("", judge(b));
	odd(b)->tstamp--;
	CHECK_STR(
		"edt packet 3: edt gap at b.ingress: expect >= 1000 ns, actual 999 (1000000002999 "
		"ns behind 1000000002000)",
		judge(b));
	odd(b)->tstamp -= 1000;
	CHECK(strstr(judge(b), "actual -1 (1000000001999 ns behind"), "%s", judge(b));
	/* One that was not seen has no gaps. */
	odd(b)->n = 0;
	CHECK_STR("edt-seen packet 3: seen at b.ingress: expect once, actual 0 times", judge(b));
	close_bench(b);
}

/* Between no times there is no gap, as small as it may look. */
static void test_gap_without_times(void)
{
	static const char *const texts[] = { HOPS WISH "expect edt gap at b.ingress <= 1us",
					     HOPS WISH "expect edt gap at b.ingress p50 <= 1us" };

	for (size_t k = 0; k < 2; k++) {
		struct bench *b = open_bench(texts[k]);

		CHECK_STR("", judge(b));
		b->records[0][8] = (struct edt_record){ .n = 1, .now_ns = START_NS };
		b->records[0][9] = b->records[0][8];
		CHECK_STR("edt packet 8: edt gap at b.ingress: expect two delivery times, actual 0 "
			  "ns (none) behind 1000000007000 ns and 1 more",
			  judge(b));
		b->records[0][8].tstamp = NOW_REAL; /* of receiving */
		CHECK_STR("edt packet 8: edt gap at b.ingress: expect two delivery times, actual "
			  "1700001000000000000 ns (none) behind 1000000007000 ns and 1 more",
			  judge(b));
		fill(b);
		b->records[0][0] = (struct edt_record){ .n = 1, .now_ns = START_NS };
		CHECK_STR("edt packet 1: edt gap at b.ingress: expect two delivery times, actual "
			  "1000000001000 ns behind 0 ns (none)",
			  judge(b));
		close_bench(b);
	}
}

static void test_gap_percentile(void)
{
	struct bench *b = open_bench(
		HOPS S("edt now + i * i * 1us") "expect edt gap at b.ingress p50 >= 9us\n"
						"expect edt gap at b.ingress p0.1 > 1us\n");

	/* Gaps of 1, 3, ..., 17 us. */
	CHECK_STR(
		"edt-figure edt gap at b.ingress p0.1: expect > 1000 ns, actual 1000 (of 9: min 1000, mean 9000, p50 9000, "
		"p99 17000, max 17000)",
		judge(b));
	CHECK_EQ(6, b->vs.v[0].pos.line);
	close_bench(b);
}

/* ---- several flows ---- */

static void test_flows(void)
{
	struct bench *b = open_bench(
		HOPS "stream s { packets 10; headers eth, ipv4; edt now + i * 1us }\n"
		     "stream n { packets 10; headers eth, ipv4 }\n send n\n send s\n send s\n"
		     "expect edt at b.ingress == set; expect edt at fwd.egress type mono");

	/* n asks for nothing: its times are not those that were set, but it has to have one. */
	b->records[0][3].tstamp = 5;
	for (size_t i = 0; i < N_PKTS; i++)
		b->records[1][i].tstamp_type = EDT_CLOCK_MONOTONIC;
	b->results[3].n = 0;
	CHECK_STR("", judge(b));
	/* What starts later has other times. */
	b->starts[2]++;
	CHECK_STR(
		"edt packet 0: edt at b.ingress: expect == 1002000000001 ns, actual 1002000000000 "
		"ns, type mono (-1 ns) and 9 more",
		judge(b));
	CHECK_EQ(2, b->vs.v[0].flow);
	b->starts[2]--;
	/* Two in one line, each about two flows. */
	b->records[1][4].tstamp_type = EDT_CLOCK_TAI;
	b->records[0][14].tstamp = 5;
	b->records[1][14].tstamp_type = EDT_CLOCK_TAI;
	judge(b);
	CHECK_EQ(3, b->vs.n);
	CHECK(b->vs.v[0].flow == 1 && b->vs.v[0].pkt == 4 && b->vs.v[0].actual == 5, "s, set");
	CHECK(b->vs.v[1].flow == 0 && b->vs.v[1].pkt == 4, "n, mono");
	CHECK(b->vs.v[2].flow == 1 && b->vs.v[2].pkt == 4, "s, mono");
	CHECK(b->vs.v[0].pos.line == 8 && b->vs.v[2].pos.line == 8, "in one line");
	close_bench(b);
}

static void test_of_stream(void)
{
	struct bench *b = open_bench(
		HOPS "stream s { packets 10; headers eth, ipv4; edt now }\n"
		     "stream u { packets 10; headers eth, ipv4; edt now }\n send s\n send u\n"
		     "expect edt of u at fwd.egress == set\n expect edt of s at b.ingress == set");

	for (size_t i = 0; i < N_PKTS; i++)
		b->records[0][i].n = b->records[1][N_PKTS + i].n = 0;
	CHECK_STR("", judge(b));
	b->records[0][N_PKTS + 3].n = 2;
	judge(b);
	CHECK(b->vs.n == 1 && b->vs.v[0].flow == 1 && b->vs.v[0].pkt == 3, "%s", judge(b));
	close_bench(b);
}

/* Sockets are made anew in between, and what was found is forgotten. */
static void test_of_group(void)
{
	struct bench *b =
		open_bench(HOPS "stream s { packets 10; headers eth, ipv4; edt now }\n send s\n"
				"repeat 2 { send s }");

	CHECK_EQ(2, b->c->n_groups);
	for (size_t i = 0; i < N_PKTS; i++)
		b->records[0][N_PKTS + i].n = b->results[N_PKTS + i].n = 0;
	CHECK_STR("", judge(b));
	verdict_edt(&b->vs, &b->v, &b->c->groups[1]);
	CHECK_EQ(2, b->vs.n);
	close_bench(b);
}

/* ---- lateness ---- */

static void test_lateness(void)
{
	struct bench *b = open_bench(FQ WISH "send s");
	struct edt_lateness l;

	verdict_edt_lateness(&l, &b->v, b->c->groups);
	CHECK_EQ(20, l.lateness.n);
	CHECK(l.lateness.min == 1000 && l.lateness.max == 1000, "1 us late");
	CHECK_EQ(18, l.jitter.n); /* from flow to flow is no step */
	CHECK_EQ(0, l.jitter.max);
	odd(b)->now_ns += 500;
	b->records[0][0].n = 0; /* not seen: neither late nor a step */
	for (size_t i = N_PKTS; i < 2 * (size_t)N_PKTS; i++)
		b->records[0][i].now_ns += 7000;
	verdict_edt_lateness(&l, &b->v, b->c->groups);
	CHECK_EQ(19, l.lateness.n);
	CHECK(l.lateness.min == 1000 && l.lateness.p50 == 8000, "half of them");
	CHECK_EQ(17, l.jitter.n);
	CHECK(!l.jitter.p50 && !l.jitter.min && l.jitter.max == 500, "there and back");
	close_bench(b);
}

static void test_lateness_of_nothing(void)
{
	struct edt_lateness l = { .jitter.n = 1 };
	struct bench *b = open_bench(HOPS WISH);

	verdict_edt_lateness(&l, &b->v, b->c->groups);
	CHECK(!l.lateness.n && !l.jitter.n, "nothing keeps packets");
	close_bench(b);
	b = open_bench(FQ WISH);
	memset(b->records, 0, sizeof(b->records));
	verdict_edt_lateness(&l, &b->v, b->c->groups);
	CHECK(!l.lateness.n && !l.jitter.n, "none came");
	b->records[0][3] = (struct edt_record){ .n = 1, .now_ns = START_NS };
	verdict_edt_lateness(&l, &b->v, b->c->groups);
	CHECK(l.lateness.n == 1 && l.lateness.p50 == -3000 && !l.jitter.n, "one is no step");
	close_bench(b);
}

/* Those that ask for no time are late for none. */
static void test_lateness_beside(void)
{
	struct edt_lateness l;
	struct bench *b = open_bench(
		ETF "stream n { packets 10; headers eth, ipv4 }\n send n\n"
		    "stream s { packets 10; headers eth, ipv4; edt now type tai }\n send s");

	b->starts[1] += TAI_NS;
	for (size_t i = 0; i < N_PKTS; i++)
		b->records[0][N_PKTS + i].now_ns = (uint64_t)(b->starts[1] - TAI_NS) + 3;
	verdict_edt_lateness(&l, &b->v, b->c->groups);
	CHECK_EQ(10, l.lateness.n);
	CHECK(l.lateness.min == 3 && l.lateness.max == 3, "by CLOCK_TAI");
	close_bench(b);
}

int main(void)
{
	RUN(test_arrival);
	RUN(test_arrival_beside);
	RUN(test_arrival_by_other_clocks);
	RUN(test_arrival_percentile);
	RUN(test_arrival_mean);
	RUN(test_gap);
	RUN(test_gap_without_times);
	RUN(test_gap_percentile);
	RUN(test_flows);
	RUN(test_of_stream);
	RUN(test_of_group);
	RUN(test_lateness);
	RUN(test_lateness_of_nothing);
	RUN(test_lateness_beside);
	return test_end();
}
