// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lang/expr_parse.h"
#include "lang/parser.h"

/* Name of those in send stream { ... }: nothing finds them by it. */
static const char unnamed[] = "stream";

#define MAX_STREAMS 256

/* One too many is read like the others, but nobody will find it. */
static struct stream_spec *add_stream(struct parser *p, const char *name, struct srcpos pos)
{
	struct test *t = p->test;
	struct stream_spec *s;

	if (t->n_streams < MAX_STREAMS) {
		s = ARENA_PUSH(p->arena, t->streams, t->n_streams);
	} else {
		s = arena_alloc(p->arena, sizeof(*s));
		diag_add(p->ds, DIAG_TOO_MANY, pos, "a test has no more than %d streams",
			 MAX_STREAMS);
	}
	s->name = name;
	s->pos = pos;
	return s;
}

static size_t stream_index(const struct parser *p, const struct stream_spec *s)
{
	size_t i = 0;

	while (i < p->test->n_streams && s != &p->test->streams[i])
		i++;
	return i;
}

static struct stream_spec *find_stream(struct parser *p, const char *name)
{
	for (size_t i = 0; i < p->test->n_streams; i++) {
		struct stream_spec *s = &p->test->streams[i];

		if (s->name != unnamed && !strcmp(s->name, name))
			return s;
	}
	return NULL;
}

/*
 * A statement may name a stream that stands further down: an entry is made
 * for it, and check_test() says so where it was never declared.
 */
size_t parse_stream_name(struct parser *p)
{
	struct stream_spec *s;
	struct srcpos pos;
	const char *name = parser_name(p, "the name of a stream", &pos);

	if (!name)
		return 0;
	s = find_stream(p, name);
	if (!s)
		s = add_stream(p, name, pos);
	return stream_index(p, s);
}

/* The entry that a declaration fills; one of no consequence for a second one of that name. */
static struct stream_spec *declare_stream(struct parser *p, const char *name, struct srcpos pos)
{
	struct stream_spec *s = find_stream(p, name);

	if (s && s->is_declared) {
		parser_duplicate(p, pos, s->pos, "there is a stream '%s' already", name);
		s = arena_alloc(p->arena, sizeof(*s));
	}
	if (!s)
		s = add_stream(p, name, pos);
	s->name = name;
	s->pos = pos;
	s->is_declared = true;
	return s;
}

static void parse_stream_block(struct parser *p, struct stream_spec *s, bool is_descriptors)
{
	s->is_descriptors = is_descriptors;
	p->stream = s;
	if (parser_block(p, is_descriptors ? SCOPE_DESCRIPTORS : SCOPE_STREAM))
		check_stream(p, s);
	p->stream = NULL;
}

static void parse_named_stream(struct parser *p, bool is_descriptors)
{
	struct srcpos pos = parser_advance(p);
	const char *name = parser_name(p, "a name", &pos);

	struct stream_spec *s;

	if (!name)
		return;
	s = declare_stream(p, name, pos);
	if (!strcmp(name, unnamed) || !strcmp(name, "descriptors")) {
		diag_add(p->ds, DIAG_CONFLICT, pos, "'%s' cannot be the name of a stream", name);
		s->is_used = true;
	}
	parse_stream_block(p, s, is_descriptors);
}

void parse_stream(struct parser *p)
{
	parse_named_stream(p, false);
}

void parse_descriptors(struct parser *p)
{
	parse_named_stream(p, true);
}

size_t parse_inline_stream(struct parser *p)
{
	bool is_descriptors = parser_is_at_word(p, "descriptors");
	struct srcpos pos = parser_advance(p);
	struct stream_spec *s = add_stream(p, unnamed, pos);

	s->is_declared = true;
	parse_stream_block(p, s, is_descriptors);
	return stream_index(p, s);
}

static void parse_hex(struct parser *p, struct stream_spec *s)
{
	struct srcpos pos = p->tok.pos;
	const uint8_t *text;
	uint8_t *bytes;
	size_t n, n_digits = 0;

	text = parser_bytes(p, "hexadecimal digits", &n);
	if (!text)
		return;
	s->bytes = bytes = arena_alloc(p->arena, n + 1);
	for (size_t i = 0; i < n; i++) {
		int digit = hex_digit(text[i]);

		if (text[i] == ' ')
			continue;
		if (digit < 0) {
			diag_add(p->ds, DIAG_BAD_STRING, pos,
				 "there is more than hexadecimal digits");
			return;
		}
		bytes[n_digits / 2] |= (uint8_t)(n_digits % 2 ? digit : digit << 4);
		n_digits++;
	}
	s->n_bytes = n_digits / 2;
	if (!n_digits || n_digits % 2)
		diag_add(p->ds, DIAG_BAD_STRING, pos, "a payload takes whole bytes, at least one");
}

static void parse_payload_text(struct parser *p, struct stream_spec *s)
{
	struct srcpos pos = p->tok.pos;

	s->bytes = parser_bytes(p, "a text", &s->n_bytes);
	if (s->bytes && !s->n_bytes)
		diag_add(p->ds, DIAG_BAD_STRING, pos, "a payload takes at least one byte");
}

void parse_payload(struct parser *p)
{
	static const char *const words[] = { "sequence", "zero", "random", "text", "hex" };
	struct stream_spec *s = p->stream;
	int word;

	parser_advance(p);
	word = parser_choice(p, words, 5, "a payload (sequence, zero, random, text, hex)");
	if (word < 0)
		return;
	s->payload = word < PAYLOAD_BYTES ? (enum payload_kind)word : PAYLOAD_BYTES;
	if (word == 3)
		parse_payload_text(p, s);
	else if (word == 4)
		parse_hex(p, s);
}

void parse_from(struct parser *p)
{
	p->stream->pcap_pos = parser_advance(p);
	if (parser_need_word(p, "pcap"))
		p->stream->pcap_path = parser_text(p, "the name of a file");
}

void parse_filter(struct parser *p)
{
	p->filter_pos = parser_advance(p);
	p->stream->pcap_filter = parser_text(p, "a filter");
}
