// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "lang/spec.h"

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Quotients and remainders by themselves: neither sum can overflow. */
static int64_t mean(const int64_t *values, uint64_t n)
{
	int64_t quotients = 0, remainders = 0;

	for (uint64_t k = 0; k < n; k++) {
		quotients += values[k] / (int64_t)n;
		remainders += values[k] % (int64_t)n;
	}
	return quotients + remainders / (int64_t)n;
}

const char *figures_name(uint32_t thousandths, char name[FIGURES_NAME])
{
	if (thousandths == EXPECT_MEAN)
		snprintf(name, FIGURES_NAME, "mean");
	else if (thousandths % 10)
		snprintf(name, FIGURES_NAME, "p%u.%u", thousandths / 10 % 1000, thousandths % 10);
	else
		snprintf(name, FIGURES_NAME, "p%u", thousandths / 10 % 1000);
	return name;
}

int64_t figures_percentile(const int64_t *sorted, uint64_t n, uint32_t thousandths)
{
	if (thousandths == EXPECT_MEAN)
		return mean(sorted, n);
	return sorted[(n * thousandths + 999) / 1000 - 1];
}

void figures_of(struct figures *f, int64_t *values, uint64_t n)
{
	*f = (struct figures){ .n = n };
	if (!n)
		return;
	qsort(values, n, sizeof(*values), compare);
	f->min = values[0];
	f->p50 = figures_percentile(values, n, 500);
	f->p99 = figures_percentile(values, n, 990);
	f->p999 = figures_percentile(values, n, 999);
	f->max = values[n - 1];
	f->mean = mean(values, n);
}
