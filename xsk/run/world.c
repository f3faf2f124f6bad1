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
	if (!err && is_sabotaged_by(c, SABOTEUR_TC)) {
		err = sabotage_open(&w->sabotage, &w->link, c, e);
		w->edt.guests = &w->sabotage.guest;
		w->edt.n_guests = 1;
	}
	if (!err && (c->link.n_hops > 1 || c->edt.n_sites || c->edt.setter))
		err = edt_open(&w->edt, &w->link, &c->edt, e);
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
