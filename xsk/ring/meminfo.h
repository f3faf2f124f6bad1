/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_MEMINFO_H
#define XSK_RING_MEMINFO_H

#include <stdint.h>

struct errmsg;

/* 0 where the kernel has no such line; an error where nobody can tell. */
int meminfo_read(const char *name, uint64_t *number, struct errmsg *e);
/* A line of /proc/meminfo ("MemAvailable", "Hugepagesize") in bytes; 0 if the kernel has none. */
uint64_t meminfo_bytes(const char *name);
/* The same for lines without a unit ("HugePages_Free"). */
uint64_t meminfo_number(const char *name);

#endif
