// SPDX-License-Identifier: GPL-2.0-only
#include "ring/meminfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/errmsg.h"

int meminfo_read(const char *name, uint64_t *number, struct errmsg *e)
{
	FILE *f = fopen("/proc/meminfo", "re");
	size_t len = strlen(name);
	char line[128];

	*number = 0;
	if (!f)
		return errmsg_set(e, errno, "meminfo: open /proc/meminfo");
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len) && sscanf(line + len, ": %" SCNu64, number) == 1)
			break;
	fclose(f);
	return 0;
}

uint64_t meminfo_number(const char *name)
{
	uint64_t number;

	meminfo_read(name, &number, NULL);
	return number;
}

uint64_t meminfo_bytes(const char *name)
{
	return meminfo_number(name) * 1024;
}
