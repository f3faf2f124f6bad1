/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SHARED_H
#define BPF_SHARED_H

#include <linux/types.h>

/* What the programs and xsk/link have to agree about. */

/* Keys of both socket maps: the last byte of a MAC names a socket. */
#define REDIRECT_MAX_KEYS 256

/* Rx queues that are counted by themselves; those beyond fold onto them. */
#define REDIRECT_MAX_QUEUES 64

/* What the programs of redirect.bpf.c are told. */
struct redirect_config {
	__s32 arg;	/* N of drop_every and adjust_tail */
	__u32 saboteur; /* what is done on purpose (sabotage.h), to packet at of ours that comes by */
	__u32 at;
	__u32 value;
};

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

/* ---- edt.bpf.c ---- */

/* Devices of a link are told apart by their indices, from this one on (link.h has the same). */
#define EDT_FIRST_IFINDEX 64
#define EDT_MAX_PORTS 20

/* A flow is the last byte of a packet's source address. */
#define EDT_MAX_FLOWS 256

/*
 * bpf_skb_set_delivery_time(), the kernel's helper below it with the kernel's own numbers, or
 * an assignment to tstamp.
 */
enum edt_way { EDT_WAY_DELIVERY_TIME, EDT_WAY_TSTAMP, EDT_WAY_DIRECT };

/* Which packet is which, and what is wished for it. May be written while packets are under way. */
struct edt_flow {
	__u32 base;	 /* place of its packet 0 in the arrays */
	__u32 n_seqs;	 /* sequence numbers from 0 that have a place; 0: no such flow */
	__u32 hdr_len;	 /* bytes in front of the first word of the payload: the sequence number */
	__u32 type;	 /* BPF_SKB_DELIVERY_TIME_... (edt.h), or as the kernel has them */
	__u64 start_ns;	 /* with has_pattern: the wish of sequence number 0, */
	__u64 step_ns;	 /* and how much each is later than the one before */
	__u64 preset_ns; /* given as MONO in front of the wish: what a refusal leaves; 0: nothing */
	__u8 has_wish;	 /* else its packets are only recorded */
	__u8 has_pattern;
	__u8 pad[6];
};

/* What the kernel said to the wish for a packet. */
struct edt_result {
	__s32 err; /* 0 or a negative errno, of the last time */
	__u32 n;   /* how often it was wished */
};

/* What a packet had when it came by. */
struct edt_record {
	__u64 now_ns; /* CLOCK_MONOTONIC, the last time */
	__u64 tstamp; /* what the packet had then */
	__u32 n;      /* how often it came by; 0: never */
	__u8 tstamp_type;
	__u8 pad[3];
};
#define EDT_TYPE_UNREAD 255 /* tstamp_type, where the checkpoint does not read it */

/* Packets at the ports that are in no array. */
struct edt_counts {
	__u64 n_strangers; /* of no flow */
	__u64 n_beyond;	   /* of a flow, with a sequence number that has no place, or none at all */
};

/* ---- sabotage.bpf.c, and the saboteurs in redirect.bpf.c ---- */

/* What is done to which packet; kinds are in sabotage.h. */
struct sabotage_config {
	__u32 kind;
	__u32 flow;  /* the last byte of its source address */
	__u32 first; /* sequence number; of XDP the number of a packet of ours that comes by */
	__u32 n;     /* packets from there on */
	__u64 arg;   /* byte of the frame, bytes, number, time, socket: as the kind has it */
	__u32 mask;  /* of the byte: the bits that change */
	__u32 out;   /* index of the device that a copy leaves by */
};

/* Bytes of a packet that can be kept for later. */
#define SABOTAGE_MAX_LEN 2048

/* Where a checkpoint is at its port, and whether it is one that never mentions the type. */
enum edt_hook { EDT_INGRESS, EDT_EGRESS, EDT_INGRESS_BLIND, EDT_EGRESS_BLIND, N_EDT_HOOKS };

/* Fixed when the programs are loaded. */
struct edt_config {
	__u32 n_places;		     /* packets of all flows: the size of each array */
	__u32 way;		     /* enum edt_way */
	__u32 queue_bias;	     /* see keep_queue() */
	__u32 kept_mask;	     /* bit per port: edt_keep is there */
	__u32 out_of[EDT_MAX_PORTS]; /* what comes in at a port leaves by this index; 0: not here */
	__s32 site_of[EDT_MAX_PORTS][N_EDT_HOOKS]; /* which array of records; -1: none */
};

#endif
