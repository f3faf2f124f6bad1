// SPDX-License-Identifier: GPL-2.0-only
#include "run/fuzz_batch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/errmsg.h"

#define REFUSED_KICKS 3 /* a descriptor that is refused is so every time */
#define SPINS 200

__attribute__((format(printf, 3, 4))) static void
differ(struct fuzz_batch *b, enum fuzz_finding finding, const char *fmt, ...)
{
	struct fuzz_answer *a = b->answer;
	va_list args;

	if (a->finding) /* the first is the cause of others */
		return;
	a->finding = finding;
	a->first = b->first;
	a->end = b->end;
	va_start(args, fmt);
	vsnprintf(a->text, sizeof(a->text), fmt, args);
	va_end(args);
}

static struct sock *tx_sock(const struct fuzz_batch *b)
{
	return &b->world->ends[END_A].socks[0];
}

static struct umem *tx_umem(const struct fuzz_batch *b)
{
	return &b->world->ends[END_A].umems[0];
}

static enum fuzz_fate fate_of(const struct fuzz_batch *b, size_t packet)
{
	return fuzz_fate(&b->c->geometry, b->caps, &b->c->packets[packet]);
}

/* ---- what is due ---- */

static void expect_packet(struct fuzz_batch *b, size_t packet, enum fuzz_fate fate)
{
	const struct fuzz_packet *p = &b->c->packets[packet];

	if (fate == FATE_INVALID)
		b->n_invalid += p->n;
	if (fate == FATE_DELIVERED)
		b->arrive[b->n_arrive++] = packet;
	if (fate == FATE_OPEN || (fate == FATE_INVALID && !b->caps->completes_invalid))
		return;
	for (uint32_t k = 0; k < p->n; k++)
		b->due[b->n_due++] = p->descs[k].addr;
}

/* ---- the Tx ring ---- */

static uint32_t backlog(const struct fuzz_batch *b)
{
	const struct sock *s = tx_sock(b);

	return *s->tx.producer - __atomic_load_n(s->tx.consumer, __ATOMIC_ACQUIRE);
}

/*
 * How far a kick has to move the consumer: exactly, if it says that it did all it could. When it
 * says EAGAIN, it may be the socket's buffer that is full, which nobody can tell beforehand.
 */
static void judge_kick(struct fuzz_batch *b, uint32_t before, int err)
{
	const struct fuzz_geometry *g = &b->c->geometry;
	struct desc_rules rules = fuzz_rules(g, b->caps);
	const struct desc *descs = &b->descs[b->n_descs - b->n_hidden - before];
	uint32_t moved = before - backlog(b), expect;
	bool is_exact = !err && !tx_sock(b)->plan->is_poll;

	/* Before Linux 6.17 the consumer is published by the next kick. */
	if (!b->caps->has_tx_budget || !b->caps->completes_invalid)
		return;
	expect = fuzz_kick(&rules, descs, before, g->tx_budget ? g->tx_budget : b->caps->tx_budget,
			   g->completion_ring - b->n_reserved);
	if (moved > expect || (is_exact && moved != expect))
		differ(b, FUZZ_KICK, "a kick: expect %u of %u descriptors taken, actual %u", expect,
		       before, moved);
	b->n_reserved += moved;
	b->answer->n_kicks += is_exact;
}

/* False: nothing was tried, as the ring does not ask for it or there was no room. */
static bool kick(struct fuzz_batch *b, bool is_refused)
{
	struct sock *s = tx_sock(b);
	uint32_t before = backlog(b);
	int err;

	if (s->plan->has_need_wakeup && !xsk_ring_prod__needs_wakeup(&s->tx))
		return false;
	err = -sock_kick_tx(s);
	if (!is_refused)
		judge_kick(b, before, err);
	if (err == EAGAIN || err == EBUSY || err == ENOBUFS)
		return false;
	/* poll() says nothing. */
	if (err != (is_refused && !s->plan->is_poll ? EINVAL : 0))
		differ(b, FUZZ_ERROR, "send: expect %s, actual %s",
		       is_refused ? "EINVAL" : "no error", err ? errno_name(err) : "no error");
	return true;
}

/* All descriptors of the batch; at once or in parts, with a kick in between. Index of the first. */
static uint32_t submit(struct fuzz_batch *b, bool is_split)
{
	struct sock *s = tx_sock(b);
	uint32_t index = 0, first = 0, n_written = 0, left = b->n_descs,
		 part = is_split ? b->c->geometry.part : 0;

	xsk_ring_prod__reserve(&s->tx, b->n_descs, &index);
	first = index;
	for (size_t k = b->first; k < b->end; k++)
		for (uint32_t d = 0; d < b->c->packets[k].n; d++) {
			const struct desc *desc = &b->c->packets[k].descs[d];

			b->descs[n_written++] = *desc;
			*xsk_ring_prod__tx_desc(&s->tx, index++) =
				(struct xdp_desc){ desc->addr, desc->len, desc->options };
		}
	while (left) {
		uint32_t n = part && part < left ? part : left;

		xsk_ring_prod__submit(&s->tx, n);
		left -= n;
		b->n_hidden = left;
		if (left)
			kick(b, false);
	}
	return first;
}

/* ---- addresses that come back ---- */

static void take_due(struct fuzz_batch *b, uint32_t k)
{
	memmove(&b->due[k], &b->due[k + 1], (--b->n_due - k) * sizeof(*b->due));
}

static void take_completion(struct fuzz_batch *b, uint64_t addr)
{
	for (uint32_t k = 0; k < b->n_due; k++)
		if (b->due[k] == addr) {
			take_due(b, k);
			return;
		}
	/* xsk_skb_destructor_get_addr() in net/xdp/xsk.c: see "Odd addresses" in specs/README.md. */
	for (uint32_t k = 0; k < b->n_due; k++)
		if ((b->due[k] & ~1ull) == addr) {
			take_due(b, k);
			b->answer->n_cleared++;
			return;
		}
	differ(b, FUZZ_COMPLETION, "completion ring: expect %s, actual address 0x%" PRIx64,
	       b->n_due ? "others" : "nothing more", addr);
}

static bool complete(struct fuzz_batch *b)
{
	struct xsk_ring_cons *ring = &b->world->ends[END_A].ports[0].port.completion;
	uint32_t index, n = xsk_ring_cons__peek(ring, FUZZ_MAX_WINDOW, &index);

	for (uint32_t k = 0; k < n; k++)
		take_completion(b, *xsk_ring_cons__comp_addr(ring, index + k));
	if (n)
		xsk_ring_cons__release(ring, n);
	b->n_reserved -= n < b->n_reserved ? n : b->n_reserved;
	return n;
}

/* ---- packets that arrive ---- */

static uint64_t arrived_len(const struct fuzz_batch *b)
{
	uint64_t len = 0;

	for (uint32_t k = 0; k < b->n_frags; k++)
		len += b->iov[k].iov_len;
	return len;
}

/* Where the packet that arrived differs from what its descriptors point to; -1: nowhere. */
static int64_t find_difference(const struct fuzz_batch *b, const struct fuzz_packet *p)
{
	uint32_t frag = 0, at = 0;
	int64_t place = 0;

	for (uint32_t k = 0; k < p->n; k++) {
		const uint8_t *sent = tx_umem(b)->mem + desc_place(p->descs[k].addr);

		for (uint32_t done = 0, n; done < p->descs[k].len; done += n, at += n, place += n) {
			while (frag < b->n_frags && at == b->iov[frag].iov_len)
				frag++, at = 0;
			if (frag == b->n_frags)
				return place;
			n = (uint32_t)b->iov[frag].iov_len - at;
			n = n < p->descs[k].len - done ? n : p->descs[k].len - done;
			if (memcmp(sent + done, (uint8_t *)b->iov[frag].iov_base + at, n))
				return place;
		}
	}
	return -1;
}

/* What devices send of their own accord has their addresses, which no UMEM here is filled with. */
static bool is_stranger(const struct fuzz_batch *b)
{
	const uint8_t *frame = b->iov[0].iov_base;
	const uint8_t *mac = b->world->link.ends[END_A].mac;

	return b->iov[0].iov_len >= 12 && !memcmp(frame + 6, mac, 4);
}

static void judge_packet(struct fuzz_batch *b)
{
	uint64_t len = arrived_len(b), expect;
	int64_t place;
	size_t packet;

	if (is_stranger(b))
		return;
	if (b->n_arrived == b->n_arrive) {
		differ(b, FUZZ_PACKET, "expect no more packets, actual one of %" PRIu64 " bytes",
		       len);
		return;
	}
	packet = b->arrive[b->n_arrived++];
	expect = fuzz_packet_len(&b->c->packets[packet]);
	place = find_difference(b, &b->c->packets[packet]);
	if (expect != len)
		differ(b, FUZZ_PACKET, "packet %zu: expect %" PRIu64 " bytes, actual %" PRIu64,
		       packet, expect, len);
	else if (place >= 0)
		differ(b, FUZZ_PACKET, "packet %zu of %" PRIu64 " bytes differs at byte %" PRId64,
		       packet, len, place);
}

static void give_back(struct fuzz_batch *b, struct world_port *p, const uint64_t *frames,
		      uint32_t n)
{
	uint64_t deadline_ns = clock_ns() + b->wait_ns;
	uint32_t index = 0;

	/* There is room: no more were taken off. xsk_flush() may take a moment to say so. */
	while (xsk_ring_prod__reserve(&p->port.fill, n, &index) != n) {
		if (clock_ns() > deadline_ns) {
			differ(b, FUZZ_STANDS, "fill ring: expect room for %u frames, actual none",
			       n);
			return;
		}
		poll(NULL, 0, 1);
	}
	for (uint32_t k = 0; k < n; k++) {
		uint64_t addr = frames[k] * p->rx_book.frame_size;

		audit_give(&p->rx_book, frames[k], addr);
		*xsk_ring_prod__fill_addr(&p->port.fill, index + k) = addr;
	}
	xsk_ring_prod__submit(&p->port.fill, n);
}

static void take_desc(struct fuzz_batch *b, const struct xdp_desc *d)
{
	struct world_port *p = &b->world->ends[END_B].ports[0];
	const struct umem *umem = p->port.umem;
	uint64_t addr = desc_place(d->addr), frame;
	enum audit_fault fault = audit_return(&p->rx_book, d->addr, &frame);

	if (!fault && d->len > umem->plan->size - addr)
		fault = AUDIT_STRANGER;
	if (fault || b->n_frags == FUZZ_MAX_RX_FRAGS) {
		differ(b, FUZZ_PACKET,
		       "received in a frame that was not offered: 0x%" PRIx64 " (%s)",
		       (uint64_t)d->addr, audit_fault_names[fault]);
		return;
	}
	b->iov[b->n_frags] = (struct iovec){ umem->mem + addr, d->len };
	b->frames[b->n_frags++] = frame;
	if (d->options & XDP_PKT_CONTD)
		return;
	judge_packet(b);
	give_back(b, p, b->frames, b->n_frags);
	b->n_frags = 0;
}

static bool receive(struct fuzz_batch *b)
{
	struct xsk_ring_cons *ring = &b->world->ends[END_B].socks[0].rx;
	uint32_t index, n = xsk_ring_cons__peek(ring, FUZZ_RX_RING, &index);

	for (uint32_t k = 0; k < n; k++)
		take_desc(b, xsk_ring_cons__rx_desc(ring, index + k));
	if (n)
		xsk_ring_cons__release(ring, n);
	return n;
}

/* ---- a batch ---- */

static bool is_over(const struct fuzz_batch *b)
{
	return b->answer->finding ||
	       (!backlog(b) && !b->n_due && b->n_arrived == b->n_arrive && !b->n_frags);
}

static void say_late(struct fuzz_batch *b)
{
	if (backlog(b))
		differ(b, FUZZ_STANDS, "Tx ring: expect all %u descriptors taken, actual %u left",
		       b->n_descs, backlog(b));
	else if (b->n_due)
		differ(b, FUZZ_UNCOMPLETED,
		       "completion ring: expect %u more, the first of them 0x%" PRIx64
		       ", actual none",
		       b->n_due, b->due[0]);
	else
		differ(b, FUZZ_MISSING, "packet %zu: expect it to arrive, actual nothing",
		       b->arrive[b->n_arrived]);
}

/* Receiving happens in a softirq, which may be put off to a thread that waits for this CPU. */
static void rest(const struct fuzz_batch *b, uint32_t n_idle)
{
	struct pollfd p = { .fd = b->world->ends[END_B].socks[0].fd, .events = POLLIN };

	if (n_idle > SPINS)
		poll(&p, 1, 1);
}

static void wait_for_all(struct fuzz_batch *b)
{
	uint64_t moved_ns = clock_ns();
	uint32_t n_idle = 0, before;

	while (!is_over(b)) {
		bool has_moved = false;

		before = backlog(b);
		if (before)
			kick(b, false);
		has_moved = backlog(b) != before;
		has_moved |= complete(b);
		has_moved |= receive(b);
		if (has_moved) {
			n_idle = 0;
			moved_ns = clock_ns();
			continue;
		}
		if (clock_ns() - moved_ns > b->wait_ns)
			say_late(b);
		rest(b, ++n_idle);
	}
	/* One too many is there by now, if there is one. */
	complete(b);
	receive(b);
}

static void judge_counters(struct fuzz_batch *b, enum end end, uint64_t n_invalid, struct errmsg *e,
			   int *err)
{
	uint64_t counters[N_COUNTERS];

	if (!*err)
		*err = sock_read_counters(&b->world->ends[end].socks[0], counters, e);
	for (enum counter k = 0; k < N_COUNTERS && !*err; k++) {
		uint64_t expect = k == COUNTER_TX_INVALID_DESCS ? n_invalid : 0;

		if (k != COUNTER_TX_RING_EMPTY_DESCS && counters[k] != expect)
			differ(b, FUZZ_COUNTER, "%c.%s: expect %" PRIu64 ", actual %" PRIu64,
			       end_names[end], counter_names[k], expect, counters[k]);
	}
}

/* As many packets as fit; those with metadata have the UMEM for themselves. */
static void gather(struct fuzz_batch *b)
{
	const struct fuzz_geometry *g = &b->c->geometry;
	uint32_t room = g->tx_ring < FUZZ_MAX_WINDOW ? g->tx_ring : FUZZ_MAX_WINDOW;

	b->first = b->end;
	b->n_descs = b->n_due = b->n_arrive = b->n_arrived = 0;
	while (b->end < b->c->n_packets) {
		const struct fuzz_packet *p = &b->c->packets[b->end];
		bool is_alone = fuzz_is_alone(g, b->caps, p);

		if (b->n_descs && (is_alone || b->n_descs + p->n > room))
			break;
		b->n_descs += p->n;
		b->end++;
		if (is_alone)
			break;
	}
}

/*
 * The send fails each time, and the descriptor is still there: an application that takes the
 * option off again gets its packet sent.
 */
static void be_refused(struct fuzz_batch *b, uint32_t index)
{
	struct fuzz_packet mended = b->c->packets[b->first];
	uint32_t before = backlog(b);
	struct fuzz_geometry g = b->c->geometry;

	for (int k = 0; k < REFUSED_KICKS; k++)
		if (kick(b, true) && b->caps->completes_refused)
			b->due[b->n_due++] = mended.descs[0].addr;
	if (backlog(b) != before)
		differ(b, FUZZ_TAKES, "Tx ring: expect %u descriptors refused, actual %u taken",
		       before, before - backlog(b));
	xsk_ring_prod__tx_desc(&tx_sock(b)->tx, index)->options &= ~DESC_TX_METADATA;
	mended.descs[0].options &= ~DESC_TX_METADATA;
	b->descs[0].options &= ~DESC_TX_METADATA;
	expect_packet(b, b->first, fuzz_fate(&g, b->caps, &mended));
}

static void send_alone(struct fuzz_batch *b)
{
	const struct fuzz_packet *p = &b->c->packets[b->first];
	uint8_t *place = tx_umem(b)->mem + desc_place(p->descs[0].addr), saved[PLAN_TX_METADATA];
	const struct sock_tx_metadata metadata = {
		.flags = p->metadata.flags,
		.request = { .csum_start = p->metadata.csum_start,
			     .csum_offset = p->metadata.csum_offset },
	};
	bool has_room = b->c->geometry.has_tx_metadata;
	bool is_refused = fate_of(b, b->first) == FATE_REFUSED;
	uint32_t index;

	if (has_room) {
		memcpy(saved, place - sizeof(saved), sizeof(saved));
		memcpy(place - sizeof(saved), &metadata, sizeof(metadata));
	}
	if (!is_refused)
		expect_packet(b, b->first, fate_of(b, b->first));
	index = submit(b, !is_refused);
	if (is_refused)
		be_refused(b, index);
	wait_for_all(b);
	if (has_room)
		memcpy(place - sizeof(saved), saved, sizeof(saved));
}

int fuzz_batch_next(struct fuzz_batch *b, struct errmsg *e)
{
	int err = 0;

	gather(b);
	if (fuzz_is_alone(&b->c->geometry, b->caps, &b->c->packets[b->first])) {
		send_alone(b);
	} else {
		for (size_t k = b->first; k < b->end; k++)
			expect_packet(b, k, fate_of(b, k));
		submit(b, true);
		wait_for_all(b);
	}
	judge_counters(b, END_A, b->n_invalid, e, &err);
	judge_counters(b, END_B, 0, e, &err);
	if (!b->answer->finding)
		b->answer->n_descs += b->n_descs;
	return err;
}
