// SPDX-License-Identifier: GPL-2.0-only
#include "plan/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "plan/planner.h"

struct diag *planner_diag(struct planner *pl, enum diag_id id, struct srcpos pos, const char *fmt,
			  ...)
{
	char text[400];
	va_list args;

	for (size_t k = 0; k < pl->ds->n; k++) {
		const struct diag *d = &pl->ds->v[k];

		if (d->id == id && d->pos.line == pos.line && d->pos.col == pos.col)
			return NULL;
	}
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return diag_add(pl->ds, id, pos, "%s", text);
}

int64_t planner_value(struct planner *pl, const struct expr *e)
{
	enum expr_fault fault = EXPR_OK;
	int64_t value = expr_eval(e, &pl->c->env, 0, &fault);

	if (fault == EXPR_OVERFLOW)
		planner_diag(pl, DIAG_OVERFLOW, e->pos, "the value does not fit 64 bits");
	else if (fault)
		planner_diag(pl, DIAG_DIVISION, e->pos, "division by zero, or an empty range");
	return value;
}

bool planner_flag(const struct planner *pl, const struct expr *e)
{
	return e && expr_eval(e, &pl->c->env, 0, NULL);
}

/* How well a statement fits a target: 0 not at all, the more the more specific. */
static int setting_fit(const struct setting *s, enum setting_id id, enum end end, int socket)
{
	if (s->kw->setting != (int)id || !(s->end_mask >> end & 1))
		return 0;
	if (s->socket >= 0 && s->socket != socket)
		return 0;
	return 1 + (s->end_mask != END_MASK_BOTH) + 2 * (s->socket >= 0);
}

static const struct setting *find_setting(const struct planner *pl, enum setting_id id,
					  enum end end, int socket)
{
	const struct setting *best = NULL;
	int best_fit = 0;

	for (size_t k = 0; k < pl->test->n_settings; k++) {
		const struct setting *s = &pl->test->settings[k];
		int fit = setting_fit(s, id, end, socket);

		if (fit && fit >= best_fit) {
			best = s;
			best_fit = fit;
		}
	}
	return best;
}

bool planner_has_setting(const struct planner *pl, enum setting_id id, enum end end, int socket)
{
	return find_setting(pl, id, end, socket);
}

int64_t planner_setting(struct planner *pl, enum setting_id id, enum end end, int socket,
			struct srcpos *pos)
{
	const struct keyword *kw = keyword_of_setting(id);
	const struct setting *s = find_setting(pl, id, end, socket);
	int64_t value;

	if (pos)
		*pos = s ? s->pos : (struct srcpos){};
	if (!s)
		return kw->dflt;
	value = planner_value(pl, s->value);
	if (kw->kind == VALUE_FLAG)
		return value != 0;
	if (kw->is_loose && pl->c->expect_error && value >= 0 && value <= kw->max)
		return value;
	if (value >= kw->min && value <= kw->max) {
		if (!kw->is_pow2 || !(value & (value - 1)))
			return value;
		planner_diag(pl, DIAG_RANGE, s->value->pos, "%s is %lld, which is no power of two",
			     kw->name, (long long)value);
		return kw->dflt;
	}
	planner_diag(pl, DIAG_RANGE, s->value->pos, "%s is %lld, but it must be %lld to %lld",
		     kw->name, (long long)value, (long long)kw->min, (long long)kw->max);
	return value < kw->min ? kw->min : kw->max;
}

static void plan_id(struct planner *pl, const size_t *axis_at)
{
	struct case_plan *c = pl->c;
	struct strbuf sb = {};

	strbuf_add(&sb, "mode=%s,wakeup=%s", mode_names[c->mode], wakeup_names[c->wakeup]);
	for (size_t k = 0; k < pl->test->n_axes; k++) {
		const struct axis *axis = &pl->test->axes[k];

		strbuf_add(&sb, ",%s=%s", axis->name, axis->labels[axis_at[k]]);
	}
	c->axes = arena_strndup(&pl->plan->arena, strbuf_text(&sb), sb.len);
	c->id = arena_printf(&pl->plan->arena, "%s/%s[%s]", pl->spec->family, pl->test->name,
			     c->axes);
	strbuf_release(&sb);
}

static void plan_deadline(struct planner *pl)
{
	struct case_plan *c = pl->c;
	struct srcpos pos;

	c->deadline_ns = (uint64_t)planner_setting(pl, SET_TEST_DEADLINE, END_A, -1, &pos);
	for (size_t f = 0; f < c->n_flows; f++) {
		const struct flow_plan *flow = &c->flows[f];
		const struct expr *packets = flow->stream.spec->set[SET_STREAM_PACKETS];

		/* 400 Gbit/s carry 595 million packets of 64 bytes in a second. */
		if (packets && flow->stream.n_pkts / 600 > c->deadline_ns / 1000)
			planner_diag(
				pl, DIAG_DEADLINE, packets->pos,
				"%llu packets cannot be sent within the deadline of %llu s on any link: "
				"raise it ('deadline 10min')",
				(unsigned long long)flow->stream.n_pkts,
				(unsigned long long)(c->deadline_ns / 1000000000));
	}
}

static void plan_case(struct planner *pl, enum mode mode, enum wakeup wakeup, const size_t *axis_at)
{
	struct case_plan *c = ARENA_PUSH(&pl->plan->arena, pl->plan->cases, pl->plan->n_cases);

	pl->c = c;
	c->spec = pl->spec;
	c->test = pl->test;
	c->mode = mode;
	c->wakeup = wakeup;
	c->caps = *pl->caps;
	c->env.seed = pl->opts->seed;
	c->env.v[VAR_MAX_FRAGS] = pl->caps->max_frags;
	c->env.v[VAR_TX_BUDGET] = pl->caps->tx_budget;
	/* A stand-in: where there is no NIC, the tests that read it are skipped. */
	c->env.v[VAR_NIC_RING_MAX] = 4096;
	for (size_t k = 0; k < pl->test->n_axes; k++)
		c->env.v[VAR_AXIS0 + k] = planner_value(pl, pl->test->axes[k].values[axis_at[k]]);
	plan_id(pl, axis_at);
	c->expect_error = plan_expected_error(pl);
	c->skip = plan_skip_reason(pl);
	plan_ends(pl);
	plan_flows(pl);
	plan_expects(pl);
	plan_occupies(pl);
	plan_kernel_senders(pl);
	plan_edt(pl);
	plan_sabotage(pl);
	plan_faults(pl);
	plan_model(pl);
	plan_deadline(pl);
}

/* The next combination of axis values, the last axis fastest; false after the last one. */
static bool next_combination(const struct test *test, size_t *at)
{
	for (size_t k = test->n_axes; k-- > 0;) {
		if (++at[k] < test->axes[k].n_values)
			return true;
		at[k] = 0;
	}
	return false;
}

static void plan_test(struct planner *pl)
{
	uint32_t modes = pl->test->modes ? pl->test->modes : 1u << MODE_SKB | 1u << MODE_DRV;
	uint32_t wakeups = pl->test->wakeups ? pl->test->wakeups : (1u << N_WAKEUPS) - 1;
	size_t at[MAX_AXES] = {};

	if (pl->opts->modes)
		modes &= pl->opts->modes;
	do {
		for (enum mode m = 0; m < N_MODES; m++)
			for (enum wakeup w = 0; w < N_WAKEUPS; w++)
				if (modes >> m & 1 && wakeups >> w & 1)
					plan_case(pl, m, w, at);
	} while (next_combination(pl->test, at));
}

void plan_spec(struct plan *plan, const struct spec *spec, const struct caps *caps,
	       const struct plan_options *opts, struct diags *ds)
{
	struct planner pl = { .plan = plan, .spec = spec, .caps = caps, .opts = opts, .ds = ds };

	for (size_t t = 0; t < spec->n_tests; t++) {
		pl.test = &spec->tests[t];
		plan_test(&pl);
	}
}

void plan_release(struct plan *plan)
{
	arena_release(&plan->arena);
	*plan = (struct plan){};
}

bool cmp_holds(int64_t actual, enum cmp_op op, int64_t value)
{
	switch (op) {
	case CMP_EQ:
		return actual == value;
	case CMP_NE:
		return actual != value;
	case CMP_LT:
		return actual < value;
	case CMP_LE:
		return actual <= value;
	case CMP_GT:
		return actual > value;
	default:
		return actual >= value;
	}
}

void plan_mac(enum end end, unsigned int n, uint8_t mac[6])
{
	const uint8_t all[6] = { 0x02, 'x', 's', 'k', end == END_A ? 0x0a : 0x0b, (uint8_t)n };

	memcpy(mac, all, sizeof(all));
}

uint64_t plan_rounds_of(const struct case_plan *c, size_t flow)
{
	for (size_t g = 0; g < c->n_groups; g++)
		for (size_t p = 0; p < c->groups[g].n_phases; p++)
			for (size_t k = 0; k < c->groups[g].phases[p].n_flows; k++)
				if (c->groups[g].phases[p].flows[k] == flow)
					return c->groups[g].n_rounds;
	return 1;
}
