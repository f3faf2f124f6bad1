/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_WORLD_H
#define XSK_RUN_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "link/edt.h"
#include "link/link.h"
#include "link/prog.h"
#include "link/rx_stamps.h"
#include "link/sabotage.h"
#include "plan/plan.h"
#include "ring/audit.h"
#include "ring/sock.h"
#include "ring/umem.h"
#include "run/occupy.h"

struct errmsg;

/* A port at work: its rings (ring/sock.h) and the books of its frames. */
struct world_port {
	struct port port;
	struct audit rx_book, tx_book;
	bool is_filled;	      /* the fill ring has got its first frames */
	uint32_t *free_slots; /* FIFO of n_slots, a power of two or not: see tx.c */
	uint32_t n_slots, slot_head, n_free_slots;
};

struct world_end {
	struct umem *umems;
	struct world_port *ports;
	struct sock *socks;
	uint32_t next_meta; /* of the program metadata, which counts for as long as it is attached */
};

/* All kernel objects of a case. The link and its programs stay, sockets are made for each round. */
struct world {
	const struct case_plan *c;
	struct link link;
	struct occupant *occupants;	/* of c->n_occupies */
	struct edt edt;			/* the programs along the link, where there are any */
	struct object_loaded *tc_files; /* of c->edt.n_files: users' own among them */
	struct edt_guest *guests;	/* theirs and the saboteur's */
	struct rx_stamps rx_stamps;
	struct sabotage sabotage; /* by a tc program */
	int64_t *starts; /* of c->n_flows: when a flow with delivery times began, by their clock */
	struct prog progs[N_ENDS];
	struct world_end ends[N_ENDS];
	enum failing_step failing_step; /* of the function that failed last */
};

/* Namespaces, veth pair, programs. On failure nothing is left. */
/* loaded: programs that end a and b may borrow (link/spares.h); NULL: an end loads its own. */
int world_create(struct world *w, const struct case_plan *c, const struct prog *const *loaded,
		 struct errmsg *e);
/* Accepts a zeroed struct; open sockets are closed first. */
void world_destroy(struct world *w);

/* UMEMs, ports and sockets of both ends, entered into the maps of the programs. */
int world_open(struct world *w, struct errmsg *e);
void world_close(struct world *w);

/* Before a phase: the queues of its receivers lead to the sockets that it names. */
int world_steer(struct world *w, const struct phase *phase, struct errmsg *e);

#endif
