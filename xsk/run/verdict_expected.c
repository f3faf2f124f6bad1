// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_expected.h"

#include <stdio.h>

#include "base/strbuf.h"

uint64_t verdict_count(const struct verdict *v)
{
	/* Of ranges that are missing each verdict tells all packets of its flow. */
	if (v->kind == VERDICT_MISSING)
		return (uint64_t)v->actual;
	if (v->kind == VERDICT_UNSENT)
		return v->last - v->pkt + 1;
	return v->n_more + 1;
}

static int64_t value_of(const struct expr *e, const struct case_plan *c)
{
	return expr_eval(e, &c->env, 0, NULL);
}

static bool is_it(const struct verdict *v, const struct expect_stmt *e, const struct case_plan *c)
{
	return v->kind == e->verdict &&
	       (!e->packet || v->pkt == (uint64_t)value_of(e->packet, c)) &&
	       (!e->byte || v->byte == (uint64_t)value_of(e->byte, c)) &&
	       verdict_count(v) == (e->count ? (uint64_t)value_of(e->count, c) : 1);
}

static const struct expect_stmt *find_expect(const struct verdict *v, const struct case_plan *c)
{
	for (size_t k = 0; k < c->n_verdicts; k++)
		if (is_it(v, c->verdicts[k], c))
			return c->verdicts[k];
	return NULL;
}

static bool is_there(const struct verdicts *vs, const struct expect_stmt *e,
		     const struct case_plan *c)
{
	for (uint32_t k = 0; k < vs->n; k++)
		if (is_it(&vs->v[k], e, c))
			return true;
	return false;
}

static void add_missing(struct verdicts *vs, const struct expect_stmt *e, uint32_t k,
			const struct case_plan *c)
{
	struct strbuf sb = {};
	struct verdict v = { .kind = VERDICT_NOT_CAUGHT, .pos = e->pos, .socket = -1, .counter = k };

	strbuf_add(&sb, "expect verdict %s", verdict_names[e->verdict]);
	if (e->packet)
		strbuf_add(&sb, " packet %lld", (long long)value_of(e->packet, c));
	if (e->byte)
		strbuf_add(&sb, " byte %lld", (long long)value_of(e->byte, c));
	strbuf_add(&sb, " count %lld, actual: no such verdict",
		   e->count ? (long long)value_of(e->count, c) : 1);
	snprintf(v.text, sizeof(v.text), "%s", strbuf_text(&sb));
	strbuf_release(&sb);
	verdict_add(vs, &v);
}

bool verdicts_are_expected(struct verdicts *vs, const struct case_plan *c)
{
	bool is_good = !vs->n_lost;
	uint32_t n = vs->n;

	for (uint32_t k = 0; k < n; k++)
		is_good &= find_expect(&vs->v[k], c) != NULL;
	for (uint32_t k = 0; k < c->n_verdicts; k++) {
		if (is_there(vs, c->verdicts[k], c))
			continue;
		is_good = false;
		add_missing(vs, c->verdicts[k], k, c);
	}
	return is_good;
}
