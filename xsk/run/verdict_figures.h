/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_VERDICT_FIGURES_H
#define XSK_RUN_VERDICT_FIGURES_H

#include <stdint.h>

/* What is left of many times: in ns, percentiles by the nearest rank. */
struct figures {
	uint64_t n; /* 0: there are none */
	int64_t min, p50, p99, p999, max, mean;
};

/* Of n values, which are sorted. */
void figures_of(struct figures *f, int64_t *values, uint64_t n);

/* "p50", "p99.9", "mean": written to name, which is returned. */
#define FIGURES_NAME 8
const char *figures_name(uint32_t thousandths, char name[FIGURES_NAME]);

/* The value that thousandths of n > 0 sorted values do not exceed, 1 to 1000; or EXPECT_MEAN. */
int64_t figures_percentile(const int64_t *sorted, uint64_t n, uint32_t thousandths);

#endif
