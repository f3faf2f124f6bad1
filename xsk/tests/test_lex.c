// SPDX-License-Identifier: GPL-2.0-only
/* Text to tokens. */
#include "lang/lex.h"
#include "tests/test.h"

struct lexed {
	struct source src;
	struct diags ds;
	struct lexer lx;
	struct token tok;
};

static void lex_begin(struct lexed *l, const char *text, size_t len)
{
	*l = (struct lexed){ .src = { .path = "x.spec", .text = text, .len = len } };
	lex_init(&l->lx, &l->src, &l->ds);
}

/* The kinds of all tokens of a text. */
static void check_kinds(const char *text, const enum token_kind *expect, size_t n)
{
	struct lexed l;

	lex_begin(&l, text, strlen(text));
	for (size_t i = 0; i < n; i++) {
		lex_next(&l.lx, &l.tok);
		CHECK(l.tok.kind == expect[i], "'%s', token %zu: expect %s, actual %s", text, i,
		      token_kind_name(expect[i]), token_kind_name(l.tok.kind));
	}
	CHECK_EQ(0, l.ds.n);
	diags_release(&l.ds);
}

#define CHECK_KINDS(text, ...)                                                                     \
	do {                                                                                       \
		static const enum token_kind kinds_[] = { __VA_ARGS__, TOK_EOF };                  \
                                                                                                   \
		check_kinds(text, kinds_, sizeof(kinds_) / sizeof(kinds_[0]));                     \
	} while (0)

static void test_kinds(void)
{
	CHECK_KINDS("a { len 9 }", TOK_WORD, TOK_LBRACE, TOK_WORD, TOK_NUMBER, TOK_RBRACE);
	CHECK_KINDS("a.b a..b", TOK_WORD, TOK_DOT, TOK_WORD, TOK_WORD, TOK_DOTDOT, TOK_WORD);
	CHECK_KINDS("1..2", TOK_NUMBER, TOK_DOTDOT, TOK_NUMBER);
	CHECK_KINDS("<<<=<>>>=>===!=!&&&|||", TOK_SHL, TOK_LE, TOK_LT, TOK_SHR, TOK_GE, TOK_GE,
		    TOK_EQ, TOK_NE, TOK_NOT, TOK_ANDAND, TOK_AND, TOK_OROR, TOK_OR);
	CHECK_KINDS("[?:]^~", TOK_LBRACKET, TOK_QUESTION, TOK_COLON, TOK_RBRACKET, TOK_XOR,
		    TOK_TILDE);
	CHECK_KINDS("\xef\xbb\xbf"
		    "a",
		    TOK_WORD);
}

static void test_statement_ends(void)
{
	CHECK_KINDS("a\nb;c", TOK_WORD, TOK_END, TOK_WORD, TOK_END, TOK_WORD);
	CHECK_KINDS("a # no; end\r\nb", TOK_WORD, TOK_END, TOK_WORD);
	CHECK_KINDS("a # at the very end", TOK_WORD);
	CHECK_KINDS("a,\n\n # more\n b", TOK_WORD, TOK_COMMA, TOK_WORD);
	CHECK_KINDS("1 +\n2", TOK_NUMBER, TOK_PLUS, TOK_NUMBER);
	CHECK_KINDS("(1\n)\n2", TOK_LPAREN, TOK_NUMBER, TOK_RPAREN, TOK_END, TOK_NUMBER);
	CHECK_KINDS("(1 {\n}", TOK_LPAREN, TOK_NUMBER, TOK_LBRACE, TOK_END, TOK_RBRACE);
	CHECK_KINDS("{\n", TOK_LBRACE, TOK_END);
}

static void test_percent(void)
{
	CHECK_KINDS("i%2", TOK_WORD, TOK_PERCENT, TOK_NUMBER);
	CHECK_KINDS("7%2", TOK_NUMBER, TOK_PERCENT, TOK_NUMBER);
	CHECK_KINDS("7%(i)", TOK_NUMBER, TOK_PERCENT, TOK_LPAREN, TOK_WORD, TOK_RPAREN);
	CHECK_KINDS("7 % 2", TOK_NUMBER, TOK_PERCENT, TOK_NUMBER);
	CHECK_KINDS("7% + 1", TOK_NUMBER, TOK_PLUS, TOK_NUMBER);
}

static void test_numbers(void)
{
	static const struct {
		const char *text;
		int64_t value;
		enum dim dim;
	} rows[] = {
		{ "0", 0, DIM_NONE },
		{ "4096", 4096, DIM_NONE },
		{ "0x1F", 31, DIM_NONE },
		{ "0x10KiB", 16384, DIM_BYTES },
		{ "9223372036854775807", INT64_MAX, DIM_NONE },
		{ "64B", 64, DIM_BYTES },
		{ "4KiB", 4096, DIM_BYTES },
		{ "2MiB", 2 << 20, DIM_BYTES },
		{ "1GiB", 1 << 30, DIM_BYTES },
		{ "1.5KiB", 1536, DIM_BYTES },
		{ "3kB", 3000, DIM_BYTES },
		{ "3MB", 3000000, DIM_BYTES },
		{ "3GB", 3000000000, DIM_BYTES },
		{ "20us", 20000, DIM_TIME },
		{ "1.5ms", 1500000, DIM_TIME },
		{ "0.000001s", 1000, DIM_TIME },
		{ "1.50000000000s", 1500000000, DIM_TIME },
		{ "2min", 120000000000, DIM_TIME },
		{ "7ns", 7, DIM_TIME },
		{ "200kpps", 200000, DIM_RATE },
		{ "14.88Mpps", 14880000, DIM_RATE },
		{ "1pps", 1, DIM_RATE },
		{ "50%", 5000, DIM_PERCENT },
		{ "0.5%", 50, DIM_PERCENT },
		{ "192.0.2.1", 0xc0000201, DIM_NONE },
		{ "255.255.255.255", 0xffffffff, DIM_NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lexed l;

		lex_begin(&l, rows[i].text, strlen(rows[i].text));
		lex_next(&l.lx, &l.tok);
		CHECK(l.tok.kind == TOK_NUMBER && !l.tok.is_bad, "%s", rows[i].text);
		CHECK(l.tok.value == rows[i].value && l.tok.dim == rows[i].dim,
		      "%s: expect %lld, actual %lld, %s", rows[i].text, (long long)rows[i].value,
		      (long long)l.tok.value, dim_name(l.tok.dim));
		CHECK_EQ(strlen(rows[i].text), l.tok.pos.len);
		CHECK_EQ(0, l.ds.n);
		diags_release(&l.ds);
	}
}

/* One diagnostic at the first token, with a name. */
static void test_mistakes(void)
{
	static const struct {
		const char *text, *name;
		uint32_t col, len;
	} rows[] = {
		{ " 9223372036854775808", "overflow", 2, 19 },
		{ "0xfffffffffffffffff", "overflow", 1, 19 },
		{ "99999999999GiB", "overflow", 1, 14 },
		{ "0x", "bad-number", 1, 2 },
		{ "1.5", "bad-number", 1, 3 },
		{ "1.5B", "bad-number", 1, 4 },
		{ "0.3KiB", "bad-number", 1, 6 },
		{ "0.1234567891s", "bad-number", 1, 13 },
		{ "0.001%", "bad-number", 1, 6 },
		{ "192.0.2", "bad-number", 1, 7 },
		{ "192.0.2.256", "bad-number", 1, 11 },
		{ "1.2.3.4.5", "bad-number", 1, 9 },
		{ "99999999999999999999.0.2.1", "bad-number", 1, 26 },
		{ "12KB", "unit", 1, 4 },
		{ "12xyz", "unit", 1, 5 },
		{ "\"abc", "bad-string", 1, 4 },
		{ "\"abc\nd\"", "bad-string", 1, 4 },
		{ "\"a\\qc\"", "bad-string", 3, 2 },
		{ "\"a\\x4\"", "bad-string", 3, 2 },
		{ "\"abc\\", "bad-string", 5, 2 },
		{ "@ a", "bad-char", 1, 1 },
		{ "\xe2\x82\xac\xe2\x82\xac a", "bad-char", 1, 6 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lexed l;

		lex_begin(&l, rows[i].text, strlen(rows[i].text));
		lex_next(&l.lx, &l.tok);
		CHECK(l.ds.n >= 1, "%s", rows[i].text);
		if (l.ds.n) {
			CHECK_STR(rows[i].name, diag_name(l.ds.v[0].id));
			CHECK(l.ds.v[0].pos.col == rows[i].col, "%s: column %u", rows[i].text,
			      l.ds.v[0].pos.col);
			CHECK(l.ds.v[0].pos.len == rows[i].len, "%s: length %u", rows[i].text,
			      l.ds.v[0].pos.len);
		}
		diags_release(&l.ds);
	}
}

static void test_strings(void)
{
	static const char text[] = "\"a\\n\\r\\t\\\\\\\"\\0\\x7eZ # no comment\" \"\"";
	struct lexed l;
	char out[64];
	size_t n;

	lex_begin(&l, text, sizeof(text) - 1);
	lex_next(&l.lx, &l.tok);
	CHECK_EQ(TOK_STRING, l.tok.kind);
	n = lex_unescape(&l.tok, out);
	CHECK_EQ(22, n);
	CHECK(!memcmp(out, "a\n\r\t\\\"\0~Z # no comment", 22));
	lex_next(&l.lx, &l.tok);
	CHECK_EQ(TOK_STRING, l.tok.kind);
	CHECK_EQ(0, lex_unescape(&l.tok, out));
	CHECK_EQ(2, l.tok.pos.len);
	CHECK_EQ(0, l.ds.n);
	diags_release(&l.ds);
}

static void test_addresses(void)
{
	static const char *const texts[] = { "02:00:00:00:00:01", "2001:db8::1",
					     "::", "::ffff:1.2.3.4" };

	for (size_t i = 0; i < 4; i++) {
		struct lexed l;

		lex_begin(&l, texts[i], strlen(texts[i]));
		lex_address(&l.lx, &l.tok);
		CHECK(l.tok.kind == TOK_ADDRESS && l.tok.len == strlen(texts[i]), "%s", texts[i]);
		lex_next(&l.lx, &l.tok);
		CHECK_EQ(TOK_EOF, l.tok.kind);
		CHECK_EQ(0, l.ds.n);
		diags_release(&l.ds);
	}
}

static void test_positions(void)
{
	static const char text[] = "ab\n\t cd # x\n\n  ef";
	static const struct srcpos expect[] = {
		{ 1, 1, 2 }, { 1, 3, 1 }, { 2, 3, 2 }, { 2, 9, 1 },
		{ 3, 1, 1 }, { 4, 3, 2 }, { 4, 5, 1 },
	};
	struct lexed l;

	lex_begin(&l, text, sizeof(text) - 1);
	for (size_t i = 0; i < 7; i++) {
		lex_next(&l.lx, &l.tok);
		CHECK(!memcmp(&l.tok.pos, &expect[i], sizeof(expect[i])), "token %zu: %u:%u+%u", i,
		      l.tok.pos.line, l.tok.pos.col, l.tok.pos.len);
	}
	diags_release(&l.ds);
}

static void test_binary(void)
{
	struct source src = { .path = "x.spec", .text = "ab\nc\0d", .len = 6 };
	struct srcpos pos;

	CHECK_EQ(0, lex_find_binary(&src, &pos));
	CHECK_EQ(2, pos.line);
	CHECK_EQ(2, pos.col);
	src = (struct source){ .path = "x.spec", .text = "\tab\r\n\f\xff", .len = 7 };
	CHECK_EQ(-1, lex_find_binary(&src, &pos));
	src.len = 0;
	CHECK_EQ(-1, lex_find_binary(&src, &pos));
}

static void check_format(const char *expect, int64_t value, enum dim dim)
{
	char text[32];

	unit_format(value, dim, text, sizeof(text));
	CHECK_STR(expect, text);
}

static void test_unit_format(void)
{
	check_format("0", 0, DIM_NONE);
	check_format("-5", -5, DIM_NONE);
	check_format("2MiB", 2 << 20, DIM_BYTES);
	check_format("9001B", 9001, DIM_BYTES);
	check_format("20us", 20000, DIM_TIME);
	check_format("0ns", 0, DIM_TIME);
	check_format("200kpps", 200000, DIM_RATE);
	check_format("20%", 2000, DIM_PERCENT);
	check_format("0.50%", 50, DIM_PERCENT);
}

int main(void)
{
	RUN(test_kinds);
	RUN(test_statement_ends);
	RUN(test_percent);
	RUN(test_numbers);
	RUN(test_mistakes);
	RUN(test_strings);
	RUN(test_addresses);
	RUN(test_positions);
	RUN(test_binary);
	RUN(test_unit_format);
	return test_end();
}
