// SPDX-License-Identifier: GPL-2.0-only
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "run/traffic.h"
#include "run/verdict_rx.h"

#define MAX_FRAGS 64 /* of one packet */
#define POLL_MS 1

/* One receiving socket, and the packet that it is in the middle of. */
struct rx_sock {
	struct sock *sock;
	struct judge judge;
	struct flow_run **runs; /* one for each flow of the judge */
	struct iovec frags[MAX_FRAGS];
	uint32_t frames[MAX_FRAGS];
	uint32_t n_frags;
	bool has_rx_meta; /* a struct rx_meta is in front of each packet */
	uint32_t due_offset; /* of a packet or fragment in its frame, UINT32_MAX: the driver's business */
};

static bool is_mine(const struct traffic *t, uint32_t flow, enum end end, uint32_t socket)
{
	const struct flow_plan *plan = t->flows[flow].plan;

	return plan->has_receiver && plan->to_end == end && plan->to_socket == socket;
}

static void rx_sock_init(struct rx_sock *rs, struct traffic *t, enum end end, uint32_t socket)
{
	uint32_t *flows = mem_zalloc(t->n_flows * sizeof(*flows)), n = 0;
	enum program_id program = t->c->ends[end].program;

	*rs = (struct rx_sock){ .sock = &t->world->ends[end].socks[socket] };
	rs->runs = mem_zalloc(t->n_flows * sizeof(*rs->runs));
	for (uint32_t k = 0; k < t->n_flows; k++)
		if (is_mine(t, k, end, socket)) {
			rs->runs[n] = &t->flows[k];
			flows[n++] = t->flows[k].index;
		}
	judge_init(&rs->judge, t->c, flows, n);
	rs->judge.scrutiny = t->opts->scrutiny;
	/* xsk_copy_xdp(): behind the headroom of XDP and the UMEM's; zero-copy drivers may differ. */
	rs->due_offset = rs->sock->is_zerocopy ?
				 UINT32_MAX :
				 t->c->caps.rx_overhead + rs->sock->port->umem->plan->headroom;
	rs->judge.due_offset = rs->due_offset;
	rs->judge.has_meta = program == PROGRAM_METADATA || program == PROGRAM_RX_METADATA;
	rs->has_rx_meta = program == PROGRAM_RX_METADATA;
	rs->judge.due_meta = rs->judge.other_meta = t->world->ends[end].next_meta;
	for (uint32_t k = 0; k < n; k++)
		atomic_store(&rs->runs[k]->progress, rs->judge.flows[k].next);
	free(flows);
}

/* Half the window of a flow may pass unseen before its sender has to wait. */
static void note_windows(struct rx_worker *w, const struct rx_sock *rs)
{
	for (uint32_t k = 0; k < rs->judge.n_flows; k++) {
		uint64_t half = rs->runs[k]->plan->window_pkts / 2 + 1;

		if (!w->base.n_much || half < w->base.n_much)
			w->base.n_much = half;
	}
}

void rx_worker_init(struct rx_worker *w, struct traffic *t, enum end end, uint32_t port)
{
	const struct end_plan *plan = &t->c->ends[end];
	struct world_port *wp = &t->world->ends[end].ports[port];

	*w = (struct rx_worker){ .base = { .traffic = t, .port = wp, .end = end } };
	w->base.verdicts = mem_zalloc(sizeof(*w->base.verdicts));
	w->socks = mem_zalloc(plan->n_sockets * sizeof(*w->socks));
	w->refill = mem_zalloc((wp->rx_book.n_frames + 1) * sizeof(*w->refill));
	for (uint32_t s = 0; s < plan->n_sockets; s++) {
		if (plan->sockets[s].port != port || !plan->sockets[s].does_rx)
			continue;
		rx_sock_init(&w->socks[w->n_socks], t, end, s);
		note_windows(w, &w->socks[w->n_socks++]);
	}
}

void rx_worker_release(struct rx_worker *w)
{
	for (uint32_t s = 0; s < w->n_socks; s++) {
		judge_release(&w->socks[s].judge);
		free(w->socks[s].runs);
	}
	free(w->socks);
	free(w->refill);
	free(w->base.verdicts);
	*w = (struct rx_worker){};
}

static void fill_frame(struct world_port *p, uint32_t ring_index, uint64_t frame)
{
	uint64_t addr = frame * p->rx_book.frame_size;

	audit_give(&p->rx_book, frame, addr);
	*xsk_ring_prod__fill_addr(&p->port.fill, ring_index) = addr;
}

void rx_port_fill(struct world_port *p)
{
	uint32_t n = (uint32_t)p->rx_book.n_frames, index;

	if (p->is_filled || p->port.plan->holds_fill || !n ||
	    xsk_ring_prod__reserve(&p->port.fill, n, &index) != n)
		return;
	for (uint32_t k = 0; k < n; k++)
		fill_frame(p, index + k, p->rx_book.frame0 + k);
	xsk_ring_prod__submit(&p->port.fill, n);
	p->is_filled = true;
}

/*
 * Gives frames back to the fill ring. There can be no room for a moment: xsk_flush() shows
 * what it received before it takes its addresses off the fill ring. They wait for the next turn.
 */
static bool refill(struct rx_worker *w)
{
	struct world_port *p = w->base.port;
	uint32_t index;

	if (!w->n_refill)
		return true;
	if (xsk_ring_prod__reserve(&p->port.fill, w->n_refill, &index) != w->n_refill)
		return false;
	for (uint32_t k = 0; k < w->n_refill; k++)
		fill_frame(p, index + k, w->refill[k]);
	xsk_ring_prod__submit(&p->port.fill, w->n_refill);
	w->n_refill = 0;
	return true;
}

static void accuse_addr(struct rx_worker *w, uint64_t addr, enum audit_fault fault)
{
	verdict_add(w->base.verdicts, &(struct verdict){
					      .kind = VERDICT_RX_ALIEN,
					      .end = w->base.end,
					      .socket = -1,
					      .counter = fault,
					      .actual = (int64_t)addr,
					      .pos = w->base.traffic->flows[0].plan->pos,
				      });
}

static void packet_done(struct rx_worker *w, struct rx_sock *rs)
{
	/* The kernel copies data_meta along, in front of the packet. */
	if (rs->judge.has_meta)
		memcpy(&rs->judge.meta, (uint8_t *)rs->frags[0].iov_base - sizeof(rs->judge.meta),
		       sizeof(rs->judge.meta));
	if (rs->has_rx_meta)
		memcpy(&rs->judge.rx_meta,
		       (uint8_t *)rs->frags[0].iov_base - sizeof(rs->judge.rx_meta),
		       sizeof(rs->judge.rx_meta));
	judge_packet(&rs->judge, rs->frags, rs->n_frags);
	for (uint32_t k = 0; k < rs->n_frags; k++)
		w->refill[w->n_refill++] = rs->frames[k];
	rs->n_frags = 0;
}

/* Of all fragments of a packet: the first that is not where it should be. */
static void note_offset(struct rx_sock *rs, uint32_t offset)
{
	if (!rs->n_frags || rs->judge.offset == rs->due_offset)
		rs->judge.offset = offset;
}

/* What a saboteur takes off the length of the descriptor that is looked at. */
static uint32_t sabotaged_bytes(const struct rx_worker *w, const struct rx_sock *rs)
{
	const struct sabotage_plan *s = &w->base.traffic->c->sabotage;
	bool is_victim = s->kind == SABOTAGE_RX_LEN && w->base.end == END_B &&
			 rs->judge.n_pkts == s->packet && !rs->n_frags;

	return is_victim ? (uint32_t)s->arg : 0;
}

static void take_desc(struct rx_worker *w, struct rx_sock *rs, const struct xdp_desc *d)
{
	const struct umem *umem = w->base.port->port.umem;
	uint64_t addr = desc_place(d->addr), frame;
	uint32_t len = d->len;
	enum audit_fault fault = audit_return(&w->base.port->rx_book, d->addr, &frame);

	if (!fault && (addr > umem->plan->size || d->len > umem->plan->size - addr))
		fault = AUDIT_STRANGER;
	if (fault) {
		accuse_addr(w, d->addr, fault);
		return;
	}
	if (w->base.traffic->c->sabotage.stmt)
		len -= sabotaged_bytes(w, rs);
	note_offset(rs, (uint32_t)(addr - frame * umem->plan->frame_size));
	rs->frags[rs->n_frags] = (struct iovec){ umem->mem + addr, len };
	rs->frames[rs->n_frags++] = (uint32_t)frame;
	if (!(d->options & XDP_PKT_CONTD) || rs->n_frags == MAX_FRAGS)
		packet_done(w, rs);
}

/* Tells the senders how far this socket has come: only what the fill ring has back counts. */
static void publish(struct rx_sock *rs)
{
	for (uint32_t k = 0; k < rs->judge.n_flows; k++)
		atomic_store_explicit(&rs->runs[k]->progress, rs->judge.flows[k].next,
				      memory_order_release);
}

static bool receive(struct rx_worker *w, struct rx_sock *rs)
{
	struct xsk_ring_cons *ring = &rs->sock->rx;
	uint32_t index, n = xsk_ring_cons__peek(ring, rs->sock->plan->batch, &index);

	w->base.n_moved += n;
	for (uint32_t k = 0; k < n; k++)
		take_desc(w, rs, xsk_ring_cons__rx_desc(ring, index + k));
	if (n && !w->base.port->port.plan->holds_rx)
		xsk_ring_cons__release(ring, n);
	return n;
}

static bool receive_all(struct rx_worker *w)
{
	bool has_moved = false;

	for (uint32_t s = 0; s < w->n_socks; s++)
		has_moved |= receive(w, &w->socks[s]);
	/* With hold_rx the kernel never gets its places, nor the frames, back. */
	if (w->base.port->port.plan->holds_rx)
		w->n_refill = 0;
	else if ((has_moved || w->n_refill) && refill(w))
		for (uint32_t s = 0; s < w->n_socks; s++)
			publish(&w->socks[s]);
	return has_moved;
}

static bool is_all_sent(const struct rx_worker *w)
{
	for (uint32_t s = 0; s < w->n_socks; s++)
		for (uint32_t k = 0; k < w->socks[s].judge.n_flows; k++)
			if (!atomic_load_explicit(&w->socks[s].runs[k]->is_sent,
						  memory_order_acquire))
				return false;
	return true;
}

static bool is_all_judged(const struct rx_worker *w)
{
	for (uint32_t s = 0; s < w->n_socks; s++)
		if (!judge_is_done(&w->socks[s].judge))
			return false;
	return true;
}

/* Waits in the kernel until a socket has something, for a millisecond at most. */
static void wait_readable(struct rx_worker *w)
{
	struct pollfd fds[64];
	uint32_t n = w->n_socks < 64 ? w->n_socks : 64;

	for (uint32_t s = 0; s < n; s++)
		fds[s] = (struct pollfd){ .fd = w->socks[s].sock->fd, .events = POLLIN };
	poll(fds, n, POLL_MS);
}

static void wake_driver(const struct rx_worker *w)
{
	for (uint32_t s = 0; s < w->n_socks; s++)
		sock_kick_rx(w->socks[s].sock);
}

/* Nothing there: wake the driver where it asks for it, then wait. False: waited long enough. */
static bool wait_more(struct rx_worker *w)
{
	/* What was sent last may have come since the rings were looked at: look again first. */
	if (!w->is_all_sent && is_all_sent(w)) {
		w->is_all_sent = true;
		return worker_busy(&w->base);
	}
	/* All is sent, completed and seen: what is still to come would be one too many. */
	if (w->is_all_sent && is_all_judged(w)) {
		wait_readable(w);
		return receive_all(w);
	}
	wake_driver(w);
	if (w->socks[0].sock->plan->is_poll)
		wait_readable(w);
	return worker_idle(&w->base, w->is_all_sent ?
					     TRAFFIC_LATE_NS + w->base.traffic->c->edt.wait_ns :
					     UINT64_MAX);
}

static void collect(struct rx_worker *w)
{
	struct rx_result *r = &w->result;

	for (uint32_t s = 0; s < w->n_socks; s++) {
		struct judge *j = &w->socks[s].judge;

		judge_finish(j);
		if (j->has_meta)
			w->base.traffic->world->ends[w->base.end].next_meta = j->due_meta;
		verdicts_join(w->base.verdicts, j->verdicts);
		r->n_pkts += j->n_pkts;
		for (uint32_t k = 0; k < j->n_flows; k++) {
			r->n_due += j->flows[k].n_seen;
			r->n_unchanged += j->flows[k].n_unchanged;
			r->n_lost += j->flows[k].n_lost;
			r->n_lost_places += j->flows[k].n_lost_places;
		}
		if (!r->n_strangers && j->n_strangers) {
			memcpy(r->stranger, j->stranger, sizeof(r->stranger));
			r->stranger_len = j->stranger_len;
		}
		r->n_strangers += j->n_strangers;
	}
	if (!audit_is_conserved(&w->base.port->rx_book))
		verdict_add(w->base.verdicts,
			    &(struct verdict){
				    .kind = VERDICT_FRAMES_LOST,
				    .end = w->base.end,
				    .socket = -1,
				    .expect = (int64_t)w->base.port->rx_book.n_frames,
				    .actual = (int64_t)w->base.port->rx_book.n_out,
			    });
}

void *rx_worker_run(void *worker)
{
	struct rx_worker *w = worker;
	/* The held ring is read when all is sent: reading it earlier proves nothing. */
	bool holds = w->base.port->port.plan->holds_rx;
	bool goes_on = true;

	while (goes_on) {
		if (holds && !is_all_sent(w))
			goes_on = worker_idle(&w->base, UINT64_MAX);
		else
			goes_on = receive_all(w) ? worker_busy(&w->base) : wait_more(w);
	}
	collect(w);
	return NULL;
}
