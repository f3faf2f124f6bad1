// SPDX-License-Identifier: GPL-2.0-only
#include "plan/header.h"
#include "plan/planner.h"

static struct env *flow_env(struct planner *pl, const struct flow_plan *f)
{
	const struct end_plan *from = &pl->c->ends[f->from_end], *to = &pl->c->ends[f->to_end];
	const struct umem_plan *u = &from->umems[from->sockets[f->from_socket].umem];
	const struct umem_plan *rx = &to->umems[to->sockets[f->to_socket].umem];
	struct env *env = arena_alloc(&pl->plan->arena, sizeof(*env));

	*env = pl->c->env;
	env->v[VAR_UMEM_SIZE] = (int64_t)u->size;
	env->v[VAR_FRAME_SIZE] = u->frame_size;
	env->v[VAR_HEADROOM] = u->headroom;
	env->v[VAR_UNALIGNED] = u->is_unaligned;
	env->v[VAR_RX_ROOM] = (int64_t)rx->frame_size - pl->caps->rx_overhead - rx->headroom;
	env->v[VAR_MAX_HEADROOM] = (int64_t)u->frame_size - pl->caps->headroom_reserve;
	return env;
}

static void check_stream_setting(struct planner *pl, const struct stream_spec *spec,
				 enum setting_id id, const struct env *env)
{
	const struct keyword *kw = keyword_of_setting(id);
	const struct expr *e = spec->set[id];
	int64_t value;

	if (!e || expr_reads(e, VAR_I))
		return;
	value = expr_eval(e, env, 0, NULL);
	if (value < kw->min || value > kw->max)
		planner_diag(pl, DIAG_RANGE, e->pos, "%s is %lld, but it must be %lld to %lld",
			     kw->name, (long long)value, (long long)kw->min, (long long)kw->max);
}

/* The most descriptors a packet of the stream can need; lengths that vary are bounded by the link. */
static uint32_t max_descs(const struct planner *pl, const struct stream *s)
{
	uint32_t max = 1;

	if (s->spec->is_descriptors) {
		for (uint64_t i = 0; i < s->n_pkts; i++)
			max = s->spec->packets[i].n_descs > max ? s->spec->packets[i].n_descs : max;
		return max;
	}
	if (!s->frag_size)
		return 1;
	return ((s->fixed_len ? s->fixed_len : pl->c->link.mtu + 18) - 1) / s->frag_size + 1;
}

/* Bytes of a descriptor of a packet that takes several: as said, else all of a frame. */
static uint32_t frag_size(const struct flow_plan *f, const struct stream_spec *spec,
			  const struct umem_plan *umem)
{
	const struct expr *e = spec->set[SET_STREAM_FRAGMENT];
	int64_t size = e ? expr_eval(e, f->env, 0, NULL) : 0;

	return size > 0 ? (uint32_t)size : umem->frame_size - umem->tx_metadata;
}

/* A checksum that is left to the Tx metadata has to be there. */
static void plan_metadata(struct planner *pl, struct flow_plan *f, const struct stream_spec *spec,
			  const struct umem_plan *umem)
{
	const struct expr *e = spec->set[SET_STREAM_CSUM_OFFLOAD];
	uint16_t start, offset;

	f->stream.wants_timestamp = planner_flag(pl, spec->set[SET_STREAM_TX_TIMESTAMP]);
	f->stream.wants_launch_time = spec->edt && spec->edt_by == EDT_BY_LAUNCH_TIME;
	if (f->stream.wants_launch_time && f->stream.wants_timestamp)
		planner_diag(pl, DIAG_CONFLICT, spec->edt_pos,
			     "tx_timestamp together with a launch time: one of them at a time");
	f->stream.leaves_csum = planner_flag(pl, e);
	f->is_csum_completed = umem->has_sw_csum;
	if (f->stream.leaves_csum && !header_csum_place(&f->stream, &start, &offset))
		planner_diag(
			pl, DIAG_CONFLICT, e->pos,
			"the headers of this stream do not end in a UDP or TCP checksum to compute");
}

static void plan_stream(struct planner *pl, struct flow_plan *f, const struct stream_spec *spec)
{
	struct end_plan *from = &pl->c->ends[f->from_end];
	const struct socket_plan *socket = &from->sockets[f->from_socket];
	const struct umem_plan *umem = &from->umems[socket->umem];
	uint8_t src_mac[6], dst_mac[6];
	const char *fault;

	f->env = flow_env(pl, f);
	for (enum setting_id id = SET_STREAM_PACKETS; id <= SET_STREAM_PACE; id++)
		check_stream_setting(pl, spec, id, f->env);
	plan_mac(f->from_end, f->id, src_mac);
	plan_mac(f->to_end, f->to_socket, dst_mac);
	fault = stream_init(&f->stream, spec, f->env, src_mac, dst_mac);
	if (fault)
		planner_diag(pl, DIAG_TOO_MANY, spec->pos, "%s", fault);
	if (!spec->is_descriptors)
		f->stream.tx_metadata = umem->tx_metadata;
	if (socket->has_multi_buffer && !spec->is_descriptors)
		f->stream.frag_size = frag_size(f, spec, umem);
	plan_metadata(pl, f, spec, umem);
	if (f->stream.frag_size && f->stream.offset)
		planner_diag(pl, DIAG_CONFLICT, f->stream.offset->pos,
			     "an offset in a stream whose packets may need several frames");
	if (spec->set[SET_STREAM_PACE])
		f->pace_pps = (uint64_t)expr_eval(spec->set[SET_STREAM_PACE], f->env, 0, NULL);
	f->is_verbatim = spec->is_descriptors;
	f->rules = (struct desc_rules){
		.umem_size = umem->size,
		.frame_size = umem->frame_size,
		.is_unaligned = umem->is_unaligned,
		.options = caps_desc_options(pl->caps),
		.metadata_flags = caps_metadata_flags(pl->caps),
		.max_frags = pl->caps->max_frags,
		.tx_metadata = umem->tx_metadata,
	};
	f->descs_per_pkt = max_descs(pl, &f->stream);
}

/* A packet that may start anywhere in its frame of an unaligned UMEM can reach into the next one. */
static void plan_slots(struct planner *pl, const struct flow_plan *f)
{
	struct end_plan *from = &pl->c->ends[f->from_end];
	struct port_plan *port = &from->ports[from->sockets[f->from_socket].port];

	if (!f->stream.offset || !from->umems[port->umem].is_unaligned || port->slot_frames == 2)
		return;
	port->slot_frames = 2;
	if (port->tx_frame0 % 2 && port->n_tx_frames) {
		port->tx_frame0++;
		port->n_tx_frames--;
	}
}

static uint32_t plan_flow(struct planner *pl, const struct step *step)
{
	struct case_plan *c = pl->c;
	struct flow_plan *f = ARENA_PUSH(&pl->plan->arena, c->flows, c->n_flows);
	enum program_id program = c->ends[step->to.end].program;

	f->id = (uint32_t)c->n_flows;
	f->pos = step->pos;
	f->from_end = step->from.end;
	f->from_socket = (uint32_t)step->from.socket;
	f->to_end = step->to.end;
	f->to_socket = (uint32_t)step->to.socket;
	f->sender = pl->test->streams[step->stream].sender;
	f->has_receiver = f->sender != SENDER_TCP && program != PROGRAM_NONE &&
			  program != PROGRAM_PASS;
	if (f->id > 255)
		planner_diag(pl, DIAG_TOO_MANY, step->pos, "more than 255 sends in one test");
	plan_stream(pl, f, &pl->test->streams[step->stream]);
	plan_slots(pl, f);
	return f->id - 1;
}

static void phase_add(struct planner *pl, struct phase *phase, const struct step *step)
{
	uint32_t flow = plan_flow(pl, step);

	*ARENA_PUSH(&pl->plan->arena, phase->flows, phase->n_flows) = flow;
}

static void plan_steps(struct planner *pl, struct round_plan *group, const struct step *steps,
		       size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const struct step *s = &steps[k];
		struct phase *phase;

		if (s->kind != STEP_SEND && s->kind != STEP_PARALLEL)
			continue;
		phase = ARENA_PUSH(&pl->plan->arena, group->phases, group->n_phases);
		if (s->kind == STEP_SEND)
			phase_add(pl, phase, s);
		for (size_t p = 0; p < s->n_steps; p++)
			phase_add(pl, phase, &s->steps[p]);
	}
}

static struct round_plan *new_group(struct planner *pl, uint64_t n_rounds)
{
	struct case_plan *c = pl->c;
	struct round_plan *g = ARENA_PUSH(&pl->plan->arena, c->groups, c->n_groups);

	g->n_rounds = n_rounds;
	return g;
}

static void plan_groups(struct planner *pl)
{
	struct round_plan *group = NULL;

	for (size_t k = 0; k < pl->test->n_steps; k++) {
		const struct step *s = &pl->test->steps[k];

		if (s->kind == STEP_REPEAT) {
			int64_t n = planner_value(pl, s->count);

			if (n < 1)
				planner_diag(pl, DIAG_RANGE, s->count->pos,
					     "repeat %lld: at least once", (long long)n);
			plan_steps(pl, new_group(pl, n < 1 ? 1 : (uint64_t)n), s->steps,
				   s->n_steps);
			group = NULL;
			continue;
		}
		if (!group)
			group = new_group(pl, 1);
		plan_steps(pl, group, s, 1);
	}
	/* 'expect error' without a send: the sockets are made all the same. */
	if (!pl->c->n_groups)
		new_group(pl, 1);
}

/*
 * How far a sender may run ahead of its receiver so that neither the Rx ring
 * nor the fill ring can overflow: without a bound the counters would depend on
 * the scheduler.
 */
static void plan_window(struct planner *pl, const struct phase *phase, struct flow_plan *f)
{
	const struct end_plan *to = &pl->c->ends[f->to_end];
	const struct socket_plan *socket = &to->sockets[f->to_socket];
	const struct port_plan *port = &to->ports[socket->port];
	const struct umem_plan *umem = &to->umems[socket->umem];
	uint64_t room = port->n_rx_frames, n_rivals = 0, descs_per_pkt;
	uint32_t usable = umem->frame_size - pl->caps->rx_overhead - umem->headroom;
	uint32_t max_len = f->stream.fixed_len ? f->stream.fixed_len : pl->c->link.mtu + 18;
	const struct expr *said;

	if (!f->has_receiver || port->holds_rx || port->holds_fill)
		return;
	for (size_t k = 0; k < phase->n_flows; k++) {
		const struct flow_plan *other = &pl->c->flows[phase->flows[k]];

		n_rivals += other->to_end == f->to_end &&
			    to->sockets[other->to_socket].port == socket->port;
	}
	room = socket->rx_ring < room ? socket->rx_ring : room;
	descs_per_pkt = usable && usable < umem->frame_size ? (max_len - 1) / usable + 1 : 1;
	f->window_pkts = (uint32_t)(room / n_rivals / descs_per_pkt);
	said = f->stream.spec->set[SET_STREAM_WINDOW];
	if (said && expr_eval(said, f->env, 0, NULL) < f->window_pkts)
		f->window_pkts = (uint32_t)expr_eval(said, f->env, 0, NULL);
	if (!f->window_pkts && !pl->c->expect_error)
		planner_diag(
			pl, DIAG_CONFLICT, f->pos,
			"end %c cannot hold a single packet of this stream: %llu descriptors for %llu flows "
			"of %llu each",
			end_names[f->to_end], (unsigned long long)room,
			(unsigned long long)n_rivals, (unsigned long long)descs_per_pkt);
}

/* A packet that never fits would only be waited for. */
static void check_room(struct planner *pl, const struct flow_plan *f)
{
	const struct end_plan *from = &pl->c->ends[f->from_end];
	const struct socket_plan *socket = &from->sockets[f->from_socket];
	const struct port_plan *port = &from->ports[socket->port];
	uint64_t n_slots = port->n_tx_frames / port->slot_frames;
	uint64_t most = f->stream.n_pkts * f->descs_per_pkt;
	uint64_t room = (uint64_t)port->completion_ring + socket->tx_ring;

	room = n_slots < room && !f->is_verbatim ? n_slots : room;
	if (pl->c->expect_error)
		return;
	if (f->descs_per_pkt > socket->tx_ring)
		planner_diag(pl, DIAG_CONFLICT, f->pos,
			     "a packet of %u descriptors does not fit the Tx ring of %u",
			     f->descs_per_pkt, socket->tx_ring);
	else if (f->descs_per_pkt > port->completion_ring)
		planner_diag(pl, DIAG_CONFLICT, f->pos,
			     "a packet of %u descriptors does not fit the completion ring of %u",
			     f->descs_per_pkt, port->completion_ring);
	else if (port->holds_completion && most > room)
		planner_diag(
			pl, DIAG_CONFLICT, f->pos,
			"%llu descriptors, of which %c[%u] can have only %llu with the kernel when the completion "
			"ring is never read",
			(unsigned long long)most, end_names[f->from_end], f->from_socket,
			(unsigned long long)room);
	else if (!f->is_verbatim && f->descs_per_pkt > n_slots)
		planner_diag(
			pl, DIAG_CONFLICT, f->pos,
			"a packet takes %u frames, but %c[%u] has only %llu to send from ('umem { frames N }')",
			f->descs_per_pkt, end_names[f->from_end], f->from_socket,
			(unsigned long long)n_slots);
}

static void check_verbatim(struct planner *pl, const struct phase *phase, const struct flow_plan *f)
{
	const struct end_plan *from = &pl->c->ends[f->from_end];
	uint32_t umem = from->sockets[f->from_socket].umem;

	for (size_t k = 0; k < phase->n_flows && f->is_verbatim; k++) {
		const struct flow_plan *other = &pl->c->flows[phase->flows[k]];
		const struct end_plan *from_too = &pl->c->ends[other->from_end];
		const struct end_plan *to = &pl->c->ends[other->to_end];

		if (other == f)
			continue;
		if ((other->from_end == f->from_end &&
		     from_too->sockets[other->from_socket].umem == umem) ||
		    (other->to_end == f->from_end && to->sockets[other->to_socket].umem == umem))
			planner_diag(
				pl, DIAG_CONFLICT, f->pos,
				"descriptors with addresses of their own beside another send on the "
				"same UMEM: their packets would overwrite each other");
	}
}

/* A queue's packets go to one socket, unless the program steers by number. */
static void check_steering(struct planner *pl, const struct phase *phase, const struct flow_plan *f)
{
	const struct end_plan *to = &pl->c->ends[f->to_end];

	for (size_t k = 0; k < phase->n_flows && to->program != PROGRAM_STEER_MAC; k++) {
		const struct flow_plan *other = &pl->c->flows[phase->flows[k]];

		/* Said once for two, of the later one. */
		if (other == f)
			return;
		if (f->has_receiver && other->to_end == f->to_end &&
		    other->to_socket != f->to_socket &&
		    to->sockets[other->to_socket].port == to->sockets[f->to_socket].port)
			planner_diag(
				pl, DIAG_CONFLICT, f->pos,
				"%c[%u] and %c[%u] receive at the same time on one queue: only "
				"'program %c steer_mac' tells their packets apart",
				end_names[f->to_end], f->to_socket, end_names[f->to_end],
				other->to_socket, end_names[f->to_end]);
	}
}

/* The program counts all packets of its end in one row. */
static void check_metadata(struct planner *pl, const struct phase *phase, const struct flow_plan *f)
{
	enum program_id program = pl->c->ends[f->to_end].program;

	if (program != PROGRAM_METADATA && program != PROGRAM_RX_METADATA)
		return;
	for (size_t k = 0; k < phase->n_flows; k++) {
		const struct flow_plan *other = &pl->c->flows[phase->flows[k]];

		if (other == f)
			return;
		if (other->to_end == f->to_end)
			planner_diag(pl, DIAG_CONFLICT, f->pos,
				     "program %s numbers the packets of an end: one send at a time",
				     program_infos[program].name);
	}
}

/* Growing the last of several fragments needs a driver that tells XDP how large they are. */
static void check_growth(struct planner *pl, const struct flow_plan *f)
{
	const struct end_plan *to = &pl->c->ends[f->to_end];
	uint32_t max_len = f->stream.fixed_len ? f->stream.fixed_len : pl->c->link.mtu + 18;

	if (!pl->c->skip && to->program == PROGRAM_ADJUST_TAIL && to->program_arg > 0 &&
	    max_len > f->env->v[VAR_RX_ROOM] && !pl->caps->grows_frags[pl->c->mode])
		pl->c->skip =
			"needs bpf_xdp_adjust_tail() to grow packets of several fragments, which the "
			"driver does not support";
}

static void check_phase(struct planner *pl, const struct phase *phase)
{
	for (size_t k = 0; k < phase->n_flows; k++) {
		struct flow_plan *f = &pl->c->flows[phase->flows[k]];

		plan_check_queue(pl, f);
		plan_window(pl, phase, f);
		check_room(pl, f);
		check_verbatim(pl, phase, f);
		check_steering(pl, phase, f);
		check_growth(pl, f);
		check_metadata(pl, phase, f);
	}
}

void plan_flows(struct planner *pl)
{
	plan_groups(pl);
	for (size_t g = 0; g < pl->c->n_groups; g++)
		for (size_t p = 0; p < pl->c->groups[g].n_phases; p++)
			check_phase(pl, &pl->c->groups[g].phases[p]);
}
