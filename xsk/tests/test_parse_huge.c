// SPDX-License-Identifier: GPL-2.0-only
/* Texts that nobody would write by hand: done in linear time, and with little to say. */
#include "base/strbuf.h"
#include "lang/spec.h"
#include "tests/parsed.h"
#include "tests/test.h"

/* One diagnostic of this name, whatever the text. */
static void check_one(const char *name, const char *text, size_t len)
{
	struct parsed p = {};

	parse_text(&p, "x.spec", text, len);
	CHECK(p.ds.n == 1, "%s: %zu diagnostics", name, p.ds.n);
	CHECK_STR(name, p.ds.n ? diag_name(p.ds.v[0].id) : NULL);
	parsed_release(&p);
}

static void test_no_text(void)
{
	struct parsed p = {};

	check_one("no-test", "", 0);
	check_one("no-test", "# nothing\n;;\n", 13);
	check_one("binary", "\0", 1);
	check_one("binary",
		  "test x {\n\x7f"
		  "ELF\1\1\0\0",
		  17);
	/* Without a single byte behind the pointer. */
	parse_text(&p, "x.spec", NULL, 0);
	CHECK_EQ(1, p.ds.n);
	parsed_release(&p);
}

/* Ten megabytes in one line, of many kinds: done in a moment, and with little to say. */
static void check_huge(const char *before, const char *part, const char *after)
{
	const size_t n = 10000000 / strlen(part);
	struct strbuf text = {};
	struct parsed p = {};

	strbuf_add(&text, "%s", before);
	for (size_t i = 0; i < n; i++)
		strbuf_add_mem(&text, part, strlen(part));
	strbuf_add(&text, "%s", after);
	parse_text(&p, "x.spec", strbuf_text(&text), text.len);
	CHECK(p.ds.n <= DIAGS_MAX + 1, "%s: %zu", part, p.ds.n);
	for (size_t i = 0; i < p.ds.n; i++) {
		struct strbuf shown = {};

		diag_format(&p.ds.v[i], &p.src, &shown);
		CHECK(shown.len < 1000, "%s: %zu bytes", part, shown.len);
		strbuf_release(&shown);
	}
	parsed_release(&p);
	strbuf_release(&text);
}

static void test_huge_lines(void)
{
	check_huge("", "x", "");
	check_huge("", "9", "");
	check_huge("", "{", "");
	check_huge("", "}", "");
	check_huge("", "\"", "");
	check_huge("", "@ ", "");
	check_huge("", ";", "");
	check_huge("", "foo bar ", "");
	check_huge("test x { send stream { len ", "1+", "1 } }");
	check_huge("test x { send stream { len ", "i+", "1 } }");
	check_huge("test x { send stream { packets ", "1", " } }");
	check_huge("test x { send stream { payload text \"", "abc", "\" } }");
	check_huge("test x { send stream { headers ", "eth(src 1),", "eth } }");
	check_huge("test x { mode ", "skb,", "drv }");
	check_huge("test x { axis ", "x", " 1 }");
	check_huge("test x {", "send x ", "");
	check_huge("", "#", "");
}

/* Megabytes of statements that all differ: still done in a moment. */
static void check_many(const char *before, const char *part)
{
	struct strbuf text = {};
	struct parsed p = {};

	strbuf_add(&text, "%s", before);
	for (int i = 0; text.len < 3000000; i++)
		strbuf_add(&text, part, i);
	parse_text(&p, "x.spec", strbuf_text(&text), text.len);
	CHECK_EQ(DIAGS_MAX + 1, p.ds.n);
	parsed_release(&p);
	strbuf_release(&text);
}

static void test_many_names(void)
{
	check_many("", "test t%d { send stream { } }\n");
	check_many("test x {\n", "stream s%d { }\n");
	check_many("test x {\n", "send s%d\n");
	check_many("test x {\n", "axis a%d 1, 2\n");
	check_many("test x {\n", "expect deliver s%d where i < 3\n");
	check_many("test x {\nsend stream { }\n", "oops%d\n");
	check_many("test x {\nsend stream { }\n", "umem { headroom %d }\n");
}

static void test_many_values(void)
{
	struct strbuf text = {};
	struct parsed p = {};

	strbuf_add(&text, "test x {\naxis a 0");
	for (int i = 1; i < 1000000; i++)
		strbuf_add(&text, ", %d", i);
	strbuf_add(&text, "\nsend stream { packets 1 + a }\n}\n");
	parse_text(&p, "x.spec", strbuf_text(&text), text.len);
	CHECK_EQ(1, p.ds.n);
	parsed_release(&p);
	strbuf_release(&text);
}

int main(void)
{
	RUN(test_no_text);
	RUN(test_huge_lines);
	RUN(test_many_names);
	RUN(test_many_values);
	return test_end();
}
