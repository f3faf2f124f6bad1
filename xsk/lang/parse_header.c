// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

#define MAX_HEADERS 8

/* 02:00:00:00:00:01, two digits each */
static bool read_mac(const char *text, size_t len, uint8_t *mac)
{
	if (len != 17)
		return false;
	for (size_t i = 0; i < 6; i++, text += 3) {
		int hi = hex_digit(text[0]), lo = hex_digit(text[1]);

		if (hi < 0 || lo < 0 || (i < 5 && text[2] != ':'))
			return false;
		mac[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

static bool read_ip6(const char *text, size_t len, uint8_t *addr)
{
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(AF_INET6, copy, addr) == 1;
}

/* The parser is at the name of the field. */
static void parse_address(struct parser *p, struct field *f)
{
	bool is_mac = field_infos[f->id].kind == FIELD_MAC;
	const struct token *tok = &p->tok;
	bool is_good;

	parser_advance_to_address(p);
	if (!parser_is_at(p, TOK_ADDRESS)) {
		parser_expected(p, is_mac ? "a MAC address" : "an IPv6 address");
		return;
	}
	is_good = is_mac ? read_mac(tok->text, tok->len, f->addr) :
			   read_ip6(tok->text, tok->len, f->addr);
	if (!is_good)
		diag_add(p->ds, DIAG_BAD_NUMBER, tok->pos, "'%.*s' is no %s", lex_shown(tok->len),
			 tok->text,
			 is_mac ? "MAC address (like 02:00:00:00:00:01)" :
				  "IPv6 address (like 2001:db8::1)");
	parser_advance(p);
}

static void parse_number(struct parser *p, struct field *f)
{
	const struct field_info *info = &field_infos[f->id];
	const struct value_rule rule = {
		.name = info->name,
		.max = (1ll << info->bits) - 1,
		.vars = VARS_PACKET,
	};

	parser_advance(p);
	f->value = expr_parse(p, &rule);
}

/* The field that the token names, N_FIELDS after a diagnostic. */
static enum field_id find_field(struct parser *p, enum header_kind header)
{
	const char *names[N_FIELDS] = {};
	size_t n = 0;

	for (int id = 0; id < N_FIELDS; id++) {
		if (field_infos[id].header != header)
			continue;
		if (parser_is_at_word(p, field_infos[id].name))
			return id;
		names[n++] = field_infos[id].name;
	}
	if (!parser_is_at(p, TOK_WORD)) {
		parser_expected(p, "a field");
		return N_FIELDS;
	}
	parser_suggest(p,
		       diag_add(p->ds, DIAG_UNKNOWN_WORD, p->tok.pos, "%s has no field '%.*s'",
				header_names[header], lex_shown(p->tok.len), p->tok.text),
		       &p->tok, names, n);
	return N_FIELDS;
}

/* What belongs to a field that nobody knows: an address would not even be a value. */
static void skip_field(struct parser *p)
{
	parser_advance_to_address(p);
	while (!p->is_lost && p->tok.kind != TOK_COMMA && p->tok.kind != TOK_RPAREN &&
	       !parser_is_at_end(p))
		parser_advance(p);
}

static bool has_field(struct parser *p, const struct header *h, const struct field *f)
{
	for (size_t i = 0; i < h->n_fields; i++) {
		if (h->fields[i].id != f->id)
			continue;
		parser_duplicate(p, f->pos, h->fields[i].pos, "the header has '%s' already",
				 field_infos[f->id].name);
		return true;
	}
	return false;
}

static void parse_field(struct parser *p, struct header *h)
{
	struct field f = { .id = find_field(p, h->kind), .pos = p->tok.pos };
	bool is_new;

	if (f.id == N_FIELDS) {
		skip_field(p);
		return;
	}
	is_new = !has_field(p, h, &f);
	if (field_infos[f.id].kind == FIELD_MAC || field_infos[f.id].kind == FIELD_IP6)
		parse_address(p, &f);
	else
		parse_number(p, &f);
	if (is_new)
		*ARENA_PUSH(p->arena, h->fields, h->n_fields) = f;
}

static bool is_ip(enum header_kind kind)
{
	return kind == HDR_IPV4 || kind == HDR_IPV6;
}

/* Can this header follow that one? */
static bool can_follow(enum header_kind kind, enum header_kind before)
{
	switch (kind) {
	case HDR_ETH:
		return false;
	case HDR_VLAN:
	case HDR_IPV4:
	case HDR_IPV6:
		return before == HDR_ETH || before == HDR_VLAN;
	default:
		return is_ip(before);
	}
}

/* One header in the wrong place makes the places of all the others wrong: once is enough. */
static bool check_order(struct parser *p, const struct header *before, const struct header *h)
{
	if (!before && h->kind != HDR_ETH)
		diag_add(p->ds, DIAG_CONFLICT, h->pos, "eth must come first, before %s",
			 header_names[h->kind]);
	else if (before && !can_follow(h->kind, before->kind))
		diag_add(p->ds, DIAG_CONFLICT, h->pos, "%s cannot follow %s", header_names[h->kind],
			 header_names[before->kind]);
	else
		return true;
	return false;
}

/* False where no header could be made of it. */
static bool parse_header(struct parser *p, struct header *h)
{
	int kind;

	h->pos = p->tok.pos;
	kind = parser_choice(p, header_names, N_HEADERS,
			     "a header (eth, vlan, ipv4, ipv6, udp, tcp, icmp)");
	if (kind < 0) {
		p->is_lost = true; /* what follows depends on it */
		return false;
	}
	h->kind = kind;
	if (!parser_take(p, TOK_LPAREN))
		return true;
	do {
		parse_field(p, h);
	} while (parser_take(p, TOK_COMMA));
	return parser_need(p, TOK_RPAREN);
}

void parse_headers(struct parser *p)
{
	struct stream_spec *s = p->stream;
	const struct header *before = NULL;
	bool is_ordered = true;

	parser_advance(p);
	do {
		struct header h = {};

		if (!parse_header(p, &h))
			return;
		if (s->n_headers == MAX_HEADERS) {
			diag_add(p->ds, DIAG_TOO_MANY, h.pos,
				 "a packet has no more than %d headers", MAX_HEADERS);
			p->is_lost = true;
			return;
		}
		is_ordered = is_ordered && check_order(p, before, &h);
		*ARENA_PUSH(p->arena, s->headers, s->n_headers) = h;
		before = &s->headers[s->n_headers - 1];
	} while (parser_take(p, TOK_COMMA));
}
