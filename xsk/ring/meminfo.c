// SPDX-License-Identifier: GPL-2.0-only
#include "ring/meminfo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint64_t meminfo_number(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "re");
	size_t len = strlen(name);
	uint64_t number = 0;
	char line[128];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len) && sscanf(line + len, ": %" SCNu64, &number) == 1)
			break;
	fclose(f);
	return number;
}

uint64_t meminfo_bytes(const char *name)
{
	return meminfo_number(name) * 1024;
}
