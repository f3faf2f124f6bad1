// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery times on a link with hops: what the kernel lets a program at tc set, and what is left
 * of it further on. Packets come from the stack here, out of AF_PACKET sockets. Needs root.
 */
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "lang/spec.h"
#include "link/edt.h"
#include "link/heard.h"
#include "link/link.h"
#include "tests/seen.h"
#include "tests/test.h"

#include "bpf/edt.skel.h"

#define FLOW 7u
#define N_PKTS 20u
#define FRAME_LEN 90u
#define DEADLINE_MS 2000
#define SOON_NS 1000000000ull /* from now on: times that nobody takes for a receive time */

/* ---- packets ---- */

enum protocol { UDP_IPV4, TCP_IPV6, PRIVATE, ARP, VLAN_IPV4, N_PROTOCOLS };
static const struct {
	const char *name;
	uint8_t hdr[70];
	uint32_t hdr_len; /* with the addresses in front */
} protocols[N_PROTOCOLS] = {
	[UDP_IPV4] = { "UDP/IPv4", { 0x08, 0x00, 0x45, [11] = 17 }, 42 },
	[TCP_IPV6] = { "TCP/IPv6", { 0x86, 0xdd, 0x60, [8] = 6 }, 74 },
	[PRIVATE] = { "a private ethertype", { 0x88, 0xb5 }, 14 },
	[ARP] = { "ARP", { 0x08, 0x06 }, 14 },
	[VLAN_IPV4] = { "VLAN/IPv4", { 0x81, 0x00, 0x00, 0x05, 0x08, 0x00, 0x45, [15] = 17 }, 46 },
};

static void make_frame(uint8_t frame[FRAME_LEN], enum protocol protocol, uint32_t flow,
		       uint32_t seq)
{
	uint32_t hdr_len = protocols[protocol].hdr_len;

	memset(frame, 0, FRAME_LEN);
	plan_mac(END_B, 0, frame);
	plan_mac(END_A, flow, frame + 6);
	memcpy(frame + 12, protocols[protocol].hdr, hdr_len - 12);
	for (uint32_t k = 0; k < 4; k++)
		frame[hdr_len + k] = (uint8_t)(seq >> (8 * k));
}

/* ---- a rig: a link with programs and a socket at each end ---- */

struct rig {
	struct link link;
	struct edt edt;
	int fds[N_ENDS];
	struct errmsg e;
};

static int open_socket(struct rig *rig, enum end end)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = rig->link.ends[end].ifindex };
	int fd;

	if (link_enter(&rig->link, end, &rig->e))
		return -1;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr)), "socket at %s: %s",
	      rig->link.ends[end].ifname, strerror(errno));
	return fd;
}

static bool rig_open(struct rig *rig, const struct link_plan *link_plan,
		     const struct edt_plan *plan, enum tc_way way)
{
	int err;

	*rig = (struct rig){ .edt.tc.way = way, .fds = { -1, -1 } };
	err = link_create(&rig->link, link_plan, &rig->e);
	if (!err)
		err = edt_open(&rig->edt, &rig->link, plan, &rig->e);
	CHECK(!err, "%s", rig->e.text);
	for (enum end end = 0; end < N_ENDS && !err; end++)
		rig->fds[end] = open_socket(rig, end);
	return !err;
}

static void rig_close(struct rig *rig)
{
	for (enum end end = 0; end < N_ENDS; end++)
		if (rig->fds[end] >= 0)
			close(rig->fds[end]);
	edt_close(&rig->edt);
	link_destroy(&rig->link);
}

static bool rig_send(struct rig *rig, enum end from, const uint8_t *frame)
{
	return send(rig->fds[from], frame, FRAME_LEN, 0) == FRAME_LEN;
}

/* The next frame that came from the wire, not the socket's own, byte by byte. */
static bool rig_receives(struct rig *rig, enum end at, const uint8_t *expect)
{
	struct pollfd p = { .fd = rig->fds[at], .events = POLLIN };
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);
	uint8_t frame[2048];
	ssize_t n;

	do {
		if (poll(&p, 1, DEADLINE_MS) != 1)
			return false;
		n = recvfrom(p.fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &len);
	} while (n > 0 && from.sll_pkttype == PACKET_OUTGOING);
	return n == FRAME_LEN && !memcmp(frame, expect, FRAME_LEN);
}

/* From a to b, one after the other. */
static void rig_carry(struct rig *rig, enum protocol protocol, uint32_t n)
{
	uint8_t frame[FRAME_LEN];

	for (uint32_t seq = 0; seq < n; seq++) {
		make_frame(frame, protocol, FLOW, seq);
		CHECK(rig_send(rig, END_A, frame) && rig_receives(rig, END_B, frame),
		      "%s: packet %u", protocols[protocol].name, seq);
		if (test_state.is_failed)
			return;
	}
}

/* ---- the way ---- */

static const struct edt_plan nothing;

/* However many hops, frames come out at the other end as they went in, both ways. */
static void test_carry(void)
{
	for (uint32_t k = 0; k < 20; k++) {
		static const uint32_t hops[] = { 1, 2, 3, 5, 8 };
		struct link_plan plan = { .mtu = 1500,
					  .n_queues = 1,
					  .n_hops = hops[k / 4],
					  .has_inner = { k & 2, k & 1 } };
		uint8_t frame[FRAME_LEN];
		struct edt_counts counts;
		struct rig rig;

		if (!rig_open(&rig, &plan, &nothing, TC_WAY_UNKNOWN))
			return;
		rig_carry(&rig, UDP_IPV4, N_PKTS);
		rig_carry(&rig, PRIVATE, 2);
		make_frame(frame, TCP_IPV6, FLOW, 1);
		CHECK(rig_send(&rig, END_B, frame) && rig_receives(&rig, END_A, frame),
		      "%u hops, back", plan.n_hops);
		edt_count(&rig.edt, &counts);
		CHECK(!counts.n_beyond, "%u hops", plan.n_hops);
		rig_close(&rig);
	}
}

/* ---- what the kernel lets a program set, and what arrives of it ---- */

enum time { TIME_NONE, TIME_WISH, TIME_PRESET, N_TIMES };
static const char *const time_names[N_TIMES] = { "none", "the wish", "the preset" };

struct rule {
	const char *name;
	enum edt_setter setter;
	int type;
	bool has_wish, has_preset; /* else 0 */
	enum protocol protocol;
	int expect_err;
	enum time expect_time; /* from fwd.egress on */
	uint32_t expect_type;  /* BPF_SKB_DELIVERY_TIME_... */
};

#define MONO BPF_SKB_DELIVERY_TIME_MONO
#define NONE BPF_SKB_DELIVERY_TIME_NONE
#define TAI BPF_SKB_DELIVERY_TIME_TAI
#define BY_NAME EDT_SET_DELIVERY_TIME

/* The published rules, which hold on every kernel. */
static const struct rule rules[] = {
	{ "MONO", BY_NAME, EDT_MONO, true, false, UDP_IPV4, 0, TIME_WISH, MONO },
	{ "MONO", BY_NAME, EDT_MONO, true, false, TCP_IPV6, 0, TIME_WISH, MONO },
	{ "MONO", BY_NAME, EDT_MONO, true, false, VLAN_IPV4, 0, TIME_WISH, MONO },
	{ "MONO again", BY_NAME, EDT_MONO, true, true, UDP_IPV4, 0, TIME_WISH, MONO },
	{ "MONO", BY_NAME, EDT_MONO, true, false, PRIVATE, EOPNOTSUPP, TIME_NONE, NONE },
	{ "MONO", BY_NAME, EDT_MONO, true, false, ARP, EOPNOTSUPP, TIME_NONE, NONE },
	{ "MONO with 0", BY_NAME, EDT_MONO, false, false, UDP_IPV4, EINVAL, TIME_NONE, NONE },
	{ "MONO with 0", BY_NAME, EDT_MONO, false, true, UDP_IPV4, EINVAL, TIME_PRESET, MONO },
	{ "NONE with a time", BY_NAME, EDT_NONE, true, true, UDP_IPV4, EINVAL, TIME_PRESET, MONO },
	{ "NONE with a time", BY_NAME, EDT_NONE, true, false, ARP, EOPNOTSUPP, TIME_NONE, NONE },
	{ "NONE", BY_NAME, EDT_NONE, false, true, UDP_IPV4, 0, TIME_NONE, NONE },
	{ "UNSPEC", BY_NAME, EDT_UNSPEC, true, true, UDP_IPV4, EOPNOTSUPP, TIME_PRESET, MONO },
	{ "type 77", BY_NAME, 256 + 77, true, true, TCP_IPV6, EOPNOTSUPP, TIME_PRESET, MONO },
	/* Without a type at ingress it is a receive time, which does not leave the namespace. */
	{ "direct", EDT_SET_DIRECT, EDT_MONO, true, false, UDP_IPV4, 0, TIME_NONE, NONE },
	{ "direct", EDT_SET_DIRECT, EDT_MONO, true, false, PRIVATE, 0, TIME_NONE, NONE },
	{ "direct over MONO", EDT_SET_DIRECT, EDT_MONO, true, true, UDP_IPV4, 0, TIME_WISH, MONO },
	{ "blind", EDT_SET_BLIND, EDT_MONO, true, false, UDP_IPV4, 0, TIME_NONE, NONE },
	{ "blind over MONO", EDT_SET_BLIND, EDT_MONO, true, true, UDP_IPV4, 0, TIME_NONE, NONE },
	{ "the kernel's MONO", EDT_SET_TSTAMP, 256 + 1, true, false, UDP_IPV4, 0, TIME_WISH, MONO },
	{ "the kernel's 3", EDT_SET_TSTAMP, 256 + 3, true, true, UDP_IPV4, EINVAL, TIME_PRESET,
	  MONO },
};

/* The helper's own, since the types are clocks (Linux 6.10), and before. */
static const struct rule rules_clocks[] = {
	{ "the kernel's TAI", EDT_SET_TSTAMP, 256 + 2, true, false, UDP_IPV4, 0, TIME_WISH, TAI },
	{ "TAI", BY_NAME, 256 + TAI, true, false, UDP_IPV4, 0, TIME_WISH, TAI },
	{ "TAI with 0", BY_NAME, 256 + TAI, false, true, UDP_IPV4, EINVAL, TIME_PRESET, MONO },
	{ "REALTIME", EDT_SET_TSTAMP, EDT_NONE, true, true, UDP_IPV4, 0, TIME_NONE, NONE },
};
static const struct rule rules_before[] = {
	{ "TAI", BY_NAME, 256 + TAI, true, true, UDP_IPV4, EINVAL, TIME_PRESET, MONO },
	{ "0 and a time", EDT_SET_TSTAMP, EDT_NONE, true, true, UDP_IPV4, EINVAL, TIME_PRESET,
	  MONO },
};

/* A time of 0 that is MONO: tcx leaves it so, the classifier of clsact cleans up. */
static const struct rule rule_of_way[N_TC_WAYS] = {
	[TC_WAY_TCX] = { "direct 0, tcx", EDT_SET_DIRECT, EDT_MONO, false, true, UDP_IPV4, 0,
			 TIME_NONE, MONO },
	[TC_WAY_CLSACT] = { "direct 0, clsact", EDT_SET_DIRECT, EDT_MONO, false, true, UDP_IPV4, 0,
			    TIME_NONE, NONE },
};

#define N_SITES 6u
#define IN(n)                                                                                      \
	{                                                                                          \
		.node = (n)                                                                        \
	}
#define OUT(n)                                                                                     \
	{                                                                                          \
		.node = (n), .is_egress = true                                                     \
	}
static const struct edt_site way_to_b[N_SITES] = { OUT(0), IN(1), OUT(1), IN(2), OUT(2), IN(3) };
static const char *const site_names[N_SITES] = { "a.egress",	 "fwd.ingress", "fwd.egress",
						 "fwd2.ingress", "fwd2.egress", "b.ingress" };
#define FWD_EGRESS 2u
static const struct link_plan three_hops = {
	.mtu = 1500, .n_queues = 1, .n_hops = 3, .has_inner = { [END_B] = true }
};

static void check_record(const struct rule *r, uint32_t site, const struct edt_record *noted,
			 const uint64_t times[N_TIMES])
{
	const struct edt_record seen = seen_at_ingress(noted);
	const struct edt_record *record = way_to_b[site].is_egress ? noted : &seen;
	enum time expect = site < FWD_EGRESS ? TIME_NONE : r->expect_time;
	uint32_t expect_type = site < FWD_EGRESS ? NONE : r->expect_type;
	uint32_t type = edt_delivery_time_type(record->tstamp, record->tstamp_type);

	if (!record->tstamp && record->tstamp_type) /* a type without a time */
		type = record->tstamp_type == EDT_CLOCK_MONOTONIC ? MONO : TAI;
	CHECK(record->n == 1, "%s: seen %u times at %s", r->name, record->n, site_names[site]);
	CHECK(record->tstamp == times[expect], "%s, %s: at %s expect %s, actual %llu", r->name,
	      protocols[r->protocol].name, site_names[site], time_names[expect],
	      (unsigned long long)record->tstamp);
	CHECK(type == expect_type, "%s, %s: at %s expect type %u, actual %u", r->name,
	      protocols[r->protocol].name, site_names[site], expect_type, type);
}

/* Sends packet seq and waits until it has come by at the last site. */
static void pass_by(struct rig *rig, enum protocol protocol, uint32_t flow, uint32_t seq,
		    const struct edt_record *record)
{
	const volatile struct edt_record *r = record;
	uint64_t deadline_ns = clock_ns() + DEADLINE_MS * 1000000ull;
	uint8_t frame[FRAME_LEN];
	uint32_t n = r->n;

	make_frame(frame, protocol, flow, seq);
	CHECK(rig_send(rig, END_A, frame), "packet %u: %s", seq, strerror(errno));
	while (r->n == n && clock_ns() < deadline_ns)
		poll(NULL, 0, 0);
	CHECK(r->n == n + 1, "packet %u does not get there", seq);
}

/* One packet by one rule; what the kernel said. */
static int try_rule(const struct rule *r, enum tc_way way, bool is_checked)
{
	uint64_t now = clock_ns();
	uint64_t times[N_TIMES] = { 0, now + SOON_NS, now + SOON_NS / 2 };
	struct edt_flow_plan flow = { .id = FLOW,
				      .n_seqs = 2,
				      .hdr_len = protocols[r->protocol].hdr_len,
				      .has_wish = true,
				      .type = r->type,
				      .preset_ns = r->has_preset ? times[TIME_PRESET] : 0 };
	struct edt_plan plan = { .n_places = 2,
				 .setter = r->setter,
				 .setter_at = { .node = 1 },
				 .sites = way_to_b,
				 .n_sites = N_SITES,
				 .flows = &flow,
				 .n_flows = 1 };
	struct rig rig;
	int err;

	if (!rig_open(&rig, &three_hops, &plan, way))
		return 0;
	rig.edt.wishes[1] = r->has_wish ? times[TIME_WISH] : 0;
	times[TIME_WISH] = rig.edt.wishes[1];
	pass_by(&rig, r->protocol, FLOW, 1, &rig.edt.records[N_SITES - 1][1]);
	err = rig.edt.results[1].err;
	CHECK_EQ(1, rig.edt.results[1].n);
	CHECK(!is_checked || -err == r->expect_err, "%s, %s: expect %s, actual %s", r->name,
	      protocols[r->protocol].name, errno_name(r->expect_err), errno_name(err));
	for (uint32_t k = 0; k < N_SITES && is_checked; k++)
		check_record(r, k, &rig.edt.records[k][1], times);
	rig_close(&rig);
	return err;
}

static void try_rules(const struct rule *table, size_t n, enum tc_way way)
{
	for (size_t k = 0; k < n; k++)
		try_rule(&table[k], way, true);
}

#define TRY(table, way) try_rules(table, sizeof(table) / sizeof((table)[0]), way)

static void test_rules(void)
{
	bool has_clocks = !try_rule(&rules_clocks[0], TC_WAY_UNKNOWN, false);

	TRY(rules, TC_WAY_UNKNOWN);
	if (has_clocks)
		TRY(rules_clocks, TC_WAY_UNKNOWN);
	else
		TRY(rules_before, TC_WAY_UNKNOWN);
}

/* Kernels before 6.6 have not. */
static bool has_tcx(void)
{
	static const struct edt_plan plan = { .sites = way_to_b, .n_sites = 1 };
	static const struct link_plan one_hop = { .mtu = 1500, .n_queues = 1 };
	struct edt edt = { .tc.way = TC_WAY_TCX };
	struct errmsg e = { "" };
	struct link link;
	int err = link_create(&link, &one_hop, &e);

	CHECK(!err, "%s", e.text);
	if (err)
		return false;
	err = edt_open(&edt, &link, &plan, &e);
	CHECK(!err || err == -EINVAL, "%s", e.text);
	edt_close(&edt);
	link_destroy(&link);
	return !err;
}

/* The way that is taken by itself, and the other one: to packets they are the same, but for one thing. */
static void test_ways(void)
{
	struct rig rig;
	enum tc_way way;

	if (!rig_open(&rig, &three_hops, &nothing, TC_WAY_UNKNOWN))
		return;
	way = rig.edt.tc.way;
	CHECK(way == TC_WAY_TCX || way == TC_WAY_CLSACT, "way %d", way);
	rig_close(&rig);
	try_rule(&rule_of_way[way], way, true);
	if (way == TC_WAY_TCX || !has_tcx())
		return;
	try_rule(&rules[0], TC_WAY_TCX, true);
	try_rule(&rule_of_way[TC_WAY_TCX], TC_WAY_TCX, true);
}

/* A program that never mentions tstamp_type sees the time at egress only. */
static void test_blind(void)
{
	static const struct edt_site sites[] = {
		{ .node = 1, .is_egress = true, .is_blind = true },
		{ .node = 2, .is_blind = true },
		{ .node = 2, .is_egress = true, .is_blind = true },
		{ .node = 3, .is_blind = true },
		IN(1),
	};
	static const struct edt_flow_plan flow = {
		.id = FLOW, .n_seqs = 1, .hdr_len = 42, .has_wish = true, .type = EDT_MONO
	};
	static const struct edt_plan plan = { .n_places = 1,
					      .setter = BY_NAME,
					      .setter_at = { .node = 1 },
					      .sites = sites,
					      .n_sites = 5,
					      .flows = &flow,
					      .n_flows = 1 };
	uint64_t time = clock_ns() + SOON_NS;
	struct rig rig;

	if (!rig_open(&rig, &three_hops, &plan, TC_WAY_UNKNOWN))
		return;
	rig.edt.wishes[0] = time;
	pass_by(&rig, UDP_IPV4, FLOW, 0, &rig.edt.records[3][0]);
	for (int k = 0; k < 4; k++) {
		CHECK_EQ(EDT_TYPE_UNREAD, rig.edt.records[k][0].tstamp_type);
		if (sites[k].is_egress)
			CHECK_EQ(time, rig.edt.records[k][0].tstamp);
		else
			CHECK_EQ(0, seen_at_ingress(&rig.edt.records[k][0]).tstamp);
	}
	rig_close(&rig);
}

/* ---- packets and their places ---- */

/* Each packet has its own time, and each place its own packet: flows, bases, patterns, strangers. */
static void test_places(void)
{
	static const struct edt_flow_plan flows[] = {
		{ .id = 7, .base = 4, .n_seqs = 20, .hdr_len = 42, .has_wish = true },
		{ .id = 255,
		  .base = 24,
		  .n_seqs = 20,
		  .hdr_len = 74,
		  .has_wish = true,
		  .has_pattern = true,
		  .start_ns = SOON_NS,
		  .step_ns = 20000 },
		{ .id = 9, .base = 0, .n_seqs = 4, .hdr_len = 42 },
	};
	static const struct edt_plan plan = { .n_places = 44,
					      .setter = BY_NAME,
					      .setter_at = { .node = 1 },
					      .sites = way_to_b,
					      .n_sites = N_SITES,
					      .flows = flows,
					      .n_flows = 3 };
	uint64_t start_ns = clock_ns();
	struct edt_record *at_b;
	struct edt_counts counts;
	uint8_t frame[FRAME_LEN];
	struct rig rig;

	if (!rig_open(&rig, &three_hops, &plan, TC_WAY_UNKNOWN))
		return;
	at_b = rig.edt.records[N_SITES - 1];
	for (uint32_t k = 0; k < 20; k++)
		rig.edt.wishes[4 + k] = start_ns + k * k;
	for (uint32_t k = 0; k < 20; k++) {
		pass_by(&rig, UDP_IPV4, 7, 19 - k, &at_b[4 + 19 - k]);
		pass_by(&rig, TCP_IPV6, 255, k, &at_b[24 + k]);
	}
	pass_by(&rig, UDP_IPV4, 9, 3, &at_b[3]);
	pass_by(&rig, UDP_IPV4, 9, 3, &at_b[3]);
	for (uint32_t k = 0; k < 20; k++) {
		CHECK_EQ(start_ns + k * k, at_b[4 + k].tstamp);
		CHECK_EQ(SOON_NS + k * 20000, at_b[24 + k].tstamp);
	}
	CHECK(at_b[3].n == 2 && !at_b[2].n && !rig.edt.results[3].n, "no packet 2, no wishes");
	CHECK_EQ(0, seen_at_ingress(&at_b[3]).tstamp);
	edt_count(&rig.edt, &counts);
	CHECK_EQ(0, counts.n_beyond + counts.n_strangers);
	/* Two that are beyond, and one of no flow, by everything that looks at them. */
	make_frame(frame, UDP_IPV4, 9, 4);
	CHECK(rig_send(&rig, END_A, frame), "send");
	make_frame(frame, UDP_IPV4, 7, 0xffffffff);
	CHECK(rig_send(&rig, END_A, frame), "send");
	make_frame(frame, UDP_IPV4, 8, 0);
	CHECK(rig_send(&rig, END_A, frame), "send");
	pass_by(&rig, UDP_IPV4, 9, 0, &at_b[0]);
	edt_count(&rig.edt, &counts);
	CHECK_EQ(2 * (N_SITES + 1), counts.n_beyond);
	CHECK_EQ(N_SITES + 1, counts.n_strangers);
	edt_clear(&rig.edt);
	edt_count(&rig.edt, &counts);
	CHECK(!counts.n_beyond && !at_b[3].n && !rig.edt.wishes[4] && !rig.edt.results[4].n,
	      "all is forgotten");
	rig_close(&rig);
}

/* One packet is seen at each place once, in order, at a time that fits. */
static void test_order(void)
{
	static const struct edt_flow_plan flow = { .id = FLOW, .n_seqs = N_PKTS, .hdr_len = 42 };
	static const struct edt_plan plan = { .n_places = N_PKTS,
					      .sites = way_to_b,
					      .n_sites = N_SITES,
					      .flows = &flow,
					      .n_flows = 1 };
	struct rig rig;

	if (!rig_open(&rig, &three_hops, &plan, TC_WAY_UNKNOWN))
		return;
	CHECK(!rig.edt.wishes && !rig.edt.results, "nothing is set");
	for (uint32_t seq = 0; seq < N_PKTS; seq++) {
		uint64_t before_ns = clock_ns(), after_ns;

		pass_by(&rig, UDP_IPV4, FLOW, seq, &rig.edt.records[N_SITES - 1][seq]);
		after_ns = clock_ns();
		for (uint32_t k = 0; k < N_SITES; k++) {
			const struct edt_record *r = &rig.edt.records[k][seq];

			CHECK(r->now_ns >= before_ns && r->now_ns <= after_ns, "at %s",
			      site_names[k]);
			before_ns = r->now_ns;
		}
	}
	rig_close(&rig);
}

/* Of the verifier's log the line that says why is shown. */
static void test_refused_by_verifier(void)
{
	struct edt_bpf *skel = edt_bpf__open();
	struct bpf_insn insns[1000];
	struct bpf_program *prog;
	struct errmsg e = {};
	struct heard heard;
	size_t n;
	int err;

	CHECK(skel, "open");
	if (!skel)
		return;
	prog = skel->progs.edt_forward;
	n = bpf_program__insn_cnt(prog);
	CHECK(n <= 1000, "%zu", n);
	memcpy(insns, bpf_program__insns(prog), n * sizeof(*insns));
	insns[0] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, .src_reg = 9 };
	CHECK(!bpf_program__set_insns(prog, insns, n), "set_insns");
	heard_begin(&heard);
	err = edt_bpf__load(skel);
	errmsg_set(&e, -err, "edt: load");
	heard_end(&heard, &e);
	CHECK(err, "a program that reads what nobody wrote");
	CHECK(strstr(e.text, "R9 !read_ok") && !strstr(e.text, "processed"), "%s", e.text);
	edt_bpf__destroy(skel);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_carry);
	RUN(test_rules);
	RUN(test_ways);
	RUN(test_blind);
	RUN(test_places);
	RUN(test_order);
	RUN(test_refused_by_verifier);
	return test_end();
}
