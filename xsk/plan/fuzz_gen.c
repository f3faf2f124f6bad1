// SPDX-License-Identifier: GPL-2.0-only
#include "base/hash.h"
#include "plan/fuzz.h"
#include "plan/plan.h"

#define PAGE 4096u
#define MANY_MORE 6u /* fragments above the limit */

/* ---- random numbers ---- */

struct gen {
	uint64_t seed, n_drawn;
	const struct caps *caps;
	struct fuzz_geometry *g;
	uint64_t size; /* of the UMEM */
	struct fuzz_coverage *coverage;
};

static uint64_t draw(struct gen *r)
{
	return hash64(r->seed, r->n_drawn++);
}

/* From 0 to n - 1. */
static uint64_t below(struct gen *r, uint64_t n)
{
	return n ? draw(r) % n : 0;
}

static bool one_in(struct gen *r, uint32_t n)
{
	return !below(r, n);
}

/* A number near another one: up to two below or above it. */
static uint64_t around(struct gen *r, uint64_t value)
{
	return value - 2 + below(r, 5);
}

/* ---- geometry ---- */

static uint32_t ring_from(struct gen *r, uint32_t least)
{
	uint32_t size = 1;

	while (size < least)
		size *= 2;
	return size << below(r, size >= 64 ? 4 : 6);
}

static uint32_t longest_chain(const struct gen *r)
{
	return r->caps->max_frags + MANY_MORE;
}

static bool has_room_for_chains(const struct gen *r)
{
	return r->g->tx_ring >= longest_chain(r) && r->g->completion_ring >= longest_chain(r);
}

static void draw_umem(struct gen *r)
{
	static const uint32_t odd_sizes[] = { 64, 1024, 2047, 3000, 4095, 4097, 8192 };
	struct fuzz_geometry *g = r->g;
	uint32_t most;

	g->is_unaligned = below(r, 10) < 4;
	g->has_hugepages = r->caps->has_hugepages && one_in(r, 8);
	g->has_tx_metadata = r->caps->has_sw_csum && one_in(r, 4);
	g->frame_size = one_in(r, 3) ? 2048 : 4096;
	if (g->is_unaligned && one_in(r, 2))
		g->frame_size = 2048 + (uint32_t)below(r, 2049);
	if (one_in(r, 20))
		g->frame_size = odd_sizes[below(r, sizeof(odd_sizes) / sizeof(odd_sizes[0]))];
	g->n_frames = 64 + (uint32_t)below(r, 192);
	most = g->frame_size > r->caps->headroom_reserve ?
		       g->frame_size - r->caps->headroom_reserve :
		       0;
	if (one_in(r, 5))
		g->headroom = (uint32_t)below(r, most + 1);
	else if (one_in(r, 20) && most > 2)
		g->headroom = (uint32_t)around(r, most);
	if (one_in(r, 3))
		g->rx_headroom = (uint32_t)below(r, 1024);
}

static void draw_socket(struct gen *r)
{
	struct fuzz_geometry *g = r->g;
	uint32_t least;

	g->has_multi_buffer = r->caps->has_multi_buffer && below(r, 3);
	least = g->has_multi_buffer || one_in(r, 2) ? longest_chain(r) : 1;
	g->tx_ring = ring_from(r, least);
	g->completion_ring = ring_from(r, least);
	if (r->caps->has_tx_budget && g->tx_ring >= 32 && one_in(r, 2))
		g->tx_budget = 32 + (uint32_t)below(r, g->tx_ring - 31);
	g->part = one_in(r, 2) ? 0 : 1 + (uint32_t)below(r, one_in(r, 2) ? 4 : 60);
	g->has_need_wakeup = one_in(r, 2);
	g->is_poll = one_in(r, 5);
}

static void draw_geometry(struct gen *r, enum mode mode, uint64_t seed, uint64_t round)
{
	static const uint32_t mtus[] = { 1500, 9000, 3400, 1500, 30000 };
	uint64_t link = round / FUZZ_LINK_ROUNDS;

	*r->g = (struct fuzz_geometry){ .mode = mode, .mtu = 1500 };
	if (r->caps->has_multi_buffer)
		r->g->mtu = mtus[hash64(~seed, link) % (sizeof(mtus) / sizeof(mtus[0]))];
	draw_umem(r);
	draw_socket(r);
	r->size = (uint64_t)r->g->n_frames * r->g->frame_size;
}

/* ---- descriptors ---- */

static uint64_t draw_offset_addr(struct gen *r)
{
	uint64_t place = one_in(r, 4) ? around(r, r->size) : below(r, r->size);
	uint64_t most = place < 0xffff ? place : 0xffff;
	uint64_t offset = one_in(r, 3) ? most : below(r, most + 1);

	return offset << 48 | (place - offset);
}

static uint64_t draw_huge(struct gen *r)
{
	switch (below(r, 6)) {
	case 0:
		return 1ull << below(r, 64);
	case 1:
		return ~below(r, 2 * PAGE);
	case 2:
		return (1ull << 48) - 1 - below(r, PAGE);
	case 3:
		return (draw(r) << 48) | below(r, r->size);
	case 4:
		return (1ull << 32) + below(r, r->size);
	default:
		return draw(r);
	}
}

static uint64_t draw_addr(struct gen *r, uint32_t len, uint32_t metadata)
{
	const struct fuzz_geometry *g = r->g;
	enum fuzz_addr kind = below(r, 10) < 7 ? FUZZ_ADDR_PLAIN :
						 (enum fuzz_addr)below(r, N_FUZZ_ADDRS);
	uint64_t frame = below(r, g->n_frames) * g->frame_size;
	uint64_t room = g->frame_size > len + metadata ? g->frame_size - len - metadata : 0;
	uint64_t before = one_in(r, 2) ? len : one_in(r, 2) ? metadata : 0;

	r->coverage->addr[kind]++;
	switch (kind) {
	case FUZZ_ADDR_ZERO:
		return one_in(r, 2) ? 0 : below(r, 2 * PLAN_TX_METADATA);
	case FUZZ_ADDR_FRAME:
		return around(r, frame + g->frame_size - before);
	case FUZZ_ADDR_PAGE:
		return around(r, below(r, r->size / PAGE + 1) * PAGE + PAGE - before);
	case FUZZ_ADDR_END:
		return around(r, r->size - before);
	case FUZZ_ADDR_BEYOND:
		return r->size + below(r, one_in(r, 2) ? 4 : r->size);
	case FUZZ_ADDR_OFFSET:
		return draw_offset_addr(r);
	case FUZZ_ADDR_HUGE:
		return draw_huge(r);
	default:
		/* Even: what bit 0 becomes is a story of its own (specs/README.md). */
		return frame + metadata + (one_in(r, 3) ? below(r, room + 1) & ~1ull : 0);
	}
}

static uint32_t draw_len(struct gen *r, bool is_alone)
{
	static const uint32_t huge[] = { 65535, 65536, 1u << 31, ~0u, ~0u - 23, ~0u - 24 };
	const struct fuzz_geometry *g = r->g;
	enum fuzz_len kind = below(r, is_alone ? 4 : 12) ? FUZZ_LEN_PLAIN :
							   (enum fuzz_len)below(r, N_FUZZ_LENS);

	r->coverage->len[kind]++;
	switch (kind) {
	case FUZZ_LEN_ZERO:
		return 0;
	case FUZZ_LEN_SHORT:
		return 1 + (uint32_t)(one_in(r, 4) ? 0 : below(r, 20));
	case FUZZ_LEN_MTU:
		return (uint32_t)around(r, g->mtu + (one_in(r, 2) ? 14 : 18));
	case FUZZ_LEN_ROOM:
		return (uint32_t)around(r, g->frame_size - (one_in(r, 2) ? PLAN_TX_METADATA : 0));
	case FUZZ_LEN_FRAME:
		return (uint32_t)around(r, g->frame_size * (1 + below(r, 2)));
	case FUZZ_LEN_BEYOND:
		return huge[below(r, sizeof(huge) / sizeof(huge[0]))];
	default:
		return 60 + (uint32_t)below(r, one_in(r, 8) ? 1400 : 140);
	}
}

/* In the first descriptor it speaks of the packet; in others it is there for nothing. */
static uint32_t draw_metadata(struct gen *r, struct fuzz_packet *p, bool is_first, bool is_last)
{
	bool is_good = r->g->has_tx_metadata && (is_first && !is_last);

	/* What happens once a send was refused, no model can tell (caps.completes_refused). */
	if (is_first && !is_last && !r->g->has_tx_metadata)
		return 0;

	r->coverage->option[!is_first ? FUZZ_OPTION_IDLE :
			    is_good   ? FUZZ_OPTION_METADATA :
					FUZZ_OPTION_BAD_METADATA]++;
	if (!is_first)
		return DESC_TX_METADATA;
	if (is_good)
		p->metadata = (struct desc_metadata){ .flags = below(r, 2) };
	else if (one_in(r, 2))
		p->metadata = (struct desc_metadata){ .flags = 8ull << below(r, 61) };
	else
		p->metadata = (struct desc_metadata){ 2, (uint16_t)(60000 + below(r, 5536)),
						      (uint16_t)draw(r) };
	return DESC_TX_METADATA;
}

static uint32_t draw_options(struct gen *r, struct fuzz_packet *p, bool is_first, bool is_last)
{
	uint32_t metadata_odds = r->g->has_tx_metadata ? 30 : 150;

	if (one_in(r, 60)) {
		r->coverage->option[FUZZ_OPTION_UNKNOWN]++;
		return one_in(r, 4) ? ~DESC_CONTD & (uint32_t)draw(r) : 4u << below(r, 30);
	}
	if (one_in(r, metadata_odds) || (is_first && is_last && !p->is_open && one_in(r, 2)))
		return draw_metadata(r, p, is_first, is_last);
	r->coverage->option[FUZZ_OPTION_NONE]++;
	return 0;
}

static enum fuzz_chain draw_chain(struct gen *r, bool is_last)
{
	enum fuzz_chain kind;

	if (!has_room_for_chains(r))
		return FUZZ_CHAIN_ONE;
	if (is_last && r->g->has_multi_buffer && one_in(r, 4))
		return FUZZ_CHAIN_OPEN;
	if (below(r, 10) < 6)
		return FUZZ_CHAIN_ONE;
	kind = (enum fuzz_chain)below(r, 40);
	return kind < FUZZ_CHAIN_MOST || kind >= FUZZ_CHAIN_OPEN ? FUZZ_CHAIN_SOME : kind;
}

static uint32_t chain_len(struct gen *r, enum fuzz_chain kind)
{
	uint32_t most = r->caps->max_frags;

	switch (kind) {
	case FUZZ_CHAIN_SOME:
		return 2 + (uint32_t)below(r, one_in(r, 3) && most > 3 ? most - 1 : 3);
	case FUZZ_CHAIN_MOST:
		return most;
	case FUZZ_CHAIN_MORE:
		return most + 1;
	case FUZZ_CHAIN_MANY:
		return most + 2 + (uint32_t)below(r, MANY_MORE - 1);
	case FUZZ_CHAIN_OPEN:
		return 1 + (uint32_t)below(r, most > 2 ? most - 1 : 1);
	default:
		return 1;
	}
}

/* With what is in front of the first one. */
static bool overlaps_earlier(const struct gen *r, const struct fuzz_packet *p, uint32_t k)
{
	for (uint32_t other = 0; other < k; other++) {
		struct desc d = p->descs[other];

		if (!other && r->g->has_tx_metadata) {
			d.addr -= PLAN_TX_METADATA;
			d.len += PLAN_TX_METADATA;
		}
		if (desc_overlaps(&d, &p->descs[k]))
			return true;
	}
	return false;
}

/*
 * A specification cannot say packets whose descriptors overlap: one that does moves to the first
 * frame where it does not.
 */
static void keep_apart(struct gen *r, struct fuzz_packet *p, uint32_t k)
{
	uint32_t metadata = r->g->has_tx_metadata ? PLAN_TX_METADATA : 0;

	for (uint32_t frame = 0; frame < r->g->n_frames && overlaps_earlier(r, p, k); frame++)
		p->descs[k].addr = (uint64_t)frame * r->g->frame_size + metadata;
}

static void draw_packet(struct gen *r, struct fuzz_packet *p, bool is_last)
{
	uint32_t metadata = r->g->has_tx_metadata ? PLAN_TX_METADATA : 0;
	enum fuzz_chain kind = draw_chain(r, is_last);

	*p = (struct fuzz_packet){ .n = chain_len(r, kind), .is_open = kind == FUZZ_CHAIN_OPEN };
	if (p->n > FUZZ_MAX_DESCS)
		p->n = FUZZ_MAX_DESCS;
	r->coverage->chain[kind]++;
	for (uint32_t k = 0; k < p->n; k++) {
		struct desc *d = &p->descs[k];
		bool is_more = k + 1 < p->n || p->is_open;

		/* A long chain of odd ones would hardly ever be valid. */
		d->len = p->n > 4 && below(r, p->n) ? 1 + (uint32_t)below(r, 200) :
						      draw_len(r, p->n == 1);
		d->addr = p->n > 4 && below(r, p->n) ?
				  below(r, r->g->n_frames) * r->g->frame_size + metadata :
				  draw_addr(r, d->len, metadata);
		d->options = draw_options(r, p, !k, is_last) | (is_more ? DESC_CONTD : 0);
		keep_apart(r, p, k);
	}
}

void fuzz_generate(struct fuzz_case *c, const struct caps *caps, enum mode mode, uint64_t seed,
		   uint64_t n, struct fuzz_coverage *coverage)
{
	struct gen r = {
		.seed = hash64(seed, n),
		.caps = caps,
		.g = &c->geometry,
		.coverage = coverage,
	};

	draw_geometry(&r, mode, seed, n);
	if (fuzz_geometry_fault(&c->geometry, caps)) {
		coverage->n_refused_geometries++;
		c->n_packets = 0;
		return;
	}
	for (size_t k = 0; k < c->n_packets; k++)
		draw_packet(&r, &c->packets[k], k + 1 == c->n_packets);
}
