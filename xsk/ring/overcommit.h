/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_OVERCOMMIT_H
#define XSK_RING_OVERCOMMIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The machine's limit of huge pages that are made on demand, and the journal of who raised it:
 * one file below OVERCOMMIT_JOURNAL for each, locked by its owner, so that what the kernel still
 * has locked is alive and all else was killed before it could lower the limit again. Changes are
 * relative, and made one at a time under a lock on the sysctl's file.
 */
#define OVERCOMMIT "/proc/sys/vm/nr_overcommit_hugepages"
#define OVERCOMMIT_JOURNAL "/run/xskspec"

struct overcommit {
	int fd; /* of the entry in the journal, -1: there could be none; locked while it is open */
	char path[64];
	int64_t n_pages;
};

uint64_t overcommit_read(void);
bool overcommit_can_change(void);

/* Both return 0 or a negative errno; they take no lock that a forked thread could hold. */
int overcommit_raise(struct overcommit *oc, int64_t n_pages);
int overcommit_lower(struct overcommit *oc);

/* Lowers the limit by what processes raised it that were killed, however that happened. */
void overcommit_recover(void);

#endif
