// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "plan/planner.h"

/* Most memory that records, wishes and results of a case may take. */
#define EDT_MAX_MEMORY (2048ull << 20)

/* ---- who has a wish ---- */

static bool has_wish(const struct flow_plan *f)
{
	return f->stream.spec->edt;
}

static bool is_set_by_tc(const struct flow_plan *f)
{
	return has_wish(f) && f->stream.spec->edt_by == EDT_BY_TC;
}

static bool some_flow(const struct case_plan *c, bool (*does)(const struct flow_plan *f))
{
	for (size_t k = 0; k < c->n_flows; k++)
		if (does(&c->flows[k]))
			return true;
	return false;
}

/* ---- checkpoints ---- */

/* "fwd2.egress" as a node of the link: a is 0, fwd is 1, b is n_hops. */
static struct edt_site parse_site(struct planner *pl, const char *site, struct srcpos pos)
{
	uint32_t n_hops = pl->c->link.n_hops, node;

	switch (site[0]) {
	case 'a':
		node = 0;
		break;
	case 'b':
		node = n_hops;
		break;
	default:
		node = site[3] == '.' ? 1 : (uint32_t)strtoul(site + 3, NULL, 10);
		if (node >= n_hops)
			planner_diag(pl, DIAG_RANGE, pos, "there is no %.*s: the link has %u hop%s",
				     (int)strcspn(site, "."), site, n_hops, n_hops > 1 ? "s" : "");
		break;
	}
	return (struct edt_site){ .node = node < n_hops ? node : n_hops,
				  .is_egress = strstr(site, "egress") };
}

static uint32_t find_site(const struct edt_plan *edt, const struct edt_site *site)
{
	for (uint32_t k = 0; k < edt->n_sites; k++)
		if (edt->sites[k].node == site->node &&
		    edt->sites[k].is_egress == site->is_egress &&
		    edt->sites[k].is_blind == site->is_blind)
			return k;
	return EDT_NO_SITE;
}

static uint32_t add_site(struct planner *pl, const struct edt_site *site)
{
	struct edt_plan *edt = &pl->c->edt;
	uint32_t k = find_site(edt, site);

	if (k != EDT_NO_SITE)
		return k;
	*ARENA_PUSH(&pl->plan->arena, pl->edt_sites, edt->n_sites) = *site;
	edt->sites = pl->edt_sites;
	return (uint32_t)edt->n_sites - 1;
}

static uint32_t site_of(struct planner *pl, const struct expect_stmt *e)
{
	struct edt_site arrival = { .node = pl->c->link.n_hops }, site;

	if (e->kind == EXPECT_ARRIVAL)
		return add_site(pl, &arrival);
	site = parse_site(pl, e->site, e->pos);
	site.is_blind = e->edt_type == EDT_UNREAD;
	return add_site(pl, &site);
}

static void add_expect(struct planner *pl, const struct expect_stmt *e)
{
	struct edt_plan *edt = &pl->c->edt;
	uint32_t site = site_of(pl, e);

	*ARENA_PUSH(&pl->plan->arena, pl->edt_expects, edt->n_expects) =
		(struct edt_expect){ e, site };
	edt->expects = pl->edt_expects;
}

/*
 * A wish that nothing is said about is to be seen, as it is, as far down the way as the kernel
 * carries it.
 */
static void add_default(struct planner *pl, const struct flow_plan *f)
{
	static const struct expr_ins code = { .op = EXPR_VAR, .value = VAR_SET };
	static const struct expr set = {
		.code = &code, .n_code = 1, .var_mask = 1u << VAR_SET, .dim = DIM_TIME
	};
	const struct stream_spec *spec = f->stream.spec;
	struct expect_stmt *e = arena_alloc(&pl->plan->arena, sizeof(*e));

	*e = (struct expect_stmt){
		.kind = EXPECT_EDT,
		.pos = spec->edt_pos,
		.site = spec->edt_by == EDT_BY_TC ? "b.ingress" : "a.egress",
		.op = CMP_EQ,
		.value = &set,
		.edt_type = spec->edt_type,
		.is_of_stream = true,
		.stream = (size_t)(spec - pl->test->streams),
	};
	add_expect(pl, e);
}

/* Where a time is set at b.ingress, the checkpoint there has looked before. */
static bool is_clear_by_tc(const struct planner *pl)
{
	const struct tc_stmt *tc = find_setter(pl->test);

	return !tc || (tc->setter != EDT_SET_DIRECT && tc->setter != EDT_SET_BLIND &&
		       strcmp(tc->site, "b.ingress"));
}

/* Where it is not known what the kernel makes of a wish, the spec has to say it. */
static bool is_clear(const struct planner *pl, const struct stream_spec *spec)
{
	return (spec->edt_type == EDT_MONO || spec->edt_type == EDT_TAI) &&
	       (spec->edt_by == EDT_BY_TXTIME || (spec->edt_by == EDT_BY_TC && is_clear_by_tc(pl)));
}

static void plan_expectations(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (size_t k = 0; k < pl->test->n_expects; k++) {
		const struct expect_stmt *e = &pl->test->expects[k];

		if (e->kind == EXPECT_EDT || e->kind == EXPECT_EDT_GAP || e->kind == EXPECT_ARRIVAL)
			add_expect(pl, e);
		else if (e->kind == EXPECT_EDT_ERROR)
			*ARENA_PUSH(&pl->plan->arena, c->edt.errors, c->edt.n_errors) = e;
	}
}

bool edt_is_about(const struct case_plan *c, const struct expect_stmt *e, const struct flow_plan *f)
{
	const struct stream_spec *spec = f->stream.spec;

	if (e->is_of_stream && spec != &c->test->streams[e->stream])
		return false;
	if (!spec->edt && (e->is_difference || (e->value && expr_reads(e->value, VAR_SET))))
		return false;
	return spec->edt_before || !e->value || !expr_reads(e->value, VAR_BEFORE);
}

const struct expect_stmt *edt_error_of(const struct case_plan *c, const struct flow_plan *f)
{
	for (size_t k = 0; k < c->edt.n_errors; k++)
		if (is_set_by_tc(f) && edt_is_about(c, c->edt.errors[k], f))
			return c->edt.errors[k];
	return NULL;
}

/* Does something look at what becomes of a flow's wishes? */
static bool is_looked_at(const struct planner *pl, const struct flow_plan *f)
{
	const struct edt_plan *edt = &pl->c->edt;

	for (size_t k = 0; k < edt->n_expects; k++)
		if (edt_is_about(pl->c, edt->expects[k].stmt, f))
			return true;
	return edt_error_of(pl->c, f);
}

static void plan_defaults(struct planner *pl)
{
	for (size_t k = 0; k < pl->c->n_flows; k++) {
		const struct flow_plan *f = &pl->c->flows[k];

		if (!has_wish(f) || is_looked_at(pl, f))
			continue;
		if (is_clear(pl, f->stream.spec))
			add_default(pl, f);
		else
			planner_diag(
				pl, DIAG_MISSING, f->stream.spec->edt_pos,
				"nothing looks at these delivery times: 'expect edt at SITE ...'");
	}
}

/* ---- flows ---- */

#define TYPE_AT 12 /* behind both addresses */

static uint16_t type_at(const struct stream *s, uint32_t offset)
{
	return (uint16_t)(s->hdr[offset] << 8 | s->hdr[offset + 1]);
}

static bool is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8;
}

/* Of a packet on its way: its outermost tag is beside it (skb_vlan_untag()). */
static uint16_t protocol_of(const struct flow_plan *f)
{
	const struct stream *s = &f->stream;
	uint16_t type = type_at(s, TYPE_AT);

	return is_tag(type) && s->hdr_len >= TYPE_AT + 6 ? type_at(s, TYPE_AT + 4) : type;
}

static bool has_own_source(const struct stream_spec *spec)
{
	for (size_t h = 0; h < spec->n_headers; h++)
		for (size_t k = 0; k < spec->headers[h].n_fields; k++)
			if (spec->headers[h].fields[k].id == FIELD_ETH_SRC)
				return true;
	return false;
}

/* A tag that is none of the headers: the kernel would take four bytes of the payload for it. */
static bool has_false_tag(const struct flow_plan *f)
{
	const struct stream_spec *spec = f->stream.spec;

	return is_tag(type_at(&f->stream, TYPE_AT)) &&
	       (spec->n_headers < 2 || spec->headers[1].kind != HDR_VLAN);
}

/* Checkpoints know packets by source address and sequence number. */
static bool is_known(const struct flow_plan *f)
{
	return f->from_end == END_A && f->stream.payload == PAYLOAD_SEQUENCE && !f->stream.seq &&
	       !has_own_source(f->stream.spec) && !has_false_tag(f);
}

/* The helpers refuse what is not IP (bpf_skb_set_tstamp()); a write is not refused. */
static void check_protocol(struct planner *pl, const struct flow_plan *f)
{
	const struct edt_plan *edt = &pl->c->edt;
	uint16_t protocol = protocol_of(f);
	struct diag *d;

	if (protocol == 0x0800 || protocol == 0x86dd || !is_set_by_tc(f) ||
	    edt->setter == EDT_SET_DIRECT || edt->setter == EDT_SET_BLIND || edt_error_of(pl->c, f))
		return;
	d = planner_diag(
		pl, DIAG_CONFLICT, f->stream.spec->edt_pos,
		"the kernel sets the delivery time of IPv4 and IPv6 packets only, and this is "
		"%#06x to it",
		protocol);
	if (d)
		diag_hint(pl->ds, d, "headers eth, ipv4, udp, or expect edt error EOPNOTSUPP");
}

static void check_known(struct planner *pl, const struct flow_plan *f)
{
	const struct edt_plan *edt = &pl->c->edt;

	if (is_known(f))
		return;
	if (has_wish(f) && f->from_end != END_A)
		planner_diag(pl, DIAG_CONFLICT, f->pos,
			     "delivery times are for packets from a to b");
	else if (has_wish(f)) /* what else it can be was said by check_edt() */
		planner_diag(
			pl, DIAG_CONFLICT, f->stream.spec->edt_pos,
			"checkpoints know packets by their source address and their number: no "
			"'eth(src ...)', no false tag");
	for (size_t k = 0; k < edt->n_expects; k++)
		if (f->from_end == END_A && edt_is_about(pl->c, edt->expects[k].stmt, f))
			planner_diag(
				pl, DIAG_CONFLICT, edt->expects[k].stmt->pos,
				"checkpoints know packets by source address and number, and those "
				"of '%s' have others, or none",
				f->stream.spec->name);
}

/* Where nobody looks at a packet there are no arrays for places to be in. */
static bool has_places(const struct edt_plan *edt)
{
	return edt->n_sites || edt->setter;
}

static struct edt_flow_plan plan_flow(struct planner *pl, const struct flow_plan *f)
{
	const struct stream_spec *spec = f->stream.spec;
	struct edt_plan *edt = &pl->c->edt;
	struct edt_flow_plan plan = {
		.id = f->id,
		.base = edt->n_places,
		.hdr_len = f->stream.hdr_len,
		.has_wish = is_set_by_tc(f),
		.type = spec->edt_type,
		.has_pattern = planner_flag(pl, spec->set[SET_STREAM_EDT_PATTERN]),
	};

	if (!has_places(edt) || !is_known(f) || f->stream.n_pkts > UINT32_MAX - edt->n_places)
		return plan;
	plan.n_seqs = (uint32_t)f->stream.n_pkts;
	edt->n_places += plan.n_seqs;
	return plan;
}

static void plan_edt_flows(struct planner *pl)
{
	struct case_plan *c = pl->c;
	struct edt_flow_plan *flows =
		arena_alloc(&pl->plan->arena, (c->n_flows + 1) * sizeof(*flows));

	for (size_t k = 0; k < c->n_flows; k++) {
		check_known(pl, &c->flows[k]);
		check_protocol(pl, &c->flows[k]);
		flows[k] = plan_flow(pl, &c->flows[k]);
	}
	c->edt.flows = flows;
	c->edt.n_flows = c->n_flows;
}

static bool check_memory(struct planner *pl)
{
	const struct edt_plan *edt = &pl->c->edt;
	uint64_t n_pkts = 0, bytes;

	for (size_t k = 0; k < pl->c->n_flows; k++)
		n_pkts += is_known(&pl->c->flows[k]) ? pl->c->flows[k].stream.n_pkts : 0;
	bytes = 24 * edt->n_sites + 16; /* of a packet: link/edt.h */
	if (n_pkts <= EDT_MAX_MEMORY / bytes)
		return true;
	planner_diag(pl, DIAG_TOO_MANY, pl->c->flows[0].pos,
		     "the times of %llu packets at %zu checkpoints do not fit %llu MiB: at most "
		     "%llu packets",
		     (unsigned long long)n_pkts, edt->n_sites,
		     (unsigned long long)(EDT_MAX_MEMORY >> 20),
		     (unsigned long long)(EDT_MAX_MEMORY / bytes));
	return false;
}

/* ---- the rest ---- */

static void plan_setter(struct planner *pl)
{
	struct edt_plan *edt = &pl->c->edt;
	const struct tc_stmt *tc = find_setter(pl->test);

	if (!some_flow(pl->c, is_set_by_tc))
		return;
	if (!tc && pl->c->link.n_hops < 2) /* as an axis has it: check_edt() */
		planner_diag(pl, DIAG_CONFLICT, pl->test->pos,
			     "a program that sets the time needs a node between a and b, which a "
			     "link of one hop does not have");
	edt->setter = tc ? tc->setter : EDT_SET_DELIVERY_TIME;
	edt->setter_at = tc ? parse_site(pl, tc->site, tc->pos) : (struct edt_site){ .node = 1 };
}

static void plan_qdiscs(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (size_t k = 0; k < pl->test->n_qdiscs; k++) {
		const struct qdisc_stmt *q = &pl->test->qdiscs[k];

		*ARENA_PUSH(&pl->plan->arena, c->link.qdiscs, c->link.n_qdiscs) =
			(struct qdisc_plan){ parse_site(pl, q->site, q->pos).node, q->kind,
					     q->pos };
	}
}

/* Does a packet of the flow come by the qdisc of a node with the time that it has asked for? */
static bool is_kept_at(const struct edt_plan *edt, const struct flow_plan *f, uint32_t node)
{
	if (is_set_by_tc(f))
		return edt->setter_at.node <= node;
	return has_wish(f) && f->stream.spec->edt_by == EDT_BY_TXTIME;
}

/* fq takes every time for one of CLOCK_MONOTONIC, etf for one of CLOCK_TAI. */
static void check_clock(struct planner *pl, const struct flow_plan *f, const struct qdisc_plan *q)
{
	enum edt_type type = q->kind == QDISC_FQ ? EDT_MONO : EDT_TAI;
	enum edt_type other = q->kind == QDISC_FQ ? EDT_TAI : EDT_MONO;

	if (f->stream.spec->edt_type == (int)other)
		planner_diag(pl, DIAG_CONFLICT, f->stream.spec->edt_pos,
			     "%s takes all times for type %s, and drops what is far from them",
			     qdisc_names[q->kind], edt_type_names[type]);
}

/* fq or etf behind whatever sets the times; where AF_XDP sends it bypasses the qdisc. */
static void plan_enforcer(struct planner *pl)
{
	struct case_plan *c = pl->c;

	for (size_t k = 0; k < c->link.n_qdiscs; k++)
		for (size_t f = 0; f < c->n_flows; f++) {
			const struct qdisc_plan *q = &c->link.qdiscs[k];

			if (q->kind == QDISC_PFIFO || !is_kept_at(&c->edt, &c->flows[f], q->node))
				continue;
			c->edt.enforcer = &pl->test->qdiscs[k];
			check_clock(pl, &c->flows[f], q);
		}
	for (size_t k = 0; k < pl->test->n_expects && !c->edt.enforcer; k++)
		if (pl->test->expects[k].kind == EXPECT_ARRIVAL)
			planner_diag(
				pl, DIAG_CONFLICT, pl->test->expects[k].pos,
				"no packet comes by a qdisc that keeps it, after its time is set");
}

/* Where a qdisc keeps packets, it is worth knowing how long. */
static void plan_arrivals(struct planner *pl)
{
	struct edt_plan *edt = &pl->c->edt;
	struct edt_site arrival = { .node = pl->c->link.n_hops };

	if (edt->enforcer && edt->has_wish)
		edt->arrivals = add_site(pl, &arrival);
	else
		edt->arrivals = EDT_NO_SITE;
}

static bool is_into(const struct edt_site *site, uint32_t node)
{
	return !site->is_egress && site->node == node;
}

/* XDP leaves nothing to tc at b, unless it is one pair further. */
static void plan_inner(struct planner *pl)
{
	struct case_plan *c = pl->c;
	const struct edt_plan *edt = &c->edt;
	bool is_at_b = edt->setter && is_into(&edt->setter_at, c->link.n_hops);

	for (size_t k = 0; k < edt->n_sites; k++)
		is_at_b |= is_into(&edt->sites[k], c->link.n_hops);
	for (size_t k = 0; k < edt->n_files; k++)
		is_at_b |= is_into(&edt->files[k].at, c->link.n_hops);
	if (is_at_b && c->ends[END_B].program != PROGRAM_NONE)
		c->link.has_inner[END_B] = true;
}

static bool is_from_xdp(const struct flow_plan *f)
{
	return f->from_end == END_A && f->sender == SENDER_XDP;
}

/*
 * A user's own program sees all that comes by, also where AF_XDP would go past it, and may leave
 * the packet to the stack (TC_ACT_OK), which has to forward it then.
 */
static void plan_file(struct planner *pl, const struct tc_stmt *tc)
{
	struct case_plan *c = pl->c;
	struct edt_file_plan *file = ARENA_PUSH(&pl->plan->arena, c->edt.files, c->edt.n_files);

	file->stmt = tc;
	file->at = parse_site(pl, tc->site, tc->pos);
	file->object = plan_object(pl, OBJECT_TC, tc->file, tc->section);
	if (!file->at.node && some_flow(c, is_from_xdp))
		c->link.has_inner[END_A] = true;
	if (!file->at.is_egress && file->at.node < c->link.n_hops)
		c->link.hub_mask |= 1u << file->at.node;
}

static void plan_files(struct planner *pl)
{
	for (size_t k = 0; k < pl->test->n_tcs; k++)
		if (!pl->test->tcs[k].setter)
			plan_file(pl, &pl->test->tcs[k]);
}

void plan_edt(struct planner *pl)
{
	struct case_plan *c = pl->c;

	pl->edt_sites = NULL;
	pl->edt_expects = NULL;
	c->edt.shifts_queue = pl->caps->shifts_skb_queue;
	c->edt.has_wish = some_flow(c, has_wish);
	plan_qdiscs(pl);
	plan_setter(pl);
	plan_files(pl);
	plan_enforcer(pl);
	plan_expectations(pl);
	plan_defaults(pl);
	plan_arrivals(pl);
	plan_edt_flows(pl);
	plan_inner(pl);
	if (has_places(&c->edt) && check_memory(pl) && !c->skip)
		plan_edt_times(pl);
}

/* Is something judged by an expectation? Of a wish that cannot be, check_known() has spoken. */
static bool is_judged(const struct case_plan *c, const struct expect_stmt *e)
{
	uint64_t n_pkts = e->kind == EXPECT_EDT_GAP ? 2 : 1;

	for (size_t k = 0; k < c->n_flows; k++) {
		const struct flow_plan *f = &c->flows[k];
		bool is_seen = e->kind == EXPECT_EDT_ERROR ? is_set_by_tc(f) :
							     is_known(f) || has_wish(f);

		if (is_seen && f->n_valid_pkts >= n_pkts && edt_is_about(c, e, f))
			return true;
	}
	return false;
}

void plan_edt_judged(struct planner *pl)
{
	const struct case_plan *c = pl->c;

	for (size_t k = 0; k < pl->test->n_expects; k++) {
		const struct expect_stmt *e = &pl->test->expects[k];
		bool is_edt = e->kind == EXPECT_EDT || e->kind == EXPECT_EDT_GAP ||
			      e->kind == EXPECT_ARRIVAL || e->kind == EXPECT_EDT_ERROR;

		if (is_edt && !is_judged(c, e))
			planner_diag(
				pl, DIAG_CONFLICT, e->pos,
				"no packet from a to b is judged by this: it would always hold");
	}
}
