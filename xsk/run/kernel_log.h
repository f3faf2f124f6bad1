/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_KERNEL_LOG_H
#define XSK_RUN_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/verdict_log.h"

struct errmsg;

#define KERNEL_LOG_PATH "/dev/kmsg"
#define KERNEL_LOG_LINE 160 /* bytes of a line that are kept */

/*
 * The kernel's log from kernel_log_open() on: what is in it by then does not count, nor what
 * happened by then and is said again and again. The log is the
 * machine's, not a namespace's: whoever reads a splat blames all that runs at that moment.
 */
struct kernel_log {
	uint64_t start_ns;
	int fd; /* readable when there is more, for poll(); -1: not watched */
	size_t len, at;
	char buffer[16384]; /* at..len is not looked at yet */
	int n_details;	    /* lines that are still shown below the last splat */
};

struct kernel_log_line {
	bool is_first; /* of a splat, else a line below it */
	bool is_late;
	char text[KERNEL_LOG_LINE];
};

/* A negative errno with a sentence where it cannot be read; the log is then as if it stayed empty. */
int kernel_log_open(struct kernel_log *log, struct errmsg *e);
void kernel_log_close(struct kernel_log *log);

/* The next line that is to be shown; false: none by now. Does not wait. */
bool kernel_log_next(struct kernel_log *log, struct kernel_log_line *line);

#endif
