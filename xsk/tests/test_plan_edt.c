// SPDX-License-Identifier: GPL-2.0-only
/* Delivery times as planned: checkpoints, who sets them, default expectations, what contradicts. */
#include "plan/plan.h"

#include "tests/planned.h"

/* A site in words: "fwd2.egress", "b.ingress blind". */
static const char *site_name(const struct edt_site *site, uint32_t n_hops)
{
	static char name[40];

	snprintf(name, sizeof(name), "%s%.*u.%s%s",
		 !site->node	      ? "a" :
		 site->node == n_hops ? "b" :
					"fwd",
		 site->node > 1 && site->node < n_hops ? 1 : 0,
		 site->node > 1 && site->node < n_hops ? site->node : 0,
		 site->is_egress ? "egress" : "ingress", site->is_blind ? " blind" : "");
	return name;
}

static const char *site_of(const struct case_plan *c, size_t expect)
{
	if (expect >= c->edt.n_expects)
		return "(none)";
	return site_name(&c->edt.sites[c->edt.expects[expect].site], c->link.n_hops);
}

static void test_sites(void)
{
	static const char *const expect[] = { "a.egress",	 "fwd.ingress",	      "fwd.egress",
					      "fwd2.ingress",	 "fwd2.egress",	      "b.ingress",
					      "b.ingress blind", "fwd2.ingress blind" };
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv",
			"link { hops 3; rx_timestamps }\n send stream { }\n"
			"expect edt at a.egress unseen\n expect edt at fwd.ingress == none\n"
			"expect edt at fwd.egress == none\n expect edt at fwd2.ingress == none\n"
			"expect edt at fwd2.egress == none\n expect edt at b.ingress == none\n"
			"expect edt at b.ingress == received, type unread\n"
			"expect edt at fwd2.ingress == 0ns, type unread");
	CHECK_EQ(8, c->edt.n_sites);
	for (size_t k = 0; k < 8; k++)
		CHECK_STR(expect[k], site_of(c, k));
	CHECK_EQ(EDT_SET_NONE, c->edt.setter);
	CHECK(!c->edt.has_wish, "no stream asks for a time");
	CHECK_EQ(EDT_NO_SITE, c->edt.arrivals);
	planned_release(&p);
}

/* A place is looked at once, however much is expected there, but each way of looking is one. */
static void test_sites_are_shared(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(
		&p, "drv",
		"link { hops 2 }\n stream s { headers eth, ipv4; edt now }\n send s\n"
		"expect edt at fwd.egress == set\n expect edt gap at fwd.egress <= 1ms\n"
		"expect edt of s at fwd.egress type mono\n"
		"expect edt at fwd.egress != set, type unread\n expect edt at b.ingress == set");
	CHECK_EQ(3, c->edt.n_sites);
	CHECK_EQ(5, c->edt.n_expects);
	CHECK_EQ(c->edt.expects[0].site, c->edt.expects[1].site);
	CHECK_EQ(c->edt.expects[0].site, c->edt.expects[2].site);
	CHECK_STR("fwd.egress blind", site_of(c, 3));
	CHECK_STR("b.ingress", site_of(c, 4));
	planned_release(&p);
}

/* XDP at b takes packets before tc sees them: whoever looks there needs one more pair. */
static void test_inner_pair(void)
{
	static const char look[] =
		"send stream { headers eth, ipv4 }\n expect edt at b.ingress == none";
	static const char set[] =
		"link { hops 2 }\n tc b.ingress set_tstamp\n send stream { headers eth, ipv4; edt now }\n"
		"expect edt at b.ingress == none";
	static const struct {
		const char *mode, *text;
		bool expect;
	} inners[] = {
		{ "skb", look, true },
		{ "drv", look, true },
		{ "skb", set, true },
		{ "drv", set, true },
		{ "drv",
		  "link { hops 2 }\n tc b.ingress set_tstamp\n expect edt error EINVAL\n"
		  "send stream { headers eth, ipv4; edt now }",
		  true },
		{ "drv", "link { hops 2 }\n send stream { }\n expect edt at fwd.egress == none",
		  false },
		{ "drv", "link { hops 2 }\n send stream { }\n expect edt at a.egress unseen",
		  false },
		{ "skb", "program b none\n send stream { }\n expect edt at b.ingress == none",
		  false },
		{ "drv", "program b none\n send stream { }\n expect edt at b.ingress == none",
		  false },
	};

	for (size_t k = 0; k < sizeof(inners) / sizeof(inners[0]); k++) {
		struct planned p;
		const struct case_plan *c = planned_one(&p, inners[k].mode, inners[k].text);

		CHECK(c->link.has_inner[END_B] == inners[k].expect, "row %zu", k);
		CHECK(!c->link.has_inner[END_A], "row %zu", k);
		planned_release(&p);
	}
}

static void test_default_expectation(void)
{
	static const struct {
		const char *site; /* "": a diagnostic */
		const char *text;
	} defaults[] = {
		{ "b.ingress", "link { hops 2 }\n send stream { headers eth, ipv4; edt now }" },
		{ "b.ingress",
		  "link { hops 2 }\n send stream { headers eth, ipv4; edt now type tai }" },
		{ "b.ingress", "link { hops 2 }\n tc fwd.egress set_tstamp\n"
			       "send stream { headers eth, ipv4; edt now }" },
		{ "a.egress",
		  "send stream { headers eth, ipv4; edt now by txtime; sender packet }" },
		{ "a.egress",
		  "send stream { headers eth, ipv4; edt now type tai by txtime; sender packet }" },
		{ "",
		  "send stream { headers eth, ipv4; edt now type unspec by txtime; sender packet }" },
		{ "", "send stream { headers eth, ipv4; edt now by launch_time }" },
		{ "", "link { hops 2 }\n send stream { headers eth, ipv4; edt now type unspec }" },
		{ "", "link { hops 2 }\n send stream { headers eth, ipv4; edt 0ns type none }" },
		{ "", "link { hops 2 }\n send stream { headers eth, ipv4; edt now type 1 }" },
		{ "", "link { hops 2 }\n tc fwd.ingress write_tstamp\n"
		      "send stream { headers eth, ipv4; edt now }" },
		{ "", "link { hops 2 }\n tc fwd.ingress write_tstamp_blind\n"
		      "send stream { headers eth, ipv4; edt now }" },
		/* The checkpoint there looks before it is set. */
		{ "", "link { hops 2 }\n tc b.ingress set_tstamp\n"
		      "send stream { headers eth, ipv4; edt now }" },
	};

	for (size_t k = 0; k < sizeof(defaults) / sizeof(defaults[0]); k++) {
		const struct expect_stmt *e;
		const struct case_plan *c;
		char text[400];
		struct planned p;

		snprintf(text, sizeof(text), "test t { mode drv; wakeup softirq\n%s }",
			 defaults[k].text);
		planned_init(&p, text, &caps_assumed);
		c = p.plan.cases;
		CHECK(!strcmp(defaults[k].site[0] ? "" : "missing", planned_diag(&p)),
		      "row %zu: %s", k, planned_diag(&p));
		CHECK_EQ(defaults[k].site[0] != 0, c->edt.n_expects);
		if (c->edt.n_expects == 1) {
			e = c->edt.expects[0].stmt;
			CHECK_STR(defaults[k].site, site_of(c, 0));
			CHECK_STR(defaults[k].site, e->site);
			CHECK_EQ(c->test->streams[0].edt_pos.line, e->pos.line);
			CHECK_EQ(c->test->streams[0].edt_type, e->edt_type);
			CHECK(e->kind == EXPECT_EDT && e->edt_seen == EDT_SEEN_TIME &&
				      e->op == CMP_EQ,
			      "== set");
			CHECK(e->value && expr_reads(e->value, VAR_SET), "== set");
		}
		planned_release(&p);
	}
}

/* What is said about one stream leaves the other with its default; once for all its sends. */
static void test_of_stream(void)
{
	static const char text[] =
		"link { hops 2 }\n stream s { headers eth, ipv4; edt now }\n"
		"stream u { headers eth, ipv4; edt now + 1us }\n send u\n send u\n send s\n%s";
	static const struct {
		const char *expects;
		size_t n;
		const char *last; /* the stream that the last one is about, NULL: all */
	} rows[] = {
		{ "", 2, "s" },
		{ "expect edt of s at fwd.egress == set", 2, "u" },
		{ "expect edt of u at fwd.egress == set", 2, "s" },
		{ "expect edt at fwd.egress == set", 1, NULL },
		{ "expect edt gap of s at fwd.egress >= 0ns\n expect edt of u at b.ingress == set",
		  2, "u" },
		{ "expect edt error EINVAL", 0, NULL },
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const struct expect_stmt *last;
		const struct case_plan *c;
		char filled[500];
		struct planned p;

		snprintf(filled, sizeof(filled), text, rows[k].expects);
		c = planned_one(&p, "drv", filled);
		CHECK(c->edt.n_expects == rows[k].n, "row %zu: %zu expectations", k,
		      c->edt.n_expects);
		last = c->edt.n_expects ? c->edt.expects[c->edt.n_expects - 1].stmt : NULL;
		CHECK_STR(rows[k].last,
			  last && last->is_of_stream ? c->test->streams[last->stream].name : NULL);
		planned_release(&p);
	}
}

/* What a program is told says nothing of what a sender tells the kernel. */
static void test_default_beside_error(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv",
			"link { hops 2 }\n stream s { headers eth, ipv4; edt 0ns }\n"
			"stream u { headers eth, ipv4; edt now by txtime; sender packet }\n"
			"send s\n send u\n expect edt error EINVAL");
	CHECK_EQ(1, c->edt.n_expects);
	CHECK_STR("a.egress", site_of(c, 0));
	planned_release(&p);
}

/* A stream without 'before' is not looked at by what is expected of those with one. */
static void test_default_beside_before(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(
		&p, "drv",
		"link { hops 2 }\n stream s { headers eth, ipv4; edt now; edt_before 5us }\n"
		"stream u { headers eth, ipv4; edt now }\n send s\n send u\n"
		"expect edt at b.ingress == before");
	CHECK_EQ(2, c->edt.n_expects);
	CHECK_EQ(1, c->edt.n_sites);
	if (c->edt.n_expects == 2)
		CHECK_STR("u", c->test->streams[c->edt.expects[1].stmt->stream].name);
	planned_release(&p);
}

/* Flows that are known have places, side by side; others none. */
static void test_flows(void)
{
	const struct edt_flow_plan *f;
	const struct case_plan *c;
	struct planned p;

	c = planned_one(
		&p, "drv",
		"link { hops 2 }\n"
		"stream s { packets 10; headers eth, vlan, ipv4; edt now + i * 1us type tai\n"
		"edt_pattern }\n"
		"stream z { packets 20; payload zero }\n"
		"stream n { packets 30; headers eth, ipv4, udp }\n"
		"send n from b to a\n send s\n send z\n send n\n send n\n"
		"expect edt of n at b.ingress == none\n expect edt of s at b.ingress == set");
	f = c->edt.flows;
	CHECK_EQ(5, c->edt.n_flows);
	CHECK_EQ(70, c->edt.n_places);
	CHECK_EQ(0, f[0].n_seqs);
	CHECK(f[1].id == 2 && !f[1].base && f[1].n_seqs == 10, "s");
	CHECK(f[1].has_wish && f[1].has_pattern && f[1].type == EDT_TAI, "s");
	CHECK_EQ(14 + 4 + 20, f[1].hdr_len);
	CHECK_EQ(0, f[2].n_seqs);
	CHECK(f[3].base == 10 && f[3].n_seqs == 30 && !f[3].has_wish && !f[3].has_pattern, "n");
	CHECK_EQ(14 + 20 + 8, f[3].hdr_len);
	CHECK(f[4].base == 40 && f[4].n_seqs == 30 && f[4].id == 5, "n again");
	planned_release(&p);
}

/* Where nothing looks, nothing has a place, and memory is asked for nothing: edt_open() relies on it. */
static void test_no_places(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv", "link { hops 2 }\n stream s { }\n send s\n send s");
	CHECK_EQ(2, c->edt.n_flows);
	CHECK_EQ(0, c->edt.n_places);
	CHECK_EQ(0, c->edt.n_sites);
	for (size_t k = 0; k < c->edt.n_flows; k++)
		CHECK(!c->edt.flows[k].base && !c->edt.flows[k].n_seqs, "flow %zu", k);
	planned_release(&p);
}

static void test_setter(void)
{
	static const struct {
		const char *tc, *site;
		enum edt_setter expect;
	} setters[] = {
		{ "", "fwd.ingress", EDT_SET_DELIVERY_TIME },
		{ "tc fwd2.egress set_delivery_time", "fwd2.egress", EDT_SET_DELIVERY_TIME },
		{ "tc fwd.egress set_tstamp", "fwd.egress", EDT_SET_TSTAMP },
		{ "tc b.ingress write_tstamp", "b.ingress", EDT_SET_DIRECT },
		{ "tc fwd.ingress write_tstamp_blind", "fwd.ingress", EDT_SET_BLIND },
	};

	for (size_t k = 0; k < sizeof(setters) / sizeof(setters[0]); k++) {
		const struct case_plan *c;
		char text[300];
		struct planned p;

		snprintf(text, sizeof(text),
			 "link { hops 3 }\n %s\n send stream { headers eth, ipv4; edt now }\n"
			 "expect edt at fwd2.egress == set",
			 setters[k].tc);
		c = planned_one(&p, "drv", text);
		CHECK_EQ(setters[k].expect, c->edt.setter);
		CHECK_STR(setters[k].site, site_name(&c->edt.setter_at, 3));
		CHECK(c->edt.has_wish && c->edt.flows[0].has_wish, "row %zu", k);
		CHECK(!c->edt.n_errors, "row %zu", k);
		planned_release(&p);
	}
}

/* A sender that tells the kernel by itself leaves nothing to be set on the way. */
static void test_no_setter(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv",
			"send stream { headers eth, ipv4; edt now by txtime; sender packet }");
	CHECK_EQ(EDT_SET_NONE, c->edt.setter);
	CHECK(c->edt.has_wish && !c->edt.flows[0].has_wish, "has a wish that no program sets");
	CHECK_EQ(0, c->link.stack.family); /* whose headers are its own */
	planned_release(&p);
}

static void test_error(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv",
			"link { hops 2 }\n send stream { headers eth, ipv4; edt 0ns }\n"
			"expect edt error EINVAL");
	CHECK(c->edt.n_errors == 1 && c->edt.errors[0]->kind == EXPECT_EDT_ERROR, "error");
	CHECK_EQ(0, c->edt.n_expects);
	CHECK_EQ(2048, c->edt.n_places);
	CHECK_EQ(EDT_SET_DELIVERY_TIME, c->edt.setter);
	planned_release(&p);
}

/* A qdisc in front of what sets the times, or that AF_XDP bypasses, keeps nothing. */
static void test_no_enforcer(void)
{
	static const struct planned_row rows[] = {
		{ "conflict", 4,
		  "link { hops 3; qdisc fwd.egress fq }\ntc fwd2.ingress set_delivery_time\nsend "
		  "stream { headers eth, ipv4; edt now }; expect arrival >= set" },
		{ "conflict", 3,
		  "link { hops 2; qdisc a.egress fq }\nsend stream { headers eth, ipv4; edt now }; "
		  "expect arrival >= set" },
		{ "", 0,
		  "link { hops 2; qdisc fwd.egress fq }\ntc fwd.egress set_delivery_time\nsend "
		  "stream { headers eth, ipv4; edt now }; expect arrival >= set" },
		{ "", 0,
		  "link { qdisc a.egress fq }\nsend stream { headers eth, ipv4; sender packet; edt "
		  "now by txtime }; expect arrival >= set" },
	};

	planned_check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Where a qdisc keeps packets, they are seen to arrive, said or not. */
static void test_enforcer(void)
{
	static const char text[] = "link { hops 3; qdisc a.egress pfifo; qdisc fwd2.egress fq }\n"
				   "send stream { headers eth, ipv4; %s }\n%s";
	static const struct {
		const char *stream, *expects;
		size_t n_expects, n_sites;
		bool has_arrivals;
	} rows[] = {
		{ "edt now", "", 1, 1, true },
		{ "edt now", "expect edt at fwd.egress == set", 1, 2, true },
		{ "edt now", "expect arrival >= set\n expect arrival - set p99 <= 5ms", 2, 1,
		  true },
		{ "edt now", "expect edt at b.ingress == set, type unread", 1, 2, true },
		{ "", "expect edt at fwd.egress == none", 1, 1, false },
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const struct case_plan *c;
		char filled[400];
		struct planned p;

		snprintf(filled, sizeof(filled), text, rows[k].stream, rows[k].expects);
		c = planned_one(&p, "drv", filled);
		CHECK(rows[k].has_arrivals ? c->edt.enforcer && c->edt.enforcer->kind == QDISC_FQ :
					     !c->edt.enforcer,
		      "row %zu", k);
		CHECK_EQ(2, c->link.n_qdiscs);
		CHECK(c->link.qdiscs[0].kind == QDISC_PFIFO && !c->link.qdiscs[0].node, "a.egress");
		CHECK(c->link.qdiscs[1].kind == QDISC_FQ && c->link.qdiscs[1].node == 2, "fwd2");
		CHECK(c->edt.n_expects == rows[k].n_expects, "row %zu", k);
		CHECK(c->edt.n_sites == rows[k].n_sites, "row %zu", k);
		CHECK((c->edt.arrivals != EDT_NO_SITE) == rows[k].has_arrivals, "row %zu", k);
		if (rows[k].has_arrivals)
			CHECK_STR("b.ingress", site_name(&c->edt.sites[c->edt.arrivals], 3));
		CHECK(c->link.has_inner[END_B] == rows[k].has_arrivals, "row %zu", k);
		planned_release(&p);
	}
}

static void test_pfifo_enforces_nothing(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv",
			"link { hops 2; qdisc fwd.egress pfifo }\n"
			"send stream { headers eth, ipv4; edt now }");
	CHECK(!c->edt.enforcer, "pfifo");
	CHECK_EQ(EDT_NO_SITE, c->edt.arrivals);
	planned_release(&p);
}

/* ---- what contradicts itself ---- */

#define EDT(what) "link { hops 2 }\nsend stream { headers eth, ipv4; " what " }"
static const struct planned_row rows[] = {
	/* times */
	{ "", 0, EDT("edt now") },
	{ "", 0, EDT("edt 0ns + i * 1us") },
	{ "", 0, EDT("edt now + (1 << 62) * 1ns") },
	{ "", 0, EDT("edt now + 2047us - i * 1us") },
	{ "range", 3, EDT("edt now - 1ns") },
	{ "range", 3, EDT("edt now + 2046us - i * 1us") }, /* only the last one */
	{ "range", 3, EDT("edt 2046us - i * 1us") },
	{ "range", 3, EDT("edt 1s - now") },
	{ "range", 3, EDT("edt i == 2000 ? 0ns - 1ns : now") },
	{ "overflow", 3, EDT("edt now + (1 << 62) * 2ns - 1ns") },
	{ "overflow", 3, EDT("edt now + i * (1 << 53) * 1ns") },
	{ "division", 3, EDT("edt now + 1s / (2047 - i)") },
	{ "", 0, EDT("edt now + i * 3us; edt_pattern") },
	{ "", 0, EDT("edt now + 2047us - i * 1us; edt_pattern") },
	{ "", 0, EDT("edt now; edt_pattern") },
	{ "conflict", 3, EDT("edt now + i * i * 1us; edt_pattern") },
	{ "conflict", 3, EDT("edt now + i / 2047 * 1us; edt_pattern") }, /* only the last one */
	{ "", 0, EDT("edt now + i * i * 1us; edt_pattern off") },
	/* steps of 2^62, three of which are more than 64 bits */
	{ "conflict", 3, EDT("edt (i % 2) * (1 << 62) * 1ns; edt_pattern") },
	{ "", 0, EDT("edt now; edt_before now - 1ms") },
	{ "range", 4, "axis t 0ns, 1ms\n" EDT("edt now; edt_before t") },
	{ "division", 4, EDT("edt now") "\nexpect edt at b.ingress >= set + 1s / (i - 5)" },
	{ "division", 4, EDT("edt now") "\nexpect edt at b.ingress >= 1s / i" },
	{ "overflow", 4, EDT("edt now") "\nexpect edt at b.ingress <= set * 5" },
	{ "", 0, EDT("edt now") "\nexpect edt at b.ingress <= set * 3" },
	{ "division", 5,
	  "link { hops 2 }\nstream n { }\nsend n\nexpect edt at b.ingress != 1s / (i - 2047)" },
	/* places */
	{ "range", 4, EDT("edt now") "\nexpect edt at fwd2.ingress == set" },
	{ "range", 3,
	  "link { hops 2 }\ntc fwd2.ingress set_tstamp\n"
	  "send stream { headers eth, ipv4; edt now }" },
	{ "range", 2, "link { hops 2; qdisc fwd2.egress fq }\nsend stream { }" },
	{ "conflict", 1,
	  "axis n 1, 2\nlink { hops n }\nsend stream { headers eth, ipv4; edt now }" },
	{ "too-many", 3, EDT("packets 53687092; edt now") },
	{ "", 0, EDT("packets 53687091; edt now") },
	{ "too-many", 3,
	  EDT("packets 33554433; edt now") "\nexpect edt at fwd.egress == set\n"
					   "expect edt at b.ingress == set" },
	/* packets */
	{ "conflict", 4,
	  "link { hops 2 }\noccupy b queue 0\nexpect edt at b.ingress == none\n"
	  "expect error bind EBUSY" },
	{ "conflict", 4,
	  "link { hops 2 }\nstream s { headers eth, ipv4; edt now }\nsend s from b to a" },
	{ "conflict", 5,
	  "link { hops 2 }\nstream s { payload zero }\nsend s\n"
	  "expect edt at b.ingress == none" },
	{ "conflict", 5,
	  "link { hops 2 }\nstream s { seq i + 1 }\nsend s\n"
	  "expect edt at b.ingress == none" },
	{ "conflict", 5,
	  "link { hops 2 }\nstream s { }\nsend s from b to a\n"
	  "expect edt at b.ingress == none" },
	{ "conflict", 4,
	  "link { hops 2 }\nsend stream { packets 1 }\n"
	  "expect edt gap at b.ingress < 1ms" },
	{ "conflict", 6,
	  "link { hops 2 }\nstream s { headers eth, ipv4; edt now }\nstream n { }\n"
	  "parallel { send s; send n }\nexpect edt of n at b.ingress == set" },
	{ "conflict", 7,
	  "link { hops 2 }\nstream s { headers eth, ipv4; edt now; edt_before 1ms }\n"
	  "stream n { headers eth, ipv4; edt now }\nsend s\nsend n\n"
	  "expect edt of n at b.ingress == before" },
};

static void test_contradictions(void)
{
	planned_check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* What is negative is told apart: when a clock starts, or at all. */
static void test_sentences(void)
{
	static const struct {
		const char *expect, *text;
	} texts[] = {
		{ "packet 2047 asks for a time 1000 ns before its stream starts",
		  EDT("edt now + 2046us - i * 1us") },
		{ "packet 2047: -1000 ns is no delivery time", EDT("edt 2046us - i * 1us") },
		{ "packet 768: a delivery time is less than 2^63 ns",
		  EDT("edt now + i * (1 << 53) * 1ns") },
		{ "the edt of packet 2 is not that of packet 0 and 2 steps: no edt_pattern",
		  EDT("edt now + i * i * 1us; edt_pattern") },
	};

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		struct planned p;
		char text[300];

		snprintf(text, sizeof(text), "test t { %s }", texts[k].text);
		planned_init(&p, text, &caps_assumed);
		CHECK_STR(texts[k].expect, p.diags.n == 1 ? p.diags.v[0].text : "");
		planned_release(&p);
	}
}

int main(void)
{
	RUN(test_sites);
	RUN(test_sites_are_shared);
	RUN(test_inner_pair);
	RUN(test_default_expectation);
	RUN(test_of_stream);
	RUN(test_default_beside_error);
	RUN(test_default_beside_before);
	RUN(test_flows);
	RUN(test_no_places);
	RUN(test_setter);
	RUN(test_no_setter);
	RUN(test_error);
	RUN(test_enforcer);
	RUN(test_no_enforcer);
	RUN(test_pfifo_enforces_nothing);
	RUN(test_contradictions);
	RUN(test_sentences);
	return test_end();
}
