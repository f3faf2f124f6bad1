// SPDX-License-Identifier: GPL-2.0-only
#include "plan/planner.h"

/* What the model says of one flow. */
struct model {
	struct planner *pl;
	struct flow_plan *flow;
	uint64_t n_invalid_descs, n_valid_pkts;
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

/* Does the spec say that the packet does not arrive? */
static bool is_excluded(const struct model *m, uint64_t i)
{
	return m->flow->deliver && !expr_eval(m->flow->deliver, m->flow->env, i, NULL);
}

/* Lengths that would leave nothing to verify, or that no link of this MTU carries. */
static void check_len(struct model *m, uint64_t i)
{
	const struct stream *s = &m->flow->stream;
	uint32_t len = stream_len(s, i), mtu = m->pl->c->link.mtu;
	uint32_t min = s->hdr_len + (s->payload == PAYLOAD_SEQUENCE ? 4 : 0);
	bool is_whole = m->flow->sender == SENDER_XDP || m->flow->sender == SENDER_PACKET;
	/* is_skb_forwardable(): MTU, Ethernet header and one VLAN tag. Others never add one. */
	uint32_t max = mtu + (is_whole ? 18 : 14);

	if (len < min && !is_excluded(m, i))
		planner_diag(m->pl, DIAG_LEN_RANGE, len_pos(m, i),
			     "packet %llu has %u bytes: its headers take %u%s",
			     (unsigned long long)i, len, s->hdr_len,
			     s->payload == PAYLOAD_SEQUENCE ? " and a sequence number 4" : "");
	else if (len > max && !is_excluded(m, i)) /* what is not due may be lost */
		planner_diag(m->pl, DIAG_LEN_RANGE, len_pos(m, i),
			     "packet %llu has %u bytes: the link (mtu %u) carries no more than %u",
			     (unsigned long long)i, len, mtu, max);
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

static bool expects_refusal(const struct model *m)
{
	const struct expect_stmt *e = m->pl->c->expect_error;

	return e && e->failing_step == FAIL_SEND;
}

/* Option bits that are not the author's to set. */
static bool check_options(struct model *m, uint64_t i, const struct desc *descs, uint32_t n)
{
	struct srcpos pos = m->flow->stream.spec->packets[i].pos;

	for (uint32_t k = 0; k < n; k++) {
		uint32_t own = k + 1 < n ? descs[k].options & ~DESC_CONTD : descs[k].options;

		if (own & DESC_CONTD)
			planner_diag(
				m->pl, DIAG_CONFLICT, pos,
				"option 1 (XDP_PKT_CONTD) is set by 'packet { ... }', not by hand");
		else
			continue;
		return false;
	}
	return true;
}

/* What the kernel refuses ends the test, and that has to be expected. False: it is refused. */
static bool check_metadata(struct model *m, uint64_t i, const struct desc *first)
{
	struct srcpos pos = m->flow->stream.spec->packets[i].pos;
	const struct desc_rules *rules = &m->flow->rules;
	struct desc_metadata metadata;

	if (!stream_metadata(&m->flow->stream, i, &metadata))
		return true;
	if (!m->pl->caps->has_tx_metadata) {
		if (m->flow->stream.spec->packets[i].descs[0].metadata || expects_refusal(m))
			m->pl->c->skip = "needs Tx metadata (XDP_TX_METADATA), which this kernel "
					 "does not have";
		return !m->pl->c->skip;
	}
	if (metadata_is_refused(rules, first, &metadata)) {
		if (!expects_refusal(m))
			planner_diag(
				m->pl, DIAG_CONFLICT, pos,
				"the metadata of packet %llu is refused%s: 'expect error send EINVAL'",
				(unsigned long long)i,
				rules->tx_metadata ? "" :
						     ", as its UMEM has no room for any "
						     "('metadata' makes some, 'options' does not)");
		return false;
	}
	if (metadata.flags & METADATA_CHECKSUM && !desc_check(rules, first))
		planner_diag(m->pl, DIAG_CONFLICT, pos,
			     "packet %llu asks for a checksum, which changes it: streams can "
			     "('csum_offload')",
			     (unsigned long long)i);
	return true;
}

static void check_overlap(struct model *m, uint64_t i, const struct desc *descs, uint32_t n)
{
	for (uint32_t k = 1; k < n; k++)
		for (uint32_t other = 0; other < k; other++)
			if (desc_overlaps(&descs[k], &descs[other]))
				planner_diag(
					m->pl, DIAG_CONFLICT, m->flow->stream.spec->packets[i].pos,
					"two descriptors of packet %llu overlap: each would overwrite the other",
					(unsigned long long)i);
}

/* Header fields that follow the packet, and its number: each has a range. */
static void check_fields(struct model *m, uint64_t i)
{
	const struct stream *s = &m->flow->stream;

	if (s->seq && expr_eval(s->seq, m->flow->env, i, NULL) < 0)
		planner_diag(m->pl, DIAG_RANGE, s->seq->pos,
			     "packet %llu: a sequence number is not negative",
			     (unsigned long long)i);
	for (uint32_t k = 0; k < s->n_patches; k++) {
		const struct stream_patch *p = &s->patches[k];
		int64_t value = expr_eval(p->value, m->flow->env, i, NULL);

		if (value < 0 || value >> p->bits)
			planner_diag(m->pl, DIAG_RANGE, p->value->pos,
				     "packet %llu: %lld does not fit the %u bits of the field",
				     (unsigned long long)i, (long long)value, p->bits);
	}
}

static void model_packet(struct model *m, uint64_t i)
{
	const struct stream *s = &m->flow->stream;
	uint32_t n = stream_n_descs(s, i);
	uint64_t bases[STREAM_MAX_DESCS] = {}; /* every frame is as good as the first, for one alone */
	struct desc descs[STREAM_MAX_DESCS];
	enum desc_fault fault;

	if (!check_exprs(m, i))
		return;
	check_fields(m, i);
	if (n > STREAM_MAX_DESCS) {
		planner_diag(m->pl, DIAG_TOO_MANY, len_pos(m, i),
			     "packet %llu takes %u descriptors: no more than %d can be sent",
			     (unsigned long long)i, n, STREAM_MAX_DESCS);
		return;
	}
	for (uint32_t k = 0; k < n && m->flow->is_verbatim; k++)
		bases[k] = (uint64_t)k * m->flow->rules.frame_size;
	stream_descs(s, i, bases, descs);
	if (m->flow->is_verbatim && !check_options(m, i, descs, n))
		return;
	/* What a socket of the kernel sends is in no UMEM. */
	fault = m->flow->sender == SENDER_XDP ? packet_check(&m->flow->rules, descs, n, NULL) :
						DESC_VALID;
	if (m->flow->is_verbatim && !check_metadata(m, i, &descs[0]))
		return;
	check_mark(m, i, fault);
	if (m->flow->is_verbatim && !fault)
		check_overlap(m, i, descs, n);
	if (!fault) {
		m->n_valid_pkts++;
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
	if (s->fixed_len && !s->offset && !s->seq && !s->n_patches && !s->spec->is_descriptors)
		return 1;
	return s->n_pkts < PLAN_MODEL_PKTS ? s->n_pkts : PLAN_MODEL_PKTS;
}

/* Invalid descriptors that no statement speaks of are more likely a slip than a wish. */
static void check_silence(struct model *m)
{
	const struct flow_plan *f = m->flow;

	if (!m->n_invalid_descs || f->is_verbatim || m->pl->c->expect_error ||
	    plan_find_counter(m->pl, f->from_end, (int)f->from_socket, COUNTER_TX_INVALID_DESCS))
		return;
	planner_diag(m->pl, DIAG_UNEXPECTED_INVALID, len_pos(m, m->first_invalid),
		     "%llu descriptors are invalid (packet %llu: %s) and nothing expects that: "
		     "'expect %c.tx_invalid_descs == %llu' [%s]",
		     (unsigned long long)m->n_invalid_descs, (unsigned long long)m->first_invalid,
		     desc_fault_names[m->first_fault], end_names[f->from_end],
		     (unsigned long long)m->n_invalid_descs, m->pl->c->axes);
}

/* What the model says that the counter of a socket (-1: of the end) will be. */
static uint64_t model_total(const struct case_plan *c, const struct counter_plan *cp,
			    bool *is_whole)
{
	uint64_t total = 0;

	*is_whole = true;
	for (size_t k = 0; k < c->n_flows; k++) {
		const struct flow_plan *f = &c->flows[k];

		if (f->from_end != cp->end ||
		    (cp->socket >= 0 && f->from_socket != (uint32_t)cp->socket))
			continue;
		total += f->n_invalid_descs * plan_rounds_of(c, k);
		*is_whole &= f->is_whole;
	}
	return total;
}

/* It becomes the default expectation, and must agree with one that was said. */
static void settle_tx_invalid(struct planner *pl, struct counter_plan *cp)
{
	bool is_whole;
	uint64_t total = model_total(pl->c, cp, &is_whole);

	if (!cp->pos.line)
		cp->value = (int64_t)total;
	else if (is_whole && !cmp_holds((int64_t)total, cp->op, cp->value))
		planner_diag(
			pl, DIAG_CONTRADICTION, cp->pos,
			"expect %c.tx_invalid_descs %s %lld: by the rules of the ring there are %llu [%s]",
			end_names[cp->end], cmp_names[cp->op], (long long)cp->value,
			(unsigned long long)total, pl->c->axes);
}

static void model_flow(struct planner *pl, struct flow_plan *flow)
{
	struct model m = { .pl = pl, .flow = flow };
	uint64_t n = packets_to_look_at(&flow->stream), n_pkts = flow->stream.n_pkts;

	for (uint64_t i = 0; i < n; i++)
		model_packet(&m, i);
	if (n == 1) {
		m.n_invalid_descs *= n_pkts;
		m.n_valid_pkts *= n_pkts;
	}
	check_silence(&m);
	flow->n_invalid_descs = m.n_invalid_descs;
	flow->n_valid_pkts = m.n_valid_pkts;
	flow->is_whole = n == 1 || n == n_pkts;
	flow->is_all_valid = flow->is_whole && !m.n_invalid_descs;
}

void plan_model(struct planner *pl)
{
	if (pl->c->skip)
		return;
	for (size_t f = 0; f < pl->c->n_flows; f++)
		model_flow(pl, &pl->c->flows[f]);
	plan_edt_judged(pl);
	for (size_t k = 0; k < pl->c->n_counters; k++)
		if (pl->c->counters[k].counter == COUNTER_TX_INVALID_DESCS)
			settle_tx_invalid(pl, &pl->c->counters[k]);
}
