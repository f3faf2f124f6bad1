/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_PROBE_LAB_H
#define XSK_LINK_PROBE_LAB_H

#include "link/link.h"
#include "plan/caps.h"
#include "ring/sock.h"
#include "ring/umem.h"

struct errmsg;
struct probe_bpf;
struct probe_system;
struct probe_veth;

/*
 * What the probe (link/probe.c) tries things on: a private veth pair with two
 * bound sockets at each end, and the program of bpf/probe.bpf.c, generic at b
 * and later native at a. All of it is used by one process, which does not
 * close anything: a bound socket takes milliseconds to close.
 */
#define PROBE_MTU 9000u
#define PROBE_FRAME_SIZE 4096u
#define PROBE_FRAMES 4u
#define PROBE_RING 256u

/* The sockets of queue 0 are bound with XDP_USE_SG where the kernel has it. */
#define PROBE_SG_QUEUE 0u
#define PROBE_PLAIN_QUEUE 1u
#define PROBE_STATIONS 2u
#define PROBE_FREE_QUEUE 2u /* nobody is bound to it */
#define PROBE_SPARES 4u

/* In every namespace there is one device, lo; here it is down, so changes of it wait for nothing. */
#define PROBE_IDLE_IFINDEX 1

/* One socket with what it needs. */
struct probe_station {
	struct umem_plan umem_plan;
	struct port_plan port_plan;
	struct socket_plan sock_plan;
	struct umem umem;
	struct port port;
	struct sock sock;
};

struct probe_lab {
	struct link link;
	struct probe_station stations[N_ENDS][PROBE_STATIONS];
	struct probe_station spares[PROBE_SPARES]; /* for binds that are to be refused, or not */
	struct probe_bpf *skel;
	bool has_multi_buffer;
};

int probe_lab_open(struct probe_lab *lab, struct errmsg *e);

/*
 * One more socket, with chunks of frame_size; the lab opens its own by itself. Its plans may be
 * changed between the two.
 */
void probe_station_plan(struct probe_station *s, uint32_t queue, uint32_t frame_size);
int probe_station_open(struct probe_station *s, const struct probe_lab *lab, enum end end,
		       enum mode mode, enum sock_step *step, struct errmsg *e);

int probe_attach(const struct probe_lab *lab, enum end end, enum mode mode, struct errmsg *e);

/* ---- what can be tried; each fills in what it is about ---- */

/* Packets (probe_trip.c), in this order. */
int probe_invalid_descs(struct probe_lab *lab, struct caps *caps, struct errmsg *e);
int probe_tx_budget(struct probe_lab *lab, struct caps *caps, struct errmsg *e);
/* Begins with max_frags, what is believed. */
int probe_max_frags(struct probe_lab *lab, struct caps *caps, struct errmsg *e);
int probe_growth(struct probe_lab *lab, struct caps *caps, struct errmsg *e);
int probe_metadata(struct probe_lab *lab, struct caps *caps, struct errmsg *e);

/* Programs bound to a device (probe_bound.c). */
int probe_rx_metadata(struct probe_lab *lab, struct caps *caps, struct errmsg *e);

/* Queueing disciplines (probe_qdisc.c). */
int probe_qdiscs(struct probe_lab *lab, struct caps *caps, struct errmsg *e);

/* Types of delivery times (probe_clock.c); needs no lab. */
void probe_clocks(struct caps *caps);

/* Registrations and options of sockets that are not bound (probe_umem.c). */
int probe_registrations(struct caps *caps, struct errmsg *e);
/* The largest headroom that a chunk may have. */
int probe_headroom(uint32_t frame_size, uint32_t *headroom, struct errmsg *e);

/* The two that no plan asks for. */
int probe_other_qdiscs(struct probe_lab *lab, struct probe_veth *veth, struct errmsg *e);

/* What only 'xskspec probe' shows; after all others (probe_veth.c). */
int probe_try_veth(struct probe_lab *lab, const struct caps *caps, struct probe_veth *veth,
		   struct errmsg *e);

/* In the caller's process (probe_system.c). */
void probe_system(struct probe_system *system);

#endif
