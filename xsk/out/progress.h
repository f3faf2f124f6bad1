/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_OUT_PROGRESS_H
#define XSK_OUT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/* One line on stderr that is written over and over, when stderr is a terminal and stdout is not. */
struct progress {
	bool is_shown;
};

void progress_init(struct progress *p);
void progress_show(struct progress *p, size_t n_finished, size_t n_cases, const char *id);
/* Takes the line away, before anything else is written to the terminal. */
void progress_clear(struct progress *p);

#endif
