// SPDX-License-Identifier: GPL-2.0-only
#include "lang/spec.h"

#include <string.h>

#include "lang/parser.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void parse_about(struct parser *p)
{
	parser_advance(p);
	p->test->about = parser_text(p, "a text");
}

/* 'mode skb, drv': a bit for each name, 0 after a mistake */
static uint32_t parse_name_set(struct parser *p, const char *const *names, size_t n,
			       const char *what)
{
	uint32_t set = 0;

	do {
		struct srcpos pos = p->tok.pos;
		int name = parser_choice(p, names, n, what);

		if (name < 0)
			continue;
		if (set >> name & 1)
			diag_add(p->ds, DIAG_DUPLICATE, pos, "'%s' is in the list already",
				 names[name]);
		set |= 1u << name;
	} while (parser_take(p, TOK_COMMA));
	return set;
}

static void parse_mode(struct parser *p)
{
	struct srcpos pos = parser_advance(p);

	p->test->modes = parse_name_set(p, mode_names, N_MODES, "a mode (skb, drv, zc)");
	if (p->test->modes == 1u << MODE_ZC)
		p->zc_pos = pos;
}

static void parse_wakeup(struct parser *p)
{
	parser_advance(p);
	p->test->wakeups =
		parse_name_set(p, wakeup_names, N_WAKEUPS, "a wakeup (softirq, busy_poll)");
}

static void begin_test(struct parser *p, const char *name, struct srcpos pos)
{
	struct spec *spec = p->spec;

	for (size_t i = 0; i < spec->n_tests; i++) {
		if (!strcmp(spec->tests[i].name, name))
			parser_duplicate(p, pos, spec->tests[i].pos, "there is a test '%s' already",
					 name);
	}
	p->test = ARENA_PUSH(p->arena, spec->tests, spec->n_tests);
	p->test->name = name;
	p->test->pos = pos;
	p->steps = &p->test->steps;
	p->n_steps = &p->test->n_steps;
	p->vars_read = 0;
	p->n_randoms = 0;
	p->has_skipped = p->is_error_expected = false;
	p->zc_pos = p->fwd_pos = (struct srcpos){};
}

#define MAX_TESTS 1000

static void parse_test(struct parser *p)
{
	struct srcpos pos = parser_advance(p);
	const char *name = parser_name(p, "a name for the test", &pos);

	if (!name)
		return;
	if (p->spec->n_tests == MAX_TESTS) {
		diag_add(p->ds, DIAG_TOO_MANY, pos, "a file has no more than %d tests", MAX_TESTS);
		p->is_lost = true;
		return;
	}
	begin_test(p, name, pos);
	parser_block(p, SCOPE_TEST);
	if (!p->is_lost)
		check_test(p);
	p->test = NULL;
}

/* A row for each statement that is no setting. */
static const struct statement {
	enum scope scope;
	const char *name;
	parse_fn *parse;
} statements[] = {
	{ SCOPE_FILE, "test", parse_test },
	{ SCOPE_TEST, "about", parse_about },
	{ SCOPE_TEST, "mode", parse_mode },
	{ SCOPE_TEST, "wakeup", parse_wakeup },
	{ SCOPE_TEST, "axis", parse_axis },
	{ SCOPE_TEST, "link", parse_link },
	{ SCOPE_TEST, "umem", parse_umem },
	{ SCOPE_TEST, "socket", parse_socket },
	{ SCOPE_TEST, "program", parse_program },
	{ SCOPE_TEST, "stream", parse_stream },
	{ SCOPE_TEST, "descriptors", parse_descriptors },
	{ SCOPE_TEST, "send", parse_send },
	{ SCOPE_TEST, "receive", parse_receive },
	{ SCOPE_TEST, "parallel", parse_parallel },
	{ SCOPE_TEST, "repeat", parse_repeat },
	{ SCOPE_TEST, "at", parse_at },
	{ SCOPE_TEST, "occupy", parse_occupy },
	{ SCOPE_TEST, "tc", parse_tc },
	{ SCOPE_TEST, "sabotage", parse_sabotage },
	{ SCOPE_TEST, "expect", parse_expect },
	{ SCOPE_LINK, "qdisc", parse_qdisc },
	{ SCOPE_LINK, "down", parse_down },
	{ SCOPE_STREAM, "payload", parse_payload },
	{ SCOPE_STREAM, "headers", parse_headers },
	{ SCOPE_STREAM, "edt", parse_edt },
	{ SCOPE_STREAM, "edt_before", parse_edt_before },
	{ SCOPE_STREAM, "sender", parse_sender },
	{ SCOPE_STREAM, "from", parse_from },
	{ SCOPE_STREAM, "filter", parse_filter },
	{ SCOPE_DESCRIPTORS, "addr", parse_descriptor },
	{ SCOPE_DESCRIPTORS, "len", parse_descriptor },
	{ SCOPE_DESCRIPTORS, "options", parse_descriptor },
	{ SCOPE_DESCRIPTORS, "metadata", parse_descriptor },
	{ SCOPE_DESCRIPTORS, "packet", parse_packet },
	{ SCOPE_DESCRIPTORS, "payload", parse_payload },
	{ SCOPE_DESCRIPTORS, "headers", parse_headers },
	{ SCOPE_PACKET, "addr", parse_packet_descriptor },
	{ SCOPE_PACKET, "len", parse_packet_descriptor },
	{ SCOPE_PACKET, "metadata", parse_packet_descriptor },
	{ SCOPE_PACKET, "options", parse_packet_descriptor },
	{ SCOPE_PARALLEL, "send", parse_send },
	{ SCOPE_REPEAT, "send", parse_send },
	{ SCOPE_REPEAT, "parallel", parse_parallel },
	{ SCOPE_ACTION, "discard", parse_action },
	{ SCOPE_ACTION, "unmap", parse_action },
	{ SCOPE_ACTION, "link", parse_action },
	{ SCOPE_ACTION, "wait", parse_action },
	{ SCOPE_ACTION, "detach", parse_action },
	{ SCOPE_ACTION, "attach", parse_action },
	{ SCOPE_ACTION, "close", parse_action },
	{ SCOPE_ACTION, "reopen", parse_action },
};

parse_fn *statement_parser(enum scope scope, const char *name)
{
	for (size_t i = 0; i < N(statements); i++) {
		if (statements[i].scope == scope && !strcmp(statements[i].name, name))
			return statements[i].parse;
	}
	return NULL;
}

void spec_parse(struct spec *spec, const struct source *src, const char *family, struct diags *ds)
{
	struct parser p = { .spec = spec, .arena = &spec->arena, .ds = ds };
	struct srcpos pos;
	int byte;

	*spec = (struct spec){ .source = *src };
	spec->family = arena_strndup(&spec->arena, family, strlen(family));
	byte = lex_find_binary(src, &pos);
	if (byte >= 0) {
		diag_add(ds, DIAG_BINARY, pos, "this is no text file: it holds the byte 0x%02x",
			 byte);
		return;
	}
	lex_init(&p.lex, src, ds);
	parser_file(&p);
	check_spec(&p);
	diags_sort(ds);
}

void spec_release(struct spec *spec)
{
	arena_release(&spec->arena);
	*spec = (struct spec){};
}
