/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_DESC_H
#define XSK_PLAN_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The descriptor model: what the kernel accepts on a Tx ring. Rules from
 * net/xdp/xsk_queue.h (xp_aligned_validate_desc, xp_unaligned_validate_desc,
 * xskq_cons_read_desc) and net/xdp/xsk.c (__xsk_generic_xmit).
 */
struct desc_rules {
	uint64_t umem_size;  /* bytes */
	uint32_t frame_size; /* bytes of a chunk */
	bool is_unaligned;
	uint32_t options;	 /* bits that the kernel knows, see caps_desc_options() */
	uint32_t max_frags;	 /* descriptors of one packet */
	uint64_t metadata_flags; /* that the kernel knows */
	uint32_t tx_metadata; /* bytes in front of each descriptor that have to be its frame's too */
};

struct desc {
	uint64_t addr;
	uint32_t len;
	uint32_t options; /* as on the ring, XDP_PKT_CONTD included */
};

#define DESC_CONTD 1u	    /* XDP_PKT_CONTD */
#define DESC_TX_METADATA 2u /* XDP_TX_METADATA, Linux 6.8 */

/*
 * Where an address of an unaligned UMEM points to: an offset sits in its upper 16 bits
 * (XSK_UNALIGNED_BUF_OFFSET_SHIFT). Addresses of aligned ones have none.
 */
static inline uint64_t desc_place(uint64_t addr)
{
	return (addr & ((1ull << 48) - 1)) + (addr >> 48);
}

/* Do the bytes of two descriptors have one in common? */
static inline bool desc_overlaps(const struct desc *a, const struct desc *b)
{
	uint64_t at = desc_place(a->addr), other = desc_place(b->addr);

	return at < other + b->len && other < at + a->len;
}

/* What the Tx metadata in front of a packet asks for (struct xsk_tx_metadata). */
struct desc_metadata {
	uint64_t flags;
	uint16_t csum_start, csum_offset;
};

#define METADATA_TIMESTAMP 1u	/* XDP_TXMD_FLAGS_TIMESTAMP, Linux 6.8 */
#define METADATA_CHECKSUM 2u	/* XDP_TXMD_FLAGS_CHECKSUM, Linux 6.8 */
#define METADATA_LAUNCH_TIME 4u /* XDP_TXMD_FLAGS_LAUNCH_TIME, Linux 6.14 */

/* Why a descriptor is invalid; names in desc_fault_names. */
enum desc_fault {
	DESC_VALID,
	DESC_EMPTY,	    /* len 0 */
	DESC_TOO_LONG,	    /* longer than a chunk */
	DESC_CROSSES_CHUNK, /* aligned mode */
	DESC_OUTSIDE_UMEM,
	DESC_UNKNOWN_OPTION,
	DESC_TOO_MANY_FRAGS,
	N_DESC_FAULTS,
};
extern const char *const desc_fault_names[N_DESC_FAULTS];

enum desc_fault desc_check(const struct desc_rules *rules, const struct desc *desc);

/*
 * A whole packet of n descriptors. One bad descriptor makes all of them invalid,
 * and each counts in tx_invalid_descs. *bad (may be NULL) is the first bad one.
 */
enum desc_fault packet_check(const struct desc_rules *rules, const struct desc *descs, size_t n,
			     size_t *bad);

/*
 * Is the send refused (EINVAL) for what the first descriptor of a packet says of its metadata? Then
 * the descriptor stays in the ring. The kernel asks this of a valid descriptor, and before it has
 * looked at the others of the packet; what those say of metadata it does not read.
 */
bool metadata_is_refused(const struct desc_rules *rules, const struct desc *first,
			 const struct desc_metadata *metadata);

#endif
