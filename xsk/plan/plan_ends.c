// SPDX-License-Identifier: GPL-2.0-only
#include "plan/planner.h"

/* What a statement's endpoint asks of the number of sockets. */
static uint32_t sockets_of_steps(const struct step *steps, size_t n, enum end end)
{
	uint32_t max = 1;

	for (size_t k = 0; k < n; k++) {
		const struct step *s = &steps[k];
		uint32_t inner = sockets_of_steps(s->steps, s->n_steps, end);

		if (s->kind == STEP_SEND && s->from.end == end && (uint32_t)s->from.socket >= max)
			max = (uint32_t)s->from.socket + 1;
		if (s->kind == STEP_SEND && s->to.end == end && (uint32_t)s->to.socket >= max)
			max = (uint32_t)s->to.socket + 1;
		max = inner > max ? inner : max;
	}
	return max;
}

static void check_socket_numbers(struct planner *pl, const struct step *steps, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const struct endpoint *ends[] = { &steps[k].from, &steps[k].to };

		for (int e = 0; e < 2 && steps[k].kind == STEP_SEND; e++) {
			int64_t count =
				planner_setting(pl, SET_SOCKET_COUNT, ends[e]->end, -1, NULL);

			if (ends[e]->socket >= count)
				planner_diag(
					pl, DIAG_RANGE, ends[e]->pos,
					"there is no socket %d: end %c has %lld ('socket { count N }')",
					ends[e]->socket, end_names[ends[e]->end], (long long)count);
		}
		check_socket_numbers(pl, steps[k].steps, steps[k].n_steps);
	}
}

uint32_t plan_n_sockets(struct planner *pl, enum end end)
{
	uint32_t count = (uint32_t)planner_setting(pl, SET_SOCKET_COUNT, end, -1, NULL);
	uint32_t used = sockets_of_steps(pl->test->steps, pl->test->n_steps, end);

	return used > count ? used : count;
}

static uint32_t default_queues(struct planner *pl)
{
	uint32_t n = 1;

	for (enum end end = 0; end < N_ENDS; end++) {
		uint32_t n_sockets = plan_n_sockets(pl, end);

		if (!planner_setting(pl, SET_SOCKET_SHARE_UMEM, end, -1, NULL) && n_sockets > n)
			n = n_sockets;
		for (uint32_t s = 0; s < n_sockets; s++) {
			int64_t queue =
				planner_has_setting(pl, SET_SOCKET_QUEUE, end, (int)s) ?
					planner_setting(pl, SET_SOCKET_QUEUE, end, (int)s, NULL) :
					0;

			if (queue >= n)
				n = (uint32_t)queue + 1;
		}
	}
	return n;
}

/* Does a frame sent on a Tx queue arrive on the one before it? */
static bool shifts_queue(const struct planner *pl)
{
	return pl->c->mode == MODE_SKB && pl->caps->shifts_skb_queue;
}

/*
 * veth forwards on the queue it was given, except that generic XDP sees some
 * frames on another one: a socket that cannot be reached is a reason to skip.
 */
void plan_check_queue(struct planner *pl, const struct flow_plan *f)
{
	uint32_t from = pl->c->ends[f->from_end].sockets[f->from_socket].queue;
	uint32_t to = pl->c->ends[f->to_end].sockets[f->to_socket].queue;
	uint32_t arrives = from && shifts_queue(pl) ? from - 1 : from;

	if (pl->c->skip || pl->c->expect_error || !f->has_receiver)
		return;
	if (from >= pl->c->link.n_queues || (arrives != to && shifts_queue(pl)))
		pl->c->skip = arena_printf(
			&pl->plan->arena,
			"needs frames on Rx queue %u, but generic XDP on veth delivers Tx queue q on Rx queue q - 1",
			to);
	else if (arrives != to)
		planner_diag(
			pl, DIAG_CONFLICT, f->pos,
			"frames sent on queue %u arrive on queue %u, but %c[%u] is bound to queue %u",
			from, arrives, end_names[f->to_end], f->to_socket, to);
}

static void plan_link(struct planner *pl)
{
	struct link_plan *link = &pl->c->link;

	link->mtu = (uint32_t)planner_setting(pl, SET_LINK_MTU, END_A, -1, NULL);
	link->n_queues = planner_has_setting(pl, SET_LINK_QUEUES, END_A, -1) ?
				 (uint32_t)planner_setting(pl, SET_LINK_QUEUES, END_A, -1, NULL) :
				 default_queues(pl);
	link->n_hops = (uint32_t)planner_setting(pl, SET_LINK_HOPS, END_A, -1, NULL);
	link->nic_ring = (uint32_t)planner_setting(pl, SET_LINK_NIC_RING, END_A, -1, NULL);
	if (planner_has_setting(pl, SET_LINK_RX_QUEUES, END_A, -1))
		link->n_rx_queues =
			(uint32_t)planner_setting(pl, SET_LINK_RX_QUEUES, END_A, -1, NULL);
	link->down_mask = pl->test->down_mask;
	link->has_rx_stamps = planner_setting(pl, SET_LINK_RX_TIMESTAMPS, END_A, -1, NULL);
	pl->c->env.v[VAR_MTU] = link->mtu;
	pl->c->env.v[VAR_QUEUES] = link->n_queues;
	/* One more to send on, so that the last one can be reached. */
	if (shifts_queue(pl) && link->n_queues > 1 &&
	    !planner_has_setting(pl, SET_LINK_QUEUES, END_A, -1))
		link->n_queues++;
}

static void step_roles(const struct step *steps, size_t n, enum end end, uint32_t socket,
		       bool *does_tx, bool *does_rx)
{
	for (size_t k = 0; k < n; k++) {
		const struct step *s = &steps[k];
		if (s->kind == STEP_SEND && s->from.end == end && s->from.socket == (int)socket)
			*does_tx = true;
		if (s->kind == STEP_SEND && s->to.end == end && s->to.socket == (int)socket)
			*does_rx = true;
		step_roles(s->steps, s->n_steps, end, socket, does_tx, does_rx);
	}
}

static bool test_has_fragments(const struct planner *pl)
{
	for (size_t s = 0; s < pl->test->n_streams; s++) {
		const struct stream_spec *spec = &pl->test->streams[s];

		if (spec->set[SET_STREAM_FRAGMENT])
			return true;
		for (size_t p = 0; p < spec->n_packets; p++)
			if (spec->packets[p].n_descs > 1)
				return true;
	}
	return false;
}

static bool wants_multi_buffer(struct planner *pl, enum end end, uint32_t socket,
			       uint32_t frame_size)
{
	if (planner_has_setting(pl, SET_SOCKET_MULTI_BUFFER, end, (int)socket))
		return planner_setting(pl, SET_SOCKET_MULTI_BUFFER, end, (int)socket, NULL);
	/* A link whose largest frame does not fit a chunk, or a packet written in parts. */
	return pl->c->link.mtu + 18 > frame_size - pl->caps->rx_overhead || test_has_fragments(pl);
}

/* The queue that a socket receives on: as said, else its number modulo the queues of the link. */
static uint32_t rx_queue(struct planner *pl, enum end end, uint32_t n, struct srcpos *pos)
{
	*pos = (struct srcpos){};
	if (planner_has_setting(pl, SET_SOCKET_QUEUE, end, (int)n))
		return (uint32_t)planner_setting(pl, SET_SOCKET_QUEUE, end, (int)n, pos);
	if (planner_setting(pl, SET_SOCKET_SHARE_UMEM, end, -1, NULL) &&
	    !planner_has_setting(pl, SET_LINK_QUEUES, END_A, -1))
		return 0;
	return n % (uint32_t)pl->c->env.v[VAR_QUEUES];
}

static const struct step *find_send(const struct step *steps, size_t n, enum end end,
				    uint32_t socket)
{
	for (size_t k = 0; k < n; k++) {
		const struct step *inner = find_send(steps[k].steps, steps[k].n_steps, end, socket);

		if (inner)
			return inner;
		if (steps[k].kind == STEP_SEND && steps[k].from.end == end &&
		    steps[k].from.socket == (int)socket)
			return &steps[k];
	}
	return NULL;
}

/* A socket that only sends sits on the queue from which its frames reach their receiver's. */
static uint32_t tx_queue(struct planner *pl, enum end end, uint32_t n, struct srcpos *pos)
{
	const struct step *send = find_send(pl->test->steps, pl->test->n_steps, end, n);
	uint32_t queue = rx_queue(pl, end, n, pos);
	struct srcpos ignored;

	if (!send || pos->line)
		return queue;
	queue = rx_queue(pl, send->to.end, (uint32_t)send->to.socket, &ignored);
	return queue && shifts_queue(pl) ? queue + 1 : queue;
}

static uint32_t ring_size(struct planner *pl, enum setting_id id, enum end end, uint32_t socket)
{
	return (uint32_t)planner_setting(pl, id, end, (int)socket, NULL);
}

static void plan_socket(struct planner *pl, enum end end, uint32_t n)
{
	struct end_plan *ep = &pl->c->ends[end];
	struct socket_plan *s = &ep->sockets[n];
	struct srcpos pos;

	s->umem = planner_setting(pl, SET_SOCKET_SHARE_UMEM, end, -1, NULL) ? 0 : n;
	step_roles(pl->test->steps, pl->test->n_steps, end, n, &s->does_tx, &s->does_rx);
	if (!s->does_tx && !s->does_rx)
		s->does_tx = s->does_rx = true;
	s->queue = s->does_rx ? rx_queue(pl, end, n, &pos) : tx_queue(pl, end, n, &pos);
	if (s->queue >= pl->c->link.n_queues && pos.line && !pl->c->expect_error)
		planner_diag(pl, DIAG_RANGE, pos,
			     "queue %u does not exist: the link has %u ('link { queues N }')",
			     s->queue, pl->c->link.n_queues);
	s->rx_ring = ring_size(pl, SET_SOCKET_RX_RING, end, n);
	s->tx_ring = ring_size(pl, SET_SOCKET_TX_RING, end, n);
	s->batch = ring_size(pl, SET_SOCKET_BATCH, end, n);
	s->busy_budget = ring_size(pl, SET_SOCKET_BUSY_BUDGET, end, n);
	s->is_split = planner_setting(pl, SET_SOCKET_SPLIT, end, (int)n, NULL);
	s->has_tx_budget = planner_has_setting(pl, SET_SOCKET_TX_BUDGET, end, (int)n);
	s->tx_budget = s->has_tx_budget ? ring_size(pl, SET_SOCKET_TX_BUDGET, end, n) :
					  pl->caps->tx_budget;
	s->has_need_wakeup = planner_setting(pl, SET_SOCKET_NEED_WAKEUP, end, (int)n, NULL);
	s->is_poll = planner_setting(pl, SET_SOCKET_POLL, end, (int)n, NULL);
	s->has_multi_buffer = wants_multi_buffer(pl, end, n, ep->umems[s->umem].frame_size);
	plan_socket_mistakes(pl, end, n);
	s->pos = pl->test->pos;
}

static bool writes_metadata(const struct stream_spec *spec)
{
	for (size_t p = 0; p < spec->n_packets; p++)
		for (size_t d = 0; d < spec->packets[p].n_descs; d++)
			if (spec->packets[p].descs[d].metadata)
				return true;
	return false;
}

/* Does the end send packets that ask for something in their Tx metadata? */
static bool sends_metadata(const struct planner *pl, const struct step *steps, size_t n,
			   enum end end)
{
	for (size_t k = 0; k < n; k++) {
		const struct step *s = &steps[k];
		const struct stream_spec *spec = &pl->test->streams[s->stream];

		if (s->kind == STEP_SEND && s->from.end == end &&
		    (planner_flag(pl, spec->set[SET_STREAM_CSUM_OFFLOAD]) ||
		     planner_flag(pl, spec->set[SET_STREAM_TX_TIMESTAMP]) ||
		     writes_metadata(spec) || (spec->edt && spec->edt_by == EDT_BY_LAUNCH_TIME)))
			return true;
		if (sends_metadata(pl, s->steps, s->n_steps, end))
			return true;
	}
	return false;
}

static void plan_umem(struct planner *pl, enum end end, uint32_t n)
{
	struct umem_plan *u = &pl->c->ends[end].umems[n];
	struct srcpos pos;

	u->frame_size = (uint32_t)planner_setting(pl, SET_UMEM_FRAME_SIZE, end, (int)n, &pos);
	pl->c->env.v[VAR_FRAME_SIZE] = u->frame_size;
	pl->c->env.v[VAR_MAX_HEADROOM] = (int64_t)u->frame_size - pl->caps->headroom_reserve;
	u->has_sw_csum = planner_setting(pl, SET_UMEM_SW_CSUM, end, (int)n, NULL);
	if (u->has_sw_csum || sends_metadata(pl, pl->test->steps, pl->test->n_steps, end))
		u->tx_metadata = PLAN_TX_METADATA;
	u->is_unaligned = planner_setting(pl, SET_UMEM_UNALIGNED, end, (int)n, NULL);
	u->has_hugepages = planner_setting(pl, SET_UMEM_HUGEPAGES, end, (int)n, NULL);
	u->headroom = (uint32_t)planner_setting(pl, SET_UMEM_HEADROOM, end, (int)n, NULL);
	u->pos = pos.line ? pos : pl->test->pos;
	plan_umem_mistakes(pl, end, n);
	if (!u->is_unaligned && u->frame_size & (u->frame_size - 1) && !pl->c->expect_error)
		planner_diag(pl, DIAG_CONFLICT, u->pos,
			     "aligned chunks of %u bytes: the kernel wants a power of two there "
			     "('unaligned')",
			     u->frame_size);
	pl->c->env.v[VAR_HEADROOM] = u->headroom;
	pl->c->env.v[VAR_UNALIGNED] = u->is_unaligned;
}

/*
 * A veth drops what does not fit into the ring of 256 frames between its two
 * halves (VETH_RING_SIZE in drivers/net/veth.c), which fills when the receiving
 * half is put off to another thread. What has not completed may be in it.
 */
#define VETH_MAX_OUT 192

/* The port of a socket: the first one of the same UMEM and queue, else a new one. */
static void plan_port(struct planner *pl, enum end end, uint32_t n)
{
	struct end_plan *ep = &pl->c->ends[end];
	struct socket_plan *s = &ep->sockets[n];
	struct port_plan *p = NULL;

	for (s->port = 0; s->port < ep->n_ports; s->port++) {
		p = &ep->ports[s->port];
		if (p->umem == s->umem && p->queue == s->queue)
			return;
		if (p->queue == s->queue && !pl->c->expect_error)
			planner_diag(
				pl, DIAG_CONFLICT, s->pos,
				"two sockets of end %c on queue %u with a UMEM each: a queue has one UMEM "
				"('socket { share_umem }' or 'link { queues N }')",
				end_names[end], s->queue);
	}
	p = ARENA_PUSH(&pl->plan->arena, ep->ports, ep->n_ports);
	p->umem = s->umem;
	p->queue = s->queue;
	p->slot_frames = 1;
	p->max_out = ep->sockets[n].batch > VETH_MAX_OUT ? ep->sockets[n].batch : VETH_MAX_OUT;
	p->fill_ring = ring_size(pl, SET_SOCKET_FILL_RING, end, n);
	p->completion_ring = ring_size(pl, SET_SOCKET_COMPLETION_RING, end, n);
	p->holds_rx = planner_setting(pl, SET_SOCKET_HOLD_RX, end, (int)n, NULL);
	p->holds_fill = planner_setting(pl, SET_SOCKET_HOLD_FILL, end, (int)n, NULL);
	p->holds_completion = planner_setting(pl, SET_SOCKET_HOLD_COMPLETION, end, (int)n, NULL);
	if (p->holds_completion) /* nothing ever comes back: the rings themselves are the limit */
		p->max_out = UINT32_MAX;
}

static bool port_does(const struct end_plan *ep, size_t port, bool rx)
{
	for (size_t k = 0; k < ep->n_sockets; k++)
		if (ep->sockets[k].port == port &&
		    (rx ? ep->sockets[k].does_rx : ep->sockets[k].does_tx))
			return true;
	return false;
}

static bool is_port_setting(enum setting_id id)
{
	return id == SET_SOCKET_HOLD_RX || id == SET_SOCKET_HOLD_FILL ||
	       id == SET_SOCKET_HOLD_COMPLETION || id == SET_SOCKET_FILL_RING ||
	       id == SET_SOCKET_COMPLETION_RING;
}

/* The socket that brings the fill and completion ring of this one along: itself, or an earlier one. */
static uint32_t port_owner(const struct end_plan *ep, uint32_t socket)
{
	for (uint32_t k = 0; k < socket; k++)
		if (ep->sockets[k].port == ep->sockets[socket].port)
			return k;
	return socket;
}

/* A statement about one socket that could have no effect is a mistake. */
static void check_indexed(struct planner *pl, enum end end, const struct setting *s)
{
	const struct end_plan *ep = &pl->c->ends[end];
	uint32_t n = (uint32_t)s->socket, owner;

	if (n >= ep->n_sockets) {
		planner_diag(pl, DIAG_RANGE, s->pos, "there is no socket %u: end %c has %zu", n,
			     end_names[end], ep->n_sockets);
		return;
	}
	owner = port_owner(ep, n);
	if (s->kw->scope == SCOPE_UMEM && n >= ep->n_umems)
		planner_diag(pl, DIAG_CONFLICT, s->pos,
			     "the sockets of end %c share one UMEM: say it of the end",
			     end_names[end]);
	else if (is_port_setting((enum setting_id)s->kw->setting) && owner != n)
		planner_diag(
			pl, DIAG_CONFLICT, s->pos,
			"%c[%u] shares the fill and completion ring of %c[%u]: say it of that one",
			end_names[end], n, end_names[end], owner);
}

static void check_all_indexed(struct planner *pl, enum end end)
{
	for (size_t k = 0; k < pl->test->n_settings; k++) {
		const struct setting *s = &pl->test->settings[k];

		if (s->socket >= 0 && s->end_mask >> end & 1)
			check_indexed(pl, end, s);
	}
}

/* Frames that senders can have with the kernel: where none comes back, on both of their rings. */
static uint64_t frames_out(const struct end_plan *ep, size_t port)
{
	uint64_t n = ep->ports[port].completion_ring;

	for (size_t k = 0; k < ep->n_sockets && ep->ports[port].holds_completion; k++)
		if (ep->sockets[k].port == port && ep->sockets[k].does_tx)
			n += ep->sockets[k].tx_ring;
	return n;
}

/* Shares the frames of a UMEM out: to its ports equally, in each to the fill ring and the senders. */
static void plan_frames(struct planner *pl, enum end end, uint32_t umem, uint64_t frame)
{
	struct end_plan *ep = &pl->c->ends[end];
	struct umem_plan *u = &ep->umems[umem];
	uint64_t n_ports = 0, wanted = 0;

	for (size_t k = 0; k < ep->n_ports; k++) {
		const struct port_plan *p = &ep->ports[k];

		if (p->umem != umem)
			continue;
		n_ports++;
		wanted += (port_does(ep, k, true) ? p->fill_ring : 0) +
			  (port_does(ep, k, false) ? frames_out(ep, k) : 0);
	}
	u->n_frames = planner_has_setting(pl, SET_UMEM_FRAMES, end, (int)umem) ?
			      (uint64_t)planner_setting(pl, SET_UMEM_FRAMES, end, (int)umem, NULL) :
			      wanted;
	u->size = planner_has_setting(pl, SET_UMEM_SIZE, end, (int)umem) ?
			  (uint64_t)planner_setting(pl, SET_UMEM_SIZE, end, (int)umem, NULL) :
			  u->n_frames * u->frame_size;
	for (size_t k = 0; k < ep->n_ports; k++) {
		struct port_plan *p = &ep->ports[k];
		uint64_t share = n_ports ? u->n_frames / n_ports : 0;

		if (p->umem != umem)
			continue;
		p->n_rx_frames = !port_does(ep, k, true) ?
					 0 :
				 !port_does(ep, k, false) || !p->fill_ring ?
					 share :
					 share * p->fill_ring / (p->fill_ring + p->completion_ring);
		if (p->n_rx_frames > p->fill_ring)
			p->n_rx_frames = p->fill_ring;
		p->rx_frame0 = frame;
		p->tx_frame0 = frame + p->n_rx_frames;
		p->n_tx_frames = port_does(ep, k, false) ? share - p->n_rx_frames : 0;
		frame += share;
	}
	pl->c->env.v[VAR_UMEM_SIZE] = (int64_t)u->size;
}

/*
 * One UMEM for both ends: its frames are those of end b, planned first, and behind them
 * those of end a, whose socket registers it.
 */
static void plan_both_ends(struct planner *pl)
{
	struct end_plan *a = &pl->c->ends[END_A], *b = &pl->c->ends[END_B];
	struct srcpos pos;

	if (!planner_setting(pl, SET_UMEM_BOTH_ENDS, END_A, -1, &pos))
		return;
	if (a->n_umems > 1 || b->n_umems > 1) {
		planner_diag(pl, DIAG_CONFLICT, pos,
			     "both ends on one UMEM, but their sockets have several "
			     "('socket { share_umem }')");
		return;
	}
	plan_frames(pl, END_A, 0, b->umems[0].n_frames);
	a->umems[0].n_frames += b->umems[0].n_frames;
	a->umems[0].size = a->umems[0].n_frames * a->umems[0].frame_size;
	b->umems[0] = a->umems[0];
	b->umems[0].is_of_a = true;
	pl->c->env.v[VAR_UMEM_SIZE] = (int64_t)a->umems[0].size;
}

static bool does_receive(const struct end_plan *ep)
{
	for (size_t k = 0; k < ep->n_sockets; k++)
		if (ep->sockets[k].does_rx)
			return true;
	return false;
}

/* How many sends to an end are received by TCP, or not. */
static uint32_t count_sends(const struct planner *pl, const struct step *steps, size_t n,
			    enum end end, bool is_tcp)
{
	uint32_t count = 0;

	for (size_t k = 0; k < n; k++) {
		const struct step *s = &steps[k];

		count += s->kind == STEP_SEND && s->to.end == end &&
			 (pl->test->streams[s->stream].sender == SENDER_TCP) == is_tcp;
		count += count_sends(pl, s->steps, s->n_steps, end, is_tcp);
	}
	return count;
}

/* Nothing at the end is for AF_XDP. */
static bool is_all_tcp(const struct planner *pl, enum end end)
{
	const struct test *t = pl->test;

	return count_sends(pl, t->steps, t->n_steps, end, true) &&
	       !count_sends(pl, t->steps, t->n_steps, end, false);
}

/* A user's own program, and the keys of its map that sockets are entered at: their queues. */
static void plan_own_program(struct planner *pl, struct end_plan *ep, const struct program_stmt *p)
{
	ep->object = plan_object(pl, OBJECT_XDP, p->file, p->section);
	ep->object.map = p->map;
	for (size_t k = 0; k < ep->n_sockets; k++) {
		const struct socket_plan *s = &ep->sockets[k];

		if (s->does_rx && s->rx_ring && s->queue >= ep->object.n_keys)
			ep->object.n_keys = s->queue + 1;
	}
}

static void plan_program(struct planner *pl, enum end end)
{
	struct end_plan *ep = &pl->c->ends[end];

	ep->program = does_receive(ep) && !is_all_tcp(pl, end) ? PROGRAM_REDIRECT : PROGRAM_NONE;
	for (size_t k = 0; k < pl->test->n_programs; k++) {
		const struct program_stmt *p = &pl->test->programs[k];

		if (p->end != end)
			continue;
		ep->program = p->id;
		ep->program_stmt = p;
		ep->program_arg = p->arg ? planner_value(pl, p->arg) : 0;
		if (p->id == PROGRAM_FILE)
			plan_own_program(pl, ep, p);
		if (p->arg && (ep->program_arg < program_infos[p->id].min ||
			       ep->program_arg > program_infos[p->id].max))
			planner_diag(pl, DIAG_RANGE, p->arg->pos,
				     "%s %s is %lld, but it must be %lld to %lld",
				     program_infos[p->id].name, program_infos[p->id].arg,
				     (long long)ep->program_arg,
				     (long long)program_infos[p->id].min,
				     (long long)program_infos[p->id].max);
	}
}

static void plan_end(struct planner *pl, enum end end)
{
	struct arena *arena = &pl->plan->arena;
	struct end_plan *ep = &pl->c->ends[end];

	ep->n_sockets = plan_n_sockets(pl, end);
	ep->n_umems = planner_setting(pl, SET_SOCKET_SHARE_UMEM, end, -1, NULL) ? 1 : ep->n_sockets;
	ep->sockets = arena_alloc(arena, ep->n_sockets * sizeof(*ep->sockets));
	ep->umems = arena_alloc(arena, ep->n_umems * sizeof(*ep->umems));
	for (uint32_t u = 0; u < ep->n_umems; u++)
		plan_umem(pl, end, u);
	for (uint32_t s = 0; s < ep->n_sockets; s++) {
		plan_socket(pl, end, s);
		plan_port(pl, end, s);
	}
	for (uint32_t u = 0; u < ep->n_umems; u++)
		plan_frames(pl, end, u, 0);
	check_all_indexed(pl, end);
	plan_program(pl, end);
}

/* Generic XDP passes by what was redirected on its way: there one more pair is needed. */
static void plan_inner_pairs(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (enum end end = 0; end < N_ENDS; end++)
		c->link.has_inner[end] = c->link.n_hops > 1 && c->mode == MODE_SKB &&
					 c->ends[end].program != PROGRAM_NONE;
}

static void check_multi_buffer(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (enum end end = 0; end < N_ENDS; end++)
		for (size_t k = 0; k < c->ends[end].n_sockets; k++)
			if (c->ends[end].sockets[k].has_multi_buffer && !c->skip &&
			    !c->expect_error && !pl->caps->has_multi_buffer)
				c->skip = "needs multi-buffer (XDP_USE_SG), which this kernel does "
					  "not have";
}

void plan_ends(struct planner *pl)
{
	check_socket_numbers(pl, pl->test->steps, pl->test->n_steps);
	plan_link(pl);
	/* a last: the geometry that expressions read is the sender's */
	plan_end(pl, END_B);
	plan_end(pl, END_A);
	check_multi_buffer(pl);
	plan_inner_pairs(pl);
	plan_both_ends(pl);
}
