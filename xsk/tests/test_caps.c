// SPDX-License-Identifier: GPL-2.0-only
/* The table of facts about a kernel, and the line that shows them. */
#include "base/strbuf.h"
#include "plan/caps.h"
#include "tests/test.h"

static void check_summary(const struct caps *caps, const char *expect)
{
	struct strbuf sb = { 0 };

	caps_format(caps, &sb);
	CHECK(!strcmp(strbuf_text(&sb), expect), "%s", strbuf_text(&sb));
	strbuf_release(&sb);
}

static void test_summary(void)
{
	static const struct caps poor = {
		.max_frags = 1, .rx_overhead = 256, .headroom_reserve = 256, .tx_budget = 16
	};

	check_summary(
		&caps_assumed,
		"invalid descriptors complete, refused ones, too, headroom up to 3392 of 4096, packets at 256, "
		"fragments up to 18, 32 packets a kick, generic XDP shifts queues");
	check_summary(
		&poor,
		"invalid descriptors do not complete, headroom up to 3840 of 4096, packets at "
		"256, no multi-buffer, fragments up to 1, 16 packets a kick, Tx budget fixed, no Tx "
		"metadata, no Rx metadata, no busy poll, delivery times by CLOCK_MONOTONIC only, no "
		"hugepages");
}

/* Zero-copy's bit of grows_frags is the only byte that no row tells of. */
static void test_each_has_a_row(void)
{
	struct caps caps;
	size_t n_shown = 0, n_padding;

	memset(&caps, 0, sizeof(caps));
	for (const struct fact *f = caps_facts; f->name; f++) {
		CHECK(!fact_number(f, &caps), "%s is told twice", f->name);
		fact_set_number(f, &caps, 1);
		CHECK(fact_number(f, &caps) == 1, "%s", f->name);
		n_shown += f->size;
		CHECK(f->meaning && f->size == (f->kind == FACT_BOOL ? 1 : 4), "%s", f->name);
	}
	n_padding = -(offsetof(struct caps, grows_frags) + N_MODES) % 4;
	CHECK(n_shown + 1 + n_padding == sizeof(caps), "%zu of %zu bytes", n_shown, sizeof(caps));
}

struct thing {
	bool is_true;
	uint32_t u32;
	uint64_t u64;
	char text[8];
};

static void check_format(const struct fact *f, const struct thing *t, const char *expect)
{
	struct strbuf sb = { 0 };

	fact_format(f, t, &sb);
	CHECK(!strcmp(strbuf_text(&sb), expect), "%s: %s", f->name, strbuf_text(&sb));
	strbuf_release(&sb);
}

static void test_formats(void)
{
	static const struct fact facts[] = {
		{ FACT(struct thing, is_true, FACT_BOOL, "bool", "") },
		{ FACT(struct thing, u32, FACT_U32, "u32", "") },
		{ FACT(struct thing, u64, FACT_U64, "u64", ""), .is_zero_unknown = true },
		{ FACT(struct thing, text, FACT_TEXT, "text", "") },
	};
	static const struct thing none, some = { true, 4000000000u, 1ull << 40, "hello" };
	static const char *const of_none[] = { "no", "0", "-", "-" };
	static const char *const of_some[] = { "yes", "4000000000", "1099511627776", "hello" };

	for (size_t k = 0; k < 4; k++) {
		check_format(&facts[k], &none, of_none[k]);
		check_format(&facts[k], &some, of_some[k]);
	}
}

int main(void)
{
	RUN(test_summary);
	RUN(test_each_has_a_row);
	RUN(test_formats);
	return test_end();
}
