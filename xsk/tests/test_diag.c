// SPDX-License-Identifier: GPL-2.0-only
/* How diagnostics are kept, sorted and shown. */
#include "base/strbuf.h"
#include "lang/diag.h"
#include "tests/test.h"

static struct srcpos at(uint32_t line, uint32_t col, uint32_t len)
{
	return (struct srcpos){ .line = line, .col = col, .len = len };
}

/* What a user sees of one diagnostic at a place in a text. */
static void check_shown(const char *expect, const char *text, size_t len, struct srcpos pos)
{
	struct source src = { .path = "x.spec", .text = text, .len = len };
	struct strbuf out = {};
	struct diags ds = {};

	diag_hint(&ds, diag_add(&ds, DIAG_RANGE, pos, "odd"), "even");
	diag_format(&ds.v[0], &src, &out);
	CHECK_STR(expect, strbuf_text(&out));
	strbuf_release(&out);
	diags_release(&ds);
}

static void test_format(void)
{
	check_shown("x.spec:2:2: error[range]: odd\n"
		    "     2 |  len 9\n"
		    "       |  ^~~\n"
		    "       = even\n",
		    "test x {\n\tlen 9\r\n}\n", 18, at(2, 2, 3));
}

static void test_format_at_ends(void)
{
	check_shown("x.spec:1:1: error[range]: odd\n"
		    "     1 | \n"
		    "       | ^\n"
		    "       = even\n",
		    "", 0, at(1, 1, 1));
	check_shown("x.spec:1:4: error[range]: odd\n"
		    "     1 | abc\n"
		    "       |    ^\n"
		    "       = even\n",
		    "abc", 3, at(1, 4, 1));
	check_shown("x.spec:9:1: error[range]: odd\n"
		    "     9 | \n"
		    "       | ^\n"
		    "       = even\n",
		    "abc\n", 4, at(9, 1, 1));
}

static void test_format_without_place(void)
{
	check_shown("x.spec: error[range]: odd\n"
		    "       = even\n",
		    "abc", 3, at(0, 0, 0));
}

static void test_format_escapes(void)
{
	check_shown("x.spec:1:3: error[range]: odd\n"
		    "     1 | a\\x00\\xc3\\x1bz\n"
		    "       |      ^~~~~~~~\n"
		    "       = even\n",
		    "a\0\xc3\x1bz", 5, at(1, 3, 2));
}

/* Ten thousand bytes are not shown; the caret still stands below the right one. */
static void test_format_long_line(void)
{
	struct source src = { .path = "x.spec" };
	static char text[10000];
	struct strbuf out = {};
	struct diags ds = {};
	const char *line, *caret;

	memset(text, '.', sizeof(text));
	text[4999] = 'X';
	src.text = text;
	src.len = sizeof(text);
	diag_add(&ds, DIAG_RANGE, at(1, 5000, 4000), "odd");
	diag_format(&ds.v[0], &src, &out);
	CHECK(out.len < 300, "%zu bytes", out.len);
	line = strchr(strbuf_text(&out), '\n') + 1;
	caret = strchr(line, '\n') + 1;
	CHECK_EQ(strchr(line, 'X') - line, strchr(caret, '^') - caret);
	CHECK(strstr(line, "| ...") && strstr(line, "...\n"));
	strbuf_release(&out);
	diags_release(&ds);
}

static void test_names(void)
{
	CHECK_STR("syntax", diag_name(DIAG_SYNTAX));
	CHECK_STR("len-range", diag_name(DIAG_LEN_RANGE));
	CHECK_STR("too-many", diag_name(DIAG_TOO_MANY));
}

static void test_sort_is_stable(void)
{
	static const struct srcpos places[] = {
		{ 3, 1, 1 }, { 1, 9, 1 }, { 1, 2, 1 }, { 3, 1, 5 }, { 1, 2, 9 },
	};
	static const char *const expect[] = { "2", "4", "1", "0", "3" };
	struct diags ds = {};

	for (int i = 0; i < 5; i++)
		diag_add(&ds, DIAG_SYNTAX, places[i], "%d", i);
	diags_sort(&ds);
	for (int i = 0; i < 5; i++)
		CHECK_STR(expect[i], ds.v[i].text);
	diags_release(&ds);
}

static void test_too_many(void)
{
	struct diags ds = {};

	for (uint32_t i = 0; i < 1000; i++)
		diag_hint(&ds, diag_add(&ds, DIAG_SYNTAX, at(1000 - i, 1, 1), "%u", i), "hint");
	diags_sort(&ds);
	CHECK_EQ(DIAGS_MAX + 1, ds.n);
	CHECK_EQ(950, ds.n_more);
	CHECK_EQ(DIAG_TOO_MANY, ds.v[DIAGS_MAX].id);
	CHECK_STR("950 more mistakes from here on", ds.v[DIAGS_MAX].text);
	CHECK_STR(NULL, ds.v[DIAGS_MAX].hint);
	CHECK_STR("49", ds.v[0].text);
	CHECK_STR("hint", ds.v[0].hint);
	diags_release(&ds);
	CHECK_EQ(0, ds.n);
}

static void test_nearest(void)
{
	static const char *const words[] = { "packets", "payload", "pace", "len", "seq", "i" };
	static const struct {
		const char *word, *expect;
	} rows[] = {
		{ "packets", "packets" },
		{ "packet", "packets" },
		{ "pakcets", "packets" },
		{ "PACKETS", "packets" },
		{ "packetss", "packets" },
		{ "payloda", "payload" },
		{ "pcae", "pace" },
		{ "lne", "len" },
		{ "sequence", NULL },
		{ "zzz", NULL },
		{ "", NULL },
		{ "j", "i" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *actual = diag_nearest(rows[i].word, strlen(rows[i].word), words, 6);

		CHECK_STR(rows[i].expect, actual);
	}
}

static void test_nearest_of_long_words(void)
{
	static const char *const words[] = { "len" };
	static char word[100000];

	memset(word, 'l', sizeof(word));
	CHECK_STR(NULL, diag_nearest(word, sizeof(word), words, 1));
	CHECK_STR(NULL, diag_nearest("len", 3, words, 0));
}

int main(void)
{
	RUN(test_format);
	RUN(test_format_at_ends);
	RUN(test_format_without_place);
	RUN(test_format_escapes);
	RUN(test_format_long_line);
	RUN(test_names);
	RUN(test_sort_is_stable);
	RUN(test_too_many);
	RUN(test_nearest);
	RUN(test_nearest_of_long_words);
	return test_end();
}
