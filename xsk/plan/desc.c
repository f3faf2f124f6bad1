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

static enum desc_fault place_check(const struct desc_rules *rules, uint64_t addr, uint32_t len)
{
	/* xp_aligned_validate_desc(), xp_unaligned_validate_desc(): the packet begins with them. */
	if (desc_place(addr) < rules->tx_metadata)
		return DESC_OUTSIDE_UMEM;
	addr -= rules->tx_metadata;
	len += rules->tx_metadata;
	if (!rules->is_unaligned) {
		if (addr >= rules->umem_size)
			return DESC_OUTSIDE_UMEM;
		if ((addr & (rules->frame_size - 1)) + len > rules->frame_size)
			return DESC_CROSSES_CHUNK;
		return DESC_VALID;
	}
	addr = desc_place(addr);
	if (addr >= rules->umem_size || addr + len > rules->umem_size)
		return DESC_OUTSIDE_UMEM;
	return DESC_VALID;
}

enum desc_fault desc_check(const struct desc_rules *rules, const struct desc *desc)
{
	uint32_t known_options = (rules->has_multi_buffer ? DESC_CONTD : 0) |
				 (rules->tx_metadata ? DESC_TX_METADATA : 0);

	if (!desc->len)
		return DESC_EMPTY;
	if (desc->len > rules->frame_size)
		return DESC_TOO_LONG;
	if (desc->options & ~known_options)
		return DESC_UNKNOWN_OPTION;
	return place_check(rules, desc->addr, desc->len);
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
