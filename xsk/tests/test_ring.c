// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links, programs, UMEMs and sockets against the running kernel: a table of
 * set-ups, each of which carries N_PKTS packets from a to b and accounts for
 * every one of them, then what is to hold besides. Needs root.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/link.h"
#include "link/probe.h"
#include "link/prog.h"
#include "ring/audit.h"
#include "ring/hugepages.h"
#include "ring/sock.h"
#include "ring/umem.h"
#include "tests/test.h"

#define N_PKTS 1000u
#define N_FRAMES 256u
#define RING 256u
#define BATCH 32u
#define MAX_SOCKS 2u
#define HDR_LEN 14u
#define DEADLINE_NS 2000000000ull

/* ---- a rig: both ends of a link with their sockets ---- */

struct setup {
	const char *name;
	enum mode mode;
	enum wakeup wakeup;
	uint32_t mtu;	     /* 0: 1500 */
	uint32_t frame_size; /* 0: 4096 */
	uint32_t headroom;
	uint32_t n_socks, n_queues; /* 0: 1 */
	bool is_unaligned, has_hugepages, has_need_wakeup, is_poll, has_multi_buffer;
	enum program_id program;
	int64_t program_arg;
	uint32_t n_lost; /* packets that are not to arrive */
};

struct side {
	struct umem_plan umem_plan;
	struct port_plan port_plans[MAX_SOCKS];
	struct socket_plan sock_plans[MAX_SOCKS];
	struct umem umem;
	struct port ports[MAX_SOCKS];
	struct sock socks[MAX_SOCKS];
	struct audit book;
	uint32_t n_arrived[MAX_SOCKS];
};

struct rig {
	struct setup setup;
	struct link link;
	struct hugepages hugepages;
	struct prog prog; /* of b */
	struct side sides[N_ENDS];
	uint32_t n_sent, n_completed, n_received, n_wrong;
	uint32_t n_expect; /* packets that are to arrive */
	struct errmsg e;
};

static void plan_side(struct rig *rig, struct side *side)
{
	const struct setup *s = &rig->setup;

	*side = (struct side){ 0 };
	side->umem_plan = (struct umem_plan){
		.frame_size = s->frame_size,
		.n_frames = N_FRAMES,
		.size = (uint64_t)N_FRAMES * s->frame_size,
		.headroom = s->headroom,
		.is_unaligned = s->is_unaligned,
		.has_hugepages = s->has_hugepages,
	};
	for (uint32_t i = 0; i < MAX_SOCKS; i++) {
		side->port_plans[i] = (struct port_plan){ .queue = i,
							  .fill_ring = RING,
							  .completion_ring = RING };
		side->ports[i] = (struct port){ .plan = &side->port_plans[i], .umem = &side->umem };
		side->sock_plans[i] = (struct socket_plan){
			.queue = i % s->n_queues,
			.rx_ring = RING,
			.tx_ring = RING,
			.busy_budget = 64,
			.does_tx = side == &rig->sides[END_A],
			.does_rx = side == &rig->sides[END_B],
			.has_need_wakeup = s->has_need_wakeup,
			.has_multi_buffer = s->has_multi_buffer,
			.is_poll = s->is_poll,
		};
	}
}

static int open_sock(struct rig *rig, enum end end, uint32_t i)
{
	struct side *side = &rig->sides[end];
	const struct socket_plan *plan = &side->sock_plans[i];
	enum sock_step step;

	return sock_create(&side->socks[i], plan, &side->ports[plan->queue], &rig->link.ends[end],
			   rig->setup.mode, rig->setup.wakeup, &step, &rig->e);
}

static int open_side(struct rig *rig, enum end end)
{
	struct side *side = &rig->sides[end];
	int err = link_enter(&rig->link, end, &rig->e);

	if (!err)
		err = umem_create(&side->umem, &side->umem_plan, &rig->e);
	for (uint32_t i = 0; !err && i < rig->setup.n_socks; i++)
		err = open_sock(rig, end, i);
	for (uint32_t i = 0; !err && end == END_B && i < rig->setup.n_socks; i++)
		err = prog_add_socket(&rig->prog, i, side->sock_plans[i].queue, side->socks[i].fd,
				      &rig->e);
	audit_init(&side->book, 0, N_FRAMES, rig->setup.frame_size, end == END_A);
	return err;
}

static void close_side(struct side *side)
{
	for (uint32_t i = 0; i < MAX_SOCKS; i++)
		sock_destroy(&side->socks[i]);
	for (uint32_t i = 0; i < MAX_SOCKS; i++)
		port_release(&side->ports[i]);
	umem_destroy(&side->umem);
	audit_release(&side->book);
}

static int rig_create(struct rig *rig, const struct setup *setup)
{
	struct end_plan plan = { .program = setup->program, .program_arg = setup->program_arg };
	int err;

	*rig = (struct rig){ .setup = *setup, .n_expect = N_PKTS - setup->n_lost };
	rig->setup.mtu = setup->mtu ? setup->mtu : 1500;
	rig->setup.frame_size = setup->frame_size ? setup->frame_size : 4096;
	rig->setup.n_socks = setup->n_socks ? setup->n_socks : 1;
	rig->setup.n_queues = setup->n_queues ? setup->n_queues : 1;
	for (int end = 0; end < N_ENDS; end++)
		plan_side(rig, &rig->sides[end]);
	err = link_create(&rig->link,
			  &(struct link_plan){ .mtu = rig->setup.mtu,
					       .n_queues = rig->setup.n_queues },
			  &rig->e);
	if (!err && setup->has_hugepages)
		err = hugepages_reserve(&rig->hugepages, 2, &rig->e);
	if (!err)
		err = link_enter(&rig->link, END_B, &rig->e);
	if (!err)
		err = prog_attach(&rig->prog, &rig->link.ends[END_B], &plan, setup->mode, &rig->e);
	if (!err)
		err = open_side(rig, END_B);
	if (!err)
		err = open_side(rig, END_A);
	CHECK(!err, "%s: %s", setup->name, rig->e.text);
	return err;
}

static void rig_destroy(struct rig *rig)
{
	close_side(&rig->sides[END_A]);
	close_side(&rig->sides[END_B]);
	prog_detach(&rig->prog);
	hugepages_give_back(&rig->hugepages);
	link_destroy(&rig->link);
}

/* ---- traffic ---- */

static uint32_t pkt_len(uint32_t i)
{
	return 60 + i % 900;
}

static void write_pkt(uint8_t *frame, uint32_t i, uint32_t sock)
{
	uint32_t len = pkt_len(i);

	plan_mac(END_B, sock, frame);
	plan_mac(END_A, sock, frame + 6);
	frame[12] = 0x88; /* ETH_P_802_EX1: for experiments */
	frame[13] = 0xb5;
	for (uint32_t at = HDR_LEN; at + sizeof(i) <= len; at += sizeof(i))
		memcpy(frame + at, &i, sizeof(i));
}

/* Packet i takes frame i modulo N_FRAMES: false while that one is still out. */
static bool send_one(struct rig *rig, uint32_t i)
{
	struct side *a = &rig->sides[END_A];
	uint32_t sock = i % rig->setup.n_socks, frame = i % N_FRAMES, idx;
	uint64_t addr = (uint64_t)frame * rig->setup.frame_size;

	if (a->book.owner[frame] != FRAME_FREE ||
	    !xsk_ring_prod__reserve(&a->socks[sock].tx, 1, &idx))
		return false;
	audit_give(&a->book, frame, addr);
	write_pkt(a->umem.mem + addr, i, sock);
	*xsk_ring_prod__tx_desc(&a->socks[sock].tx, idx) =
		(struct xdp_desc){ .addr = addr, .len = pkt_len(i) };
	xsk_ring_prod__submit(&a->socks[sock].tx, 1);
	return true;
}

static void reap(struct rig *rig)
{
	struct side *a = &rig->sides[END_A];
	uint64_t frame;
	uint32_t idx;

	for (uint32_t q = 0; q < rig->setup.n_queues; q++)
		while (xsk_ring_cons__peek(&a->ports[q].completion, 1, &idx)) {
			audit_return(&a->book,
				     *xsk_ring_cons__comp_addr(&a->ports[q].completion, idx),
				     &frame);
			xsk_ring_cons__release(&a->ports[q].completion, 1);
			rig->n_completed++;
		}
}

static void fill(struct rig *rig, uint32_t queue, uint64_t frame)
{
	struct side *b = &rig->sides[END_B];
	uint64_t addr = frame * rig->setup.frame_size;
	uint32_t idx;

	if (!xsk_ring_prod__reserve(&b->ports[queue].fill, 1, &idx))
		return;
	audit_give(&b->book, frame, addr);
	*xsk_ring_prod__fill_addr(&b->ports[queue].fill, idx) = addr;
	xsk_ring_prod__submit(&b->ports[queue].fill, 1);
}

/* What a packet must look like is known from the number in its payload. */
static bool is_right(const struct rig *rig, const struct xdp_desc *desc, uint32_t sock)
{
	const struct setup *s = &rig->setup;
	uint64_t addr = xsk_umem__add_offset_to_addr(desc->addr);
	const uint8_t *pkt = rig->sides[END_B].umem.mem + addr;
	int64_t cut = s->program == PROGRAM_ADJUST_TAIL ? s->program_arg : 0;
	uint8_t expect[1024];
	uint32_t i, counter;

	memcpy(&i, pkt + HDR_LEN, sizeof(i));
	if (i >= N_PKTS || i % s->n_socks != sock || desc->len != pkt_len(i) + cut)
		return false;
	if (addr % s->frame_size != XDP_PACKET_HEADROOM + s->headroom)
		return false;
	memcpy(&counter, pkt - sizeof(counter), sizeof(counter));
	if (s->program == PROGRAM_METADATA && counter != i)
		return false;
	memcpy(expect, pkt, sizeof(expect) < desc->len ? sizeof(expect) : desc->len);
	write_pkt(expect, i, sock);
	return !memcmp(expect, pkt, desc->len);
}

static void receive(struct rig *rig, uint32_t sock)
{
	struct side *b = &rig->sides[END_B];
	uint32_t queue = b->sock_plans[sock].queue, idx;
	uint64_t frame;

	sock_kick_rx(&b->socks[sock]);
	while (xsk_ring_cons__peek(&b->socks[sock].rx, 1, &idx)) {
		struct xdp_desc desc = *xsk_ring_cons__rx_desc(&b->socks[sock].rx, idx);

		rig->n_received++;
		b->n_arrived[sock]++;
		if (audit_return(&b->book, desc.addr, &frame) != AUDIT_OK ||
		    !is_right(rig, &desc, sock))
			rig->n_wrong++;
		else
			fill(rig, queue, frame);
		xsk_ring_cons__release(&b->socks[sock].rx, 1);
	}
}

static bool is_done(const struct rig *rig)
{
	return rig->n_sent == N_PKTS && rig->n_completed >= N_PKTS &&
	       rig->n_received >= rig->n_expect;
}

static void carry(struct rig *rig)
{
	uint64_t deadline_ns = clock_ns() + DEADLINE_NS;

	for (uint64_t frame = 0; frame < N_FRAMES; frame++)
		fill(rig, (uint32_t)frame % rig->setup.n_queues, frame);
	while (!is_done(rig) && clock_ns() < deadline_ns) {
		for (uint32_t n = 0; n < BATCH && rig->n_sent < N_PKTS; n++)
			rig->n_sent += send_one(rig, rig->n_sent);
		for (uint32_t i = 0; i < rig->setup.n_socks; i++)
			sock_kick_tx(&rig->sides[END_A].socks[i]);
		reap(rig);
		for (uint32_t i = 0; i < rig->setup.n_socks; i++)
			receive(rig, i);
	}
}

/* ---- what is to hold afterwards ---- */

static void check_books(const struct rig *rig)
{
	const struct audit *tx = &rig->sides[END_A].book, *rx = &rig->sides[END_B].book;
	const char *name = rig->setup.name;

	CHECK(rig->n_sent == N_PKTS, "%s: expect %u sent, actual %u", name, N_PKTS, rig->n_sent);
	CHECK(rig->n_completed == N_PKTS, "%s: expect %u completed, actual %u", name, N_PKTS,
	      rig->n_completed);
	CHECK(rig->n_received == rig->n_expect, "%s: expect %u received, actual %u", name,
	      rig->n_expect, rig->n_received);
	CHECK(rig->n_wrong == 0, "%s: %u packets are wrong", name, rig->n_wrong);
	CHECK(tx->first_fault == AUDIT_OK && rx->first_fault == AUDIT_OK, "%s: tx %s, rx %s", name,
	      audit_fault_names[tx->first_fault], audit_fault_names[rx->first_fault]);
	CHECK(tx->n_out == 0 && rx->n_out == N_FRAMES, "%s: %lu tx frames out, %lu rx", name,
	      tx->n_out, rx->n_out);
	CHECK(audit_is_conserved(tx) && audit_is_conserved(rx), "%s: frames add up", name);
}

static void check_counters(struct rig *rig)
{
	uint64_t counters[N_COUNTERS];

	for (uint32_t i = 0; i < rig->setup.n_socks; i++)
		for (int end = 0; end < N_ENDS; end++) {
			int err = sock_read_counters(&rig->sides[end].socks[i], counters, &rig->e);

			CHECK(!err, "%s: %s", rig->setup.name, rig->e.text);
			for (int c = 0; !err && c < COUNTER_TX_RING_EMPTY_DESCS; c++)
				CHECK(counters[c] == 0, "%s: end %d counter %d is %lu",
				      rig->setup.name, end, c, counters[c]);
		}
}

static void check_stats(struct rig *rig)
{
	struct prog_stats stats;
	int err = prog_read_stats(&rig->prog, &stats, &rig->e);
	uint64_t n_dropped = 0, n_passed = 0;

	if (rig->setup.program == PROGRAM_DROP_EVERY)
		n_dropped = N_PKTS - rig->n_expect;
	if (rig->setup.program == PROGRAM_PASS)
		n_passed = N_PKTS;
	CHECK(!err, "%s: %s", rig->setup.name, rig->e.text);
	CHECK(stats.n_seen == N_PKTS && stats.n_redirected == rig->n_expect &&
		      stats.n_passed == n_passed && stats.n_dropped == n_dropped,
	      "%s: seen %lu redirected %lu passed %lu dropped %lu", rig->setup.name, stats.n_seen,
	      stats.n_redirected, stats.n_passed, stats.n_dropped);
}

static const struct setup setups[] = {
	{ .name = "skb", .mode = MODE_SKB, .has_need_wakeup = true },
	{ .name = "drv", .mode = MODE_DRV, .has_need_wakeup = true },
	{ .name = "skb without need_wakeup", .mode = MODE_SKB },
	{ .name = "drv without need_wakeup", .mode = MODE_DRV },
	{ .name = "skb poll", .mode = MODE_SKB, .is_poll = true, .has_need_wakeup = true },
	{ .name = "drv poll", .mode = MODE_DRV, .is_poll = true },
	{ .name = "skb busy poll",
	  .mode = MODE_SKB,
	  .wakeup = WAKEUP_BUSY_POLL,
	  .has_need_wakeup = true },
	{ .name = "drv busy poll",
	  .mode = MODE_DRV,
	  .wakeup = WAKEUP_BUSY_POLL,
	  .has_need_wakeup = true },
	{ .name = "drv headroom", .mode = MODE_DRV, .headroom = 128 },
	{ .name = "drv chunks of 2 KiB", .mode = MODE_DRV, .frame_size = 2048 },
	{ .name = "skb unaligned",
	  .mode = MODE_SKB,
	  .is_unaligned = true,
	  .frame_size = 3000,
	  .headroom = 64 },
	{ .name = "drv unaligned", .mode = MODE_DRV, .is_unaligned = true, .frame_size = 3000 },
	{ .name = "drv hugepages", .mode = MODE_DRV, .has_hugepages = true },
	{ .name = "drv mtu 9000", .mode = MODE_DRV, .mtu = 9000, .has_multi_buffer = true },
	{ .name = "skb one queue shared",
	  .mode = MODE_SKB,
	  .n_socks = 2,
	  .program = PROGRAM_STEER_MAC },
	{ .name = "drv one queue shared",
	  .mode = MODE_DRV,
	  .n_socks = 2,
	  .has_need_wakeup = true,
	  .program = PROGRAM_STEER_MAC },
	/*
	 * Not in skb mode: veth_xmit() stopped to record the rx queue in 5.17, so generic XDP takes
	 * the tx queue that is still in skb->queue_mapping for one that was recorded, which is one
	 * more than the queue. What tx queue 1 sends arrives on rx queue 0 then.
	 */
	{ .name = "drv two queues",
	  .mode = MODE_DRV,
	  .n_socks = 2,
	  .n_queues = 2,
	  .has_need_wakeup = true },
	{ .name = "drv pass", .mode = MODE_DRV, .program = PROGRAM_PASS, .n_lost = N_PKTS },
	{ .name = "skb drop_every 3",
	  .mode = MODE_SKB,
	  .program = PROGRAM_DROP_EVERY,
	  .program_arg = 3,
	  .n_lost = N_PKTS / 3 },
	{ .name = "drv drop_every 1",
	  .mode = MODE_DRV,
	  .program = PROGRAM_DROP_EVERY,
	  .program_arg = 1,
	  .n_lost = N_PKTS },
	{ .name = "drv adjust_tail",
	  .mode = MODE_DRV,
	  .program = PROGRAM_ADJUST_TAIL,
	  .program_arg = -4 },
	{ .name = "skb metadata", .mode = MODE_SKB, .program = PROGRAM_METADATA },
	{ .name = "drv metadata", .mode = MODE_DRV, .program = PROGRAM_METADATA },
};

static void run_setup(const struct setup *setup)
{
	struct rig rig;

	if (!rig_create(&rig, setup)) {
		carry(&rig);
		check_books(&rig);
		check_counters(&rig);
		check_stats(&rig);
	}
	rig_destroy(&rig);
}

static void test_setups(void)
{
	struct errmsg e = { "" };
	struct caps caps;

	CHECK(!probe_caps(&caps, &e), "%s", e.text);
	for (size_t i = 0; i < sizeof(setups) / sizeof(setups[0]); i++)
		if (caps.has_multi_buffer || !setups[i].has_multi_buffer)
			run_setup(&setups[i]);
}

/* ---- life cycles ---- */

static void test_rebind(void)
{
	struct rig rig;
	int err = rig_create(&rig, &setups[1]);

	for (int round = 0; !err && round < 10; round++) {
		close_side(&rig.sides[END_A]);
		close_side(&rig.sides[END_B]);
		err = prog_clear_sockets(&rig.prog, &rig.e);
		for (int end = N_ENDS - 1; !err && end >= 0; end--) {
			plan_side(&rig, &rig.sides[end]);
			err = open_side(&rig, (enum end)end);
		}
		CHECK(!err, "round %d: %s", round, rig.e.text);
		rig.n_sent = rig.n_completed = rig.n_received = 0;
		if (!err)
			carry(&rig);
		check_books(&rig);
	}
	rig_destroy(&rig);
}

/* The queue that there is not is refused with a cause, and the UMEM can be used again. */
static void test_failed_bind(void)
{
	struct rig rig;
	int err = rig_create(&rig, &setups[0]);
	struct side *a = &rig.sides[END_A];
	struct socket_plan wrong = a->sock_plans[0];
	enum sock_step step;

	if (!err) {
		sock_destroy(&a->socks[0]);
		port_release(&a->ports[0]);
		wrong.queue = 7;
		err = sock_create(&a->socks[0], &wrong, &a->ports[0], &rig.link.ends[END_A],
				  MODE_SKB, WAKEUP_SOFTIRQ, &step, &rig.e);
		CHECK(err == -EINVAL && step == SOCK_STEP_BIND,
		      "expect EINVAL from bind, actual %s", errno_name(err));
		CHECK(strstr(rig.e.text, "queue 7 does not exist") && strstr(rig.e.text, "'a0'"),
		      "%s", rig.e.text);
		CHECK(a->umem.fd == -1 && !a->ports[0].fill_map, "nothing is left");
		CHECK(!open_sock(&rig, END_A, 0), "%s", rig.e.text);
		carry(&rig);
		check_books(&rig);
	}
	rig_destroy(&rig);
}

/* ---- nothing is left ---- */

static bool await_prog_gone(uint32_t id)
{
	uint64_t deadline_ns = clock_ns() + DEADLINE_NS;
	int fd;

	/* A program is freed after a grace period. */
	while ((fd = bpf_prog_get_fd_by_id(id)) >= 0) {
		close(fd);
		if (clock_ns() > deadline_ns)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

static uint32_t attached_id(const struct prog *prog)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(prog->link_fd, &info, &len) ? 0 : info.prog_id;
}

static void test_nothing_left(void)
{
	struct rig rig;
	uint32_t id;

	if (!rig_create(&rig, &setups[1])) {
		id = attached_id(&rig.prog);
		CHECK(id, "a program is attached");
		CHECK(if_nametoindex("a0"), "the thread is where the link is");
		rig_destroy(&rig);
		CHECK(await_prog_gone(id), "program %u is still there", id);
	}
	CHECK(!if_nametoindex("a0") && !if_nametoindex("b0"), "links in the first namespace");
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_setups);
	RUN(test_rebind);
	RUN(test_failed_bind);
	RUN(test_nothing_left);
	return test_end();
}
