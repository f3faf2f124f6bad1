// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/errmsg.h"
#include "lang/expr_parse.h"
#include "lang/parser.h"

#define MAX_ERRNO 134

bool parse_cmp(struct parser *p, enum cmp_op *op)
{
	static const enum token_kind kinds[N_CMP_OPS] = {
		[CMP_EQ] = TOK_EQ, [CMP_NE] = TOK_NE, [CMP_LT] = TOK_LT,
		[CMP_LE] = TOK_LE, [CMP_GT] = TOK_GT, [CMP_GE] = TOK_GE,
	};

	for (int i = 0; i < N_CMP_OPS; i++) {
		if (!parser_take(p, kinds[i]))
			continue;
		*op = i;
		return true;
	}
	parser_expected(p, "a comparison (== != < <= > >=)");
	return false;
}

int parse_errno(struct parser *p)
{
	const char *names[MAX_ERRNO];
	size_t n = 0;
	int err;

	if (!parser_is_at(p, TOK_WORD)) {
		parser_expected(p, "the name of an error (EINVAL, ...)");
		return 0;
	}
	err = p->tok.len < 40 ? errno_by_name(p->tok.text, (int)p->tok.len) : 0;
	for (int i = 1; i < MAX_ERRNO && !err; i++)
		names[n++] = errno_name(i);
	if (!err)
		parser_suggest(p,
			       diag_add(p->ds, DIAG_UNKNOWN_NAME, p->tok.pos,
					"there is no error '%.*s'", lex_shown(p->tok.len),
					p->tok.text),
			       &p->tok, names, n);
	parser_advance(p);
	return err;
}

static void parse_counter(struct parser *p, struct expect_stmt *e)
{
	const struct value_rule rule = {
		.name = "a counter",
		.max = INT64_MAX,
		.vars = VARS_GEOMETRY,
	};
	const char *names[N_COUNTERS + N_RX_META_FIELDS];
	int counter;

	/* Others than counters were taken before: they are here to be suggested. */
	memcpy(names, counter_names, sizeof(counter_names));
	memcpy(names + N_COUNTERS, rx_meta_names, sizeof(rx_meta_names));
	counter = parser_choice(p, names, N_COUNTERS + N_RX_META_FIELDS, "a counter");
	e->kind = EXPECT_COUNTER;
	if (counter >= 0)
		e->counter = counter;
	else if (parser_take(p, TOK_WORD)) /* as in 'rx_hsh valid': no comparison was meant */
		return;
	if (parse_cmp(p, &e->op))
		e->value = expr_parse(p, &rule);
}

/* tx_per_kick == N: how far a kick moves the consumer of a Tx ring with more than its budget */
static void parse_tx_per_kick(struct parser *p, struct expect_stmt *e)
{
	const struct value_rule rule = {
		.name = "tx_per_kick",
		.max = UINT32_MAX,
		.vars = VARS_GEOMETRY,
	};

	e->kind = EXPECT_TX_PER_KICK;
	if (parse_cmp(p, &e->op))
		e->value = expr_parse(p, &rule);
}

/* pollin timeout */
static void parse_poll_timeout(struct parser *p, struct expect_stmt *e, bool is_pollout)
{
	e->kind = EXPECT_POLL_TIMEOUT;
	e->is_pollout = is_pollout;
	parser_need_word(p, "timeout");
}

/* valid, any or the name of an error */
static void parse_rx_meta_wish(struct parser *p, struct expect_stmt *e)
{
	static const char *const words[] = { "valid", "any" };
	bool is_errno = parser_is_at(p, TOK_WORD) && p->tok.text[0] == 'E';

	if (is_errno)
		e->err = parse_errno(p);
	else
		e->is_any_value =
			parser_choice(p, words, 2, "one of valid, any, the name of an error") == 1;
}

/* rx_hash valid, rx_timestamp any, rx_vlan EINVAL; false: it is about something else */
static bool parse_rx_meta(struct parser *p, struct expect_stmt *e)
{
	for (enum rx_meta_field k = 0; k < N_RX_META_FIELDS; k++) {
		if (!parser_take_word(p, rx_meta_names[k]))
			continue;
		e->kind = EXPECT_RX_META;
		e->rx_meta = k;
		parse_rx_meta_wish(p, e);
		return true;
	}
	return false;
}

/* umem invalidated frames LO..HI */
static void parse_invalidated(struct parser *p, struct expect_stmt *e)
{
	const struct value_rule rule = { .name = "a frame",
					 .max = 1ll << 32,
					 .vars = VARS_GEOMETRY };

	e->kind = EXPECT_INVALIDATED;
	if (parser_need_word(p, "invalidated") && parser_need_word(p, "frames"))
		expr_parse_range(p, &rule, &e->lo, &e->hi);
}

/* a.COUNTER, b[1].COUNTER, b.umem, a.tx_per_kick, b.pollin, a.pollout */
static void parse_end_expect(struct parser *p, struct expect_stmt *e)
{
	if (!parser_end(p, &e->end, &e->socket) || !parser_need(p, TOK_DOT))
		return;
	if (parser_take_word(p, "umem"))
		parse_invalidated(p, e);
	else if (parser_take_word(p, "tx_per_kick"))
		parse_tx_per_kick(p, e);
	else if (parser_take_word(p, "pollin"))
		parse_poll_timeout(p, e, false);
	else if (parser_take_word(p, "pollout"))
		parse_poll_timeout(p, e, true);
	else if (!parse_rx_meta(p, e))
		parse_counter(p, e);
}

static void parse_deliver(struct parser *p, struct expect_stmt *e)
{
	const struct value_rule rule = condition_rule("the condition", VARS_PACKET);

	e->kind = EXPECT_DELIVER;
	e->stream = parse_stream_name(p);
	if (parser_need_word(p, "where"))
		e->value = expr_parse(p, &rule);
}

static void parse_len(struct parser *p, struct expect_stmt *e)
{
	const struct value_rule rule = {
		.name = "len",
		.dim = DIM_BYTES,
		.max = UINT32_MAX,
		.vars = VARS_PACKET | VAR_BIT(VAR_SENT),
	};

	e->kind = EXPECT_LEN;
	if (parse_cmp(p, &e->op))
		e->value = expr_parse(p, &rule);
	if (parser_take_word(p, "unless"))
		e->may_refuse = parser_need_word(p, "refused");
}

static void parse_error(struct parser *p, struct expect_stmt *e)
{
	int step = parser_choice(p, failing_step_names, N_FAILING_STEPS,
				 "a step (umem, bind, attach, send, option)");

	p->is_error_expected = true;
	e->kind = EXPECT_ERROR;
	if (step >= 0)
		e->failing_step = step;
	e->err = parse_errno(p);
}

/* Packets or a percentage of them. */
static void parse_lost(struct parser *p, struct expect_stmt *e)
{
	const struct value_rule rule = {
		.name = "lost",
		.dim = N_DIMS,
		.max = INT64_MAX,
		.vars = VARS_GEOMETRY,
	};

	e->kind = EXPECT_LOST;
	if (!parse_cmp(p, &e->op))
		return;
	e->value = expr_parse(p, &rule);
	if (e->value && e->value->dim != DIM_PERCENT && e->value->dim != DIM_NONE)
		diag_add(p->ds, DIAG_UNIT, e->value->pos,
			 "lost is a number of packets or a percentage of them, but this is %s",
			 dim_name(e->value->dim));
}

/* From the last of the faults to the next packet. */
static void parse_recovery(struct parser *p, struct expect_stmt *e)
{
	const struct value_rule rule = {
		.name = "recovery",
		.dim = DIM_TIME,
		.max = INT64_MAX,
		.vars = VARS_GEOMETRY,
	};

	e->kind = EXPECT_RECOVERY;
	if (parse_cmp(p, &e->op))
		e->value = expr_parse(p, &rule);
}

static void parse_contiguous(struct parser *p, struct expect_stmt *e)
{
	(void)p;
	e->kind = EXPECT_LOSS_CONTIGUOUS;
}

static void parse_any_order(struct parser *p, struct expect_stmt *e)
{
	(void)p;
	e->kind = EXPECT_ANY_ORDER;
}

static const struct expect_syntax {
	const char *name;
	void (*parse)(struct parser *p, struct expect_stmt *e);
} syntaxes[] = {
	{ "deliver", parse_deliver },
	{ "len", parse_len },
	{ "error", parse_error },
	{ "edt", parse_edt_expect },
	{ "arrival", parse_arrival },
	{ "lost", parse_lost },
	{ "any_loss_contiguous", parse_contiguous },
	{ "recovery", parse_recovery },
	{ "any_order", parse_any_order },
	{ "verdict", parse_verdict },
};

/* Two statements about the same thing, in the same way. */
static bool is_same(const struct expect_stmt *a, const struct expect_stmt *b)
{
	return a->kind == b->kind && a->end == b->end && a->socket == b->socket &&
	       a->counter == b->counter && a->op == b->op && a->stream == b->stream &&
	       a->verdict == b->verdict && a->packet == b->packet &&
	       a->is_difference == b->is_difference && a->is_of_stream == b->is_of_stream &&
	       a->is_pollout == b->is_pollout && a->rx_meta == b->rx_meta &&
	       a->percentile == b->percentile &&
	       (a->edt_type == EDT_UNREAD) == (b->edt_type == EDT_UNREAD) &&
	       !strcmp(a->site ? a->site : "", b->site ? b->site : "");
}

/* Not to be called for one with a mistake: its parts are not what the author meant. */
static void add_expect(struct parser *p, const struct expect_stmt *e)
{
	struct test *t = p->test;

	for (size_t i = 0; i < t->n_expects; i++) {
		if (!is_same(&t->expects[i], e))
			continue;
		parser_duplicate(p, e->pos, t->expects[i].pos,
				 "the test expects something of this already");
		return;
	}
	*ARENA_PUSH(p->arena, t->expects, t->n_expects) = *e;
}

void parse_expect(struct parser *p)
{
	const char *names[sizeof(syntaxes) / sizeof(syntaxes[0])];
	struct expect_stmt e = { .pos = parser_advance(p), .socket = -1, .edt_type = -1 };
	size_t n_diags = parser_n_diags(p);
	int n;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		names[i] = syntaxes[i].name;
	if (parser_is_at_end_word(p)) {
		parse_end_expect(p, &e);
	} else {
		n = parser_choice(p, names, sizeof(names) / sizeof(names[0]),
				  "something to expect (a.COUNTER, deliver, len, error, ...)");
		if (n >= 0)
			syntaxes[n].parse(p, &e);
	}
	if (parser_n_diags(p) == n_diags)
		add_expect(p, &e);
	else
		p->has_skipped = true;
}
