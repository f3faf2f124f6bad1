// SPDX-License-Identifier: GPL-2.0-only
/* Delivery times, judged packet by packet: what they have, how often, what the setter was told. */
#include "run/verdict_edt.h"

#include <errno.h>

#include "tests/edt_bench.h"

static void test_exact(void)
{
	struct bench *b = open_bench(HOPS WISH);

	CHECK_STR("", judge(b));
	odd(b)->tstamp++;
	CHECK_STR("edt packet 3: edt at b.ingress: expect == 1000000003000 ns, type mono, actual "
		  "1000000003001 ns, type mono (+1 ns)",
		  judge(b));
	CHECK_EQ(1000000003000, b->vs.v[0].expect);
	CHECK_EQ(1000000003001, b->vs.v[0].actual);
	CHECK_EQ(3, b->vs.v[0].pos.line); /* of the edt: nothing else was said */
	odd(b)->tstamp -= 2;
	odd(b)[4].tstamp = 0;
	CHECK_STR("edt packet 3: edt at b.ingress: expect == 1000000003000 ns, type mono, actual "
		  "1000000002999 ns, type mono (-1 ns) and 1 more",
		  judge(b));
	CHECK_EQ(7, b->vs.v[0].more[0]);
	close_bench(b);
}

/* A record of packet 3 and what is said of it, with the part that is the same left out. */
struct seen {
	uint64_t tstamp;
	int type;
	const char *expect; /* "": as expected */
};

/* site is where the text says that it is. */
static void check_seen(const char *text, const char *site, const struct seen *seen, size_t n)
{
	struct bench *b = open_bench(text);

	for (size_t k = 0; k < n; k++) {
		char expect[300] = "";

		for (size_t i = 0; i < N_PKTS; i++)
			b->records[0][i] = (struct edt_record){
				.now_ns = START_NS,
				.n = 1,
				.tstamp = seen[k].tstamp,
				.tstamp_type = (uint8_t)seen[k].type,
			};
		if (seen[k].expect[0])
			snprintf(expect, sizeof(expect),
				 "edt packet 0: edt at %s: expect %s and 9 more", site,
				 seen[k].expect);
		CHECK_STR(expect, judge(b));
	}
	close_bench(b);
}

#define CHECK_SEEN(text, site, seen) check_seen(text, site, seen, sizeof(seen) / sizeof((seen)[0]))

#define ONE_S 1000000000

static void test_types(void)
{
	static const struct seen mono[] = {
		{ START_NS, EDT_CLOCK_MONOTONIC, "" },
		{ START_NS, EDT_CLOCK_TAI,
		  "== 1000000000000 ns, type mono, actual 1000000000000 ns, type tai" },
		{ START_NS, EDT_CLOCK_REALTIME,
		  "== 1000000000000 ns, type mono, actual 1000000000000 ns, type unspec" },
		{ START_NS, 7, "== 1000000000000 ns, type mono, actual 1000000000000 ns, type 7" },
		{ 0, 0, "== 1000000000000 ns, type mono, actual 0 ns, type none" },
		{ NOW_REAL, 0,
		  "== 1000000000000 ns, type mono, actual 1700001000000000000 ns, the time of "
		  "receiving it (+1700000000000000000 ns)" },
	};
	static const struct seen raw[] = {
		{ 5, 2, "" },
		{ 5, 1, "type 2, actual 5 ns, type mono" },
		{ 0, 0, "type 2, actual 0 ns, type none" },
	};
	static const struct seen unspec[] = {
		{ 5, 0, "" },
		{ 0, 0, "type unspec, actual 0 ns, type none" },
		{ 5, 1, "type unspec, actual 5 ns, type mono" },
	};
	static const struct seen tai[] = {
		{ 5, 2, "" },
		{ 5, 1, "type tai, actual 5 ns, type mono" },
	};
	static const struct seen none[] = {
		{ 0, 0, "" },
		{ NOW_REAL, 0, "" }, /* a time of receiving is none */
		{ 5, 0, "type none, actual 5 ns, type unspec" },
		{ 5, 1, "type none, actual 5 ns, type mono" },
	};

	CHECK_SEEN(HOPS S("edt now"), "b.ingress", mono);
	CHECK_SEEN(HOPS S("") "expect edt at b.ingress type 2", "b.ingress", raw);
	CHECK_SEEN(HOPS S("") "expect edt at fwd.egress type unspec", "fwd.egress", unspec);
	CHECK_SEEN(HOPS S("") "expect edt at fwd.egress type tai", "fwd.egress", tai);
	CHECK_SEEN(HOPS S("") "expect edt at b.ingress type none", "b.ingress", none);
}

static void test_none(void)
{
	static const struct seen none[] = {
		{ 0, 0, "" },
		{ NOW_REAL, 0, "" },
		{ NOW_REAL - ONE_S, 0, "== none, actual 1700000999000000000 ns, type unspec" },
		{ 5, 1, "== none, actual 5 ns, type mono" },
		{ 0, 2, "== none, actual 0 ns, type tai" },
	};
	static const struct seen some[] = {
		{ 0, 0, "!= none, actual 0 ns, type none" },
		{ NOW_REAL, 0, "!= none, actual 1700001000000000000 ns, the time of receiving it" },
		{ 5, 1, "" },
		{ 5, 0, "" },
	};
	/* Nobody has received what leaves. */
	static const struct seen egress[] = {
		{ 0, 0, "" },
		{ NOW_REAL, 0, "== none, actual 1700001000000000000 ns, type unspec" },
	};

	CHECK_SEEN(HOPS S("") "expect edt at fwd.ingress == none", "fwd.ingress", none);
	CHECK_SEEN(HOPS S("") "expect edt at fwd.ingress != none", "fwd.ingress", some);
	CHECK_SEEN(HOPS S("") "expect edt at fwd.egress == none", "fwd.egress", egress);
}

#define RECEIVED "link { hops 2; rx_timestamps }\n"
#define ONE_MS 1000000

static void test_received(void)
{
	static const struct seen received[] = {
		{ NOW_REAL, 0, "" },
		{ NOW_REAL - ONE_S + 1, 0, "" },
		{ NOW_REAL + ONE_MS - 1, 0, "" },
		{ NOW_REAL + ONE_MS, 0,
		  "the time of receiving it, actual 1700001000001000000 ns, type unspec" },
		{ NOW_REAL - ONE_S, 0,
		  "the time of receiving it, actual 1700000999000000000 ns, type unspec" },
		{ NOW_REAL, 1,
		  "the time of receiving it, actual 1700001000000000000 ns, type mono" },
		{ START_NS, 0, "the time of receiving it, actual 1000000000000 ns, type unspec" },
		{ 0, 0, "the time of receiving it, actual 0 ns, type none" },
	};
	static const struct seen blind[] = {
		{ NOW_REAL, EDT_TYPE_UNREAD, "" },
		{ START_NS, EDT_TYPE_UNREAD,
		  "the time of receiving it, type unread, actual 1000000000000 ns, type unread" },
		{ 0, EDT_TYPE_UNREAD,
		  "the time of receiving it, type unread, actual 0 ns, type unread" },
	};

	CHECK_SEEN(RECEIVED S("") "expect edt at b.ingress == received", "b.ingress", received);
	CHECK_SEEN(RECEIVED S("") "expect edt at b.ingress == received, type unread", "b.ingress",
		   blind);
}

static void test_unread(void)
{
	static const struct seen set[] = {
		{ START_NS, EDT_TYPE_UNREAD, "" },
		{ START_NS + 1, EDT_TYPE_UNREAD,
		  "== 1000000000000 ns, type unread, actual 1000000000001 ns, type unread (+1 ns)" },
		{ 0, EDT_TYPE_UNREAD,
		  "== 1000000000000 ns, type unread, actual 0 ns, type unread" },
	};
	static const struct seen none[] = {
		{ 0, EDT_TYPE_UNREAD, "" },
		{ NOW_REAL, EDT_TYPE_UNREAD, "" },
		{ START_NS, EDT_TYPE_UNREAD,
		  "== none, type unread, actual 1000000000000 ns, type unread" },
	};

	CHECK_SEEN(HOPS S("edt now") "expect edt at b.ingress == set, type unread", "b.ingress",
		   set);
	CHECK_SEEN(HOPS S("") "expect edt at b.ingress == none, type unread", "b.ingress", none);
}

static void test_before(void)
{
	static const struct seen before[] = {
		{ START_NS - 5000, 1, "" },
		{ START_NS, 1,
		  "== 999999995000 ns, type mono, actual 1000000000000 ns, type mono (+5000 ns)" },
		{ START_NS - 5000, 2,
		  "== 999999995000 ns, type mono, actual 999999995000 ns, type tai" },
	};

	CHECK_SEEN(
		HOPS S("edt now; edt_before now - 5us") "expect edt at b.ingress == before, type mono",
		"b.ingress", before);
}

/* A packet without a time is neither early nor late. */
static void test_orders(void)
{
	static const struct seen late[] = {
		{ START_NS, 1, "" },
		{ START_NS + 5, 2, "" },
		{ START_NS - 1, 1,
		  ">= 1000000000000 ns, actual 999999999999 ns, type mono (-1 ns)" },
		{ NOW_REAL, 0,
		  ">= 1000000000000 ns, actual 1700001000000000000 ns, the time of receiving it "
		  "(+1700000000000000000 ns)" },
	};
	static const struct seen early[] = {
		{ START_NS - 1, 1, "" },
		{ START_NS, 1, "< 1000000000000 ns, actual 1000000000000 ns, type mono" },
		{ 0, 0, "< 1000000000000 ns, actual 0 ns, type none" },
	};
	static const struct seen other[] = {
		{ 0, 0, "" },
		{ START_NS + 1, 1, "" },
		{ START_NS, 1, "!= 1000000000000 ns, actual 1000000000000 ns, type mono" },
	};

	CHECK_SEEN(HOPS S("edt now") "expect edt at b.ingress >= set", "b.ingress", late);
	CHECK_SEEN(HOPS S("edt now") "expect edt at b.ingress < set", "b.ingress", early);
	CHECK_SEEN(HOPS S("edt now") "expect edt at b.ingress != set", "b.ingress", other);
}

/* What was asked for is that of each packet, and so is what is added. */
static void test_each_packet(void)
{
	struct bench *b = open_bench(HOPS WISH "expect edt at fwd.egress == set - i * 1us");

	CHECK_STR("edt packet 1: edt at fwd.egress: expect == 1000000000000 ns, actual "
		  "1000000001000 ns, type mono (+1000 ns) and 8 more",
		  judge(b));
	for (size_t i = 0; i < N_PKTS; i++)
		b->records[0][i].tstamp = START_NS;
	CHECK_STR("", judge(b));
	close_bench(b);
}

/* ---- how often ---- */

static void test_seen(void)
{
	struct bench *b = open_bench(HOPS WISH);

	odd(b)->n = 0;
	CHECK_STR("edt-seen packet 3: seen at b.ingress: expect once, actual 0 times", judge(b));
	CHECK(b->vs.v[0].expect == 1 && b->vs.v[0].actual == 0, "0 times");
	odd(b)->tstamp = 7; /* left over: nothing to judge */
	odd(b)[6].n = 2;
	CHECK_STR("edt-seen packet 3: seen at b.ingress: expect once, actual 0 times and 1 more",
		  judge(b));
	odd(b)->n = 1;
	odd(b)->tstamp = (uint64_t)wish_of(b, 0, 3);
	CHECK_STR("edt-seen packet 9: seen at b.ingress: expect once, actual 2 times", judge(b));
	close_bench(b);
}

static void test_unseen(void)
{
	struct bench *b = open_bench(HOPS S("") "expect edt at a.egress unseen");

	for (size_t i = 0; i < N_PKTS; i++)
		b->records[0][i].n = 0;
	CHECK_STR("", judge(b));
	odd(b)->n = 1;
	CHECK_STR("edt-seen packet 3: seen at a.egress: expect never, actual 1 time", judge(b));
	CHECK(b->vs.v[0].expect == 0 && b->vs.v[0].actual == 1, "1 time");
	close_bench(b);
}

/* Packets that the kernel refuses come by nowhere; the next one is judged all the same. */
static void test_invalid_packets(void)
{
	struct bench *b = open_bench(HOPS S(
		"edt now + i * 1us; len i % 4 == 3 ? 9001 : 64") "expect a.tx_invalid_descs == 2\n expect edt at b.ingress == set\n"
								 "expect edt gap at b.ingress <= 2us");

	for (size_t i = 3; i < N_PKTS; i += 4) {
		b->records[0][i].n = 0;
		b->results[i].n = 0;
	}
	CHECK_STR("", judge(b));
	b->records[0][4].tstamp++;
	CHECK_STR("edt packet 4: edt at b.ingress: expect == 1000000004000 ns, actual "
		  "1000000004001 ns, type mono (+1 ns); edt packet 4: edt gap at b.ingress: expect "
		  "<= 2000 ns, actual 2001 (1000000004001 ns behind 1000000002000)",
		  judge(b));
	close_bench(b);
}

/* ---- what the setter was told ---- */

static void test_results(void)
{
	struct bench *b = open_bench(HOPS WISH);

	b->results[3].err = -EINVAL;
	CHECK_STR("edt-error packet 3: edt set: expect no error, actual EINVAL", judge(b));
	CHECK_EQ(3, b->vs.v[0].pos.line);
	b->results[3] = (struct edt_result){};
	CHECK_STR("edt-seen packet 3: the program that sets its time saw it: expect once, actual "
		  "0 times",
		  judge(b));
	b->results[3].n = 2;
	CHECK_STR("edt-seen packet 3: the program that sets its time saw it: expect once, actual "
		  "2 times",
		  judge(b));
	close_bench(b);
}

static void test_expected_error(void)
{
	struct bench *b = open_bench(HOPS S("edt 0ns") "expect edt error EINVAL");

	CHECK_STR("edt-error packet 0: edt set: expect EINVAL, actual no error and 9 more",
		  judge(b));
	CHECK_EQ(5, b->vs.v[0].pos.line);
	for (size_t i = 0; i < N_PKTS; i++)
		b->results[i].err = -EINVAL;
	CHECK_STR("", judge(b));
	b->results[3].err = -EOPNOTSUPP;
	CHECK_STR("edt-error packet 3: edt set: expect EINVAL, actual EOPNOTSUPP", judge(b));
	b->results[3] = (struct edt_result){ .err = -EINVAL };
	CHECK_STR("edt-seen packet 3: the program that sets its time saw it: expect once, actual "
		  "0 times",
		  judge(b));
	close_bench(b);
}

int main(void)
{
	RUN(test_exact);
	RUN(test_types);
	RUN(test_none);
	RUN(test_received);
	RUN(test_unread);
	RUN(test_before);
	RUN(test_orders);
	RUN(test_each_packet);
	RUN(test_seen);
	RUN(test_unseen);
	RUN(test_invalid_packets);
	RUN(test_results);
	RUN(test_expected_error);
	return test_end();
}
