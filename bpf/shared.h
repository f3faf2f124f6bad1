/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SHARED_H
#define BPF_SHARED_H

#include <linux/types.h>

/* What the programs and xsk/link have to agree about. */

/* Keys of both socket maps: the last byte of a MAC names a socket. */
#define REDIRECT_MAX_KEYS 256

/* Rx queues that are counted by themselves; those beyond fold onto them. */
#define REDIRECT_MAX_QUEUES 64

/* One for each queue and CPU; a program runs to its end on one. */
struct redirect_stats {
	__u64 n_seen;
	__u64 n_ours; /* of those: sent by a stream of the harness */
	__u64 n_redirected;
	__u64 n_passed;
	__u64 n_dropped;
	__u64 n_refused; /* adjustments that the kernel refused; those packets went on unchanged */
	__s64 err;	 /* what it said last: a negative errno */
};

/*
 * In front of each packet that rx_metadata.bpf.c hands on: what the driver said, or the negative errno
 * with which it had nothing to say. 32 bytes, more than which older kernels do not take as metadata.
 * The number of the packet comes last, where that of program metadata is.
 */
struct rx_meta {
	__u64 timestamp; /* ns */
	__u32 hash;
	__u32 hash_type;   /* enum xdp_rss_hash_type */
	__be16 vlan_proto; /* TPID */
	__u16 vlan_tci;
	__s16 timestamp_err, hash_err, vlan_err;
	__u16 reserved;
	__u32 count;
};
_Static_assert(sizeof(struct rx_meta) == 32, "as much as every kernel takes");

/* Dropped sk_buffs are counted by the namespace of their device (its cookie) and enum skb_drop_reason. */
struct drop_key {
	__u64 netns;
	__u64 reason;
};

/* Packets from PROBE_LARGE bytes on are those that probe.bpf.c tries to grow. */
#define PROBE_LARGE 5000
#define PROBE_GROWTH 4
#define PROBE_MAX_QUEUES 4

#endif
