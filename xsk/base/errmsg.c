// SPDX-License-Identifier: GPL-2.0-only
#include "base/errmsg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *errno_name(int err)
{
	static _Thread_local char unknown[24];
	const char *name = strerrorname_np(err < 0 ? -err : err);

	if (name)
		return name;
	snprintf(unknown, sizeof(unknown), "errno %d", err < 0 ? -err : err);
	return unknown;
}

int errno_by_name(const char *name, int len)
{
	/* Linux numbers its errors below 134 on most machines, below 1024 on all. */
	for (int err = 1; err < 1024; err++) {
		const char *known = strerrorname_np(err);

		if (known && strlen(known) == (size_t)len && !memcmp(known, name, len))
			return err;
	}
	return 0;
}

int errmsg_set(struct errmsg *e, int err, const char *fmt, ...)
{
	va_list args;
	int len;

	if (!e)
		return err ? -err : -EINVAL;
	va_start(args, fmt);
	len = vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
	if (err && len >= 0 && (size_t)len < sizeof(e->text))
		snprintf(e->text + len, sizeof(e->text) - len, ": %s", errno_name(err));
	return err ? -err : -EINVAL;
}

void errmsg_hint(struct errmsg *e, const char *fmt, ...)
{
	size_t len, room;
	va_list args;
	int n;

	if (!e)
		return;
	len = strlen(e->text);
	room = sizeof(e->text) - len;
	if (room < 8)
		return;
	va_start(args, fmt);
	n = snprintf(e->text + len, room, " (");
	vsnprintf(e->text + len + n, room - n - 1, fmt, args);
	va_end(args);
	len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, ")");
}
