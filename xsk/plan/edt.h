/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_EDT_H
#define XSK_PLAN_EDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/spec.h"
#include "plan/object.h"

/*
 * Delivery times of a case: who sets them, where they are looked at, and which packets they
 * are about. link/edt.h does it.
 */

/* A place where times are looked at, or set; looked at first, where it is both. */
struct edt_site {
	uint32_t node;	/* 0 is a, n_hops is b */
	bool is_egress; /* as seen by packets from a to b; else ingress */
	bool is_blind; /* never mentions tstamp_type: reads what the kernel shows to such a program */
};

/* At most as many as there are: ingress and egress of every node, each in two ways. */
#define EDT_MAX_SITES 36

/* Packets of one flow, known by source address and sequence number (the first payload word). */
struct edt_flow_plan {
	uint32_t id;	  /* of the flow, 1 to 255: the last byte of its source address */
	uint32_t base;	  /* place of its sequence number 0 in the arrays */
	uint32_t n_seqs;  /* sequence numbers below have a place; others are only counted */
	uint32_t hdr_len; /* bytes as sent in front of the payload, VLAN tags included */
	bool has_wish;	  /* times are set for it */
	/* enum edt_type; 256 + n is number n of the function that the setter calls */
	int type;
	bool has_pattern;  /* the wish is start_ns + seq * step_ns, else it is read from wishes[] */
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint64_t step_ns;
	uint64_t preset_ns; /* set as MONO in front of the wish, so that one can see it go; 0: not */
};

/* A user's own program at a site: behind what looks there, in front of what sets times there. */
struct edt_file_plan {
	struct edt_site at;
	struct object_plan object;
	const struct tc_stmt *stmt;
};

/* An expectation of the test: kinds EXPECT_EDT, EXPECT_EDT_GAP and EXPECT_ARRIVAL. */
struct edt_expect {
	const struct expect_stmt *stmt;
	uint32_t site; /* the checkpoint that it is about */
};

#define EDT_NO_SITE UINT32_MAX

struct edt_plan {
	uint32_t n_places; /* size of the arrays: base + n_seqs of every flow is within */
	enum edt_setter setter;
	struct edt_site setter_at;
	struct edt_file_plan *files; /* those at one site run in this order */
	size_t n_files;
	bool shifts_queue; /* caps.shifts_skb_queue: the forwarding programs have to undo it */
	const struct edt_site *sites;
	size_t n_sites;
	const struct edt_flow_plan *flows; /* one for each flow of the case, in their order */
	size_t n_flows;
	/* What follows is for the verdicts. */
	const struct edt_expect *expects;
	size_t n_expects;
	const struct expect_stmt **errors; /* what the setter is told for every wish of a flow */
	size_t n_errors;
	bool has_wish; /* some packets have a delivery time, whoever tells the kernel */
	const struct qdisc_stmt *enforcer; /* what keeps packets until then; NULL: nothing does */
	uint64_t wait_ns;  /* so long after the start of its stream it keeps a packet at most */
	uint32_t arrivals; /* the checkpoint that says when packets arrive, EDT_NO_SITE: none does */
};

struct case_plan;
struct flow_plan;

/*
 * Is an expectation of times about a flow at all? One of what was asked for is about those that ask.
 * Whether checkpoints know the flow's packets is another question: edt_flow_plan.n_seqs.
 */
bool edt_is_about(const struct case_plan *c, const struct expect_stmt *e,
		  const struct flow_plan *f);

/* Of kind EXPECT_EDT_ERROR, about the flow; NULL: its times are set without an error. */
const struct expect_stmt *edt_error_of(const struct case_plan *c, const struct flow_plan *f);

#endif
