// SPDX-License-Identifier: GPL-2.0-only
/* Random cases: the same again from the same seed, at every border, shrunk, and written down. */
#include "plan/fuzz.h"

#include "base/strbuf.h"
#include "plan/plan.h"
#include "tests/planned.h"
#include "tests/test.h"

#define N_PACKETS 400u
#define N_ROUNDS 60u

static void generate(struct fuzz_case *c, enum mode mode, uint64_t seed, uint64_t round,
		     struct fuzz_coverage *coverage)
{
	fuzz_case_init(c, N_PACKETS);
	fuzz_generate(c, &caps_assumed, mode, seed, round, coverage);
}

static bool is_same(const struct fuzz_case *a, const struct fuzz_case *b)
{
	return a->n_packets == b->n_packets &&
	       !memcmp(&a->geometry, &b->geometry, sizeof(a->geometry)) &&
	       !memcmp(a->packets, b->packets, a->n_packets * sizeof(*a->packets));
}

static void test_seed(void)
{
	struct fuzz_coverage coverage = {};
	struct fuzz_case a, b, other;

	for (uint64_t round = 0; round < 8; round++) {
		generate(&a, MODE_SKB, 5, round, &coverage);
		generate(&b, MODE_SKB, 5, round, &coverage);
		generate(&other, MODE_SKB, 6, round, &coverage);
		CHECK(is_same(&a, &b), "round %d", (int)round);
		CHECK(!is_same(&a, &other), "round %d", (int)round);
		fuzz_case_release(&a);
		fuzz_case_release(&b);
		fuzz_case_release(&other);
	}
}

/* Every kind of border is met, and most of the descriptors are good all the same. */
static void test_coverage(void)
{
	struct fuzz_coverage seen = {};
	uint64_t n_fates[FATE_OPEN + 1] = {}, n = 0;
	struct fuzz_case c;

	for (uint64_t round = 0; round < N_ROUNDS; round++) {
		generate(&c, MODE_DRV, 3, round, &seen);
		for (size_t k = 0; k < c.n_packets; k++, n++)
			n_fates[fuzz_fate(&c.geometry, &caps_assumed, &c.packets[k])]++;
		fuzz_case_release(&c);
	}
	for (int k = 0; k < N_FUZZ_ADDRS; k++)
		CHECK(seen.addr[k], "address %d", k);
	for (int k = 0; k < N_FUZZ_LENS; k++)
		CHECK(seen.len[k], "length %d", k);
	for (int k = 0; k < N_FUZZ_OPTIONS; k++)
		CHECK(seen.option[k], "option %d", k);
	for (int k = 0; k < N_FUZZ_CHAINS; k++)
		CHECK(seen.chain[k], "chain %d", k);
	for (int k = 0; k <= FATE_OPEN; k++)
		CHECK(n_fates[k], "fate %d", k);
	CHECK(seen.n_refused_geometries > 0 && seen.n_refused_geometries < N_ROUNDS / 4, "%d",
	      (int)seen.n_refused_geometries);
	CHECK(n_fates[FATE_DELIVERED] > n / 3 && n_fates[FATE_INVALID] > n / 10, "%d and %d of %d",
	      (int)n_fates[FATE_DELIVERED], (int)n_fates[FATE_INVALID], (int)n);
}

/* ---- the kick ---- */

struct kick_row {
	const char *what;
	uint32_t expect, n, budget, room;
	uint32_t lens[4], options[4];
};

static void test_kick(void)
{
	static const struct kick_row rows[] = {
		{ "all", 3, 3, 32, 32, { 60, 60, 60 }, {} },
		{ "the budget", 2, 3, 2, 32, { 60, 60, 60 }, {} },
		{ "room to complete", 1, 3, 32, 1, { 60, 60, 60 }, {} },
		{ "an invalid one ends it", 2, 3, 32, 32, { 60, 0, 60 }, {} },
		{ "an invalid one is above the budget", 3, 4, 2, 32, { 60, 60, 0, 60 }, {} },
		{ "but needs room", 2, 4, 32, 2, { 60, 60, 0, 60 }, {} },
		{ "the rest of an invalid packet goes next",
		  1,
		  3,
		  32,
		  32,
		  { 0, 60, 60 },
		  { 1, 1, 0 } },
	};
	const struct desc_rules rules = {
		.umem_size = 1 << 20, .frame_size = 4096, .max_frags = 3, .options = 3
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const struct kick_row *r = &rows[k];
		struct desc descs[4];
		uint32_t actual;

		for (uint32_t d = 0; d < 4; d++)
			descs[d] = (struct desc){ d * 4096u, r->lens[d], r->options[d] };
		actual = fuzz_kick(&rules, descs, r->n, r->budget, r->room);
		CHECK(r->expect == actual, "%s: expect %u, actual %u", r->what, r->expect, actual);
	}
}

/* ---- the shrinker ---- */

static bool has_option_8(void *ctx, const struct fuzz_case *c)
{
	(void)ctx;
	for (size_t k = 0; k < c->n_packets; k++)
		for (uint32_t d = 0; d < c->packets[k].n; d++)
			if (c->packets[k].descs[d].options & 8)
				return true;
	return false;
}

static bool has_long_before_chain(void *ctx, const struct fuzz_case *c)
{
	bool has_long = false;

	(void)ctx;
	for (size_t k = 0; k < c->n_packets; k++) {
		if (has_long && c->packets[k].n >= 3 && c->geometry.has_need_wakeup)
			return true;
		has_long |= c->packets[k].descs[0].len > 1999;
	}
	return false;
}

static bool never(void *ctx, const struct fuzz_case *c)
{
	uint32_t *n = ctx;

	(void)c;
	++*n;
	return false;
}

/* The first round that the oracle says yes to. */
static bool find_case(struct fuzz_case *c, fuzz_oracle *oracle)
{
	struct fuzz_coverage coverage = {};

	for (uint64_t round = 0; round < N_ROUNDS; round++) {
		generate(c, MODE_SKB, 11, round, &coverage);
		if (oracle(NULL, c))
			return true;
		fuzz_case_release(c);
	}
	return false;
}

static void test_shrink_to_one(void)
{
	struct fuzz_case c = {};

	if (!find_case(&c, has_option_8)) {
		CHECK(false, "no case");
		return;
	}
	fuzz_shrink(&c, &caps_assumed, 1000, has_option_8, NULL);
	CHECK_EQ(1, c.n_packets);
	CHECK_EQ(1, c.packets[0].n);
	CHECK_EQ(8, c.packets[0].descs[0].options);
	CHECK_EQ(64, c.packets[0].descs[0].len);
	CHECK_EQ(0, c.packets[0].descs[0].addr);
	CHECK(c.geometry.frame_size == 4096 && c.geometry.n_frames == 64 &&
		      c.geometry.mtu == 1500 && !c.geometry.is_unaligned && !c.geometry.headroom,
	      "%u %u %u", c.geometry.frame_size, c.geometry.n_frames, c.geometry.mtu);
	fuzz_case_release(&c);
}

static void test_shrink_to_two(void)
{
	struct fuzz_case c = {};

	if (!find_case(&c, has_long_before_chain)) {
		CHECK(false, "no case");
		return;
	}
	fuzz_shrink(&c, &caps_assumed, 2000, has_long_before_chain, NULL);
	CHECK_EQ(2, c.n_packets);
	CHECK_EQ(1, c.packets[0].n);
	CHECK_EQ(2000, c.packets[0].descs[0].len);
	CHECK_EQ(3, c.packets[1].n);
	CHECK(c.geometry.has_need_wakeup);
	fuzz_case_release(&c);
}

static void test_shrink_ends(void)
{
	struct fuzz_coverage coverage = {};
	struct fuzz_case c, before;
	uint32_t n = 0;

	generate(&c, MODE_SKB, 11, 0, &coverage);
	fuzz_case_copy(&before, &c);
	CHECK_EQ(50, fuzz_shrink(&c, &caps_assumed, 50, never, &n));
	CHECK_EQ(50, n);
	CHECK(is_same(&before, &c));
	fuzz_case_release(&before);
	fuzz_case_release(&c);
}

/* ---- specifications ---- */

static size_t plan_text(const char *text, char *why, size_t size)
{
	struct planned p;
	size_t n;

	planned_init(&p, text, &caps_assumed);
	n = p.diags.n;
	snprintf(why, size, "%s", n ? p.diags.v[0].text : "");
	planned_release(&p);
	return n;
}

/* Whatever is generated can be written down, parsed and planned, and is what the planner thinks of it. */
static void test_specs(void)
{
	struct fuzz_coverage coverage = {};
	struct fuzz_case c;
	char why[400];

	for (uint64_t round = 0; round < N_ROUNDS; round++) {
		struct strbuf sb = {};

		generate(&c, MODE_SKB, 21, round, &coverage);
		if (c.n_packets)
			CHECK(fuzz_is_sayable(&c, &caps_assumed), "round %d", (int)round);
		fuzz_spec(&c, &caps_assumed, "difference", "what \"it\" shows", &sb);
		CHECK(!plan_text(strbuf_text(&sb), why, sizeof(why)), "round %d: %s", (int)round,
		      why);
		strbuf_release(&sb);
		fuzz_case_release(&c);
	}
}

int main(void)
{
	RUN(test_seed);
	RUN(test_coverage);
	RUN(test_kick);
	RUN(test_shrink_to_one);
	RUN(test_shrink_to_two);
	RUN(test_shrink_ends);
	RUN(test_specs);
	return test_end();
}
