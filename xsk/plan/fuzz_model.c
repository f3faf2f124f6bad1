// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "plan/fuzz.h"
#include "plan/plan.h"

#define PAGE 4096u
#define HUGEPAGE (2u << 20)
#define LEN_MIN 14u /* veth_xmit() drops what has no Ethernet header */
#define LEN_VLAN 18u

void fuzz_case_init(struct fuzz_case *c, size_t n_packets)
{
	*c = (struct fuzz_case){ .n_packets = n_packets };
	c->packets = mem_zalloc((n_packets + 1) * sizeof(*c->packets));
}

void fuzz_case_copy(struct fuzz_case *to, const struct fuzz_case *from)
{
	fuzz_case_init(to, from->n_packets);
	to->geometry = from->geometry;
	memcpy(to->packets, from->packets, from->n_packets * sizeof(*from->packets));
}

void fuzz_case_release(struct fuzz_case *c)
{
	free(c->packets);
	*c = (struct fuzz_case){};
}

uint64_t fuzz_case_descs(const struct fuzz_case *c)
{
	uint64_t n = 0;

	for (size_t k = 0; k < c->n_packets; k++)
		n += c->packets[k].n;
	return n;
}

struct desc_rules fuzz_rules(const struct fuzz_geometry *g, const struct caps *caps)
{
	return (struct desc_rules){
		.umem_size = (uint64_t)g->n_frames * g->frame_size,
		.frame_size = g->frame_size,
		.is_unaligned = g->is_unaligned,
		.options = caps_desc_options(caps),
		.metadata_flags = caps_metadata_flags(caps),
		.max_frags = caps->max_frags,
		.tx_metadata = g->has_tx_metadata ? PLAN_TX_METADATA : 0,
	};
}

uint64_t fuzz_packet_len(const struct fuzz_packet *p)
{
	uint64_t len = 0;

	for (uint32_t k = 0; k < p->n; k++)
		len += p->descs[k].len;
	return len;
}

enum fuzz_fate fuzz_fate(const struct fuzz_geometry *g, const struct caps *caps,
			 const struct fuzz_packet *p)
{
	struct desc_rules rules = fuzz_rules(g, caps);
	uint64_t len = fuzz_packet_len(p);

	if (metadata_is_refused(&rules, &p->descs[0], &p->metadata))
		return FATE_REFUSED;
	if (packet_check(&rules, p->descs, p->n, NULL))
		return FATE_INVALID;
	if (p->is_open)
		return FATE_OPEN;
	return len < LEN_MIN || len > g->mtu + LEN_VLAN ? FATE_LOST : FATE_DELIVERED;
}

bool fuzz_is_alone(const struct fuzz_geometry *g, const struct caps *caps,
		   const struct fuzz_packet *p)
{
	struct desc_rules rules = fuzz_rules(g, caps);

	return p->descs[0].options & DESC_TX_METADATA && !desc_check(&rules, &p->descs[0]);
}

/*
 * __xsk_generic_xmit() in net/xdp/xsk.c. A kick ends with an invalid descriptor, which is found
 * before the budget is looked at, and goes without. The rest of its packet is nothing special:
 * the next kick takes it, and it costs budget and room like any other.
 */
uint32_t fuzz_kick(const struct desc_rules *rules, const struct desc *descs, uint32_t n,
		   uint32_t budget, uint32_t room)
{
	for (uint32_t k = 0; k < n; k++) {
		bool is_invalid = desc_check(rules, &descs[k]) != DESC_VALID;

		if (k == room || (k == budget && !is_invalid))
			return k;
		if (is_invalid)
			return k + 1;
	}
	return n;
}

static bool overlaps_itself(const struct fuzz_packet *p)
{
	for (uint32_t k = 1; k < p->n; k++)
		for (uint32_t other = 0; other < k; other++)
			if (desc_overlaps(&p->descs[k], &p->descs[other]))
				return true;
	return false;
}

bool fuzz_is_sayable(const struct fuzz_case *c, const struct caps *caps)
{
	const struct fuzz_geometry *g = &c->geometry;

	for (size_t k = 0; k < c->n_packets; k++) {
		const struct fuzz_packet *p = &c->packets[k];

		if (p->n > g->tx_ring || p->n > g->completion_ring)
			return false;
		if (fuzz_fate(g, caps, p) != FATE_INVALID && overlaps_itself(p))
			return false;
	}
	return true;
}

/* xdp_umem_reg() in net/xdp/xdp_umem.c */
const char *fuzz_geometry_fault(const struct fuzz_geometry *g, const struct caps *caps)
{
	if (g->frame_size < 2048)
		return "chunks of less than 2048 bytes";
	if (g->frame_size > PAGE)
		return "chunks of more than a page";
	if (!g->is_unaligned && g->frame_size & (g->frame_size - 1))
		return "aligned chunks that are no power of two";
	if (g->headroom > g->frame_size - caps->headroom_reserve)
		return "no room behind the headroom";
	return NULL;
}
