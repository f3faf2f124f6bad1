// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

/* Delivery times: what a stream asks for, who sets it, and what is expected on the way. */

#define VARS_EDT (VARS_PACKET | VAR_BIT(VAR_SET) | VAR_BIT(VAR_BEFORE))

/* One of the first n names, or a number of the author's own as 256 + n; -1 if it is neither. */
static int parse_type(struct parser *p, int n)
{
	int type;

	if (!parser_is_at(p, TOK_NUMBER))
		return parser_choice(
			p, edt_type_names, (size_t)n,
			n > EDT_UNREAD ? "a type of time (mono, unspec, none, tai, unread)" :
					 "a type of time (mono, unspec, none, tai or a number)");
	type = 256 + (int)(p->tok.value & 0xff);
	if (!p->tok.is_bad && (p->tok.value > 255 || p->tok.dim != DIM_NONE))
		diag_add(p->ds, DIAG_RANGE, p->tok.pos, "a type is a number up to 255");
	parser_advance(p);
	return type;
}

/* edt TIME [type TYPE] [by WAY] */
void parse_edt(struct parser *p)
{
	const struct value_rule rule = {
		.name = "edt",
		.dim = DIM_TIME,
		ANY_VALUE,
		.vars = VARS_PACKET | VAR_BIT(VAR_NOW),
	};
	int by;

	p->stream->edt_pos = parser_advance(p);
	p->stream->edt = expr_parse(p, &rule);
	p->stream->has_edt_type = parser_take_word(p, "type");
	if (p->stream->has_edt_type)
		p->stream->edt_type = parse_type(p, EDT_UNREAD);
	if (!parser_take_word(p, "by"))
		return;
	by = parser_choice(p, edt_by_names, N_EDT_BYS,
			   "what sets the time (tc, txtime, launch_time)");
	if (by >= 0)
		p->stream->edt_by = (enum edt_by)by;
}

void parse_edt_before(struct parser *p)
{
	const struct value_rule rule = {
		.name = "edt_before",
		.dim = DIM_TIME,
		.min = 1,
		.max = INT64_MAX,
		.vars = VARS_GEOMETRY | VAR_BIT(VAR_NOW),
	};

	parser_advance(p);
	p->stream->edt_before = expr_parse(p, &rule);
}

void parse_sender(struct parser *p)
{
	int sender;

	p->stream->sender_pos = parser_advance(p);
	sender = parser_choice(p, sender_names, N_SENDERS, "a sender (xdp, packet, udp, tcp)");
	if (sender >= 0)
		p->stream->sender = (enum sender)sender;
}

/* Packets from a to b do not come into a, nor out of b. */
static bool is_passed(const char *site)
{
	return strcmp(site, "a.ingress") && strcmp(site, "b.egress");
}

/* A place that packets from a to b come by; NULL after a diagnostic. */
static const char *parse_passed_site(struct parser *p)
{
	struct srcpos pos = p->tok.pos;
	const char *site = parse_site(p);

	if (!site || is_passed(site))
		return site;
	diag_add(p->ds, DIAG_CONFLICT, parser_span(p, pos), "packets from a to b do not come by %s",
		 site);
	return NULL;
}

const struct tc_stmt *find_setter(const struct test *t)
{
	for (size_t i = 0; i < t->n_tcs; i++) {
		if (t->tcs[i].setter)
			return &t->tcs[i];
	}
	return NULL;
}

static size_t count_files(const struct test *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_tcs; i++)
		n += !t->tcs[i].setter;
	return n;
}

/* "NAME" [section "NAME"], behind the word file */
static bool parse_tc_file(struct parser *p, struct tc_stmt *tc)
{
	tc->file = parser_text(p, "the name of a file");
	if (parser_take_word(p, "section"))
		tc->section = parser_text(p, "the name of a section");
	if (tc->file && count_files(p->test) == TC_MAX_FILES)
		diag_add(p->ds, DIAG_TOO_MANY, tc->pos, "more than %d programs of files",
			 TC_MAX_FILES);
	return tc->file;
}

/* SETTER or file: true if it is good. */
static bool parse_tc_program(struct parser *p, struct tc_stmt *tc)
{
	const char *names[N_EDT_SETTERS];
	const struct tc_stmt *first;
	int choice;

	/* The first name is of no program. */
	memcpy(names, edt_setter_names + 1, (N_EDT_SETTERS - 1) * sizeof(*names));
	names[N_EDT_SETTERS - 1] = "file";
	choice = parser_choice(
		p, names, N_EDT_SETTERS,
		"a program that sets delivery times (set_delivery_time, ...), or file");
	if (choice < 0)
		return false;
	if (choice == N_EDT_SETTERS - 1)
		return parse_tc_file(p, tc);
	tc->setter = (enum edt_setter)(choice + 1);
	first = find_setter(p->test);
	if (first)
		parser_duplicate(p, tc->pos, first->pos,
				 "there is a program that sets delivery times already");
	return !first;
}

/* tc SITE SETTER, tc SITE file "NAME" [section "NAME"] */
void parse_tc(struct parser *p)
{
	struct tc_stmt tc = { .pos = parser_advance(p) };

	tc.site = parse_passed_site(p);
	if (parse_tc_program(p, &tc) && tc.site)
		*ARENA_PUSH(p->arena, p->test->tcs, p->test->n_tcs) = tc;
}

/* ---- expectations ---- */

static const struct value_rule edt_rule = {
	.name = "edt",
	.dim = DIM_TIME,
	ANY_VALUE,
	.vars = VARS_EDT,
};

/* [of STREAM] */
static void parse_of(struct parser *p, struct expect_stmt *e)
{
	e->is_of_stream = parser_take_word(p, "of");
	if (e->is_of_stream)
		e->stream = parse_stream_name(p);
}

/* at SITE */
static bool parse_where(struct parser *p, struct expect_stmt *e)
{
	if (!parser_need_word(p, "at"))
		return false;
	e->site = parse_passed_site(p);
	return true;
}

/* p99, p99.9: in thousandths */
static void parse_percentile(struct parser *p, struct expect_stmt *e)
{
	const char *text = p->tok.text;
	struct srcpos pos = p->tok.pos;
	uint32_t value = 0;
	bool is_good = p->tok.len > 1 && p->tok.len < 5 && text[0] == 'p';

	for (size_t i = 1; i < p->tok.len && is_good; i++) {
		is_good = is_digit(text[i]);
		value = value * 10 + (uint32_t)(text[i] - '0');
	}
	value *= 10;
	parser_advance(p);
	if (parser_take(p, TOK_DOT)) {
		is_good &= parser_is_at(p, TOK_NUMBER) && p->tok.len == 1;
		value += (uint32_t)p->tok.value;
		parser_advance(p);
	}
	if (!is_good || !value || value > 1000)
		diag_add(p->ds, DIAG_BAD_NUMBER, parser_span(p, pos),
			 "a percentile is p0.1 to p100, with one digit after the point, or mean");
	e->percentile = value;
}

/* [pN or mean] CMP TIME */
static void parse_bound(struct parser *p, struct expect_stmt *e)
{
	if (parser_take_word(p, "mean"))
		e->percentile = EXPECT_MEAN;
	else if (parser_is_at(p, TOK_WORD))
		parse_percentile(p, e);
	if (parse_cmp(p, &e->op))
		e->value = expr_parse(p, &edt_rule);
}

/* == none, != none, == received, CMP TIME */
static void parse_seen(struct parser *p, struct expect_stmt *e)
{
	struct srcpos pos = p->tok.pos;

	if (!parse_cmp(p, &e->op))
		return;
	if (parser_take_word(p, "none"))
		e->edt_seen = EDT_SEEN_NONE;
	else if (parser_take_word(p, "received"))
		e->edt_seen = EDT_SEEN_RECEIVED;
	else
		e->value = expr_parse(p, &edt_rule);
	if ((e->edt_seen == EDT_SEEN_NONE && e->op != CMP_EQ && e->op != CMP_NE) ||
	    (e->edt_seen == EDT_SEEN_RECEIVED && e->op != CMP_EQ))
		diag_add(p->ds, DIAG_CONFLICT, parser_span(p, pos), "%s can only be compared by ==",
			 e->edt_seen == EDT_SEEN_NONE ? "none" : "received");
}

/* at SITE [unseen] [CMP VALUE] [[,] type TYPE] */
static void parse_checkpoint(struct parser *p, struct expect_stmt *e)
{
	bool has_comma;

	if (!parse_where(p, e))
		return;
	if (parser_take_word(p, "unseen")) {
		e->edt_seen = EDT_SEEN_NOTHING;
		return;
	}
	if (parser_is_at_word(p, "type"))
		e->edt_seen = EDT_SEEN_ANY;
	else
		parse_seen(p, e);
	has_comma = parser_take(p, TOK_COMMA);
	if ((has_comma && parser_need_word(p, "type")) ||
	    (!has_comma && parser_take_word(p, "type")))
		e->edt_type = parse_type(p, N_EDT_TYPES);
	if (e->edt_seen == EDT_SEEN_NONE && e->op == CMP_EQ && e->edt_type >= 0 &&
	    e->edt_type != EDT_NONE && e->edt_type != EDT_UNREAD)
		diag_add(p->ds, DIAG_CONFLICT, parser_span(p, e->pos),
			 "what has no delivery time has no type, or type none");
}

void parse_edt_expect(struct parser *p, struct expect_stmt *e)
{
	bool is_gap = parser_take_word(p, "gap");

	parse_of(p, e);
	if (!is_gap && parser_take_word(p, "error")) {
		e->kind = EXPECT_EDT_ERROR;
		e->err = parse_errno(p);
	} else if (is_gap) {
		e->kind = EXPECT_EDT_GAP;
		if (parse_where(p, e))
			parse_bound(p, e);
	} else {
		e->kind = EXPECT_EDT;
		parse_checkpoint(p, e);
	}
}

/* arrival [- set] [p99] <= VALUE */
void parse_arrival(struct parser *p, struct expect_stmt *e)
{
	e->kind = EXPECT_ARRIVAL;
	if (parser_take(p, TOK_MINUS))
		e->is_difference = parser_need_word(p, "set");
	parse_bound(p, e);
}
