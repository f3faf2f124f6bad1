/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_VERDICT_LOG_H
#define XSK_RUN_VERDICT_LOG_H

#include <stdbool.h>
#include <stddef.h>

/* What a line of the kernel's log says about the kernel. Pure. */
enum log_kind {
	LOG_PLAIN, /* nothing that a case is blamed for */
	LOG_SPLAT, /* a warning, an oops, a corruption: just now */
	LOG_LATE,  /* of something that went wrong a minute ago or more */
};

enum log_kind log_judge(const char *line);

/* How many seconds before the line that happened which it tells of; 0: it does not say. */
unsigned long log_age_s(const char *line);

/* Below a splat: worth being shown (registers and lists of modules are not), and the last one of it. */
bool log_is_detail(const char *line);
bool log_is_end(const char *line);

/*
 * The message in a line as /dev/kmsg gives it ("6,1234,5678,-;message"), cut to size; false for
 * what is none, as the lines with further keys behind one.
 */
bool log_read_record(const char *line, size_t len, char *message, size_t size);

#endif
