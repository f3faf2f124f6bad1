// SPDX-License-Identifier: GPL-2.0-only
/* Percentiles by the nearest rank. */
#include "run/verdict_figures.h"

#include "lang/spec.h"
#include "tests/test.h"

static void test_figures(void)
{
	struct figures f = { .n = 9, .min = 9 };
	int64_t values[1000] = { 7 };

	figures_of(&f, values, 0);
	CHECK(!f.n && !f.min && !f.max, "none");
	figures_of(&f, values, 1);
	CHECK(f.n == 1 && f.min == 7 && f.p50 == 7 && f.p99 == 7 && f.p999 == 7 && f.max == 7,
	      "one");
	values[0] = 2;
	values[1] = -1;
	figures_of(&f, values, 2);
	CHECK(f.n == 2 && f.min == -1 && f.p50 == -1 && f.p99 == 2 && f.max == 2, "two");
	CHECK(values[0] == -1 && values[1] == 2, "sorted");
	/* 1 to 1000, shuffled: 7 and 1000 have no common divisor. */
	for (int64_t k = 0; k < 1000; k++)
		values[k] = k * 7 % 1000 + 1;
	figures_of(&f, values, 1000);
	CHECK_EQ(1, f.min);
	CHECK_EQ(500, f.p50);
	CHECK_EQ(990, f.p99);
	CHECK_EQ(999, f.p999);
	CHECK_EQ(1000, f.max);
	CHECK_EQ(500, f.mean);
	CHECK_EQ(1, figures_percentile(values, 1000, 1));
	CHECK_EQ(1000, figures_percentile(values, 1000, 1000));
	CHECK_EQ(1, figures_percentile(values, 1, 1));
	CHECK_EQ(2, figures_percentile(values, 3, 334)); /* the nearest rank above 1.002 */
	CHECK_EQ(1, figures_percentile(values, 3, 333));
}

/* Times that differ by more than 2^31 and more than 2^63. */
static void test_figures_of_extremes(void)
{
	int64_t values[] = { INT64_MAX, 0, INT64_MIN, 1LL << 32 };
	struct figures f;

	figures_of(&f, values, 4);
	CHECK(f.min == INT64_MIN && f.p50 == 0 && f.max == INT64_MAX, "sorted");
}

static void test_mean(void)
{
	int64_t large[] = { INT64_MAX - 1, INT64_MAX - 1, INT64_MAX - 1 };
	int64_t values[] = { -1000, -2, 4 };
	struct figures f;

	figures_of(&f, values, 3);
	CHECK_EQ(-332, f.mean);
	CHECK_EQ(-332, figures_percentile(values, 3, EXPECT_MEAN));
	figures_of(&f, large, 3);
	CHECK_EQ(INT64_MAX - 1, f.mean);
}

static void test_names(void)
{
	char name[FIGURES_NAME];

	CHECK_STR("p50", figures_name(500, name));
	CHECK_STR("p99.9", figures_name(999, name));
	CHECK_STR("p0.1", figures_name(1, name));
	CHECK_STR("p100", figures_name(1000, name));
	CHECK_STR("mean", figures_name(EXPECT_MEAN, name));
}

int main(void)
{
	RUN(test_figures);
	RUN(test_figures_of_extremes);
	RUN(test_mean);
	RUN(test_names);
	return test_end();
}
