// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "plan/fuzz.h"
#include "plan/plan.h"

struct shrink {
	struct fuzz_case *c; /* the smallest one so far */
	struct fuzz_case next;
	const struct caps *caps;
	uint32_t n_tries, max_tries;
	fuzz_oracle *oracle;
	void *ctx;
};

static void begin(struct shrink *s)
{
	s->next.geometry = s->c->geometry;
	s->next.n_packets = s->c->n_packets;
	memcpy(s->next.packets, s->c->packets, s->c->n_packets * sizeof(*s->c->packets));
}

static bool is_same(const struct fuzz_case *a, const struct fuzz_case *b)
{
	return a->n_packets == b->n_packets &&
	       !memcmp(&a->geometry, &b->geometry, sizeof(a->geometry)) &&
	       !memcmp(a->packets, b->packets, a->n_packets * sizeof(*a->packets));
}

/* Is s->next still a case that shows it? Then it is the smallest. */
static bool adopt(struct shrink *s)
{
	if (s->n_tries >= s->max_tries || is_same(&s->next, s->c) ||
	    !fuzz_is_sayable(&s->next, s->caps))
		return false;
	s->n_tries++;
	if (!s->oracle(s->ctx, &s->next))
		return false;
	s->c->geometry = s->next.geometry;
	s->c->n_packets = s->next.n_packets;
	memcpy(s->c->packets, s->next.packets, s->next.n_packets * sizeof(*s->next.packets));
	return true;
}

static bool drop_packets(struct shrink *s, size_t first, size_t n)
{
	begin(s);
	memmove(&s->next.packets[first], &s->next.packets[first + n],
		(s->next.n_packets - first - n) * sizeof(*s->next.packets));
	s->next.n_packets -= n;
	return adopt(s);
}

/* Halves, quarters, ... down to single ones, from the end: what goes last is rarely needed. */
static void shrink_packets(struct shrink *s)
{
	for (size_t n = s->c->n_packets; n; n /= 2) {
		size_t end = s->c->n_packets;

		while (end) {
			size_t first = end > n ? end - n : 0;

			drop_packets(s, first, end - first);
			end = first < s->c->n_packets ? first : s->c->n_packets;
		}
	}
}

static bool drop_descs(struct shrink *s, size_t packet, uint32_t first, uint32_t n)
{
	struct fuzz_packet *p;

	begin(s);
	p = &s->next.packets[packet];
	memmove(&p->descs[first], &p->descs[first + n], (p->n - first - n) * sizeof(*p->descs));
	p->n -= n;
	memset(&p->descs[p->n], 0, n * sizeof(*p->descs));
	if (!p->is_open)
		p->descs[p->n - 1].options &= ~DESC_CONTD;
	return adopt(s);
}

static void shrink_chain(struct shrink *s, size_t packet)
{
	struct fuzz_packet *p = &s->c->packets[packet];

	for (uint32_t n = p->n / 2; n; n /= 2)
		for (uint32_t k = p->n; k-- > 0;)
			if (k + n <= p->n && n < p->n)
				drop_descs(s, packet, k, n);
}

/* ---- geometry ---- */

#define TRY(s, member, value)                                                                      \
	do {                                                                                       \
		begin(s);                                                                          \
		(s)->next.geometry.member = (value);                                               \
		adopt(s);                                                                          \
	} while (0)

static void shrink_geometry(struct shrink *s)
{
	TRY(s, part, 0);
	TRY(s, tx_budget, 0);
	TRY(s, tx_ring, 2048);
	TRY(s, completion_ring, 2048);
	TRY(s, has_need_wakeup, true);
	TRY(s, is_poll, false);
	TRY(s, headroom, 0);
	TRY(s, rx_headroom, 0);
	TRY(s, has_hugepages, false);
	TRY(s, has_tx_metadata, false);
	TRY(s, has_multi_buffer, false);
	TRY(s, is_unaligned, false);
	TRY(s, frame_size, 4096);
	TRY(s, n_frames, 64);
	TRY(s, mtu, 1500);
	TRY(s, part, 1);
}

/* ---- numbers ---- */

static struct desc *next_desc(struct shrink *s, size_t packet, uint32_t k)
{
	begin(s);
	return &s->next.packets[packet].descs[k];
}

static void shrink_options(struct shrink *s, size_t packet, uint32_t k)
{
	for (uint32_t bit = 2; bit; bit <<= 1)
		if (s->c->packets[packet].descs[k].options & bit) {
			next_desc(s, packet, k)->options &= ~bit;
			adopt(s);
		}
}

static void shrink_len(struct shrink *s, size_t packet, uint32_t k)
{
	uint32_t len = s->c->packets[packet].descs[k].len;

	if (len == 64)
		return;
	next_desc(s, packet, k)->len = 64;
	if (adopt(s))
		return;
	/* The smallest that shows it is a border. */
	for (uint32_t step = len / 2; step; step /= 2)
		while (s->c->packets[packet].descs[k].len > step) {
			next_desc(s, packet, k)->len -= step;
			if (!adopt(s))
				break;
		}
}

static void shrink_addr(struct shrink *s, size_t packet, uint32_t k)
{
	uint32_t frame_size = s->c->geometry.frame_size;
	uint64_t size = (uint64_t)s->c->geometry.n_frames * frame_size;
	const uint64_t simple[] = { (uint64_t)k * frame_size,
				    (uint64_t)k * frame_size + PLAN_TX_METADATA, size, size - 64 };

	for (size_t n = 0; n < sizeof(simple) / sizeof(simple[0]); n++) {
		if (s->c->packets[packet].descs[k].addr == simple[n])
			return;
		next_desc(s, packet, k)->addr = simple[n];
		if (adopt(s))
			return;
	}
	next_desc(s, packet, k)->addr = desc_place(s->c->packets[packet].descs[k].addr);
	adopt(s);
	next_desc(s, packet, k)->addr &= ~1ull;
	adopt(s);
	/* Frames at the front, for all that stay in their place in the frame. */
	next_desc(s, packet, k)->addr =
		s->c->packets[packet].descs[k].addr % frame_size + (uint64_t)k * frame_size;
	adopt(s);
}

static void shrink_numbers(struct shrink *s)
{
	for (size_t packet = 0; packet < s->c->n_packets; packet++)
		for (uint32_t k = 0; k < s->c->packets[packet].n; k++) {
			shrink_options(s, packet, k);
			shrink_len(s, packet, k);
			shrink_addr(s, packet, k);
		}
}

uint32_t fuzz_shrink(struct fuzz_case *c, const struct caps *caps, uint32_t max_tries,
		     fuzz_oracle *oracle, void *ctx)
{
	struct shrink s = {
		.c = c, .caps = caps, .max_tries = max_tries, .oracle = oracle, .ctx = ctx
	};

	fuzz_case_copy(&s.next, c);
	shrink_packets(&s);
	/* What one turn made smaller may let the next one go on. */
	for (int turn = 0; turn < 2; turn++) {
		for (size_t packet = 0; packet < c->n_packets; packet++)
			shrink_chain(&s, packet);
		shrink_geometry(&s);
		shrink_numbers(&s);
		shrink_packets(&s);
	}
	fuzz_case_release(&s.next);
	return s.n_tries;
}
