// SPDX-License-Identifier: GPL-2.0-only
#include "run/kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"

/* Below a splat: where it is and who called, not the whole stack down to the system call. */
#define MAX_DETAILS 14
/* A record is never longer (PRINTKRB_RECORD_MAX and its header). */
#define MAX_RECORD 4096

int kernel_log_open(struct kernel_log *log, struct errmsg *e)
{
	*log = (struct kernel_log){ .start_ns = clock_ns() };
	log->fd = open(KERNEL_LOG_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0) {
		int err = errmsg_set(e, errno, "kernel log: open %s", KERNEL_LOG_PATH);

		if (err == -EPERM)
			errmsg_hint(e, "kernel.dmesg_restrict, and CAP_SYSLOG is missing");
		return err;
	}
	lseek(log->fd, 0, SEEK_END);
	return 0;
}

void kernel_log_close(struct kernel_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

/* False: there is nothing more now. */
static bool fill(struct kernel_log *log)
{
	ssize_t n;

	memmove(log->buffer, log->buffer + log->at, log->len - log->at);
	log->len -= log->at;
	log->at = 0;
	if (sizeof(log->buffer) - log->len < MAX_RECORD)
		log->len = 0; /* no line at all in it */
	do /* EPIPE: what the log had no room for any more was not read in time */
		n = read(log->fd, log->buffer + log->len, sizeof(log->buffer) - log->len);
	while (n < 0 && (errno == EINTR || errno == EPIPE));
	if (n > 0) {
		log->len += (size_t)n;
		return true;
	}
	if (n == 0 || errno != EAGAIN)
		kernel_log_close(log); /* or poll() would say for ever that there is more */
	return false;
}

/* The next message in whole; false: none. */
static bool next_message(struct kernel_log *log, char *message, size_t size)
{
	for (;;) {
		char *start = log->buffer + log->at;
		char *end = memchr(start, '\n', log->len - log->at);

		if (!end) {
			if (log->fd < 0 || !fill(log))
				return false;
			continue;
		}
		log->at += (size_t)(end + 1 - start);
		if (log_read_record(start, (size_t)(end - start), message, size))
			return true;
	}
}

/* A pool that was never returned is said every minute from then on, for days. */
static bool is_of_before(const struct kernel_log *log, const char *line)
{
	return log_age_s(line) * 1000000000ull > clock_ns() - log->start_ns;
}

bool kernel_log_next(struct kernel_log *log, struct kernel_log_line *line)
{
	while (next_message(log, line->text, sizeof(line->text))) {
		enum log_kind kind = log_judge(line->text);

		if (kind == LOG_LATE && is_of_before(log, line->text))
			continue;
		line->is_first = kind != LOG_PLAIN;
		line->is_late = kind == LOG_LATE;
		if (kind == LOG_SPLAT)
			log->n_details = MAX_DETAILS;
		if (kind != LOG_PLAIN)
			return true;
		if (log_is_end(line->text))
			log->n_details = 0;
		if (!log->n_details || !log_is_detail(line->text))
			continue;
		log->n_details--;
		return true;
	}
	return false;
}
