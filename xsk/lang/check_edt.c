// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

/* Delivery times: what contradicts itself before anything is planned. */

static const struct stream_spec *find_stream(const struct test *t,
					     bool (*is_it)(const struct stream_spec *))
{
	for (size_t i = 0; i < t->n_streams; i++) {
		if (is_it(&t->streams[i]))
			return &t->streams[i];
	}
	return NULL;
}

static bool has_edt(const struct stream_spec *s)
{
	return s->edt;
}

static bool has_edt_by_tc(const struct stream_spec *s)
{
	return s->edt && s->edt_by == EDT_BY_TC;
}

static bool has_edt_before(const struct stream_spec *s)
{
	return s->edt_before;
}

/* ---- streams ---- */

static bool has_header(const struct stream_spec *s, enum header_kind kind)
{
	for (size_t i = 0; i < s->n_headers; i++) {
		if (s->headers[i].kind == kind)
			return true;
	}
	return false;
}

static bool is_ip(const struct stream_spec *s)
{
	return has_header(s, HDR_IPV4) || has_header(s, HDR_IPV6);
}

static void check_by(struct parser *p, const struct stream_spec *s)
{
	if (s->edt_by == EDT_BY_TXTIME && s->sender != SENDER_PACKET && s->sender != SENDER_UDP)
		diag_hint(p->ds,
			  diag_add(p->ds, DIAG_CONFLICT, s->edt_pos,
				   "only a socket of the kernel has SO_TXTIME"),
			  "sender packet");
	if (s->edt_by == EDT_BY_LAUNCH_TIME && s->sender != SENDER_XDP)
		diag_add(p->ds, DIAG_CONFLICT, s->edt_pos,
			 "only AF_XDP has Tx metadata with a launch time");
	if (s->edt_by == EDT_BY_TXTIME && s->edt_type >= EDT_NONE && s->edt_type != EDT_TAI)
		diag_add(p->ds, DIAG_CONFLICT, s->edt_pos,
			 "SO_TXTIME takes a clock: type mono, tai or unspec (CLOCK_REALTIME)");
	if (s->sender == SENDER_TCP)
		diag_add(
			p->ds, DIAG_CONFLICT, s->edt_pos,
			"TCP sets the delivery times of its packets by itself, from its pacing rate");
}

static const struct expr *find_unwanted(const struct stream_spec *s)
{
	const struct expr *pattern = s->set[SET_STREAM_EDT_PATTERN];

	return s->edt && s->edt_by == EDT_BY_TC ? NULL : s->edt_before ? s->edt_before : pattern;
}

static void check_stream_edt(struct parser *p, const struct stream_spec *s)
{
	const struct expr *unwanted = find_unwanted(s);

	if (unwanted)
		diag_add(p->ds, DIAG_MISSING, unwanted->pos,
			 "no program sets the delivery time of this stream: 'edt TIME'");
	if (!s->edt)
		return;
	check_by(p, s);
	if (s->payload != PAYLOAD_SEQUENCE || s->set[SET_STREAM_SEQ])
		diag_add(
			p->ds, DIAG_CONFLICT, s->edt_pos,
			"checkpoints know packets by their number: payload sequence, without a seq of "
			"its own");
	if (s->pcap_path)
		diag_add(
			p->ds, DIAG_CONFLICT, s->edt_pos,
			"checkpoints know packets by their number, and those of a capture have none");
}

/* The headers that the kernel would write, in its order. */
static void check_sender(struct parser *p, const struct stream_spec *s)
{
	enum header_kind last = s->sender == SENDER_UDP ? HDR_UDP : HDR_TCP;

	if (s->sender != SENDER_UDP && s->sender != SENDER_TCP)
		return;
	if (s->n_headers != 3 || s->headers[0].kind != HDR_ETH || !is_ip(s) ||
	    s->headers[2].kind != last)
		diag_add(p->ds, DIAG_CONFLICT, s->sender_pos,
			 "a %s socket sends 'headers eth, ipv4, %s' or 'eth, ipv6, %s'",
			 sender_names[s->sender], header_names[last], header_names[last]);
}

/* ---- the test as a whole ---- */

static bool is_write(enum edt_setter setter)
{
	return setter == EDT_SET_DIRECT || setter == EDT_SET_BLIND;
}

/* What is assigned has no type of its own. */
static void check_type(struct parser *p, const struct stream_spec *s)
{
	const struct tc_stmt *tc = find_setter(p->test);

	if (tc && is_write(tc->setter) && s->has_edt_type)
		diag_add(p->ds, DIAG_CONFLICT, s->edt_pos,
			 "'%s' writes a time and no type: 'edt TIME' alone",
			 edt_setter_names[tc->setter]);
}

/* The program that sets the time has to be where packets come by: by default at fwd.ingress. */
static void check_hops(struct parser *p, const struct stream_spec *s)
{
	const struct setting *hops = find_setting(p->test, SET_LINK_HOPS);
	const struct tc_stmt *tc = find_setter(p->test);
	int64_t n;

	if (tc && !strcmp(tc->site, "a.egress") && s->sender == SENDER_XDP)
		diag_add(p->ds, DIAG_CONFLICT, tc->pos,
			 "AF_XDP bypasses tc on its own device: nothing comes by a.egress");
	if (tc || p->fwd_pos.line) /* check_link() has something to say about the latter */
		return;
	if (!hops || (expr_is_constant(hops->value, &n) && n < 2))
		diag_hint(
			p->ds,
			diag_add(p->ds, DIAG_CONFLICT, s->edt_pos,
				 "AF_XDP bypasses tc on its own device: a program that sets the time "
				 "needs a node between a and b"),
			"link { hops 2 }");
}

static bool has_enforcer(const struct test *t)
{
	for (size_t i = 0; i < t->n_qdiscs; i++) {
		if (t->qdiscs[i].kind == QDISC_FQ || t->qdiscs[i].kind == QDISC_ETF)
			return true;
	}
	return false;
}

static bool reads(const struct expect_stmt *e, enum var var)
{
	return (e->value && expr_reads(e->value, var)) || (var == VAR_SET && e->is_difference);
}

/* Of all packets together: what one of them asked for is no bound, nor is when it came. */
static void check_percentile(struct parser *p, const struct expect_stmt *e)
{
	if (!e->percentile)
		return;
	if (reads(e, VAR_I) || (e->value && expr_reads(e->value, VAR_SET)) || reads(e, VAR_BEFORE))
		diag_add(p->ds, DIAG_CONFLICT, e->pos,
			 "a percentile is of all packets: its bound cannot depend on one of them");
	else if (e->kind == EXPECT_ARRIVAL && !e->is_difference)
		diag_hint(p->ds,
			  diag_add(p->ds, DIAG_CONFLICT, e->pos,
				   "a percentile of times of day says nothing"),
			  "arrival - set");
}

static void check_expect(struct parser *p, const struct expect_stmt *e)
{
	const struct tc_stmt *tc = find_setter(p->test);
	const struct test *t = p->test;

	if ((e->kind == EXPECT_EDT_ERROR && !find_stream(t, has_edt_by_tc)) ||
	    (reads(e, VAR_SET) && !find_stream(t, has_edt)))
		diag_add(p->ds, DIAG_MISSING, e->pos, "no stream of the test asks for an edt");
	else if (e->kind == EXPECT_ARRIVAL && !has_enforcer(t))
		diag_hint(p->ds,
			  diag_add(p->ds, DIAG_MISSING, e->pos,
				   "nothing on the link keeps packets until their delivery time"),
			  "link { qdisc fwd.egress fq }");
	check_percentile(p, e);
	if (e->kind == EXPECT_EDT && e->edt_seen == EDT_SEEN_RECEIVED &&
	    !find_setting(t, SET_LINK_RX_TIMESTAMPS))
		diag_hint(p->ds,
			  diag_add(p->ds, DIAG_MISSING, e->pos,
				   "without being asked, the kernel notes no time of receiving"),
			  "link { rx_timestamps }");
	if (e->kind == EXPECT_EDT_ERROR && tc && is_write(tc->setter))
		diag_add(p->ds, DIAG_CONFLICT, e->pos, "a write to tstamp is never refused");
	if (reads(e, VAR_BEFORE) && !find_stream(t, has_edt_before))
		diag_add(p->ds, DIAG_MISSING, e->pos,
			 "no stream of the test has a time before its edt ('edt_before TIME')");
}

void check_edt(struct parser *p)
{
	const struct tc_stmt *tc = find_setter(p->test);
	const struct test *t = p->test;

	for (size_t i = 0; i < t->n_streams; i++) {
		const struct stream_spec *s = &t->streams[i];

		check_sender(p, s);
		check_stream_edt(p, s);
		if (!has_edt_by_tc(s))
			continue;
		check_type(p, s);
		check_hops(p, s);
	}
	for (size_t i = 0; i < t->n_expects; i++)
		check_expect(p, &t->expects[i]);
	if (tc && !find_stream(t, has_edt_by_tc))
		diag_add(p->ds, DIAG_MISSING, tc->pos,
			 "no stream of the test has an edt for this program to set");
}
