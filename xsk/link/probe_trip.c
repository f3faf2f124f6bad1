// SPDX-License-Identifier: GPL-2.0-only
/* What can be told only by sending packets. */
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "bpf/probe.skel.h"
#include "bpf/shared.h"
#include "link/probe_lab.h"

#define TRAFFIC_DEADLINE_NS 1000000000ull

#define BAD_ADDR (1ull << 40)
/* More than a kick of any kernel so far sends, less than the ring holds. */
#define BUDGET_PKTS 200u
#define MOST_FRAGS 100u
/* Short: there has to be room behind it to grow into. */
#define LAST_FRAGMENT 1000u

/* ---- sending ---- */

static void write_frames(const struct probe_lab *lab, enum end from, struct probe_station *s)
{
	struct ethhdr eth = { .h_proto = htobe16(ETH_P_802_EX1) };
	enum end to = from == END_A ? END_B : END_A;

	memcpy(eth.h_dest, lab->link.ends[to].mac, ETH_ALEN);
	memcpy(eth.h_source, lab->link.ends[from].mac, ETH_ALEN);
	for (uint32_t k = 0; k < PROBE_FRAMES; k++)
		memcpy(s->umem.mem + k * PROBE_FRAME_SIZE, &eth, sizeof(eth));
}

static void submit(struct probe_station *s, const struct xdp_desc *descs, uint32_t n)
{
	uint32_t idx = 0;

	xsk_ring_prod__reserve(&s->sock.tx, n, &idx);
	for (uint32_t i = 0; i < n; i++)
		*xsk_ring_prod__tx_desc(&s->sock.tx, idx + i) = descs[i];
	xsk_ring_prod__submit(&s->sock.tx, n);
}

static uint32_t consumer_of(const struct probe_station *s)
{
	return __atomic_load_n(s->sock.tx.consumer, __ATOMIC_ACQUIRE);
}

/* How many addresses came back that were sent to be good, and to be bad. */
struct returned {
	uint32_t n_good, n_bad;
};

static void collect(struct probe_station *s, struct returned *r)
{
	uint32_t idx;

	while (xsk_ring_cons__peek(&s->port.completion, 1, &idx)) {
		if (*xsk_ring_cons__comp_addr(&s->port.completion, idx) == BAD_ADDR)
			r->n_bad++;
		else
			r->n_good++;
		xsk_ring_cons__release(&s->port.completion, 1);
	}
}

/*
 * Kicks until all that was submitted is consumed and n_good addresses are back. What the kernel
 * does with a bad one, it does while it takes the descriptor off the Tx ring: so before that time.
 */
static int flush(struct probe_station *s, struct returned *r, uint32_t n_good, struct errmsg *e)
{
	uint64_t deadline_ns = clock_ns() + TRAFFIC_DEADLINE_NS;

	while (collect(s, r), r->n_good < n_good || consumer_of(s) != *s->sock.tx.producer) {
		if (clock_ns() > deadline_ns)
			return errmsg_set(e, ETIMEDOUT,
					  "probe: queue %u: %u of %u descriptors completed",
					  s->sock_plan.queue, r->n_good, n_good);
		sock_kick_tx(&s->sock);
	}
	return 0;
}

/* ---- a descriptor outside the UMEM between two good ones ---- */

/* The frame on the fill ring starts at 0: where a packet lies in it is the overhead. */
static bool look_at(struct caps *caps, struct probe_station *rx)
{
	uint32_t idx;

	if (!xsk_ring_cons__peek(&rx->sock.rx, 1, &idx))
		return false;
	caps->rx_overhead = (uint32_t)xsk_ring_cons__rx_desc(&rx->sock.rx, idx)->addr;
	caps->shifts_skb_queue = rx->sock_plan.queue != PROBE_PLAIN_QUEUE;
	return true;
}

static int watch_arrival(struct caps *caps, struct probe_lab *lab, struct errmsg *e)
{
	uint64_t deadline_ns = clock_ns() + TRAFFIC_DEADLINE_NS;

	while (clock_ns() < deadline_ns)
		for (uint32_t queue = 0; queue < PROBE_STATIONS; queue++)
			if (look_at(caps, &lab->stations[END_B][queue]))
				return 0;
	return errmsg_set(e, ETIMEDOUT, "probe: '%s': no packet arrived on any queue",
			  lab->link.ends[END_B].ifname);
}

static void offer_frame(struct probe_station *rx)
{
	uint32_t idx = 0;

	xsk_ring_prod__reserve(&rx->port.fill, 1, &idx);
	*xsk_ring_prod__fill_addr(&rx->port.fill, idx) = 0;
	xsk_ring_prod__submit(&rx->port.fill, 1);
}

int probe_invalid_descs(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	static const struct xdp_desc descs[] = { { .addr = 0, .len = ETH_ZLEN },
						 { .addr = BAD_ADDR, .len = ETH_ZLEN },
						 { .addr = PROBE_FRAME_SIZE, .len = ETH_ZLEN } };
	struct probe_station *tx = &lab->stations[END_A][PROBE_PLAIN_QUEUE];
	struct returned r = { 0 };
	int err;

	for (uint32_t queue = 0; queue < PROBE_STATIONS; queue++)
		offer_frame(&lab->stations[END_B][queue]);
	write_frames(lab, END_A, tx);
	submit(tx, descs, 3);
	err = flush(tx, &r, 2, e);
	if (!err)
		err = watch_arrival(caps, lab, e);
	caps->completes_invalid = r.n_bad;
	return err;
}

/* ---- packets of one kick ---- */

/* Setting it to what it is anyhow changes nothing. */
static bool sets_tx_budget(const struct probe_station *s, uint32_t budget)
{
	return !setsockopt(s->sock.fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof(budget));
}

/*
 * How many packets have left is what the other device counts: before Linux 6.17 the consumer of the Tx
 * ring is not that far at the end of a kick.
 */
int probe_tx_budget(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	struct probe_station *tx = &lab->stations[END_A][PROBE_PLAIN_QUEUE];
	struct xdp_desc descs[BUDGET_PKTS];
	struct returned r = { 0 };
	uint64_t before, after;
	int err = link_rx_packets(&lab->link, END_B, &before, e);

	if (err)
		return err;
	/* The receiver has no frames for them, which is nobody's business here. */
	for (uint32_t i = 0; i < BUDGET_PKTS; i++)
		descs[i] = (struct xdp_desc){ .len = ETH_ZLEN };
	submit(tx, descs, BUDGET_PKTS);
	sock_kick_tx(&tx->sock);
	err = link_rx_packets(&lab->link, END_B, &after, e);
	if (err)
		return err;
	caps->tx_budget = (uint32_t)(after - before);
	caps->has_tx_budget = sets_tx_budget(tx, caps->tx_budget);
	return flush(tx, &r, BUDGET_PKTS, e);
}

/* ---- fragments of one packet ---- */

static int count_invalid(const struct probe_station *s, uint64_t *n, struct errmsg *e)
{
	uint64_t counters[N_COUNTERS];
	int err = sock_read_counters(&s->sock, counters, e);

	*n = counters[COUNTER_TX_INVALID_DESCS];
	return err;
}

static int try_frags(struct probe_station *tx, uint32_t n, bool *is_valid, struct errmsg *e)
{
	struct xdp_desc descs[MOST_FRAGS + 1];
	struct returned r = { 0 };
	uint64_t before, after;
	int err = count_invalid(tx, &before, e);

	if (err)
		return err;
	for (uint32_t i = 0; i < n; i++)
		descs[i] = (struct xdp_desc){ .len = ETH_ZLEN,
					      .options = i + 1 < n ? XDP_PKT_CONTD : 0 };
	submit(tx, descs, n);
	err = flush(tx, &r, 0, e);
	if (!err)
		err = count_invalid(tx, &after, e);
	if (err)
		return err;
	*is_valid = before == after;
	/* A good packet completes a little later. */
	return *is_valid ? flush(tx, &r, n, e) : 0;
}

/* One that passes and one that does not, next to each other. */
static int is_limit(struct probe_station *tx, uint32_t n, bool *is_it, struct errmsg *e)
{
	bool passes = false, next_passes = false;
	int err = try_frags(tx, n, &passes, e);

	if (!err && passes)
		err = try_frags(tx, n + 1, &next_passes, e);
	*is_it = passes && !next_passes;
	return err;
}

static int search_limit(struct probe_station *tx, uint32_t *limit, struct errmsg *e)
{
	uint32_t low = 1, high = MOST_FRAGS + 1; /* passes, does not */

	while (high - low > 1) {
		uint32_t n = low + (high - low) / 2;
		bool passes = false;
		int err = try_frags(tx, n, &passes, e);

		if (err)
			return err;
		if (passes)
			low = n;
		else
			high = n;
	}
	*limit = low;
	return 0;
}

int probe_max_frags(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	struct probe_station *tx = &lab->stations[END_A][PROBE_SG_QUEUE];
	bool is_it = false;
	int err = 0;

	caps->has_multi_buffer = lab->has_multi_buffer;
	if (!lab->has_multi_buffer) {
		caps->max_frags = 1;
		return 0;
	}
	write_frames(lab, END_A, tx);
	if (caps->max_frags <= MOST_FRAGS)
		err = is_limit(tx, caps->max_frags, &is_it, e);
	if (!err && !is_it)
		err = search_limit(tx, &caps->max_frags, e);
	return err;
}

/* ---- growing packets above a page ---- */

static int try_growth(struct probe_lab *lab, enum end from, bool *grows, struct errmsg *e)
{
	static const struct xdp_desc descs[] = {
		{ .addr = 0, .len = PROBE_FRAME_SIZE, .options = XDP_PKT_CONTD },
		{ .addr = PROBE_FRAME_SIZE, .len = LAST_FRAGMENT },
	};
	struct probe_station *tx = &lab->stations[from][PROBE_SG_QUEUE];
	const volatile struct probe_bpf__bss *seen = lab->skel->bss;
	uint64_t n_large = seen->n_large, n_grown = seen->n_grown;
	uint64_t deadline_ns = clock_ns() + TRAFFIC_DEADLINE_NS;
	struct returned r = { 0 };
	int err;

	_Static_assert(PROBE_FRAME_SIZE + LAST_FRAGMENT >= PROBE_LARGE, "the program tries it");
	write_frames(lab, from, tx);
	submit(tx, descs, 2);
	err = flush(tx, &r, 2, e);
	while (!err && seen->n_large == n_large)
		if (clock_ns() > deadline_ns)
			err = errmsg_set(
				e, ETIMEDOUT,
				"probe: '%s': a packet of %u bytes in two fragments is lost",
				lab->link.ends[from].ifname, PROBE_FRAME_SIZE + LAST_FRAGMENT);
	*grows = seen->n_grown != n_grown;
	return err;
}

/* Generic XDP is at b already; native XDP is tried the other way. */
int probe_growth(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	int err;

	if (!lab->has_multi_buffer)
		return 0;
	err = try_growth(lab, END_A, &caps->grows_frags[MODE_SKB], e);
	if (!err)
		err = probe_attach(lab, END_A, MODE_DRV, e);
	if (!err)
		err = try_growth(lab, END_B, &caps->grows_frags[MODE_DRV], e);
	return err;
}

/* ---- a launch time ---- */

/* A kernel that does not know the flag refuses to send: EINVAL, and the descriptor stays. */
static int try_launch_time(struct probe_station *tx, bool *is_taken, struct errmsg *e)
{
	const struct sock_tx_metadata metadata = { .flags = XDP_TXMD_FLAGS_LAUNCH_TIME };
	const struct xdp_desc desc = { .addr = PLAN_TX_METADATA,
				       .len = ETH_ZLEN,
				       .options = DESC_TX_METADATA };
	uint64_t deadline_ns = clock_ns() + TRAFFIC_DEADLINE_NS, n_invalid = 0;
	int err = 0;

	memcpy(tx->umem.mem, &metadata, sizeof(metadata));
	submit(tx, &desc, 1);
	while (err != -EINVAL && consumer_of(tx) != *tx->sock.tx.producer) {
		if (clock_ns() > deadline_ns)
			return errmsg_set(e, ETIMEDOUT,
					  "probe: a packet with a launch time stays in the ring");
		err = sock_kick_tx(&tx->sock);
	}
	*is_taken = err != -EINVAL;
	err = count_invalid(tx, &n_invalid, e);
	*is_taken = *is_taken && !n_invalid;
	return err;
}

/* A flag that no kernel knows. The descriptor stays: the last thing that is tried here. */
static int try_refused(struct probe_station *tx, bool *is_completed, struct errmsg *e)
{
	const struct sock_tx_metadata metadata = { .flags = 1ull << 63 };
	const struct xdp_desc desc = { .addr = PLAN_TX_METADATA,
				       .len = ETH_ZLEN,
				       .options = DESC_TX_METADATA };
	struct returned r = { 0 };
	uint32_t idx = 0;
	int err;

	if (consumer_of(tx) != *tx->sock.tx.producer) { /* a launch time was refused: that one */
		xsk_ring_cons__release(&tx->port.completion,
				       xsk_ring_cons__peek(&tx->port.completion, PROBE_RING, &idx));
	} else {
		err = flush(tx, &r, 1, e);
		if (err)
			return err;
		memcpy(tx->umem.mem, &metadata, sizeof(metadata));
		submit(tx, &desc, 1);
	}
	sock_kick_tx(&tx->sock);
	*is_completed = xsk_ring_cons__peek(&tx->port.completion, 1, &idx);
	return 0;
}

int probe_metadata(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	struct probe_station *tx = &lab->spares[PROBE_SPARES - 1];
	enum sock_step step;
	int err;

	_Static_assert(PLAN_TX_METADATA == sizeof(struct sock_tx_metadata), "that of Linux 6.14");
	if (!caps->has_tx_metadata)
		return 0;
	probe_station_plan(tx, PROBE_FREE_QUEUE, PROBE_FRAME_SIZE);
	tx->umem_plan.tx_metadata = PLAN_TX_METADATA;
	err = probe_station_open(tx, lab, END_A, MODE_SKB, &step, e);
	if (!err)
		err = try_launch_time(tx, &caps->has_launch_time, e);
	return err ? err : try_refused(tx, &caps->completes_refused, e);
}
