// SPDX-License-Identifier: GPL-2.0-only
/*
 * AF_XDP over links with hops: every byte, the queue that it arrives on, and delivery times all
 * the way to where XDP takes packets. Needs root.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/edt.h"
#include "link/prog.h"
#include "link/probe.h"
#include "ring/sock.h"
#include "ring/umem.h"
#include "tests/seen.h"
#include "tests/test.h"

#define FLOW 3u
#define N_QUEUES 3u
#define N_PKTS 200u
#define N_FRAMES 64u
#define FRAME_SIZE 4096u
#define DEADLINE_NS 2000000000ull

enum protocol { UDP_IPV4, VLAN_IPV4, QINQ_IPV4, N_PROTOCOLS };
static const struct {
	uint8_t hdr[46]; /* behind the addresses */
	uint32_t hdr_len;
} protocols[N_PROTOCOLS] = {
	[UDP_IPV4] = { { 0x08, 0x00, 0x45, [11] = 17 }, 42 },
	[VLAN_IPV4] = { { 0x81, 0x00, 0x20, 0x05, 0x08, 0x00, 0x45, [15] = 17 }, 46 },
	[QINQ_IPV4] = { { 0x88, 0xa8, 0x00, 0x07, 0x81, 0x00, 0x00, 0x05, 0x08, 0x00,
			  0x45, [19] = 17 },
			50 },
};

/* Which ends have an inner pair. */
#define OUTER                                                                                      \
	{                                                                                          \
		false, false                                                                       \
	}
#define INNER_A                                                                                    \
	{                                                                                          \
		true, false                                                                        \
	}
#define INNER_B                                                                                    \
	{                                                                                          \
		false, true                                                                        \
	}
#define INNER                                                                                      \
	{                                                                                          \
		true, true                                                                         \
	}

struct setup {
	const char *name;
	enum mode mode;
	uint32_t n_hops;
	bool has_inner[N_ENDS];
	uint32_t queue;
	enum protocol protocol;
};

struct side {
	struct umem_plan umem_plan;
	struct port_plan port_plans[N_QUEUES];
	struct socket_plan sock_plans[N_QUEUES];
	struct umem umem;
	struct port ports[N_QUEUES];
	struct sock socks[N_QUEUES];
};

struct rig {
	const struct setup *setup;
	struct link link;
	struct edt edt;
	struct prog prog;
	struct side sides[N_ENDS];
	uint32_t n_on_queue[N_QUEUES], n_wrong;
	struct errmsg e;
};

static uint32_t len_of(uint32_t seq)
{
	return 64 + seq % 1400;
}

static void write_pkt(const struct setup *s, uint8_t *frame, uint32_t seq)
{
	uint32_t hdr_len = protocols[s->protocol].hdr_len;

	plan_mac(END_B, 0, frame);
	plan_mac(END_A, FLOW, frame + 6);
	memcpy(frame + 12, protocols[s->protocol].hdr, hdr_len - 12);
	for (uint32_t at = hdr_len; at < len_of(seq); at++)
		frame[at] = (uint8_t)(at < hdr_len + 4 ? seq >> 8 * (at - hdr_len) : seq * at);
}

static int open_side(struct rig *rig, enum end end)
{
	struct side *side = &rig->sides[end];
	enum sock_step step;
	int err = link_enter(&rig->link, end, &rig->e);

	side->umem_plan = (struct umem_plan){ .frame_size = FRAME_SIZE,
					      .n_frames = N_QUEUES * N_FRAMES,
					      .size = (uint64_t)N_QUEUES * N_FRAMES * FRAME_SIZE };
	if (!err)
		err = umem_create(&side->umem, &side->umem_plan, &rig->e);
	for (uint32_t q = 0; q < N_QUEUES && !err; q++) {
		side->port_plans[q] = (struct port_plan){ .queue = q,
							  .fill_ring = N_FRAMES,
							  .completion_ring = N_FRAMES };
		side->ports[q] = (struct port){ .plan = &side->port_plans[q], .umem = &side->umem };
		side->sock_plans[q] = (struct socket_plan){ .queue = q,
							    .rx_ring = N_FRAMES,
							    .tx_ring = N_FRAMES,
							    .does_tx = true,
							    .does_rx = true };
		err = sock_create(&side->socks[q], &side->sock_plans[q], &side->ports[q],
				  &rig->link.ends[end], rig->setup->mode, WAKEUP_SOFTIRQ, &step,
				  &rig->e);
		if (!err && end == END_B)
			err = prog_add_socket(&rig->prog, q, q, side->socks[q].fd, &rig->e);
	}
	return err;
}

static bool rig_open(struct rig *rig, const struct setup *s, const struct edt_plan *plan)
{
	static const struct end_plan redirect = { .program = PROGRAM_REDIRECT };
	const struct link_plan link_plan = { .mtu = 1500,
					     .n_queues = N_QUEUES,
					     .n_hops = s->n_hops,
					     .has_inner = { s->has_inner[0], s->has_inner[1] } };
	int err;

	*rig = (struct rig){ .setup = s };
	err = link_create(&rig->link, &link_plan, &rig->e);
	if (!err)
		err = edt_open(&rig->edt, &rig->link, plan, &rig->e);
	if (!err)
		err = link_enter(&rig->link, END_B, &rig->e);
	if (!err)
		err = prog_attach(&rig->prog, &rig->link.ends[END_B], &redirect, s->mode, &rig->e);
	for (int end = END_B; end >= END_A && !err; end--)
		err = open_side(rig, (enum end)end);
	CHECK(!err, "%s: %s", s->name, rig->e.text);
	return !err;
}

static void rig_close(struct rig *rig)
{
	for (int end = 0; end < N_ENDS; end++) {
		for (uint32_t q = 0; q < N_QUEUES; q++)
			sock_destroy(&rig->sides[end].socks[q]);
		for (uint32_t q = 0; q < N_QUEUES; q++)
			port_release(&rig->sides[end].ports[q]);
		umem_destroy(&rig->sides[end].umem);
	}
	prog_detach(&rig->prog);
	edt_close(&rig->edt);
	link_destroy(&rig->link);
}

static void fill(struct port *port, uint64_t addr)
{
	uint32_t idx;

	if (!xsk_ring_prod__reserve(&port->fill, 1, &idx))
		return;
	*xsk_ring_prod__fill_addr(&port->fill, idx) = addr;
	xsk_ring_prod__submit(&port->fill, 1);
}

static void send_one(struct rig *rig, uint32_t seq)
{
	struct side *a = &rig->sides[END_A];
	uint32_t q = rig->setup->queue, idx = 0;
	uint64_t addr = (uint64_t)(seq % N_FRAMES) * FRAME_SIZE;

	CHECK(xsk_ring_prod__reserve(&a->socks[q].tx, 1, &idx), "room for packet %u", seq);
	write_pkt(rig->setup, a->umem.mem + addr, seq);
	*xsk_ring_prod__tx_desc(&a->socks[q].tx, idx) =
		(struct xdp_desc){ .addr = addr, .len = len_of(seq) };
	xsk_ring_prod__submit(&a->socks[q].tx, 1);
	sock_kick_tx(&a->socks[q]);
}

static bool receive_one(struct rig *rig, uint32_t q, uint32_t seq)
{
	struct side *b = &rig->sides[END_B];
	uint8_t expect[2048];
	struct xdp_desc desc;
	uint32_t idx;

	sock_kick_rx(&b->socks[q]);
	if (!xsk_ring_cons__peek(&b->socks[q].rx, 1, &idx))
		return false;
	desc = *xsk_ring_cons__rx_desc(&b->socks[q].rx, idx);
	write_pkt(rig->setup, expect, seq);
	rig->n_wrong += desc.len != len_of(seq) ||
			memcmp(expect, b->umem.mem + desc.addr, desc.len);
	rig->n_on_queue[q]++;
	xsk_ring_cons__release(&b->socks[q].rx, 1);
	fill(&b->ports[q], desc.addr - desc.addr % FRAME_SIZE);
	return true;
}

/* One at a time; false once one does not arrive. */
static bool carry_one(struct rig *rig, uint32_t seq)
{
	uint64_t deadline_ns = clock_ns() + DEADLINE_NS;
	struct port *a = &rig->sides[END_A].ports[rig->setup->queue];
	uint32_t idx, n = xsk_ring_cons__peek(&a->completion, 8, &idx);

	xsk_ring_cons__release(&a->completion, n);
	send_one(rig, seq);
	while (clock_ns() < deadline_ns)
		for (uint32_t q = 0; q < N_QUEUES; q++)
			if (receive_one(rig, q, seq))
				return true;
	CHECK(false, "%s: packet %u does not arrive", rig->setup->name, seq);
	return false;
}

static void carry(struct rig *rig, uint32_t n)
{
	for (uint32_t k = 0; k < N_QUEUES * (N_FRAMES - 1); k++)
		fill(&rig->sides[END_B].ports[k % N_QUEUES], (uint64_t)k * FRAME_SIZE);
	for (uint32_t seq = 0; seq < n; seq++)
		if (!carry_one(rig, seq))
			return;
}
/* ---- as if there were no hops ---- */

/*
 * Every row at every queue: behind bpf_redirect() generic XDP has only inner ends, native XDP any.
 * Tags of VLANs arrive where they were sent.
 */
static const struct setup setups[] = {
	{ "one pair", MODE_SKB, 1, OUTER, 0, UDP_IPV4 },
	{ "one pair", MODE_DRV, 1, OUTER, 0, UDP_IPV4 },
	{ "inner b", MODE_SKB, 1, INNER_B, 0, UDP_IPV4 },
	{ "inner b", MODE_DRV, 1, INNER_B, 0, UDP_IPV4 },
	{ "inner a", MODE_SKB, 1, INNER_A, 0, VLAN_IPV4 },
	{ "two hops", MODE_DRV, 2, OUTER, 0, UDP_IPV4 },
	{ "two hops, both inner", MODE_DRV, 2, INNER, 0, VLAN_IPV4 },
	{ "two hops, inner b", MODE_SKB, 2, INNER_B, 0, QINQ_IPV4 },
	{ "three hops", MODE_DRV, 3, OUTER, 0, QINQ_IPV4 },
	{ "three hops, both inner", MODE_SKB, 3, INNER, 0, UDP_IPV4 },
	{ "eight hops, inner b", MODE_SKB, 8, INNER_B, 0, VLAN_IPV4 },
};

static struct caps caps;

static uint32_t queue_at_b(const struct setup *s)
{
	return s->mode == MODE_SKB && caps.shifts_skb_queue && s->queue ? s->queue - 1 : s->queue;
}

static void check_carry(const struct setup *s)
{
	const struct edt_plan plan = { .shifts_queue = caps.shifts_skb_queue };
	struct rig rig;

	if (!rig_open(&rig, s, &plan))
		return;
	carry(&rig, N_PKTS);
	CHECK(rig.n_on_queue[queue_at_b(s)] == N_PKTS && !rig.n_wrong,
	      "%s, %s, queue %u: arrived on queues %u %u %u, %u wrong", s->name,
	      mode_names[s->mode], s->queue, rig.n_on_queue[0], rig.n_on_queue[1],
	      rig.n_on_queue[2], rig.n_wrong);
	rig_close(&rig);
}

static void test_carry(void)
{
	for (size_t k = 0; k < sizeof(setups) / sizeof(setups[0]); k++)
		for (uint32_t queue = 0; queue < N_QUEUES; queue++) {
			struct setup s = setups[k];

			s.queue = queue;
			check_carry(&s);
		}
}

/* ---- times ---- */

enum { A_EGRESS, FWD_INGRESS, FWD_EGRESS, B_INGRESS, N_SITES };
static const struct edt_site sites[N_SITES] = {
	[A_EGRESS] = { .node = 0, .is_egress = true },
	[FWD_INGRESS] = { .node = 1 },
	[FWD_EGRESS] = { .node = 1, .is_egress = true },
	[B_INGRESS] = { .node = 2 },
};

static const struct setup timed[] = {
	{ "skb, inner b", MODE_SKB, 2, INNER_B, 0, UDP_IPV4 },
	{ "drv, inner b", MODE_DRV, 2, INNER_B, 0, UDP_IPV4 },
	{ "skb, both inner", MODE_SKB, 2, INNER, 1, UDP_IPV4 },
	{ "drv, both inner", MODE_DRV, 2, INNER, 2, VLAN_IPV4 },
	{ "drv", MODE_DRV, 2, OUTER, 0, UDP_IPV4 },
};

static void check_times(const struct setup *s, struct edt *edt, uint64_t start_ns)
{
	for (uint32_t seq = 0; seq < N_PKTS; seq++) {
		const struct edt_record *fwd = &edt->records[FWD_EGRESS][seq];
		const struct edt_record *b = &edt->records[B_INGRESS][seq];

		CHECK(edt->results[seq].n == 1 && !edt->results[seq].err, "%s: packet %u is set",
		      s->name, seq);
		CHECK(fwd->n == 1 && fwd->tstamp == start_ns + seq * 7 &&
			      fwd->tstamp_type == EDT_CLOCK_MONOTONIC,
		      "%s: packet %u at fwd.egress", s->name, seq);
		/* What XDP takes at b0, tc does not see. */
		CHECK_EQ(s->has_inner[END_B], b->n);
		CHECK(!b->n || (b->tstamp == fwd->tstamp && b->tstamp_type == fwd->tstamp_type),
		      "%s: packet %u at b.ingress", s->name, seq);
		/* AF_XDP sends past tc egress; the bridge behind which it may be does not. */
		CHECK_EQ(s->has_inner[END_A], edt->records[A_EGRESS][seq].n);
		CHECK(!seen_at_ingress(&edt->records[FWD_INGRESS][seq]).tstamp,
		      "nobody has set it before");
		if (test_state.is_failed)
			return;
	}
}

static void test_times(void)
{
	for (size_t k = 0; k < sizeof(timed) / sizeof(timed[0]); k++) {
		const struct edt_flow_plan flow = { .id = FLOW,
						    .n_seqs = N_PKTS,
						    .hdr_len = protocols[timed[k].protocol].hdr_len,
						    .has_wish = true,
						    .type = EDT_MONO };
		const struct edt_plan plan = { .n_places = N_PKTS,
					       .setter = EDT_SET_DELIVERY_TIME,
					       .setter_at = { .node = 1 },
					       .shifts_queue = caps.shifts_skb_queue,
					       .sites = sites,
					       .n_sites = N_SITES,
					       .flows = &flow,
					       .n_flows = 1 };
		uint64_t start_ns = clock_ns() + 1000000;
		struct rig rig;

		if (!rig_open(&rig, &timed[k], &plan))
			return;
		for (uint32_t seq = 0; seq < N_PKTS; seq++)
			rig.edt.wishes[seq] = start_ns + seq * 7;
		carry(&rig, N_PKTS);
		CHECK_EQ(0, rig.n_wrong);
		check_times(&timed[k], &rig.edt, start_ns);
		rig_close(&rig);
	}
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
	RUN(test_carry);
	RUN(test_times);
	return test_end();
}
