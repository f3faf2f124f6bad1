// SPDX-License-Identifier: GPL-2.0-only
#include "out/progress.h"

#include <stdio.h>
#include <unistd.h>

void progress_init(struct progress *p)
{
	/* With both on one terminal the points themselves are the progress. */
	p->is_shown = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
}

void progress_show(struct progress *p, size_t n_finished, size_t n_cases, const char *id)
{
	if (p->is_shown)
		fprintf(stderr, "\r\033[K%zu of %zu: %.60s", n_finished, n_cases, id);
}

void progress_clear(struct progress *p)
{
	if (p->is_shown)
		fprintf(stderr, "\r\033[K");
}
