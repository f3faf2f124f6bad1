/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_EDT_H
#define XSK_LINK_EDT_H

#include <stdint.h>

#include "bpf/edt.h"
#include "bpf/shared.h"
#include "link/link.h"
#include "link/tc.h"
#include "plan/edt.h"

struct errmsg;

/*
 * The programs along a link (bpf/edt.bpf.c): those that forward at each node, in both
 * directions, the one that sets delivery times and those that look at them. A link with hops
 * carries nothing without them. Behind redirection, generic XDP works at an end with an inner pair
 * only, see link/link.h; native XDP at any.
 *
 * At b.ingress and a.ingress a checkpoint sees what XDP does not take before: where XDP is
 * attached, they need the inner pair. AF_XDP at a0 sends past a.egress, and at a1 it does not.
 *
 * What is wished for packets and what was found is in memory that kernel and caller share:
 * element base + seq of each array is about packet seq of a flow. Programs write only what
 * is theirs, the caller may read and clear at any time; a packet that has been received has
 * left its records. For each place that is 8 bytes of wishes, 8 of results, 24 for each site.
 */
/* A program of somebody else's at one of the places, and its position there. */
enum edt_order {
	EDT_KEEP,
	EDT_CHECK,
	EDT_CHECK_BLIND,
	EDT_USER, /* as many as a test can have */
	EDT_SET = EDT_USER + TC_MAX_FILES,
	EDT_SABOTAGE,
	EDT_FORWARD
};
struct edt_guest {
	struct edt_site at;
	enum edt_order order;
	unsigned int nth; /* of EDT_USER: their own order */
	int prog_fd;
	const char *name;
};

struct edt {
	struct edt_bpf *skel;
	struct tc tc; /* tc.way: how they are attached */
	uint32_t n_places;
	size_t n_sites;
	uint64_t *wishes; /* to be written before the packet is sent; without a setter NULL */
	struct edt_result *results;		   /* the setter's; without one NULL */
	struct edt_record *records[EDT_MAX_SITES]; /* of each site of the plan */
	struct edt_flow *flows; /* by id: start_ns and the like may be changed later on */
	void *maps[3];
	size_t map_sizes[3];
	const struct edt_guest *guests; /* the caller's; to be set before edt_open() */
	size_t n_guests;
};

/*
 * Loads and attaches what the plan asks for. edt->tc.way and the guests may be set before, the
 * rest is overwritten. Moves the calling thread from node to node and leaves it at a. Sentence and
 * negative errno on failure, nothing is left.
 */
int edt_open(struct edt *edt, const struct link *link, const struct edt_plan *plan,
	     struct errmsg *e);

/* Accepts a zeroed struct and leaves one. Before link_destroy() or after, it does not matter. */
void edt_close(struct edt *edt);

/* Forgets what was found and wished: between rounds. */
void edt_clear(struct edt *edt);

/* Packets that are in no array, of all ports together. */
void edt_count(const struct edt *edt, struct edt_counts *counts);

#endif
