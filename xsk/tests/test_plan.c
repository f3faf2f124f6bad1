// SPDX-License-Identifier: GPL-2.0-only
/* From specs to cases: the matrix, geometry, what is due, and what contradicts itself. */
#include "plan/plan.h"

#include "tests/planned.h"

static void test_matrix(void)
{
	struct planned p;

	planned_init(&p, "test t { axis n 1, 2, 4096\n stream s { packets n }\n send s }",
		     &caps_assumed);
	CHECK_STR("", planned_diag(&p));
	CHECK_EQ(12, p.plan.n_cases);
	CHECK_STR("unit/t[mode=skb,wakeup=softirq,n=1]", p.plan.cases[0].id);
	CHECK_STR("unit/t[mode=drv,wakeup=busy_poll,n=4096]", p.plan.cases[11].id);
	CHECK_EQ(4096, p.plan.cases[11].flows[0].stream.n_pkts);
	planned_release(&p);
}

static const struct counter_plan *find_counter(const struct case_plan *c, enum end end,
					       enum counter k)
{
	for (size_t n = 0; n < c->n_counters; n++)
		if (c->counters[n].end == end && c->counters[n].counter == k)
			return &c->counters[n];
	return NULL;
}

static void test_silence_means_zero(void)
{
	struct planned p;
	const struct case_plan *c;

	planned_init(&p, "test t { send stream { } }", &caps_assumed);
	c = &p.plan.cases[0];
	for (enum end end = 0; end < N_ENDS; end++)
		for (int k = 0; k < COUNTER_TX_RING_EMPTY_DESCS; k++) {
			const struct counter_plan *cp = find_counter(c, end, (enum counter)k);

			CHECK(cp && cp->op == CMP_EQ && cp->value == 0, "%s", counter_names[k]);
		}
	planned_release(&p);
}

/* A spec and the name of the only diagnostic that planning it gives. */
struct row {
	const char *expect, *text;
};

static const struct row rows[] = {
	{ "",
	  "test t { stream s { len i % 2 ? 9001 : 64 }\n send s\n expect a.tx_invalid_descs == 1024 }" },
	{ "contradiction",
	  "test t { stream s { len i % 2 ? 9001 : 64 }\n send s\n expect a.tx_invalid_descs == 5 }" },
	{ "unexpected-invalid", "test t { stream s { len i % 2 ? 9001 : 64 }\n send s }" },
	{ "contradiction", "test t { descriptors d { addr 0, len 0 }\n send d }" },
	{ "contradiction", "test t { descriptors d { addr 0, len 64 invalid }\n send d }" },
	{ "", "test t { descriptors d { addr 0, len 0 invalid }\n send d }" },
	{ "", "test t { axis u off, on\n umem { unaligned u }\n"
	      "descriptors d { addr 4096 - 32, len 64 invalid unless unaligned }\n send d }" },
	{ "conflict", "test t { descriptors d { addr 0, len 64, options 2 }\n send d }" },
	{ "conflict", "test t { descriptors d { addr 24, len 64, metadata 8 }\n send d }" },
	{ "conflict", "test t { descriptors d { addr 24, len 64, metadata 2 }\n send d }" },
	{ "",
	  "test t { descriptors d { addr 24, len 64, metadata 1\n addr 4120, len 64, options 2 }\n"
	  "send d }" },
	{ "", "test t { descriptors d { addr 24, len 64, metadata 8 }\n send d\n"
	      "expect error send EINVAL }" },
	{ "",
	  "test t { socket a { multi_buffer off }\n"
	  "descriptors d { packet { addr 0, len 64; addr 4096, len 64, options 2 } }\n send d }" },
	{ "", "test t { descriptors d { addr 0, len 64\n addr 4096, len 13 }\n send d\n"
	      "expect deliver d where i == 0 }" },
	{ "len-range", "test t { stream s { len 2000 }\n send s }" },
	{ "len-range", "test t { stream s { len 15 }\n send s }" },
	{ "len-range", "test t { stream s { len 50; headers eth, ipv4, tcp }\n send s }" },
	{ "division", "test t { stream s { len 64 + 0 / (i - 7) }\n send s }" },
	{ "range", "test t { send stream { } from a[1] }" },
	{ "range", "test t { axis r 100, 128\n socket { rx_ring r }\n send stream { } }" },
	{ "conflict", "test t { umem { frame_size 3000 }\n send stream { } }" },
	{ "conflict", "test t { link { queues 2 }\n socket { count 2 }\n socket b { queue 0 }\n"
		      "send stream { } from a[0] to b[0]\n }" },
	{ "conflict",
	  "test t { link { mtu 9000 }\n socket { tx_ring 2 }\n stream s { len 9000 }\n send s }" },
	{ "conflict",
	  "test t { umem a { frames 1 }\n link { mtu 9000 }\n stream s { len 9000 }\n send s }" },
	{ "conflict", "test t { program b pass\n stream s { }\n send s\n expect len == sent }" },
	{ "conflict",
	  "test t { program b none\n stream s { }\n send s\n expect deliver s where i < 3 }" },
	{ "conflict",
	  "test t { socket { count 2; share_umem }\n umem a[1] { headroom 8 }\n send stream { } }" },
	{ "conflict",
	  "test t { socket { count 2; share_umem }\n socket b[1] { hold_rx }\n send stream { } }" },
	{ "range", "test t { socket b[3] { rx_ring 64 }\n send stream { } }" },
	{ "range", "test t { stream s { seq 100 - i }\n send s }" },
	{ "range", "test t { stream s { headers eth, vlan(prio i) }\n send s }" },
	{ "conflict",
	  "test t { descriptors d { packet { addr 0, len 64; addr 0, len 64 } }\n send d }" },
	{ "conflict", "test t { descriptors d { len 64, options 1 }\n send d }" },
	/* The other socket's counters are still to be 0. */
	{ "unexpected-invalid",
	  "test t { socket { count 2 }\n stream bad { len i % 2 ? 9001 : 64 }\n"
	  "send bad from a[1] to b[1]\n expect a[0].tx_invalid_descs == 0 }" },
	/* Each socket has the geometry of its own UMEM. */
	{ "",
	  "test t { socket { count 2 }\n umem a[1] { frame_size 2048 }\n"
	  "descriptors d { addr 0, len 3000 invalid\n addr 2048, len 64 }\n send d from a[1] to b[1] }" },
	{ "conflict", "test t { stream s { csum_offload }\n send s }" },
	{ "conflict",
	  "test t { stream s { csum_offload; headers eth, ipv4, udp(csum 7); len 90 }\n send s }" },
	{ "conflict", "test t { socket { count 2; share_umem }\n stream s { }\n"
		      "parallel { send s from a[0] to b[0]\n send s from a[1] to b[1] } }" },
	{ "conflict",
	  "test t { socket b { count 2 }\n socket a { count 2 }\n program b metadata\n stream s { }\n"
	  "parallel { send s from a[0] to b[0]\n send s from a[1] to b[1] } }" },
	{ "conflict", "test t { umem { both_ends }\n socket { count 2 }\n send stream { } }" },
	{ "range", "test t { send stream { }\n expect a[1].tx_per_kick == 1 }" },
	{ "conflict", "test t { send stream { }\n expect b.rx_hash valid }" },
	{ "conflict", "test t { send stream { }\n expect b.tx_per_kick == 32 }" },
	{ "conflict", "test t { socket { count 2 }\n stream s { }\n send s from a[0] to b[0]\n"
		      "expect a[1].tx_per_kick == 32 }" },
	{ "conflict", "test t { program rx_metadata\n send stream { }\n expect a.rx_hash any }" },
	{ "conflict", "test t { socket a { hold_completion; completion_ring 64; tx_ring 64 }\n"
		      "stream s { packets 129 }\n send s }" },
	{ "", "test t { socket a { hold_completion; completion_ring 64; tx_ring 64 }\n"
	      "stream s { packets 128 }\n send s }" },
	{ "conflict",
	  "test t { program b rx_metadata\n send stream { }\n expect b.rx_vlan valid }" },
	{ "", "test t { program b rx_metadata\n send stream { }\n expect b.rx_vlan any }" },
	{ "", "test t { program b rx_metadata\n send stream { }\n expect b.rx_vlan ENODATA }" },
	{ "", "test t { program b rx_metadata\n send stream { len 100; headers eth, vlan }\n"
	      "expect b.rx_vlan valid }" },
	{ "range", "test t { program b rx_metadata\n send stream { }\n expect b[1].rx_hash any }" },
	/* Longer than the link carries, but said not to arrive. */
	{ "",
	  "test t { stream s { len i % 2 ? 2000 : 64 }\n send s\n expect deliver s where i % 2 == 0 }" },
	{ "", "test t { expect b.pollin timeout }" },
	{ "deadline", "test t { send stream { packets 1 << 40 } }" },
};

static void test_contradictions(void)
{
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		struct planned p;

		planned_init(&p, rows[k].text, &caps_assumed);
		CHECK(!strcmp(rows[k].expect, planned_diag(&p)), "%s: expect '%s', actual '%s'",
		      rows[k].text, rows[k].expect, planned_diag(&p));
		planned_release(&p);
	}
}

static void check_skip_of(const struct caps *caps, const char *text, const char *expect)
{
	struct planned p;

	planned_init(&p, text, caps);
	CHECK_STR("", planned_diag(&p));
	CHECK(p.plan.n_cases && p.plan.cases[0].skip && strstr(p.plan.cases[0].skip, expect),
	      "%s: expect a skip about %s", text, expect);
	planned_release(&p);
}

static void check_skip(const char *text, const char *expect)
{
	check_skip_of(&caps_assumed, text, expect);
}

static void test_edt_skips(void)
{
	struct caps caps = caps_assumed;

	caps.has_qdisc[QDISC_FQ] = false;
	caps.has_launch_time = false;
	caps.has_edt_clocks = false;
	check_skip_of(
		&caps,
		"test t { link { hops 2 }\n send stream { headers eth, ipv4; edt now type tai } }",
		"clocks");
	check_skip_of(&caps, "test t { link { hops 2; qdisc fwd.egress fq }\n send stream { } }",
		      "the qdisc fq");
	check_skip_of(&caps,
		      "test t { link { hops 2 }\n send stream { headers eth, ipv4; edt now by "
		      "launch_time }\n expect edt at fwd.ingress == none }",
		      "launch time");
}

/* What cannot be done here is skipped with its reason: never passed, never forgotten. */
static void test_skips(void)
{
	check_skip("test t { mode zc\n send stream { } }", "zero-copy");
	check_skip("test t { at packet 5 on b { close }\n send stream { } }", "faults");
	check_skip("test t { send stream { from pcap \"x.pcap\" } }", "captures");
	check_skip("test t { stream s { }\n receive s on b }", "outside");
	check_skip("test t { send stream { }\n expect b.umem invalidated frames 1..2 }", "watch");
}

/* What the kernel or its driver cannot say of received packets. */
static void test_rx_metadata_skips(void)
{
	static const char text[] =
		"test t { wakeup softirq\n program b rx_metadata\n send stream { }\n expect b.rx_vlan %s }";
	static const struct {
		const char *wish, *expect[N_MODES]; /* NULL: runs */
		bool has_rx_metadata, has_rx_vlan;
	} skips[] = {
		{ "any", { "generic XDP", NULL }, true, true },
		{ "ENODATA", { "generic XDP", "rx_vlan_tag" }, true, false },
		{ "EOPNOTSUPP", { "generic XDP", NULL }, true, false },
		{ "EOPNOTSUPP", { "generic XDP", "DEV_BOUND_ONLY" }, false, false },
	};

	for (size_t k = 0; k < sizeof(skips) / sizeof(skips[0]); k++) {
		struct caps caps = caps_assumed;
		struct planned p;
		char filled[200];

		caps.has_rx_metadata = skips[k].has_rx_metadata;
		caps.has_rx_vlan = skips[k].has_rx_vlan;
		snprintf(filled, sizeof(filled), text, skips[k].wish);
		planned_init(&p, filled, &caps);
		CHECK_STR("", planned_diag(&p));
		for (enum mode mode = MODE_SKB; mode <= MODE_DRV; mode++) {
			const char *expect = skips[k].expect[mode];
			const char *actual = p.plan.cases[mode].skip;

			CHECK(!expect == !actual && (!expect || strstr(actual, expect)),
			      "row %zu, %s: %s", k, mode_names[mode], actual ? actual : "runs");
		}
		planned_release(&p);
	}
}

static void test_geometry(void)
{
	struct planned p;
	const struct end_plan *a, *b;

	planned_init(
		&p,
		"test t { socket { count 2; share_umem }\n program b steer_mac\n stream s { }\n"
		"parallel { send s from a[0] to b[0]\n send s from a[1] to b[1] } }",
		&caps_assumed);
	a = &p.plan.cases[0].ends[END_A];
	b = &p.plan.cases[0].ends[END_B];
	CHECK_EQ(1, a->n_umems);
	CHECK_EQ(1, a->n_ports); /* one queue: both share its fill and completion ring */
	CHECK_EQ(2, a->n_sockets);
	CHECK(a->sockets[0].does_tx && !a->sockets[0].does_rx && b->sockets[1].does_rx);
	CHECK_EQ(2048, b->ports[0].n_rx_frames);
	CHECK_EQ(PROGRAM_NONE, a->program);
	CHECK_EQ(PROGRAM_STEER_MAC, b->program);
	/* Two flows share the fill ring of the receiver: together they cannot overrun it. */
	CHECK_EQ(1024, p.plan.cases[0].flows[0].window_pkts);
	planned_release(&p);
}

/* In generic mode veth delivers Tx queue q on Rx queue q - 1: the sender sits one further up. */
static void test_shifted_queue(void)
{
	struct caps caps = caps_assumed;
	struct planned p;

	planned_init(&p, "test t { socket b { queue 1 }\n send stream { } }", &caps);
	CHECK_EQ(2, p.plan.cases[0].ends[END_A].sockets[0].queue);
	CHECK_EQ(3, p.plan.cases[0].link.n_queues);
	CHECK_EQ(MODE_DRV, p.plan.cases[2].mode);
	CHECK_EQ(1, p.plan.cases[2].ends[END_A].sockets[0].queue);
	CHECK_EQ(2, p.plan.cases[2].link.n_queues);
	planned_release(&p);
	caps.shifts_skb_queue = false;
	planned_init(&p, "test t { socket b { queue 1 }\n send stream { } }", &caps);
	CHECK_EQ(1, p.plan.cases[0].ends[END_A].sockets[0].queue);
	planned_release(&p);
}

static void test_both_ends(void)
{
	const struct end_plan *a, *b;
	struct planned p;

	planned_init(
		&p,
		"test t { umem { both_ends }\n socket { fill_ring 64; completion_ring 64 }\n"
		"stream s { packets umem_size == 256 * 4096 ? 256 : 1 }\n send s\n send s from b to a }",
		&caps_assumed);
	CHECK_STR("", planned_diag(&p));
	a = &p.plan.cases[0].ends[END_A];
	b = &p.plan.cases[0].ends[END_B];
	CHECK_EQ(256, a->umems[0].n_frames);
	CHECK_EQ(256, b->umems[0].n_frames);
	CHECK(b->umems[0].is_of_a && !a->umems[0].is_of_a);
	CHECK_EQ(256, p.plan.cases[0].flows[0].stream.n_pkts);
	/* No frame belongs to both. */
	CHECK_EQ(0, b->ports[0].rx_frame0);
	CHECK_EQ(64, b->ports[0].tx_frame0);
	CHECK_EQ(128, a->ports[0].rx_frame0);
	CHECK_EQ(192, a->ports[0].tx_frame0);
	CHECK_EQ(64, a->ports[0].n_tx_frames);
	planned_release(&p);
}

static void test_kernel_numbers(void)
{
	const struct flow_plan *f;
	struct planned p;

	planned_init(
		&p,
		"test t { umem b { headroom max_headroom }\n socket a { batch tx_budget + 1 }\n"
		"stream s { packets max_frags; fragment 64; len rx_room; window 5 }\n send s }",
		&caps_assumed);
	CHECK_STR("", planned_diag(&p));
	f = &p.plan.cases[0].flows[0];
	CHECK_EQ(4096 - 704, p.plan.cases[0].ends[END_B].umems[0].headroom);
	CHECK_EQ(33, p.plan.cases[0].ends[END_A].sockets[0].batch);
	CHECK_EQ(18, f->stream.n_pkts);
	CHECK_EQ(448, f->stream.fixed_len); /* 704 less the 256 of XDP */
	CHECK_EQ(7, stream_n_descs(&f->stream, 0));
	CHECK_EQ(5, f->window_pkts);
	CHECK(p.plan.cases[0].ends[END_A].sockets[0].has_multi_buffer);
	planned_release(&p);
}

/* A fixed window is one of the smallest things a spec can say; metadata changes the geometry. */
static void test_metadata_geometry(void)
{
	const struct flow_plan *f;
	struct desc descs[3];
	const uint64_t bases[3] = { 0, 4096, 8192 };
	struct planned p;

	planned_init(&p,
		     "test t { link { mtu 9000 }\n stream s { len 9000; csum_offload\n"
		     "headers eth, ipv4, udp }\n send s }",
		     &caps_assumed);
	CHECK_STR("", planned_diag(&p));
	f = &p.plan.cases[0].flows[0];
	CHECK_EQ(PLAN_TX_METADATA, p.plan.cases[0].ends[END_A].umems[0].tx_metadata);
	CHECK_EQ(0, p.plan.cases[0].ends[END_B].umems[0].tx_metadata);
	CHECK_EQ(3, stream_n_descs(&f->stream, 0));
	stream_descs(&f->stream, 0, bases, descs);
	CHECK_EQ(24, descs[0].addr);
	CHECK_EQ(4072, descs[0].len);
	CHECK_EQ(DESC_CONTD | DESC_TX_METADATA, descs[0].options);
	CHECK_EQ(DESC_CONTD, descs[1].options);
	CHECK_EQ(0, descs[2].options);
	CHECK(f->is_all_valid);
	planned_release(&p);
}

static void test_hops(void)
{
	struct planned p;

	planned_init(&p, "test t { wakeup softirq\n link { hops 3 }\n send stream { } }",
		     &caps_assumed);
	CHECK_STR("", planned_diag(&p));
	CHECK_EQ(3, p.plan.cases[0].link.n_hops);
	CHECK_EQ(MODE_SKB, p.plan.cases[0].mode);
	CHECK(p.plan.cases[0].link.has_inner[END_B], "generic XDP behind a redirect");
	CHECK(!p.plan.cases[0].link.has_inner[END_A], "a receives nothing");
	CHECK(!p.plan.cases[1].link.has_inner[END_B], "native XDP needs none");
	planned_release(&p);
}

static const char *skip_of(const char *text, const struct caps *caps)
{
	static char skip[200];
	struct planned p;

	planned_init(&p, text, caps);
	CHECK_STR("", planned_diag(&p));
	snprintf(skip, sizeof(skip), "%s",
		 p.plan.n_cases && p.plan.cases[0].skip ? p.plan.cases[0].skip : "");
	planned_release(&p);
	return skip;
}

static void test_skips_by_caps(void)
{
	static const char grow[] =
		"test t { mode drv\n link { mtu 9000 }\n program b adjust_tail 9\n"
		"stream s { len 6144 }\n send s\n expect len == sent + 9 }";
	static const char budget[] = "test t { socket { tx_budget 64 }\n send stream { } }";
	static const char csum[] =
		"test t { stream s { csum_offload; headers eth, ipv4, udp }\n send s }";
	static const char ring[] = "test t { link { nic_ring nic_ring_max }\n send stream { } }";
	struct caps none = {
		.max_frags = 18, .rx_overhead = 256, .headroom_reserve = 704, .tx_budget = 32
	};
	struct caps all = caps_assumed;

	all.grows_frags[MODE_DRV] = true;
	CHECK_STR("", skip_of(grow, &all));
	CHECK(strstr(skip_of(grow, &none), "XDP_USE_SG"));
	none.has_multi_buffer = true;
	CHECK_STR("", skip_of(budget, &all));
	CHECK_STR("", skip_of(csum, &all));
	CHECK(strstr(skip_of(grow, &none), "adjust_tail"));
	CHECK(strstr(skip_of(budget, &none), "XDP_MAX_TX_SKB_BUDGET"));
	CHECK(strstr(skip_of(csum, &none), "Tx metadata"));
	CHECK(strstr(skip_of(ring, &all), "NIC"));
	CHECK(strstr(skip_of("test t { wakeup busy_poll\n send stream { } }", &none), "busy"));
}

static void test_rounds(void)
{
	struct planned p;
	const struct case_plan *c;

	planned_init(&p,
		     "test t { stream s { }\n send s\n send s from b to a\n repeat 10 { send s } }",
		     &caps_assumed);
	c = &p.plan.cases[0];
	CHECK_EQ(2, c->n_groups);
	CHECK_EQ(1, c->groups[0].n_rounds);
	CHECK_EQ(2, c->groups[0].n_phases); /* the same sockets for both */
	CHECK_EQ(10, c->groups[1].n_rounds);
	CHECK_EQ(END_B, c->flows[1].from_end);
	planned_release(&p);
}

/* What only an error can be expected of is planned as it was said. */
static void test_mistakes(void)
{
	struct planned p;
	const struct case_plan *c;

	planned_init(&p,
		     "test t { mode drv; wakeup softirq; link { queues 3; rx_queues 2; down b }\n"
		     "umem a { frames 0; memlock 64KiB; hugepages; reserve off }\n"
		     "socket a { tx_ring 0; fill_ring 3; bind_flags 0x30 }\n"
		     "socket b { unbound; own_rings; blocking }; occupy b queue 2\n"
		     "occupy a program skb; send stream { }; expect error option EINVAL }",
		     &caps_assumed);
	CHECK_EQ(0, p.diags.n);
	c = &p.plan.cases[0];
	CHECK(c->link.n_queues == 3 && c->link.n_rx_queues == 2, "link");
	CHECK_EQ(END_MASK_B, c->link.down_mask);
	CHECK(!c->ends[END_A].umems[0].n_frames && c->ends[END_A].umems[0].is_unreserved, "umem");
	CHECK_EQ(65536, c->ends[END_A].umems[0].memlock);
	CHECK(!c->ends[END_B].umems[0].has_memlock, "only a's");
	/* Without a Tx ring it has an Rx ring, although it was only to send. */
	CHECK(!c->ends[END_A].sockets[0].tx_ring && c->ends[END_A].sockets[0].does_rx, "rings");
	CHECK_EQ(3, c->ends[END_A].ports[0].fill_ring);
	CHECK_EQ(0x30, c->ends[END_A].sockets[0].bind_flags);
	CHECK(c->ends[END_B].sockets[0].is_unbound && c->ends[END_B].sockets[0].has_own_rings &&
		      c->ends[END_B].sockets[0].is_blocking,
	      "socket of b");
	CHECK_EQ(2, c->n_occupies);
	CHECK(!c->occupies[0].is_program && c->occupies[0].queue == 2, "queue");
	CHECK(c->occupies[1].is_program && c->occupies[1].end == END_A, "program");
	planned_release(&p);
	planned_init(&p, "test t { occupy b queue 1; send stream { } }", &caps_assumed);
	CHECK_STR("range", planned_diag(&p));
	planned_release(&p);
	planned_init(&p,
		     "test t { descriptors d { options 2, len 64 }; send d\n"
		     "expect error send EINVAL }",
		     &(struct caps){ .rx_overhead = 256 });
	CHECK_EQ(0, p.diags.n);
	CHECK(p.plan.cases[0].skip && strstr(p.plan.cases[0].skip, "XDP_TX_METADATA"), "skipped");
	planned_release(&p);
	/* Whatever is expected: on veth zero-copy is refused for one reason only. */
	planned_init(&p, "test t { mode zc; expect error bind EINVAL }", &caps_assumed);
	CHECK(p.plan.cases[0].skip, "skipped on veth");
	planned_release(&p);
}

int main(void)
{
	RUN(test_matrix);
	RUN(test_silence_means_zero);
	RUN(test_contradictions);
	RUN(test_skips);
	RUN(test_edt_skips);
	RUN(test_rx_metadata_skips);
	RUN(test_geometry);
	RUN(test_shifted_queue);
	RUN(test_both_ends);
	RUN(test_kernel_numbers);
	RUN(test_metadata_geometry);
	RUN(test_hops);
	RUN(test_skips_by_caps);
	RUN(test_rounds);
	RUN(test_mistakes);
	return test_end();
}
