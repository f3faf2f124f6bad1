// SPDX-License-Identifier: GPL-2.0-only
#include "run/world.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/errmsg.h"
#include "base/mem.h"

static int world_attach(struct world *w, enum end end, const struct prog *loaded, struct errmsg *e)
{
	int err = link_enter(&w->link, end, e);

	if (err)
		return err;
	w->failing_step = FAIL_ATTACH;
	if (loaded)
		return prog_borrow(&w->progs[end], loaded, &w->link.ends[end], w->c->mode, e);
	return prog_attach(&w->progs[end], &w->link.ends[end], &w->c->ends[end], w->c->mode, e);
}

static void add_guest(struct world *w, const struct edt_guest *guest)
{
	w->guests[w->edt.n_guests++] = *guest;
	w->edt.guests = w->guests;
}

/* Users' own programs at tc, each one behind those that are said before it. */
static int load_tc_files(struct world *w, struct errmsg *e)
{
	for (size_t k = 0; k < w->c->edt.n_files; k++) {
		const struct edt_file_plan *file = &w->c->edt.files[k];
		struct object_loaded *l = &w->tc_files[k];
		int err;

		w->failing_step = FAIL_ATTACH;
		err = object_load(l, &file->object, e);
		if (err)
			return err;
		add_guest(w, &(struct edt_guest){ file->at, EDT_USER, (unsigned int)k, l->prog_fd,
						  l->name });
	}
	return 0;
}

static void unload_tc_files(struct world *w)
{
	for (size_t k = 0; w->tc_files && k < w->c->edt.n_files; k++)
		object_unload(&w->tc_files[k]);
	free(w->tc_files);
}

static bool has_programs(const struct case_plan *c)
{
	return c->link.n_hops > 1 || c->edt.n_sites || c->edt.setter || c->edt.n_files ||
	       is_sabotaged_by(c, SABOTEUR_TC);
}

static int open_edt(struct world *w, struct errmsg *e)
{
	const struct case_plan *c = w->c;
	int err;

	w->tc_files = mem_zalloc((c->edt.n_files + 1) * sizeof(*w->tc_files));
	w->guests = mem_zalloc((c->edt.n_files + 1) * sizeof(*w->guests));
	err = load_tc_files(w, e);
	if (err)
		return err;
	w->failing_step = N_FAILING_STEPS;
	if (is_sabotaged_by(c, SABOTEUR_TC)) {
		err = sabotage_open(&w->sabotage, &w->link, c, e);
		add_guest(w, &w->sabotage.guest);
	}
	return err ? err : edt_open(&w->edt, &w->link, &c->edt, e);
}

/* Others come first: what they hold is what the case is refused. */
static int start_occupants(struct world *w, struct errmsg *e)
{
	int err = 0;

	w->occupants = mem_zalloc((w->c->n_occupies + 1) * sizeof(*w->occupants));
	for (size_t k = 0; k < w->c->n_occupies && !err; k++)
		err = occupy_start(&w->occupants[k], &w->c->occupies[k], &w->link, e);
	return err;
}

int world_create(struct world *w, const struct case_plan *c, const struct prog *const *loaded,
		 struct errmsg *e)
{
	int err;

	*w = (struct world){ .c = c, .failing_step = N_FAILING_STEPS };
	w->starts = mem_zalloc((c->n_flows + 1) * sizeof(*w->starts));
	err = link_create(&w->link, &c->link, e);
	if (!err && c->link.has_rx_stamps)
		err = rx_stamps_on(&w->rx_stamps, &w->link, e);
	if (!err && has_programs(c))
		err = open_edt(w, e);
	if (!err)
		err = start_occupants(w, e);
	for (enum end end = 0; end < N_ENDS && !err; end++)
		err = world_attach(w, end, loaded[end], e);
	if (err)
		world_destroy(w);
	return err;
}

void world_destroy(struct world *w)
{
	enum failing_step step = w->failing_step;

	if (w->c)
		world_close(w);
	for (enum end end = 0; end < N_ENDS; end++)
		prog_detach(&w->progs[end]);
	edt_close(&w->edt);
	sabotage_close(&w->sabotage);
	unload_tc_files(w);
	free(w->guests);
	rx_stamps_off(&w->rx_stamps);
	for (size_t k = 0; w->occupants && k < w->c->n_occupies; k++)
		occupy_end(&w->occupants[k]);
	free(w->occupants);
	free(w->starts);
	link_destroy(&w->link);
	*w = (struct world){ .failing_step = step };
}

static void port_books(struct world_port *p, const struct port_plan *plan,
		       const struct umem_plan *umem)
{
	p->n_slots = (uint32_t)(plan->n_tx_frames / plan->slot_frames);
	audit_init(&p->rx_book, plan->rx_frame0, plan->n_rx_frames, umem->frame_size, false);
	/* A slot is the Tx book's frame; only in unaligned mode it can be more than one chunk. */
	audit_init(&p->tx_book, plan->tx_frame0 / plan->slot_frames, p->n_slots,
		   umem->frame_size * plan->slot_frames, true);
	p->free_slots = mem_realloc(NULL, (p->n_slots + 1) * sizeof(*p->free_slots));
	for (uint32_t k = 0; k < p->n_slots; k++)
		p->free_slots[k] = k;
	p->n_free_slots = p->n_slots;
}

static int end_umems(struct world *w, enum end end, struct errmsg *e)
{
	const struct end_plan *plan = &w->c->ends[end];

	w->failing_step = FAIL_UMEM;
	for (size_t k = 0; k < plan->n_umems && !plan->umems[k].is_of_a; k++) {
		int err = umem_create(&w->ends[end].umems[k], &plan->umems[k], e);

		if (err)
			return err;
	}
	return 0;
}

static void end_ports(struct world *w, enum end end)
{
	const struct end_plan *plan = &w->c->ends[end];
	struct world_end *we = &w->ends[end];

	for (size_t k = 0; k < plan->n_ports; k++) {
		const struct port_plan *pp = &plan->ports[k];

		we->ports[k].port.plan = pp;
		we->ports[k].port.umem = plan->umems[pp->umem].is_of_a ? &w->ends[END_A].umems[0] :
									 &we->umems[pp->umem];
		we->ports[k].port.fd = -1;
		port_books(&we->ports[k], pp, &plan->umems[pp->umem]);
	}
}

static enum failing_step failing_step_of(enum sock_step step)
{
	switch (step) {
	case SOCK_STEP_UMEM:
		return FAIL_UMEM;
	case SOCK_STEP_RINGS:
	case SOCK_STEP_OPTIONS:
		return FAIL_OPTION;
	default:
		return FAIL_BIND;
	}
}

static int end_socks(struct world *w, enum end end, struct errmsg *e)
{
	const struct end_plan *plan = &w->c->ends[end];
	struct world_end *we = &w->ends[end];

	for (size_t k = 0; k < plan->n_sockets; k++) {
		const struct socket_plan *sp = &plan->sockets[k];
		enum sock_step step = SOCK_STEP_SOCKET;
		int err = sock_create(&we->socks[k], sp, &we->ports[sp->port].port,
				      &w->link.ends[end], w->c->mode, w->c->wakeup, &step, e);

		w->failing_step = failing_step_of(step);
		/* The kernel takes only sockets with an Rx ring (xsk_map_update_elem). */
		if (!err && w->progs[end].obj && sp->does_rx && sp->rx_ring && !sp->is_unbound)
			err = prog_add_socket(&w->progs[end], (unsigned int)k, sp->queue,
					      we->socks[k].fd, e);
		if (err)
			return err;
	}
	return 0;
}

static int end_open(struct world *w, enum end end, struct errmsg *e)
{
	const struct end_plan *plan = &w->c->ends[end];
	struct world_end *we = &w->ends[end];
	int err;

	we->umems = mem_zalloc(plan->n_umems * sizeof(*we->umems));
	we->ports = mem_zalloc(plan->n_ports * sizeof(*we->ports));
	we->socks = mem_zalloc(plan->n_sockets * sizeof(*we->socks));
	for (size_t k = 0; k < plan->n_sockets; k++)
		we->socks[k].fd = -1;
	err = link_enter(&w->link, end, e);
	if (!err)
		err = end_umems(w, end, e);
	if (err)
		return err;
	end_ports(w, end);
	return end_socks(w, end, e);
}

static void end_close(struct world *w, enum end end)
{
	const struct end_plan *plan = &w->c->ends[end];
	struct world_end *we = &w->ends[end];

	for (size_t k = plan->n_sockets; we->socks && k-- > 0;)
		sock_destroy(&we->socks[k]);
	for (size_t k = plan->n_ports; we->ports && k-- > 0;) {
		port_release(&we->ports[k].port);
		audit_release(&we->ports[k].rx_book);
		audit_release(&we->ports[k].tx_book);
		free(we->ports[k].free_slots);
	}
	for (size_t k = plan->n_umems; we->umems && k-- > 0;)
		umem_destroy(&we->umems[k]);
	free(we->socks);
	free(we->ports);
	free(we->umems);
	*we = (struct world_end){ .next_meta = we->next_meta };
}

int world_steer(struct world *w, const struct phase *phase, struct errmsg *e)
{
	int err = 0;

	for (size_t k = 0; k < phase->n_flows && !err; k++) {
		const struct flow_plan *f = &w->c->flows[phase->flows[k]];
		const struct socket_plan *sp = &w->c->ends[f->to_end].sockets[f->to_socket];

		if (f->has_receiver)
			err = prog_move_queue(&w->progs[f->to_end], sp->queue,
					      w->ends[f->to_end].socks[f->to_socket].fd, e);
	}
	return err;
}

int world_open(struct world *w, struct errmsg *e)
{
	int err = 0;

	for (enum end end = 0; end < N_ENDS && !err; end++)
		err = end_open(w, end, e);
	if (err)
		world_close(w);
	return err;
}

static void *close_b(void *world)
{
	end_close(world, END_B);
	return NULL;
}

/*
 * Each socket waits for an RCU grace period (xsk_release()): both ends can do so at once, unless
 * the memory of one is the other's.
 */
void world_close(struct world *w)
{
	pthread_t thread;
	bool has_thread = w->ends[END_B].socks && !w->c->ends[END_B].umems[0].is_of_a &&
			  !pthread_create(&thread, NULL, close_b, w);

	if (!has_thread)
		end_close(w, END_B);

	end_close(w, END_A);
	if (has_thread)
		pthread_join(thread, NULL);
}
