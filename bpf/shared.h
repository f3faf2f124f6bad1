/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SHARED_H
#define BPF_SHARED_H

#include <linux/types.h>

/* What the programs and xsk/link/prog.c have to agree about. */

/* Keys of both socket maps: the last byte of a MAC names a socket. */
#define REDIRECT_MAX_KEYS 256

/* One for each CPU; a program runs to its end on one. */
struct redirect_stats {
	__u64 n_seen;
	__u64 n_redirected;
	__u64 n_passed;
	__u64 n_dropped;
	__u64 n_refused; /* adjustments that the kernel refused; those packets went on unchanged */
	__s64 err;	 /* what it said last: a negative errno */
};

#endif
