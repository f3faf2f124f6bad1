// SPDX-License-Identifier: GPL-2.0-only
#include "run/faults.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

#define NAP_NS 20000

void faults_init(struct faults *f, struct traffic *t)
{
	*f = (struct faults){ .base = { .traffic = t, .n_much = 1 } };
}

static void nap(uint64_t ns)
{
	nanosleep(&(struct timespec){ .tv_sec = (time_t)(ns / 1000000000),
				      .tv_nsec = (long)(ns % 1000000000) },
		  NULL);
}

/* False: the sender has ended before. */
static bool await_packet(const struct flow_run *run, uint64_t packet)
{
	while (atomic_load_explicit(&run->n_sent, memory_order_acquire) <= packet) {
		if (atomic_load_explicit(&run->is_sent, memory_order_acquire))
			return false;
		nap(NAP_NS);
	}
	return true;
}

/* One that is still there goes first: packets that come between the two are up to the stack. */
static int attach(struct faults *f, struct world *w, enum end end)
{
	const struct end_plan *plan = &w->c->ends[end];
	int err = link_enter(&w->link, end, &f->e);

	prog_detach(&w->progs[end]);
	if (!err)
		err = prog_attach(&w->progs[end], &w->link.ends[end], plan, w->c->mode, &f->e);
	for (size_t k = 0; k < plan->n_sockets && !err; k++)
		if (plan->sockets[k].does_rx)
			err = prog_add_socket(&w->progs[end], (unsigned int)k,
					      plan->sockets[k].queue, w->ends[end].socks[k].fd,
					      &f->e);
	return err;
}

static int act(struct faults *f, const struct action *a)
{
	const struct case_plan *c = f->base.traffic->c;
	struct world *w = f->base.traffic->world;

	switch (a->kind) {
	case ACTION_LINK_DOWN:
		return link_set_up(&w->link, a->end, false, &f->e);
	case ACTION_LINK_UP:
		return link_set_up(&w->link, a->end, true, &f->e);
	case ACTION_DETACH:
		prog_detach(&w->progs[a->end]);
		return 0;
	case ACTION_ATTACH:
		return attach(f, w, a->end);
	case ACTION_WAIT:
		nap((uint64_t)expr_eval(a->lo, &c->env, 0, NULL));
		return 0;
	default: /* the plan skips the others */
		return errmsg_set(&f->e, EOPNOTSUPP, "faults: action %d", a->kind);
	}
}

/* Until a packet comes that was not there before; what is never to come, the judge will miss. */
static void time_recovery(struct faults *f, const struct flow_run *run)
{
	uint64_t before = atomic_load_explicit(&run->progress, memory_order_acquire);
	uint64_t start = clock_ns(), ns;

	while (atomic_load_explicit(&run->progress, memory_order_acquire) == before) {
		if (clock_ns() - start > TRAFFIC_PATIENCE_NS || before >= run->plan->stream.n_pkts)
			break;
		nap(NAP_NS);
	}
	ns = clock_ns() - start;
	if (ns > f->recovery_ns)
		f->recovery_ns = ns;
}

void *faults_run(void *faults)
{
	struct faults *f = faults;
	const struct test *test = f->base.traffic->c->test;
	const struct flow_run *run = &f->base.traffic->flows[0];

	for (size_t k = 0; k < test->n_ats && !f->err; k++) {
		const struct at_stmt *at = &test->ats[k];

		if (!await_packet(run, (uint64_t)expr_eval(at->packet, run->plan->env, 0, NULL)))
			break;
		for (size_t a = 0; a < at->n_actions && !f->err; a++)
			f->err = act(f, &at->actions[a]);
		if (!f->err)
			time_recovery(f, run);
	}
	return NULL;
}

/* ---- afterwards ---- */

/* A percentage is in hundredths: 20% is 2000 of 10000. */
static bool is_loss_good(const struct case_result *r, const struct expect_stmt *e, int64_t value)
{
	uint64_t n_due = r->rx.n_due + r->rx.n_lost;

	if (e->value->dim != DIM_PERCENT)
		return cmp_holds((int64_t)r->rx.n_lost, e->op, value);
	return cmp_holds((int64_t)(r->rx.n_lost * 10000), e->op, value * (int64_t)n_due);
}

static void judge_lost(const struct case_plan *c, struct case_result *r,
		       const struct expect_stmt *e)
{
	int64_t value = expr_eval(e->value, &c->env, 0, NULL);
	struct verdict v = { .kind = VERDICT_LOST, .pos = e->pos, .socket = -1 };
	bool is_percent = e->value->dim == DIM_PERCENT;

	if (is_loss_good(r, e, value))
		return;
	v.expect = value;
	v.actual = (int64_t)r->rx.n_lost;
	snprintf(v.text, sizeof(v.text), "expect %s %g%s, actual %llu of %llu packets",
		 cmp_names[e->op], is_percent ? (double)value / 100 : (double)value,
		 is_percent ? "%" : "", (unsigned long long)r->rx.n_lost,
		 (unsigned long long)(r->rx.n_due + r->rx.n_lost));
	verdict_add(&r->verdicts, &v);
}

static void judge_recovery(const struct case_plan *c, struct case_result *r,
			   const struct expect_stmt *e)
{
	int64_t value = expr_eval(e->value, &c->env, 0, NULL);
	struct verdict v = { .kind = VERDICT_RECOVERY,
			     .pos = e->pos,
			     .socket = -1,
			     .expect = value,
			     .actual = (int64_t)r->recovery_ns };

	if (cmp_holds(v.actual, e->op, value))
		return;
	snprintf(v.text, sizeof(v.text), "expect %s %lld ns, actual %lld", cmp_names[e->op],
		 (long long)value, (long long)v.actual);
	verdict_add(&r->verdicts, &v);
}

void faults_judge(const struct case_plan *c, struct case_result *r)
{
	for (size_t k = 0; k < c->n_losses; k++) {
		const struct expect_stmt *e = c->losses[k];

		if (e->kind == EXPECT_LOST)
			judge_lost(c, r, e);
		else if (e->kind == EXPECT_RECOVERY)
			judge_recovery(c, r, e);
		else if (r->rx.n_lost_places > 1)
			verdict_add(&r->verdicts,
				    &(struct verdict){ .kind = VERDICT_SCATTERED,
						       .pos = e->pos,
						       .socket = -1,
						       .expect = 1,
						       .actual = (int64_t)r->rx.n_lost_places });
	}
}
