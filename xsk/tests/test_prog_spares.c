// SPDX-License-Identifier: GPL-2.0-only
/* Programs that one case borrows after the other. */
#include "link/spares.h"

#include "base/errmsg.h"
#include "link/dev.h"
#include "tests/test.h"

static struct spares spares;

static void test_take_and_give(void)
{
	const struct prog *a, *b;
	int user1 = 0, user2 = 0;

	CHECK(!spares_take(&spares, &user1), "none are allowed");
	spares.n_at_most = 2;
	a = spares_take(&spares, &user1);
	b = spares_take(&spares, &user1);
	CHECK(a && b && a != b);
	CHECK(!spares_take(&spares, &user2), "both are taken");
	spares_give_back(&spares, &user2);
	CHECK(!spares_take(&spares, &user2), "they are not that user's to give");
	spares_give_back(&spares, &user1);
	CHECK(spares_take(&spares, &user2) == a);
	spares_give_back(&spares, &user2);
	CHECK_EQ(2, spares.n);
}

/* Both modes, one after the other and at the same time as the spare's own device. */
static void test_borrow(void)
{
	static const struct link_plan plan = { .mtu = 1500, .n_queues = 1 };
	struct prog prog;
	struct dev_info dev;
	struct errmsg e = {};
	struct link link;
	int user = 0;

	CHECK(!link_create(&link, &plan, &e), "%s", e.text);
	for (enum mode mode = MODE_SKB; mode <= MODE_DRV; mode++) {
		const struct prog *loaded = spares_take(&spares, &user);
		struct prog_stats stats;

		CHECK(loaded != NULL);
		if (!loaded)
			break;
		CHECK(!link_enter(&link, END_B, &e), "%s", e.text);
		CHECK(!prog_borrow(&prog, loaded, &link.ends[END_B], mode, &e), "%s", e.text);
		CHECK(!dev_read(link.ends[END_B].ifname, &dev, &e), "%s", e.text);
		CHECK(dev.prog_ids[mode == MODE_SKB ? DEV_XDP_SKB : DEV_XDP_DRV]);
		CHECK(!prog_read_stats(&prog, &stats, &e) && !stats.n_seen, "%s", e.text);
		prog_detach(&prog);
		CHECK(!dev_read(link.ends[END_B].ifname, &dev, &e), "%s", e.text);
		CHECK(!dev.prog_ids[DEV_XDP_SKB] && !dev.prog_ids[DEV_XDP_DRV]);
		spares_give_back(&spares, &user);
	}
	link_destroy(&link);
}

static void test_release(void)
{
	spares_release(&spares);
	CHECK_EQ(0, spares.n);
	spares_release(&spares);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_take_and_give);
	RUN(test_borrow);
	RUN(test_release);
	return test_end();
}
