// SPDX-License-Identifier: GPL-2.0-only
/* Times that the kernel says a packet was sent at, judged. */
#include "run/tx_stamps.h"

#include <string.h>

#include "tests/test.h"

#define SECOND 1000000000ull

/* Asked at 100 s, back at 101 s, with this answer: the words about it. */
static const char *judge_answer(uint64_t stamp, uint64_t flags, struct tx_stamps *ts)
{
	struct sock_tx_metadata metadata = { .flags = flags };
	static struct verdict v;

	v = (struct verdict){};
	ts->now_ns = 100 * SECOND;
	tx_stamps_ask(ts, &metadata);
	ts->now_ns = 101 * SECOND;
	metadata.completion.tx_timestamp = stamp;
	if (!tx_stamps_is_wrong(ts, &metadata, &v))
		return "";
	CHECK_EQ(0, metadata.flags);
	CHECK_STR("tx-timestamp", verdict_names[v.kind]);
	return v.text;
}

static void test_bounds(void)
{
	struct tx_stamps ts = {};

	CHECK_STR("", judge_answer(100 * SECOND, XDP_TXMD_FLAGS_TIMESTAMP, &ts));
	CHECK_STR("", judge_answer(101 * SECOND, XDP_TXMD_FLAGS_TIMESTAMP, &ts));
	CHECK_STR("expect 100000000000..101000000000 ns (CLOCK_TAI), actual 0",
		  judge_answer(0, XDP_TXMD_FLAGS_TIMESTAMP, &ts));
	CHECK(strstr(judge_answer(99 * SECOND, XDP_TXMD_FLAGS_TIMESTAMP, &ts),
		     "actual 99000000000"));
	CHECK(strstr(judge_answer(102 * SECOND, XDP_TXMD_FLAGS_TIMESTAMP, &ts),
		     "actual 102000000000"));
	CHECK_EQ(5, ts.n_due);
	CHECK_EQ(5, ts.n_judged);
}

static void test_not_asked(void)
{
	struct tx_stamps ts = {};

	CHECK_STR("", judge_answer(0, XDP_TXMD_FLAGS_CHECKSUM, &ts));
	CHECK_EQ(0, ts.n_judged);
}

/* One answer is one judgement, whatever address comes back later. */
static void test_once(void)
{
	struct sock_tx_metadata metadata = { .flags = XDP_TXMD_FLAGS_TIMESTAMP };
	struct tx_stamps ts = { .now_ns = SECOND };
	struct verdict v = {};

	tx_stamps_ask(&ts, &metadata);
	metadata.completion.tx_timestamp = SECOND;
	CHECK(!tx_stamps_is_wrong(&ts, &metadata, &v));
	CHECK(!tx_stamps_is_wrong(&ts, &metadata, &v));
	CHECK_EQ(1, ts.n_judged);
}

static void test_clock(void)
{
	uint64_t first = tx_stamps_clock_ns();

	CHECK(first > SECOND && tx_stamps_clock_ns() >= first);
}

int main(void)
{
	RUN(test_bounds);
	RUN(test_not_asked);
	RUN(test_once);
	RUN(test_clock);
	return test_end();
}
