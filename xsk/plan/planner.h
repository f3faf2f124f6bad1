/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_PLANNER_H
#define XSK_PLAN_PLANNER_H

#include "plan/plan.h"

/* What the planner's own files hand each other; plan.h is for everybody else. */
struct planner {
	struct plan *plan;
	const struct spec *spec;
	const struct test *test;
	const struct caps *caps;
	const struct plan_options *opts;
	struct diags *ds;
	struct case_plan *c; /* the case in the making */
	/* plan_edt.c: the arrays of c->edt, where they grow. */
	struct edt_site *edt_sites;
	struct edt_expect *edt_expects;
};

/* A diagnostic that holds for many cases of a test is said once. Returns NULL then. */
struct diag *planner_diag(struct planner *pl, enum diag_id id, struct srcpos pos, const char *fmt,
			  ...) __attribute__((format(printf, 4, 5)));

/*
 * The value of a setting for one socket of an end (socket -1: none in
 * particular): the most specific statement, else the keyword's default.
 * *pos (may be NULL) is where it was said, line 0 for a default. Values out of
 * range are said in a diagnostic and replaced by the nearest that is allowed.
 */
int64_t planner_setting(struct planner *pl, enum setting_id id, enum end end, int socket,
			struct srcpos *pos);
/* Was it said at all? */
bool planner_has_setting(const struct planner *pl, enum setting_id id, enum end end, int socket);

/* Value of an expression of the case that depends on no packet; diagnostic on overflow. */
int64_t planner_value(struct planner *pl, const struct expr *e);

/* A flag of a stream: NULL, not said, is false. */
bool planner_flag(const struct planner *pl, const struct expr *e);

/* plan_skip.c: why the case cannot run here, NULL if it can. */
const char *plan_skip_reason(struct planner *pl);

/* plan_ends.c: link, UMEMs, ports, sockets and programs of both ends. */
void plan_ends(struct planner *pl);
/* Which sockets a test's steps name, at least 1 for each end. */
uint32_t plan_n_sockets(struct planner *pl, enum end end);

/* Do the frames of a flow arrive on the queue of its receiver? Else the case is skipped, or wrong. */
void plan_check_queue(struct planner *pl, const struct flow_plan *f);

/* plan_object.c: a user's own program, of a file as it is written. */
struct object_plan plan_object(struct planner *pl, enum object_kind kind, const char *file,
			       const char *section);

/* plan_flows.c: groups, phases and flows from the steps. */
void plan_flows(struct planner *pl);

/* plan_mistakes.c: what a case does wrong on purpose, and what others have done before it. */
void plan_occupies(struct planner *pl);
void plan_socket_mistakes(struct planner *pl, enum end end, uint32_t n);
void plan_umem_mistakes(struct planner *pl, enum end end, uint32_t n);

/* plan_edt.c: checkpoints, wishes and what is expected of them; after all else but the model. */
void plan_edt(struct planner *pl);
/* And when it is known which packets will be sent: does each expectation judge some? */
void plan_edt_judged(struct planner *pl);
/* plan_edt_times.c: times that cannot be, of packets and of expectations; how long they wait. */
void plan_edt_times(struct planner *pl);

/* plan_faults.c: what happens while traffic flows, and what may be lost by it. */
void plan_faults(struct planner *pl);

/* plan_sabotage.c: damage on purpose, and the verdicts that are expected. */
void plan_sabotage(struct planner *pl);

/* plan_kernel.c: what flows need whose sender is a socket of the kernel. */
void plan_kernel_senders(struct planner *pl);

/* plan_model.c: every packet of every flow against the descriptor model and the link. */
void plan_model(struct planner *pl);
/* Most packets of a stream that are looked at one by one; beyond, only the first ones are. */
#define PLAN_MODEL_PKTS (1u << 17)

/* plan_expects.c: counters, deliver, len. */
void plan_expects(struct planner *pl);
/* The 'expect error' of the test, NULL: none. */
const struct expect_stmt *plan_expected_error(const struct planner *pl);
/* Does the spec say what this counter of a socket must be, by itself or within its end's sum? */
const struct expect_stmt *plan_find_counter(const struct planner *pl, enum end end, int socket,
					    enum counter c);

#endif
