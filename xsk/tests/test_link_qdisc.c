// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queueing disciplines where packets are forwarded: what they do with the delivery times that a
 * program has set one device before. Needs root; of those that this kernel does not have, only
 * how they are refused can be seen (tools/vm/run has kernels that have them).
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/edt.h"
#include "link/link.h"
#include "link/probe.h"
#include "link/qdisc.h"
#include "tests/test.h"

#define FLOW 7u
#define N_PKTS 300u /* more than fq leaves to a flow if it is not told otherwise */
#define HDR_LEN 42u
#define FRAME_LEN 60u
#define MS 1000000ll
#define DEADLINE_MS 2000
#define LAUNCHED_MS 200 /* when all that is to come has */
#define QUIET_MS 20	/* when what is dropped would have come */
#define SLACK_NS 100000 /* between two readings of two clocks */

static struct caps caps;

/* ---- a rig: a link of two hops with a qdisc at fwd.egress ---- */

enum { FWD_EGRESS, B_INGRESS, N_SITES };

struct rig {
	struct link link;
	struct edt edt;
	int fd; /* sends at a */
	struct errmsg e;
};

static int rig_make(struct rig *rig, enum qdisc_kind kind, const struct edt_plan *plan,
		    enum tc_way way)
{
	struct qdisc_plan qdisc = { .node = 1, .kind = kind };
	struct link_plan link_plan = {
		.mtu = 1500, .n_queues = 2, .n_hops = 2, .qdiscs = &qdisc, .n_qdiscs = 1
	};
	int err;

	*rig = (struct rig){ .fd = -1, .edt.tc.way = way };
	err = link_create(&rig->link, &link_plan, &rig->e);
	return err ? err : edt_open(&rig->edt, &rig->link, plan, &rig->e);
}

static bool rig_open(struct rig *rig, enum qdisc_kind kind, const struct edt_plan *plan,
		     enum tc_way way)
{
	int err = rig_make(rig, kind, plan, way);
	struct sockaddr_ll addr = { .sll_family = AF_PACKET,
				    .sll_ifindex = rig->link.ends[END_A].ifindex };

	CHECK(!err, "%s", rig->e.text);
	if (err)
		return false;
	rig->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	/* Packets belong to their sender for as long as they wait, in whichever namespace. */
	CHECK(rig->fd >= 0 && !bind(rig->fd, (struct sockaddr *)&addr, sizeof(addr)) &&
		      !setsockopt(rig->fd, SOL_SOCKET, SO_SNDBUFFORCE, &(int){ 1 << 24 },
				  sizeof(int)),
	      "socket: %s", strerror(errno));
	return !test_state.is_failed;
}

static void rig_close(struct rig *rig)
{
	if (rig->fd >= 0)
		close(rig->fd);
	edt_close(&rig->edt);
	link_destroy(&rig->link);
}

static void rig_send(struct rig *rig, uint32_t seq)
{
	uint8_t frame[FRAME_LEN] = { [12] = 0x08, 0x00, 0x45, [23] = 17 };

	plan_mac(END_B, 0, frame);
	plan_mac(END_A, FLOW, frame + 6);
	memcpy(frame + HDR_LEN, &(uint32_t){ htole32(seq) }, 4);
	CHECK(send(rig->fd, frame, FRAME_LEN, 0) == FRAME_LEN, "packet %u: %s", seq,
	      strerror(errno));
}

/* ---- is it there ---- */

/* As tc sees it. */
static bool is_root(const struct rig *rig, const char *name)
{
	struct errmsg e = { "" };
	char text[128] = "", expect[32];
	FILE *tc;

	if (link_enter_node(&rig->link, 1, &e))
		return false;
	tc = popen("tc qdisc show dev fwd-out root 2>&1", "r");
	if (!tc)
		return false;
	if (!fgets(text, sizeof(text), tc))
		text[0] = '\0';
	pclose(tc);
	snprintf(expect, sizeof(expect), "qdisc %s ", name);
	return !strncmp(text, expect, strlen(expect));
}

static const struct edt_plan nothing;

static void test_set(void)
{
	for (enum qdisc_kind kind = 0; kind < N_QDISC_KINDS; kind++) {
		char expect[160];
		struct rig rig;
		int err = rig_make(&rig, kind, &nothing, TC_WAY_UNKNOWN);

		snprintf(expect, sizeof(expect),
			 "link: fwd.egress: set qdisc %s: ENOENT (the kernel has no sch_%s, or its "
			 "module cannot be loaded)",
			 qdisc_names[kind], qdisc_names[kind]);
		if (caps.has_qdisc[kind])
			CHECK(!err && is_root(&rig, qdisc_names[kind]), "%s", qdisc_names[kind]);
		else
			CHECK(err == -ENOENT && !strcmp(rig.e.text, expect), "%s", rig.e.text);
		rig_close(&rig);
	}
	CHECK(caps.has_qdisc[QDISC_PFIFO], "every kernel with qdiscs has pfifo");
}

/* ---- what they do with times ---- */

enum outcome {
	ENFORCED, /* not before its time */
	LAUNCHED, /* by QDISC_ETF_DELTA_NS before its time, or dropped for being late */
	AT_ONCE,
	DROPPED
};

/* Packet k has the time now + from + k * step, of the clock of its type. */
struct rule {
	const char *name;
	enum qdisc_kind kind;
	enum edt_type type;
	int64_t from_ns, step_ns;
	enum outcome expect;
};

static const struct rule rules[] = {
	{ "ahead", QDISC_FQ, EDT_MONO, 20 * MS, 100000, ENFORCED },
	/* The first has the latest time, and fq keeps all of its flow until then. */
	{ "ahead, the last first", QDISC_FQ, EDT_MONO, 60 * MS, -100000, ENFORCED },
	{ "ahead, all at once", QDISC_FQ, EDT_MONO, 20 * MS, 0, ENFORCED },
	{ "in the past", QDISC_FQ, EDT_MONO, -20 * MS, 1000, AT_ONCE },
	{ "no time", QDISC_FQ, EDT_NONE, 0, 0, AT_ONCE },
	{ "beyond the horizon", QDISC_FQ, EDT_MONO, 11000 * MS, 0, DROPPED },
	{ "ahead", QDISC_FQ, EDT_TAI, 20 * MS, 100000, DROPPED },
	{ "ahead", QDISC_ETF, EDT_TAI, 20 * MS, 100000, LAUNCHED },
	{ "ahead, the last first", QDISC_ETF, EDT_TAI, 60 * MS, -100000, LAUNCHED },
	{ "in the past", QDISC_ETF, EDT_TAI, -20 * MS, 1000, DROPPED },
	{ "no time", QDISC_ETF, EDT_NONE, 0, 0, DROPPED },
	{ "ahead", QDISC_ETF, EDT_MONO, 20 * MS, 100000, DROPPED },
	{ "ahead", QDISC_PFIFO, EDT_MONO, 10000 * MS, 0, AT_ONCE },
};
#define N_RULES (sizeof(rules) / sizeof(rules[0]))

static int64_t now_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* From the clock of the kernel's own records to that of a rule. */
static int64_t clock_offset_ns(const struct rule *r)
{
	return r->type == EDT_TAI ? now_of(CLOCK_TAI) - now_of(CLOCK_MONOTONIC) : 0;
}

static void wish_all(const struct rule *r, struct rig *rig)
{
	int64_t from_ns = now_of(CLOCK_MONOTONIC) + clock_offset_ns(r) + r->from_ns;

	for (uint32_t seq = 0; seq < N_PKTS; seq++)
		rig->edt.wishes[seq] = r->type == EDT_NONE ? 0 :
							     (uint64_t)(from_ns + seq * r->step_ns);
}

static uint32_t count_arrived(const struct rig *rig)
{
	const volatile struct edt_record *at_b = rig->edt.records[B_INGRESS];
	uint32_t n = 0;

	for (uint32_t seq = 0; seq < N_PKTS; seq++)
		n += at_b[seq].n;
	return n;
}

/* Where packets may be missing it is over some time after the last one was due. */
static void await_arrivals(const struct rule *r, const struct rig *rig)
{
	int64_t deadline_ns = now_of(CLOCK_MONOTONIC);

	if (r->expect == ENFORCED || r->expect == AT_ONCE)
		deadline_ns += DEADLINE_MS * MS;
	else if (r->expect == LAUNCHED)
		deadline_ns += LAUNCHED_MS * MS;
	else
		deadline_ns += QUIET_MS * MS;
	while (count_arrived(rig) < N_PKTS && now_of(CLOCK_MONOTONIC) < deadline_ns)
		poll(NULL, 0, 1);
}

/* What arrives has the time that was set, and its clock, however long it has waited. */
static void check_kept(const struct rule *r, const struct rig *rig, uint32_t seq)
{
	const struct edt_record *fwd = &rig->edt.records[FWD_EGRESS][seq];
	const struct edt_record *b = &rig->edt.records[B_INGRESS][seq];

	CHECK(fwd->n == 1 && b->n == 1 && fwd->tstamp == rig->edt.wishes[seq] &&
		      b->tstamp == fwd->tstamp && b->tstamp_type == fwd->tstamp_type,
	      "%s, %s: packet %u: time %llu of clock %u, at b %llu of %u", qdisc_names[r->kind],
	      r->name, seq, (unsigned long long)fwd->tstamp, fwd->tstamp_type,
	      (unsigned long long)b->tstamp, b->tstamp_type);
}

/* In the order of their times, or in that in which they were sent. */
static void check_order(const struct rule *r, const struct rig *rig)
{
	const struct edt_record *at_b = rig->edt.records[B_INGRESS], *last = NULL;

	for (uint32_t k = 0; k < N_PKTS; k++) {
		const struct edt_record *b = &at_b[r->step_ns < 0 ? N_PKTS - 1 - k : k];

		if (!b->n)
			continue;
		CHECK(!last || b->now_ns >= last->now_ns, "%s, %s: packet %zd",
		      qdisc_names[r->kind], r->name, b - at_b);
		last = b;
	}
}

/* How late they came: after their times, or after they got to the qdisc if that is not to wait. */
struct arrivals {
	uint32_t n;
	int64_t late_ns[N_PKTS];
};

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void collect(const struct rule *r, const struct rig *rig, struct arrivals *a)
{
	*a = (struct arrivals){ 0 };
	for (uint32_t seq = 0; seq < N_PKTS && !test_state.is_failed; seq++) {
		int64_t arrival_ns = (int64_t)rig->edt.records[B_INGRESS][seq].now_ns;
		int64_t queued_ns = (int64_t)rig->edt.records[FWD_EGRESS][seq].now_ns;
		int64_t due_ns = (int64_t)rig->edt.wishes[seq] - clock_offset_ns(r);

		if (!arrival_ns)
			continue;
		check_kept(r, rig, seq);
		a->late_ns[a->n++] = arrival_ns - (r->expect == AT_ONCE ? queued_ns : due_ns);
	}
	qsort(a->late_ns, a->n, sizeof(a->late_ns[0]), by_value);
}

static void show(const struct rule *r, const struct arrivals *a)
{
	printf("# %-5s %-5s%-21s %3u of %u arrive", qdisc_names[r->kind], edt_type_names[r->type],
	       r->name, a->n, N_PKTS);
	if (a->n)
		printf(", us late: min %.1f, p50 %.1f, p99 %.1f, max %.1f",
		       1e-3 * (double)a->late_ns[0], 1e-3 * (double)a->late_ns[a->n / 2],
		       1e-3 * (double)a->late_ns[a->n * 99 / 100],
		       1e-3 * (double)a->late_ns[a->n - 1]);
	printf("\n");
}

static void judge(const struct rule *r, const struct arrivals *a)
{
	int64_t earliest_ns = r->expect == LAUNCHED ? -QDISC_ETF_DELTA_NS - SLACK_NS : 0;
	uint32_t at_least = r->expect == DROPPED ? 0 : r->expect == LAUNCHED ? 1 : N_PKTS;
	uint32_t at_most = r->expect == DROPPED ? 0 : N_PKTS;

	CHECK(a->n >= at_least && a->n <= at_most, "%s, %s: %u of %u arrive", qdisc_names[r->kind],
	      r->name, a->n, N_PKTS);
	CHECK(!a->n || a->late_ns[0] >= earliest_ns, "%s, %s: %lld ns early", qdisc_names[r->kind],
	      r->name, (long long)-a->late_ns[0]);
}

static void try_rule(const struct rule *r, enum tc_way way)
{
	static const struct edt_site sites[N_SITES] = {
		[FWD_EGRESS] = { .node = 1, .is_egress = true },
		[B_INGRESS] = { .node = 2 },
	};
	const struct edt_flow_plan flow = { .id = FLOW,
					    .n_seqs = N_PKTS,
					    .hdr_len = HDR_LEN,
					    .has_wish = true,
					    .type = (int)r->type };
	const struct edt_plan plan = { .n_places = N_PKTS,
				       .setter = EDT_SET_DELIVERY_TIME,
				       .setter_at = { .node = 1 },
				       .sites = sites,
				       .n_sites = N_SITES,
				       .flows = &flow,
				       .n_flows = 1 };
	struct arrivals arrivals;
	struct rig rig;

	if (rig_open(&rig, r->kind, &plan, way)) {
		wish_all(r, &rig);
		for (uint32_t seq = 0; seq < N_PKTS; seq++)
			rig_send(&rig, seq);
		await_arrivals(r, &rig);
		if (rig.edt.results[0].err && r->type == EDT_TAI) {
			printf("# %s: tc cannot set times of CLOCK_TAI\n", qdisc_names[r->kind]);
		} else {
			check_order(r, &rig);
			collect(r, &rig, &arrivals);
			show(r, &arrivals);
			judge(r, &arrivals);
		}
	}
	rig_close(&rig);
}

static void test_kind(enum qdisc_kind kind)
{
	if (!caps.has_qdisc[kind])
		SKIP("not in this kernel");
	for (size_t k = 0; k < N_RULES; k++)
		if (rules[k].kind == kind)
			try_rule(&rules[k], TC_WAY_UNKNOWN);
}

static void test_fq(void)
{
	test_kind(QDISC_FQ);
}

static void test_etf(void)
{
	test_kind(QDISC_ETF);
}

static void test_pfifo(void)
{
	test_kind(QDISC_PFIFO);
}

/* Links of tc programs are beside a qdisc as filters are: the way that is not taken by itself. */
static void test_tcx(void)
{
	struct rig rig;
	int err = rig_make(&rig, QDISC_PFIFO, &nothing, TC_WAY_TCX);

	rig_close(&rig);
	if (err == -EINVAL)
		SKIP("this kernel has no tcx");
	try_rule(&rules[N_RULES - 1], TC_WAY_TCX);
}

static void test_caps(void)
{
	struct errmsg e = { "" };

	CHECK(!probe_caps(&caps, &e), "%s", e.text);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_caps);
	RUN(test_set);
	RUN(test_fq);
	RUN(test_etf);
	RUN(test_pfifo);
	RUN(test_tcx);
	return test_end();
}
