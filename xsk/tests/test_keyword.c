// SPDX-License-Identifier: GPL-2.0-only
/* The tables of the language: complete, without contradictions, and all in the reference. */
#include "base/strbuf.h"
#include "lang/parser.h"
#include "lang/spec.h"
#include "tests/test.h"

/* Every statement of the tables has a parser, every setting one row with sane numbers. */
static void test_tables(void)
{
	const struct keyword *kw;
	size_t n = keyword_list(&kw);

	for (; n--; kw++) {
		CHECK(kw == keyword_find(kw->scope, kw->name, strlen(kw->name)), "%s", kw->name);
		CHECK(kw->help && kw->help[0], "%s", kw->name);
		if (kw->setting >= 0)
			CHECK(kw->min <= kw->dflt || kw->has_own_default, "%s", kw->name);
		else if (kw->scope != SCOPE_EXPECT)
			CHECK(kw->syntax && statement_parser(kw->scope, kw->name), "%s", kw->name);
	}
	for (int id = 0; id < N_SETTINGS; id++)
		CHECK_EQ(id, keyword_of_setting(id)->setting);
	for (int id = 0; id < N_FIELDS; id++)
		CHECK(field_infos[id].name && field_infos[id].bits, "field %d", id);
	for (int id = 0; id < N_PROGRAMS; id++)
		CHECK(program_infos[id].name && program_infos[id].help, "program %d", id);
}

static void test_reference(void)
{
	const struct keyword *kw;
	size_t n = keyword_list(&kw);
	struct strbuf out = {};
	char row[64];

	keyword_reference(&out);
	for (; n--; kw++) {
		snprintf(row, sizeof(row), "\n| `%s` |", kw->name);
		CHECK(strstr(strbuf_text(&out), row), "%s", kw->name);
	}
	CHECK(strstr(strbuf_text(&out), "| `deadline` | 1ms to 1440min | 1min |"));
	strbuf_release(&out);
}

int main(void)
{
	RUN(test_tables);
	RUN(test_reference);
	return test_end();
}
