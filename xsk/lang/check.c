// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

/* What only a whole stream, test or file can tell. */

static const uint32_t header_lens[N_HEADERS] = {
	[HDR_ETH] = 14, [HDR_VLAN] = 4, [HDR_IPV4] = 20, [HDR_IPV6] = 40,
	[HDR_UDP] = 8,	[HDR_TCP] = 20, [HDR_ICMP] = 8,
};

/* A length of 0 is no slip: it makes an invalid descriptor. */
static void check_len(struct parser *p, const struct stream_spec *s)
{
	const struct expr *len = s->set[SET_STREAM_LEN];
	int64_t value, least = 0;

	for (size_t i = 0; i < s->n_headers; i++)
		least += header_lens[s->headers[i].kind];
	if (len && expr_is_constant(len, &value) && value && value < least)
		diag_add(p->ds, DIAG_LEN_RANGE, len->pos,
			 "the headers of this stream alone take %lld bytes", (long long)least);
}

static void check_capture(struct parser *p, const struct stream_spec *s)
{
	if (s->pcap_path && (s->set[SET_STREAM_LEN] || s->n_headers || s->payload))
		diag_add(p->ds, DIAG_CONFLICT, s->pcap_pos,
			 "length, headers and payload of the packets are those of the capture");
	if (s->pcap_filter && !s->pcap_path)
		diag_add(p->ds, DIAG_MISSING, p->filter_pos, "there is no capture to filter");
}

void check_stream(struct parser *p, const struct stream_spec *s)
{
	if (s->is_descriptors && !s->n_packets)
		diag_add(p->ds, DIAG_MISSING, s->pos, "there are no descriptors in this block");
	check_len(p, s);
	check_capture(p, s);
}

static void check_streams(struct parser *p)
{
	const struct test *t = p->test;
	struct diag *d;

	for (size_t i = 0; i < t->n_streams; i++) {
		const struct stream_spec *s = &t->streams[i];
		struct token name = { .text = s->name, .len = strlen(s->name) };
		const char *names[64];
		size_t n = 0;

		if (s->is_declared && s->is_used)
			continue;
		if (s->is_declared) {
			diag_add(p->ds, DIAG_UNUSED, s->pos, "nobody sends the stream '%s'",
				 s->name);
			continue;
		}
		for (size_t k = 0; k < t->n_streams && n < 64; k++) {
			if (t->streams[k].is_declared)
				names[n++] = t->streams[k].name;
		}
		d = diag_add(p->ds, DIAG_UNKNOWN_NAME, s->pos, "there is no stream '%.*s'",
			     lex_shown(name.len), s->name);
		parser_suggest(p, d, &name, names, n);
	}
}

static void check_axes(struct parser *p)
{
	for (size_t i = 0; i < p->test->n_axes; i++) {
		const struct axis *axis = &p->test->axes[i];

		if (!axis->is_used)
			diag_add(p->ds, DIAG_UNUSED, axis->pos, "nothing reads the axis '%s'",
				 axis->name);
	}
}

const struct expect_stmt *find_expect(const struct test *t, enum expect_kind kind)
{
	for (size_t i = 0; i < t->n_expects; i++) {
		if (t->expects[i].kind == kind)
			return &t->expects[i];
	}
	return NULL;
}

const struct setting *find_setting(const struct test *t, enum setting_id id)
{
	for (size_t i = 0; i < t->n_settings; i++) {
		if (t->settings[i].kw->setting == (int)id)
			return &t->settings[i];
	}
	return NULL;
}

/* What a failing socket makes impossible to see. */
static void check_error(struct parser *p)
{
	const struct test *t = p->test;
	const struct expect_stmt *error = find_expect(t, EXPECT_ERROR);

	if (!error || error->failing_step == FAIL_SEND)
		return;
	for (size_t i = 0; i < t->n_expects; i++) {
		if (t->expects[i].kind != EXPECT_ERROR)
			diag_add(p->ds, DIAG_CONFLICT, t->expects[i].pos,
				 "nothing is sent after the error that line %u expects",
				 error->pos.line);
	}
}

/* Sizes that only an error can be expected of, and settings that are mistakes by themselves. */
static void check_loose(struct parser *p)
{
	for (size_t i = 0; i < p->test->n_settings && !p->is_error_expected; i++) {
		const struct setting *s = &p->test->settings[i];
		const struct keyword *kw = s->kw;
		int64_t value;

		if (kw->is_mistake)
			diag_hint(p->ds,
				  diag_add(p->ds, DIAG_CONFLICT, s->pos,
					   "'%s' is a mistake: it needs an error that is expected",
					   kw->name),
				  "expect error STEP ERRNO");
		if (!kw->is_loose || !s->value || !expr_is_constant(s->value, &value))
			continue;
		if (value < kw->min)
			diag_add(p->ds, DIAG_RANGE, s->value->pos,
				 "%s is %lld, but it has to be at least %lld", kw->name,
				 (long long)value, (long long)kw->min);
		else if (kw->is_pow2 && value & (value - 1))
			diag_add(p->ds, DIAG_RANGE, s->value->pos,
				 "%s is %lld, but it has to be a power of two", kw->name,
				 (long long)value);
	}
}

static void check_link(struct parser *p)
{
	const struct test *t = p->test;
	const struct setting *hops = find_setting(t, SET_LINK_HOPS);
	int64_t n;

	if (p->zc_pos.line && t->is_link_veth && !find_expect(t, EXPECT_ERROR))
		diag_add(p->ds, DIAG_CONFLICT, p->zc_pos,
			 "veth has no zero-copy, and the test is bound to it ('link veth')");
	if (p->fwd_pos.line && (!hops || (expr_is_constant(hops->value, &n) && n < 2)))
		diag_hint(p->ds,
			  diag_add(p->ds, DIAG_CONFLICT, p->fwd_pos,
				   "the link has one hop: there is nothing between a and b"),
			  "link { hops 2 }");
}

/* Sockets of an end; INT64_MAX where that is not constant. */
static int64_t count_sockets(const struct test *t, enum end end)
{
	int64_t n = 1, value;

	for (size_t i = 0; i < t->n_settings; i++) {
		const struct setting *s = &t->settings[i];

		if (s->kw->setting != SET_SOCKET_COUNT || !(s->end_mask >> end & 1))
			continue;
		if (!expr_is_constant(s->value, &value))
			return INT64_MAX;
		n = value > n ? value : n;
	}
	return n;
}

static void check_socket(struct parser *p, enum end end, int socket, struct srcpos pos)
{
	if (socket >= count_sockets(p->test, end))
		diag_hint(p->ds,
			  diag_add(p->ds, DIAG_RANGE, pos, "end %c has no socket %d",
				   end_names[end], socket),
			  "socket %c { count %d }", end_names[end], socket + 1);
}

static void check_sockets(struct parser *p, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];

		check_socket(p, s->from.end, s->from.socket, s->from.pos);
		check_socket(p, s->to.end, s->to.socket, s->to.pos);
		check_sockets(p, s->steps, s->n_steps);
	}
}

static void check_socket_numbers(struct parser *p)
{
	const struct test *t = p->test;

	check_sockets(p, t->steps, t->n_steps);
	for (size_t i = 0; i < t->n_expects; i++)
		check_socket(p, t->expects[i].end, t->expects[i].socket, t->expects[i].pos);
	for (size_t i = 0; i < t->n_settings; i++) {
		const struct setting *s = &t->settings[i];

		check_socket(p, s->end_mask == END_MASK_A ? END_A : END_B, s->socket, s->pos);
	}
}

void check_test(struct parser *p)
{
	const struct test *t = p->test;

	check_streams(p);
	check_axes(p);
	check_error(p);
	check_loose(p);
	check_socket_numbers(p);
	/* What is missing may stand in a statement that was not understood. */
	if (p->has_skipped)
		return;
	check_link(p);
	check_edt(p);
	if (!t->n_steps && !find_expect(t, EXPECT_ERROR) && !find_expect(t, EXPECT_POLL_TIMEOUT))
		diag_add(p->ds, DIAG_MISSING, t->pos, "the test sends nothing");
}

void check_spec(struct parser *p)
{
	struct srcpos start = { .line = 1, .col = 1, .len = 1 };

	if (!p->spec->n_tests && !p->ds->n)
		diag_add(p->ds, DIAG_NO_TEST, start, "the file has no test");
}
