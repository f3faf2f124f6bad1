// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_figures.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t figures_percentile(const int64_t *sorted, uint64_t n, uint32_t thousandths)
{
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
}
