// SPDX-License-Identifier: GPL-2.0-only
/* Expressions: compiled from text, evaluated for packets. */
#include <stdint.h>

#include "base/strbuf.h"
#include "lang/spec.h"
#include "tests/test.h"

/* A spec whose one descriptor is invalid if the expression says so: there, any number will do. */
#define BEFORE "len 1 invalid if "
#define LINE 5

struct compiled {
	struct strbuf text;
	struct source src;
	struct diags ds;
	struct spec spec;
	const struct expr *e; /* NULL after a mistake */
};

static void compile(struct compiled *c, const char *text)
{
	*c = (struct compiled){};
	strbuf_add(&c->text,
		   "test t {\naxis x 1, 2\naxis y on, off\n"
		   "repeat x + y { send descriptors {\n" BEFORE "%s\n} } }\n",
		   text);
	c->src = (struct source){ .path = "x.spec", .text = c->text.text, .len = c->text.len };
	spec_parse(&c->spec, &c->src, "f", &c->ds);
	if (!c->ds.n)
		c->e = c->spec.tests[0].streams[0].packets[0].mark_cond;
}

static void compiled_release(struct compiled *c)
{
	spec_release(&c->spec);
	diags_release(&c->ds);
	strbuf_release(&c->text);
}

/* i = 10, frame_size = 2048, umem_size = 65536, x = 7, y = 1, unaligned = 0 */
static const struct env env = {
	.v = { [VAR_FRAME_SIZE] = 2048, [VAR_UMEM_SIZE] = 65536, [VAR_AXIS0] = 7, [VAR_AXIS0 + 1] = 1 },
	.seed = 42,
};
#define PACKET 10

static const struct {
	const char *text;
	int64_t value;
} values[] = {
	{ "1", 1 },
	{ "1 + 2 * 3", 7 },
	{ "(1 + 2) * 3", 9 },
	{ "10 - 4 - 3", 3 },
	{ "100 / 10 / 5", 2 },
	{ "17 % 5", 2 },
	{ "-17 / 5", -3 },
	{ "-17 % 5", -2 },
	{ "-2", -2 },
	{ "- -2", 2 },
	{ "+2", 2 },
	{ "~0", -1 },
	{ "!0", 1 },
	{ "!5", 0 },
	{ "1 << 4 | 1", 17 },
	{ "256 >> 4", 16 },
	{ "-16 >> 2", -4 },
	{ "12 & 10", 8 },
	{ "12 ^ 10", 6 },
	{ "12 | 3", 15 },
	{ "1 < 2", 1 },
	{ "2 <= 1", 0 },
	{ "3 > 2", 1 },
	{ "2 >= 3", 0 },
	{ "2 == 2", 1 },
	{ "2 != 2", 0 },
	{ "1 | 2 == 2", 1 },
	{ "1 + 1 == 2 && 3 > 2", 1 },
	{ "0 || 0", 0 },
	{ "0 || 7", 1 },
	{ "1 && 7", 1 },
	{ "1 && 0 || 1", 1 },
	{ "1 ? 2 : 3", 2 },
	{ "0 ? 2 : 3", 3 },
	{ "0 ? 1 : 0 ? 2 : 3", 3 },
	{ "1 ? 0 ? 1 : 2 : 3", 2 },
	{ "min(3, 4) + max(3, 4)", 7 },
	{ "4KiB - 32", 4064 },
	{ "9223372036854775807", INT64_MAX },
	{ "-9223372036854775807 - 1", INT64_MIN },
	{ "i", 10 },
	{ "-i", -10 },
	{ "2 * i + 1", 21 },
	{ "i % 2 ? 9001 : 64", 64 },
	{ "i % 2 == 0 ? 9001 : 64", 9001 },
	{ "i == 10 && x == 7", 1 },
	{ "i == 11 && 1 / (i - 10)", 0 },
	{ "i == 10 || 1 / (i - 10)", 1 },
	{ "i == 10 ? 5 : 1 / (i - 10)", 5 },
	{ "i == 3 || i == 10", 1 },
	{ "!i || !x", 0 },
	{ "1 && i", 1 },
	{ "i && 0", 0 },
	{ "(i > 5 ? 1 : 0) + (i > 5 && x > 5 ? 10 : 20)", 11 },
	{ "umem_size - 64 - 2 * frame_size", 61376 },
	{ "y ? x : i", 7 },
	{ "unaligned ? 1 : 2", 2 },
	{ "min(i, x)", 7 },
	{ "max(i, x)", 10 },
	{ "sweep(64..68)", 64 },
	{ "sweep(3..7) + i", 13 },
	{ "random(5..5)", 5 },
	{ "umem_size / frame_size", 32 },
	{ "x +\n 1", 8 },
	{ "(x\n + 1)", 8 },
};

static void test_values(void)
{
	for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
		enum expr_fault fault = EXPR_OK;
		struct compiled c;
		int64_t actual;

		compile(&c, values[k].text);
		CHECK(c.e, "%s: %s", values[k].text, c.ds.n ? c.ds.v[0].text : "");
		actual = c.e ? expr_eval(c.e, &env, PACKET, &fault) : 0;
		CHECK(actual == values[k].value && !fault, "%s: expect %lld, actual %lld",
		      values[k].text, (long long)values[k].value, (long long)actual);
		compiled_release(&c);
	}
}

static void test_constants_are_folded(void)
{
	static const char *const texts[] = {
		"1 + 2 * 3", "1 ? 2 : i", "0 ? i : 3 + 4", "min(2, 3)", "1 && 0",
		"0 || 1",    "!on",	  "-(5)",	   "4KiB / 2",	"true",
	};

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		struct compiled c;

		compile(&c, texts[k]);
		CHECK(c.e && c.e->is_const && c.e->n_code == 1 && !c.e->var_mask, "%s", texts[k]);
		compiled_release(&c);
	}
}

static void check_vars(const char *text, uint32_t expect)
{
	struct compiled c;

	compile(&c, text);
	CHECK(c.e && c.e->var_mask == expect && !c.e->is_const, "%s", text);
	compiled_release(&c);
}

static void test_variables(void)
{
	check_vars("i + x", 1u << VAR_I | 1u << VAR_AXIS0);
	check_vars("y ? frame_size : 1", 1u << (VAR_AXIS0 + 1) | 1u << VAR_FRAME_SIZE);
	check_vars("random(1..2)", 1u << VAR_I);
	check_vars("sweep(x..9)", 1u << VAR_I | 1u << VAR_AXIS0);
	check_vars("imix", 1u << VAR_I);
	check_vars("1 ? x : i", 1u << VAR_AXIS0);
}

static void test_dimensions(void)
{
	static const struct {
		const char *text;
		enum dim dim;
	} rows[] = {
		{ "1", DIM_NONE },
		{ "i", DIM_NONE },
		{ "1B", DIM_BYTES },
		{ "1B + 1", DIM_BYTES },
		{ "1 + 1B", DIM_BYTES },
		{ "2 * frame_size", DIM_BYTES },
		{ "frame_size / 2", DIM_BYTES },
		{ "frame_size / 1KiB", DIM_NONE },
		{ "frame_size % 100", DIM_BYTES },
		{ "1ms / 1us", DIM_NONE },
		{ "2 * (1ms == 1000us)", DIM_NONE },
		{ "i ? 1 : 1B", DIM_BYTES },
		{ "0 + 1B", DIM_BYTES },
		{ "1ms > 0 ? 1 : 2", DIM_NONE },
		{ "imix", DIM_BYTES },
		{ "frame_size << 1", DIM_BYTES },
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		struct compiled c;

		compile(&c, rows[k].text);
		CHECK(c.e && c.e->dim == rows[k].dim, "%s: expect %s, actual %s", rows[k].text,
		      dim_name(rows[k].dim), c.e ? dim_name(c.e->dim) : c.ds.v[0].text);
		compiled_release(&c);
	}
}

/* Found while compiling: one diagnostic at a column of the expression. */
static void test_mistakes(void)
{
	static const struct {
		const char *text, *name;
		uint32_t col, len;
	} rows[] = {
		{ "1 / 0", "division", 5, 1 },
		{ "i / 0", "division", 5, 1 },
		{ "i % (3 - 3)", "division", 5, 7 },
		{ "9223372036854775807 + 1", "overflow", 1, 23 },
		{ "1 << 63", "overflow", 1, 7 },
		{ "1 << -1", "overflow", 1, 7 },
		{ "-(-9223372036854775807 - 1)", "overflow", 1, 27 },
		{ "(-9223372036854775807 - 1) / -1", "overflow", 1, 31 },
		{ "4GiB * 4GiB", "unit", 8, 4 },
		{ "4294967296 * 4294967296", "overflow", 1, 23 },
		{ "1ms", "unit", 1, 3 },
		{ "1ms + 1 == 2ms ? 1 : 2", "unit", 7, 1 },
		{ "1 + 1ms", "unit", 5, 3 },
		{ "2 * 1ms * 1ms", "unit", 11, 3 },
		{ "1ms ? 1 : 2", "unit", 1, 3 },
		{ "i ? 1B : 1ms", "unit", 10, 3 },
		{ "!1ms", "unit", 2, 3 },
		{ "1 << 1B", "unit", 6, 2 },
		{ "nosuch", "unknown-name", 1, 6 },
		{ "now", "unknown-name", 1, 3 },
		{ "random(9..1)", "range", 1, 12 },
		{ "random(1, 9)", "syntax", 9, 1 },
		{ "min(1..2)", "syntax", 6, 2 },
		{ "1 +", "syntax", 0, 0 },
		{ "(1", "syntax", 0, 0 },
		{ "1 2", "syntax", 3, 1 },
		{ "1 ? 2", "syntax", 0, 0 },
		{ "* 2", "syntax", 1, 1 },
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const uint32_t before = sizeof(BEFORE) - 1;
		struct compiled c;
		const struct diag *d;

		compile(&c, rows[k].text);
		CHECK(c.ds.n == 1, "%s: %zu diagnostics", rows[k].text, c.ds.n);
		d = c.ds.n ? &c.ds.v[0] : NULL;
		CHECK_STR(rows[k].name, d ? diag_name(d->id) : NULL);
		if (d && rows[k].col)
			CHECK(d->pos.line == LINE && d->pos.col == before + rows[k].col &&
				      d->pos.len == rows[k].len,
			      "%s: actual %u:%u+%u", rows[k].text, d->pos.line, d->pos.col - before,
			      d->pos.len);
		compiled_release(&c);
	}
}

/* Found only with the packet's index. */
static void test_faults(void)
{
	static const struct {
		const char *text;
		uint64_t i;
		enum expr_fault fault;
	} rows[] = {
		{ "1 / i", 0, EXPR_DIVISION },
		{ "1 / i", 1, EXPR_OK },
		{ "1 % i", 0, EXPR_DIVISION },
		{ "9223372036854775807 + i", 1, EXPR_OVERFLOW },
		{ "9223372036854775807 * i", 2, EXPR_OVERFLOW },
		{ "-9223372036854775807 - i", 2, EXPR_OVERFLOW },
		{ "1 << i", 63, EXPR_OVERFLOW },
		{ "1 << i", 62, EXPR_OK },
		{ "1 >> i", 64, EXPR_OVERFLOW },
		{ "random(i..5)", 6, EXPR_DIVISION },
		{ "sweep(i..5)", 6, EXPR_DIVISION },
		{ "sweep(i..5)", 5, EXPR_OK },
		{ "i / 2 + 9223372036854775807", 2, EXPR_OVERFLOW },
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		enum expr_fault fault = EXPR_OK;
		struct compiled c;
		int64_t value;

		compile(&c, rows[k].text);
		CHECK(c.e, "%s", rows[k].text);
		value = c.e ? expr_eval(c.e, &env, rows[k].i, &fault) : 0;
		CHECK(fault == rows[k].fault, "%s: expect %d, actual %d", rows[k].text,
		      rows[k].fault, fault);
		CHECK(!fault || !value, "%s: value after a fault", rows[k].text);
		if (c.e)
			expr_eval(c.e, &env, rows[k].i, NULL);
		compiled_release(&c);
	}
}

static void test_random(void)
{
	struct compiled c;
	bool is_seen[5] = {};
	struct env other = env;
	int n_same = 0;

	compile(&c, "random(3..7)");
	other.seed++;
	for (uint64_t i = 0; i < 1000 && c.e; i++) {
		int64_t value = expr_eval(c.e, &env, i, NULL);

		CHECK(value >= 3 && value <= 7, "packet %llu", (unsigned long long)i);
		is_seen[value - 3] = true;
		CHECK_EQ(value, expr_eval(c.e, &env, i, NULL));
		n_same += value == expr_eval(c.e, &other, i, NULL);
	}
	CHECK(is_seen[0] && is_seen[1] && is_seen[2] && is_seen[3] && is_seen[4]);
	CHECK(n_same < 400, "another seed gives %d of 1000 the same", n_same);
	compiled_release(&c);
}

/* Two random() in one expression are not the same number. */
static void test_randoms_differ(void)
{
	struct compiled c;
	int n_same = 0;

	compile(&c, "random(0..1000) - random(0..1000)");
	for (uint64_t i = 0; i < 1000 && c.e; i++)
		n_same += !expr_eval(c.e, &env, i, NULL);
	CHECK(n_same < 20, "%d of 1000", n_same);
	compiled_release(&c);
}

static void test_imix(void)
{
	struct compiled c;
	int n_small = 0, n_medium = 0, n_large = 0;

	compile(&c, "imix");
	for (uint64_t i = 0; i < 1200 && c.e; i++) {
		int64_t len = expr_eval(c.e, &env, i, NULL);

		n_small += len == 60;
		n_medium += len == 566;
		n_large += len == 1514;
	}
	CHECK_EQ(700, n_small);
	CHECK_EQ(400, n_medium);
	CHECK_EQ(100, n_large);
	compiled_release(&c);
}

static void test_sweep(void)
{
	struct compiled c;

	compile(&c, "sweep(64..66)");
	for (uint64_t i = 0; i < 9 && c.e; i++)
		CHECK_EQ(64 + i % 3, expr_eval(c.e, &env, i, NULL));
	compiled_release(&c);
}

/* One diagnostic and no crash for texts that nobody would write. */
static void check_monster(const char *part, size_t n, const char *end)
{
	struct strbuf text = {};
	struct compiled c;

	for (size_t k = 0; k < n; k++)
		strbuf_add(&text, "%s", part);
	strbuf_add(&text, "%s", end);
	compile(&c, strbuf_text(&text));
	CHECK(c.ds.n == 1, "%s...: %zu diagnostics", part, c.ds.n);
	CHECK_STR("too-many", c.ds.n ? diag_name(c.ds.v[0].id) : NULL);
	compiled_release(&c);
	strbuf_release(&text);
}

static void test_monsters(void)
{
	check_monster("(", 1000000, "1");
	check_monster("-", 1000000, "1");
	check_monster("!", 1000000, "1");
	check_monster("min(1, ", 100000, "1");
	check_monster("i ? i : ", 100000, "1");
	check_monster("i + ", 1000000, "1");
	check_monster("i && ", 1000000, "1");
	check_monster("1 + (i * (", 40, "1");
	check_monster("i + (", 40, "1))))))))))))))))))))))))))))))))))))))))");
}

static void test_long_but_good(void)
{
	struct strbuf text = {};
	struct compiled c;

	for (int k = 0; k < 100000; k++)
		strbuf_add(&text, "1 + ");
	strbuf_add(&text, "i");
	compile(&c, strbuf_text(&text));
	CHECK(c.e, "%s", c.ds.n ? c.ds.v[0].text : "");
	if (c.e)
		CHECK_EQ(100010, expr_eval(c.e, &env, PACKET, NULL));
	compiled_release(&c);
	strbuf_release(&text);
}

int main(void)
{
	RUN(test_values);
	RUN(test_constants_are_folded);
	RUN(test_variables);
	RUN(test_dimensions);
	RUN(test_mistakes);
	RUN(test_faults);
	RUN(test_random);
	RUN(test_randoms_differ);
	RUN(test_imix);
	RUN(test_sweep);
	RUN(test_monsters);
	RUN(test_long_but_good);
	return test_end();
}
