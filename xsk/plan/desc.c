// SPDX-License-Identifier: GPL-2.0-only
#include "plan/desc.h"

const char *const desc_fault_names[N_DESC_FAULTS] = {
	[DESC_VALID] = "valid",
	[DESC_EMPTY] = "len is 0",
	[DESC_TOO_LONG] = "longer than a frame",
	[DESC_CROSSES_CHUNK] = "crosses the end of its frame",
	[DESC_OUTSIDE_UMEM] = "outside the UMEM",
	[DESC_UNKNOWN_OPTION] = "unknown option bits",
	[DESC_TOO_MANY_FRAGS] = "too many fragments",
};

/*
 * xp_aligned_validate_desc() and xp_unaligned_validate_desc(): what is checked begins with the Tx
 * metadata, whether the descriptor has any or not. The offset in the upper bits counts before.
 */
static enum desc_fault place_check(const struct desc_rules *rules, const struct desc *desc)
{
	uint64_t place = rules->is_unaligned ? desc_place(desc->addr) : desc->addr;
	uint64_t len = (uint64_t)desc->len + rules->tx_metadata;

	if (place < rules->tx_metadata || place - rules->tx_metadata >= rules->umem_size)
		return DESC_OUTSIDE_UMEM;
	place -= rules->tx_metadata;
	if (!rules->is_unaligned)
		return (place & (rules->frame_size - 1)) + len > rules->frame_size ?
			       DESC_CROSSES_CHUNK :
			       DESC_VALID;
	if (len > rules->frame_size)
		return DESC_TOO_LONG;
	return len > rules->umem_size - place ? DESC_OUTSIDE_UMEM : DESC_VALID;
}

enum desc_fault desc_check(const struct desc_rules *rules, const struct desc *desc)
{
	if (!desc->len)
		return DESC_EMPTY;
	if (desc->len > rules->frame_size)
		return DESC_TOO_LONG;
	if (desc->options & ~rules->options)
		return DESC_UNKNOWN_OPTION;
	return place_check(rules, desc);
}

enum desc_fault packet_check(const struct desc_rules *rules, const struct desc *descs, size_t n,
			     size_t *bad)
{
	for (size_t k = 0; k < n; k++) {
		enum desc_fault fault = desc_check(rules, &descs[k]);

		if (!fault && k >= rules->max_frags)
			fault = DESC_TOO_MANY_FRAGS;
		if (!fault)
			continue;
		if (bad)
			*bad = k;
		return fault;
	}
	return DESC_VALID;
}

/* xsk_skb_metadata() in net/xdp/xsk.c */
bool metadata_is_refused(const struct desc_rules *rules, const struct desc *first,
			 const struct desc_metadata *metadata)
{
	if (!(first->options & DESC_TX_METADATA) || desc_check(rules, first))
		return false;
	if (!rules->tx_metadata || metadata->flags & ~rules->metadata_flags)
		return true;
	return metadata->flags & METADATA_CHECKSUM &&
	       metadata->csum_start + metadata->csum_offset + 2u > first->len;
}
