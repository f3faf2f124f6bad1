// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "plan/header.h"
#include "run/traffic.h"
#include "run/tx_frames.h"
#include "run/tx_stamps.h"
#include "run/verdict_rx.h"
#include "run/wish.h"

#define COMPLETIONS 256 /* taken from the ring at a time */

/* An invalid descriptor on a kernel that never completes it: its frame is free once it is consumed. */
struct lapse {
	uint32_t ring_index;
	uint64_t addr;
};

/* Of kicks that found more than the budget on the ring: how far they moved its consumer. */
struct kick_result {
	uint64_t n_full;
	uint32_t least, most;
};

struct tx_flow {
	struct flow_run *run;
	struct sock *sock;
	uint64_t next; /* packet */
	bool is_over;  /* nothing more will be sent, all there is or not */
	struct kick_result kicks;
	struct wish wish;
	struct sock_tx_metadata metadata; /* of each packet, where the stream asks for something */
	struct lapse *lapses;
	uint32_t n_lapses, lapses_cap, lapse_head;
};

static void init_flow(struct tx_flow *f, struct flow_run *run, struct sock *sock)
{
	f->run = run;
	f->sock = sock;
	f->kicks.least = UINT32_MAX;
	if (run->plan->stream.leaves_csum) {
		f->metadata.flags |= XDP_TXMD_FLAGS_CHECKSUM;
		header_csum_place(&run->plan->stream, &f->metadata.request.csum_start,
				  &f->metadata.request.csum_offset);
	}
	if (run->plan->stream.wants_timestamp)
		f->metadata.flags |= XDP_TXMD_FLAGS_TIMESTAMP;
	if (run->plan->stream.wants_launch_time)
		f->metadata.flags |= XDP_TXMD_FLAGS_LAUNCH_TIME;
}

void tx_worker_init(struct tx_worker *w, struct traffic *t, enum end end, uint32_t port)
{
	struct world_end *we = &t->world->ends[end];

	*w = (struct tx_worker){ .base = { .traffic = t, .port = &we->ports[port], .end = end } };
	w->base.n_much = 1; /* whatever it waited for, more of it will come as soon */
	w->base.verdicts = mem_zalloc(sizeof(*w->base.verdicts));
	w->flows = mem_zalloc(t->n_flows * sizeof(*w->flows));
	w->frames = mem_zalloc(sizeof(*w->frames));
	w->scratch = mem_zalloc(STREAM_MAX_LEN);
	tx_frames_init(w->frames, w->base.port);
	for (uint32_t k = 0; k < t->n_flows; k++) {
		const struct flow_plan *plan = t->flows[k].plan;

		if (plan->sender != SENDER_XDP || plan->from_end != end ||
		    t->c->ends[end].sockets[plan->from_socket].port != port)
			continue;
		init_flow(&w->flows[w->n_flows++], &t->flows[k], &we->socks[plan->from_socket]);
	}
}

void tx_worker_release(struct tx_worker *w)
{
	for (uint32_t k = 0; k < w->n_flows; k++)
		free(w->flows[k].lapses);
	free(w->flows);
	tx_frames_release(w->frames);
	free(w->frames);
	free(w->scratch);
	free(w->base.verdicts);
	*w = (struct tx_worker){};
}

static uint8_t *umem_at(const struct tx_worker *w, uint64_t addr)
{
	return w->base.port->port.umem->mem + desc_place(addr);
}

static void write_packet(struct tx_worker *w, const struct stream *s, uint64_t i,
			 const struct desc *descs, uint32_t n)
{
	uint32_t offset = 0;

	if (n == 1) {
		stream_write(s, i, umem_at(w, descs[0].addr), descs[0].len);
		return;
	}
	stream_write(s, i, w->scratch, stream_len(s, i));
	for (uint32_t k = 0; k < n; k++) {
		memcpy(umem_at(w, descs[k].addr), w->scratch + offset, descs[k].len);
		offset += descs[k].len;
	}
}

/* Frames for the descriptors that name no address; for verbatim ones any will do, they may overlap. */
static bool find_frames(struct tx_worker *w, const struct flow_plan *plan, uint32_t n,
			uint64_t *bases)
{
	const struct umem_plan *umem = w->base.port->port.umem->plan;

	if (!plan->is_verbatim)
		return tx_frames_take(w->frames, n, bases);
	for (uint32_t k = 0; k < n; k++)
		bases[k] = k % umem->n_frames * umem->frame_size;
	return true;
}

/* With the metadata in front of the first one, where it has any. */
static bool overlaps(const struct tx_worker *w, const struct desc *descs, uint32_t n)
{
	uint32_t metadata = w->base.port->port.umem->plan->tx_metadata;

	for (uint32_t k = 0; k < n; k++) {
		struct desc d = descs[k];

		if (!k && d.options & DESC_TX_METADATA) {
			d.addr -= metadata;
			d.len += metadata;
		}
		if (tx_frames_overlaps(w->frames, &d))
			return true;
	}
	return false;
}

static void write_verbatim_metadata(struct tx_worker *w, const struct desc_metadata *m,
				    uint64_t addr)
{
	const struct sock_tx_metadata metadata = {
		.flags = m->flags,
		.request = { .csum_start = m->csum_start, .csum_offset = m->csum_offset },
	};

	if (w->base.port->port.umem->plan->tx_metadata)
		memcpy(umem_at(w, addr) - sizeof(metadata), &metadata, sizeof(metadata));
}

static void write_metadata(struct tx_worker *w, struct tx_flow *f, uint64_t addr, uint64_t time)
{
	if (f->metadata.flags & XDP_TXMD_FLAGS_LAUNCH_TIME)
		f->metadata.request.launch_time = time;
	if (f->metadata.flags & XDP_TXMD_FLAGS_TIMESTAMP)
		tx_stamps_ask(&w->stamps, &f->metadata);
	memcpy(umem_at(w, addr) - sizeof(f->metadata), &f->metadata, sizeof(f->metadata));
}

/* Which packet is in a frame that came back: by its number, as far as it has one. */
static void accuse_stamp(struct tx_worker *w, const uint8_t *frame, struct verdict *v)
{
	for (uint32_t k = 0; k < w->n_flows; k++) {
		const struct flow_run *run = w->flows[k].run;
		const struct stream *s = &run->plan->stream;

		if (!stream_owns(s, frame, s->hdr_len))
			continue;
		v->flow = run->index;
		v->pos = run->plan->pos;
		stream_read_seq(s, frame, s->hdr_len + 12, &v->pkt);
		break;
	}
	v->end = w->base.end;
	v->socket = -1;
	verdict_add(w->base.verdicts, v);
}

/* An address from the completion ring can be anything: it is looked at before it is followed. */
static void judge_stamp(struct tx_worker *w, uint64_t addr)
{
	const struct umem_plan *umem = w->base.port->port.umem->plan;
	uint64_t at = desc_place(addr);
	struct sock_tx_metadata metadata;
	struct verdict v = {};
	bool is_wrong;

	if (at < sizeof(metadata) || at >= umem->size)
		return;
	memcpy(&metadata, umem_at(w, addr) - sizeof(metadata), sizeof(metadata));
	is_wrong = tx_stamps_is_wrong(&w->stamps, &metadata, &v);
	memcpy(umem_at(w, addr) - sizeof(metadata), &metadata, sizeof(metadata));
	if (is_wrong)
		accuse_stamp(w, umem_at(w, addr), &v);
}

static void lapse_push(struct tx_flow *f, uint32_t ring_index, uint64_t addr)
{
	if (!f->lapses) {
		f->lapses_cap = f->sock->plan->tx_ring;
		f->lapses = mem_zalloc(f->lapses_cap * sizeof(*f->lapses));
	}
	f->lapses[(f->lapse_head + f->n_lapses++) % f->lapses_cap] =
		(struct lapse){ ring_index, addr };
}

/* Frees the frames of invalid descriptors that the kernel has passed without completing them. */
static bool reclaim_lapses(struct tx_worker *w, struct tx_flow *f)
{
	uint32_t consumer, n = f->n_lapses;

	if (!n)
		return false;
	consumer = __atomic_load_n(f->sock->tx.consumer, __ATOMIC_ACQUIRE);
	while (f->n_lapses && (int32_t)(consumer - f->lapses[f->lapse_head].ring_index) > 0) {
		tx_frames_return(w->frames, f->lapses[f->lapse_head].addr);
		f->lapse_head = (f->lapse_head + 1) % f->lapses_cap;
		f->n_lapses--;
	}
	return n != f->n_lapses;
}

static void post(struct tx_worker *w, struct tx_flow *f, const struct desc *descs, uint32_t n,
		 uint32_t ring_index, bool is_valid)
{
	bool is_completed = is_valid || w->base.traffic->c->caps.completes_invalid;

	for (uint32_t k = 0; k < n; k++) {
		struct xdp_desc *d = xsk_ring_prod__tx_desc(&f->sock->tx, ring_index + k);

		d->addr = descs[k].addr;
		d->len = descs[k].len;
		d->options = descs[k].options;
		if (f->run->plan->is_verbatim)
			tx_frames_list(w->frames, &descs[k]);
		else
			tx_frames_give(w->frames, &descs[k]);
		if (!is_completed)
			lapse_push(f, ring_index + k, descs[k].addr);
	}
	w->result.n_pkts++;
	w->result.n_descs += n;
	w->result.n_invalid_descs += is_valid ? 0 : n;
	w->result.n_completions_due += is_completed ? n : 0;
	if (w->base.port->port.plan->holds_completion &&
	    w->result.n_completions_due > w->base.port->port.plan->completion_ring)
		w->result.n_completions_due = w->base.port->port.plan->completion_ring;
}

/* Puts the next packet of a flow on the ring; false if there is no room for it now. */
static bool send_packet(struct tx_worker *w, struct tx_flow *f)
{
	const struct flow_plan *plan = f->run->plan;
	uint32_t n = stream_n_descs(&plan->stream, f->next), ring_index = 0;
	struct desc descs[STREAM_MAX_DESCS];
	uint64_t bases[STREAM_MAX_DESCS];
	struct desc_metadata metadata;
	uint64_t time = 0;
	bool is_valid;

	/* The plan refuses such packets as far as it looks. */
	if (n > STREAM_MAX_DESCS ||
	    (n > 1 && stream_len(&plan->stream, f->next) > STREAM_MAX_LEN)) {
		f->is_over = true;
		return false;
	}
	if (xsk_prod_nb_free(&f->sock->tx, n) < n)
		return false;
	if (!find_frames(w, plan, n, bases))
		return false;
	stream_descs(&plan->stream, f->next, bases, descs);
	if (plan->is_verbatim && overlaps(w, descs, n))
		return false;
	is_valid = plan->is_all_valid || !packet_check(&plan->rules, descs, n, NULL);
	if (is_valid)
		write_packet(w, &plan->stream, f->next, descs, n);
	if (is_valid && f->wish.time)
		time = wish_make(&f->wish, f->next);
	if (plan->is_verbatim) {
		if (!desc_check(&plan->rules, &descs[0]) &&
		    stream_metadata(&plan->stream, f->next, &metadata))
			write_verbatim_metadata(w, &metadata, descs[0].addr);
	} else if (is_valid && descs[0].options & DESC_TX_METADATA) {
		write_metadata(w, f, descs[0].addr, time);
	}
	xsk_ring_prod__reserve(&f->sock->tx, n, &ring_index);
	post(w, f, descs, n, ring_index, is_valid);
	f->next++;
	return true;
}

/* Descriptors on the ring that the kernel has not taken yet. */
static uint32_t backlog(const struct tx_flow *f)
{
	return *f->sock->tx.producer - __atomic_load_n(f->sock->tx.consumer, __ATOMIC_ACQUIRE);
}

/* How far a kick that found more than its budget moved the consumer (xskq_cons_release_n). */
static void note_kick(struct tx_flow *f, uint32_t before, int err)
{
	uint32_t moved = before - backlog(f);

	if (before <= f->sock->plan->tx_budget || err == EBUSY || err == ENOBUFS)
		return;
	f->kicks.n_full++;
	if (moved < f->kicks.least)
		f->kicks.least = moved;
	if (moved > f->kicks.most)
		f->kicks.most = moved;
}

/* What a link that is down says, where somebody sets it down. */
static bool is_fault(const struct tx_worker *w, int err)
{
	return w->base.traffic->c->test->n_ats && (err == ENETDOWN || err == ENXIO);
}

/* Makes the kernel look at the ring as long as something is on it. */
static void kick(struct tx_worker *w, struct tx_flow *f)
{
	uint32_t before = backlog(f);
	int err;

	if (!before)
		return;
	if (f->sock->plan->has_need_wakeup && !xsk_ring_prod__needs_wakeup(&f->sock->tx))
		return;
	err = -sock_kick_tx(f->sock);
	w->result.n_kicks++;
	note_kick(f, before, err);
	if (err == EAGAIN || err == EBUSY || err == ENOBUFS || is_fault(w, err)) {
		w->result.n_busy++;
	} else if (err && !w->send_err) {
		w->send_err = err;
		w->send_flow = f->run->index;
	}
}

/* Shows the kernel n descriptors: at once, or a batch at a time wherever that ends in a packet. */
static void submit(struct tx_worker *w, struct tx_flow *f, uint32_t n)
{
	uint32_t part = f->sock->plan->is_split ? f->sock->plan->batch : n;

	while (n) {
		uint32_t now = n < part ? n : part;

		xsk_ring_prod__submit(&f->sock->tx, now);
		n -= now;
		if (n)
			kick(w, f);
	}
}

/* Up to a batch of packets of one flow. */
static bool send_batch(struct tx_worker *w, struct tx_flow *f)
{
	uint64_t first = f->next, limit;
	uint64_t n_descs = w->result.n_descs;

	if (f->is_over)
		return false;
	limit = flow_run_limit(f->run, f->run->plan->pace_pps, w->start_ns);
	if (f->metadata.flags & XDP_TXMD_FLAGS_TIMESTAMP)
		w->stamps.now_ns = tx_stamps_clock_ns();
	while (f->next < limit && w->result.n_descs - n_descs < f->sock->plan->batch &&
	       tx_frames_n_out(w->frames) < w->base.port->port.plan->max_out)
		if (!send_packet(w, f))
			break;
	submit(w, f, (uint32_t)(w->result.n_descs - n_descs));
	if (w->base.traffic->c->test->n_ats)
		atomic_store_explicit(&f->run->n_sent, f->next, memory_order_release);
	f->is_over |= f->next == f->run->plan->stream.n_pkts;
	return f->next != first;
}

/* What a saboteur makes of the address that is next to come back. */
static void sabotage_completion(struct tx_worker *w, enum sabotage_kind kind, uint64_t addr)
{
	uint64_t beyond = w->base.port->port.umem->plan->size;

	if (kind == SABOTAGE_COMPLETE_LOST)
		return;
	tx_frames_return(w->frames, kind == SABOTAGE_COMPLETE_STRANGER ? beyond : addr);
	w->result.n_completions++;
	if (kind != SABOTAGE_COMPLETE_TWICE)
		return;
	tx_frames_return(w->frames, addr);
	w->result.n_completions++;
}

static void take_back(struct tx_worker *w, uint64_t addr)
{
	const struct sabotage_plan *s = &w->base.traffic->c->sabotage;

	if (s->stmt && sabotage_infos[s->kind].who == SABOTEUR_RING && w->base.end == END_A &&
	    s->kind != SABOTAGE_RX_LEN && w->n_back++ == s->packet) {
		sabotage_completion(w, s->kind, addr);
		return;
	}
	tx_frames_return(w->frames, addr);
	w->result.n_completions++;
}

static bool reclaim(struct tx_worker *w)
{
	struct xsk_ring_cons *ring = &w->base.port->port.completion;
	bool has_lapsed = false;
	uint32_t index, n = 0;

	if (!w->base.port->port.plan->holds_completion)
		n = xsk_ring_cons__peek(ring, COMPLETIONS, &index);

	if (n && w->stamps.n_due)
		w->stamps.now_ns = tx_stamps_clock_ns();
	for (uint32_t k = 0; k < n && w->stamps.n_due; k++)
		judge_stamp(w, *xsk_ring_cons__comp_addr(ring, index + k));
	for (uint32_t k = 0; k < n; k++)
		take_back(w, *xsk_ring_cons__comp_addr(ring, index + k));
	if (n)
		xsk_ring_cons__release(ring, n);
	w->base.n_moved += n;
	for (uint32_t k = 0; k < w->n_flows; k++)
		has_lapsed |= reclaim_lapses(w, &w->flows[k]);
	return n || has_lapsed;
}

/* One turn over all flows: true if anything moved. */
static bool turn(struct tx_worker *w)
{
	bool has_moved = reclaim(w);

	for (uint32_t k = 0; k < w->n_flows; k++) {
		has_moved |= send_batch(w, &w->flows[k]);
		kick(w, &w->flows[k]);
	}
	return has_moved;
}

/*
 * With hold_completion the kernel stops where the completion ring is full: what
 * stands there, unread, is all that will come.
 */
static uint32_t n_held(const struct tx_worker *w)
{
	struct xsk_ring_cons *ring = &w->base.port->port.completion;

	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - *ring->consumer;
}

static bool is_finished(const struct tx_worker *w)
{
	bool holds = w->base.port->port.plan->holds_completion;

	for (uint32_t k = 0; k < w->n_flows; k++)
		if (!w->flows[k].is_over || (backlog(&w->flows[k]) && !holds))
			return false;
	if (holds)
		return n_held(w) >= w->result.n_completions_due;
	return !tx_frames_n_out(w->frames);
}

/* A receiver that stands still, or a send that fails for good, ends the sending but not the audit. */
static void give_up(struct tx_worker *w)
{
	for (uint32_t k = 0; k < w->n_flows; k++)
		w->flows[k].is_over = true;
}

static bool is_sending(const struct tx_worker *w)
{
	for (uint32_t k = 0; k < w->n_flows; k++)
		if (!w->flows[k].is_over)
			return true;
	return false;
}

static void audit(struct tx_worker *w)
{
	struct verdict v = { .end = w->base.end, .socket = -1, .pos = w->flows[0].run->plan->pos };
	bool holds = w->base.port->port.plan->holds_completion;

	if (holds)
		w->result.n_completions = n_held(w);
	reclaim(w); /* whatever came too many is on the ring by now */
	if (w->result.n_completions != w->result.n_completions_due ||
	    (tx_frames_n_out(w->frames) && !w->frames->n_faults && !holds)) {
		v.kind = VERDICT_COMPLETION;
		v.expect = (int64_t)w->result.n_completions_due;
		v.actual = (int64_t)w->result.n_completions;
		verdict_add(w->base.verdicts, &v);
	}
	if (w->frames->n_faults) {
		v.kind = VERDICT_COMPLETION_ALIEN;
		v.counter = w->frames->fault;
		v.actual = (int64_t)w->frames->fault_addr;
		verdict_add(w->base.verdicts, &v);
	}
	if (w->stamps.n_judged != w->stamps.n_due && !holds) {
		v.kind = VERDICT_TX_STAMPS;
		v.expect = (int64_t)w->stamps.n_due;
		v.actual = (int64_t)w->stamps.n_judged;
		verdict_add(w->base.verdicts, &v);
	}
	if (!audit_is_conserved(&w->base.port->tx_book)) {
		v.kind = VERDICT_FRAMES_LOST;
		v.expect = (int64_t)w->base.port->tx_book.n_frames;
		v.actual = (int64_t)(w->base.port->n_free_slots + w->base.port->tx_book.n_out);
		verdict_add(w->base.verdicts, &v);
	}
}

static void audit_kicks(struct tx_worker *w, const struct expect_stmt *e, const struct tx_flow *f)
{
	const struct flow_plan *plan = f->run->plan;
	int64_t expect = expr_eval(e->value, plan->env, 0, NULL);
	struct verdict v = {
		.kind = VERDICT_TX_PER_KICK,
		.pos = e->pos,
		.end = e->end,
		.socket = (int)plan->from_socket,
		.op = e->op,
		.expect = expect,
		.actual = f->kicks.most,
	};

	if (!f->kicks.n_full) {
		v.kind = VERDICT_NO_FULL_KICK;
		v.expect = f->sock->plan->tx_budget;
	} else if (!cmp_holds(f->kicks.least, e->op, expect)) {
		v.actual = f->kicks.least;
	} else if (cmp_holds(f->kicks.most, e->op, expect)) {
		return;
	}
	verdict_add(w->base.verdicts, &v);
}

static void audit_measures(struct tx_worker *w)
{
	const struct case_plan *c = w->base.traffic->c;

	for (size_t m = 0; m < c->n_measures; m++) {
		const struct expect_stmt *e = c->measures[m];

		for (uint32_t k = 0; k < w->n_flows; k++)
			if (e->kind == EXPECT_TX_PER_KICK && e->end == w->base.end &&
			    (e->socket < 0 ||
			     (uint32_t)e->socket == w->flows[k].run->plan->from_socket))
				audit_kicks(w, e, &w->flows[k]);
	}
}

void *tx_worker_run(void *worker)
{
	struct tx_worker *w = worker;

	uint64_t patience_ns = TRAFFIC_PATIENCE_NS + w->base.traffic->c->edt.wait_ns;

	w->start_ns = clock_ns();
	for (uint32_t k = 0; k < w->n_flows; k++)
		wish_begin(&w->flows[k].wish, w->base.traffic->world, w->flows[k].run->index);
	while (!is_finished(w) && !w->send_err) {
		if (turn(w) ? worker_busy(&w->base) : worker_idle(&w->base, patience_ns))
			continue;
		if (!is_sending(w) || atomic_load(&w->base.traffic->is_late))
			break;
		give_up(w);
	}
	w->result.ns = (int64_t)(clock_ns() - w->start_ns);
	if (!w->send_err) {
		for (uint32_t k = 0; k < w->n_flows; k++)
			flow_run_accuse_unsent(w->flows[k].run, w->flows[k].next, w->base.verdicts);
		audit(w);
		audit_measures(w);
	}
	for (uint32_t k = 0; k < w->n_flows; k++)
		atomic_store_explicit(&w->flows[k].run->is_sent, true, memory_order_release);
	return NULL;
}
