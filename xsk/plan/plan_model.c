// SPDX-License-Identifier: GPL-2.0-only
#include "plan/planner.h"

/* What the model says of one flow. */
struct model {
	struct planner *pl;
	const struct flow_plan *flow;
	const struct desc_rules *rules;
	uint64_t n_invalid_descs;
	uint64_t first_invalid; /* packet */
	enum desc_fault first_fault;
};

static bool is_marked_invalid(const struct model *m, const struct packet_spec *p, uint64_t i)
{
	bool cond = p->mark_cond && expr_eval(p->mark_cond, m->flow->env, i, NULL);

	switch (p->mark) {
	case MARK_INVALID:
		return true;
	case MARK_INVALID_IF:
		return cond;
	case MARK_INVALID_UNLESS:
		return !cond;
	default:
		return false;
	}
}

static void check_mark(struct model *m, uint64_t i, enum desc_fault fault)
{
	const struct packet_spec *p;

	if (!m->flow->is_verbatim)
		return;
	p = &m->flow->stream.spec->packets[i];
	if (is_marked_invalid(m, p, i) == (fault != DESC_VALID))
		return;
	if (fault)
		planner_diag(m->pl, DIAG_CONTRADICTION, p->pos,
			     "packet %llu is invalid (%s), but is not marked so [%s]",
			     (unsigned long long)i, desc_fault_names[fault], m->pl->c->axes);
	else
		planner_diag(m->pl, DIAG_CONTRADICTION, p->pos,
			     "packet %llu is marked invalid, but the kernel will send it [%s]",
			     (unsigned long long)i, m->pl->c->axes);
}

static struct srcpos len_pos(const struct model *m, uint64_t i)
{
	const struct stream_spec *spec = m->flow->stream.spec;

	if (spec->is_descriptors)
		return spec->packets[i].pos;
	return spec->set[SET_STREAM_LEN] ? spec->set[SET_STREAM_LEN]->pos : spec->pos;
}

/* Lengths that would leave nothing to verify, or that no link of this MTU carries. */
static void check_len(struct model *m, uint64_t i)
{
	const struct stream *s = &m->flow->stream;
	uint32_t len = stream_len(s, i), mtu = m->pl->c->link.mtu;
	uint32_t min = s->hdr_len + (s->payload == PAYLOAD_SEQUENCE ? 4 : 0);

	if (len < min)
		planner_diag(m->pl, DIAG_LEN_RANGE, len_pos(m, i),
			     "packet %llu has %u bytes: its headers take %u%s",
			     (unsigned long long)i, len, s->hdr_len,
			     s->payload == PAYLOAD_SEQUENCE ? " and a sequence number 4" : "");
	/* is_skb_forwardable(): MTU, Ethernet header and one VLAN tag. */
	else if (len > mtu + 18)
		planner_diag(m->pl, DIAG_LEN_RANGE, len_pos(m, i),
			     "packet %llu has %u bytes: the link (mtu %u) carries no more than %u",
			     (unsigned long long)i, len, mtu, mtu + 18);
}

/* Expressions are checked where they are evaluated: a division by zero for packet 7 is the spec's. */
static bool check_exprs(struct model *m, uint64_t i)
{
	const struct stream *s = &m->flow->stream;
	const struct expr *exprs[] = { s->len, s->seq, s->offset, m->flow->deliver };
	bool is_ok = true;

	for (size_t k = 0; k < sizeof(exprs) / sizeof(exprs[0]); k++) {
		enum expr_fault fault = EXPR_OK;

		if (!exprs[k])
			continue;
		expr_eval(exprs[k], m->flow->env, i, &fault);
		if (!fault)
			continue;
		is_ok = false;
		planner_diag(m->pl, fault == EXPR_DIVISION ? DIAG_DIVISION : DIAG_OVERFLOW,
			     exprs[k]->pos, "%s for packet %llu",
			     fault == EXPR_DIVISION ? "division by zero" : "more than 64 bits",
			     (unsigned long long)i);
	}
	return is_ok;
}

static void model_packet(struct model *m, uint64_t i)
{
	const struct stream *s = &m->flow->stream;
	uint32_t n = stream_n_descs(s, i);
	enum desc_fault fault = DESC_TOO_MANY_FRAGS;
	uint64_t bases[64] = {}; /* every frame is as good as the first */
	struct desc descs[64];

	if (!check_exprs(m, i))
		return;
	if (n <= 64) {
		stream_descs(s, i, bases, descs);
		fault = packet_check(m->rules, descs, n, NULL);
	}
	check_mark(m, i, fault);
	if (!fault) {
		check_len(m, i);
		return;
	}
	if (!m->n_invalid_descs) {
		m->first_invalid = i;
		m->first_fault = fault;
	}
	m->n_invalid_descs += n;
}

/* All packets look alike to the model? Then one tells for all. */
static uint64_t packets_to_look_at(const struct stream *s)
{
	if (s->fixed_len && !s->offset && !s->seq && !s->spec->is_descriptors)
		return 1;
	return s->n_pkts < PLAN_MODEL_PKTS ? s->n_pkts : PLAN_MODEL_PKTS;
}

/* Invalid descriptors that no statement speaks of are more likely a slip than a wish. */
static void check_silence(struct model *m)
{
	const struct flow_plan *f = m->flow;

	if (!m->n_invalid_descs || f->is_verbatim || m->pl->c->expect_error ||
	    plan_find_counter(m->pl, f->from_end, COUNTER_TX_INVALID_DESCS))
		return;
	planner_diag(m->pl, DIAG_UNEXPECTED_INVALID, len_pos(m, m->first_invalid),
		     "%llu descriptors are invalid (packet %llu: %s) and nothing expects that: "
		     "'expect %c.tx_invalid_descs == %llu' [%s]",
		     (unsigned long long)m->n_invalid_descs, (unsigned long long)m->first_invalid,
		     desc_fault_names[m->first_fault], end_names[f->from_end],
		     (unsigned long long)m->n_invalid_descs, m->pl->c->axes);
}

/* The model's total becomes the default expectation, and must agree with one that was said. */
static void settle_tx_invalid(struct planner *pl, enum end end, uint64_t total, bool is_whole)
{
	for (size_t k = 0; k < pl->c->n_counters; k++) {
		struct counter_plan *cp = &pl->c->counters[k];

		if (cp->end != end || cp->counter != COUNTER_TX_INVALID_DESCS || cp->socket >= 0)
			continue;
		if (!cp->pos.line)
			cp->value = (int64_t)total;
		else if (is_whole && !cmp_holds((int64_t)total, cp->op, cp->value))
			planner_diag(
				pl, DIAG_CONTRADICTION, cp->pos,
				"expect %c.tx_invalid_descs %s %lld: by the rules of the ring there are "
				"%llu [%s]",
				end_names[end], cmp_names[cp->op], (long long)cp->value,
				(unsigned long long)total, pl->c->axes);
	}
}

void plan_model(struct planner *pl)
{
	uint64_t totals[N_ENDS] = {};
	bool is_whole[N_ENDS] = { true, true };

	if (pl->c->skip)
		return;
	for (size_t f = 0; f < pl->c->n_flows; f++) {
		struct flow_plan *flow = &pl->c->flows[f];
		struct model m = { .pl = pl, .flow = flow, .rules = &pl->c->rules[flow->from_end] };
		uint64_t n = packets_to_look_at(&flow->stream);

		for (uint64_t i = 0; i < n; i++)
			model_packet(&m, i);
		if (n == 1)
			m.n_invalid_descs *= flow->stream.n_pkts;
		else if (n < flow->stream.n_pkts)
			is_whole[flow->from_end] = false;
		check_silence(&m);
		flow->is_all_valid = !m.n_invalid_descs && (n == 1 || n == flow->stream.n_pkts);
		totals[flow->from_end] += m.n_invalid_descs * plan_rounds_of(pl->c, f);
	}
	for (enum end end = 0; end < N_ENDS; end++)
		settle_tx_invalid(pl, end, totals[end], is_whole[end]);
}
