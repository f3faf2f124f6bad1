/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_FUZZ_H
#define XSK_PLAN_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/spec.h"
#include "plan/caps.h"
#include "plan/desc.h"

struct strbuf;

/*
 * The kernel against the descriptor model: random packets on random sockets, what the model says
 * will become of them, and the smallest case that still shows a difference. Pure, and computed
 * from the seed alone; run/fuzz.h asks the kernel.
 */

/* ---- a case ---- */

#define FUZZ_MAX_DESCS 64   /* of one packet */
#define FUZZ_MAX_WINDOW 128 /* descriptors that are with the kernel at a time */
#define FUZZ_RX_RING 2048   /* of end b, which receives: more than the window can fill */

/* The sockets of a case, as a specification says it. What it does not name has its default. */
struct fuzz_geometry {
	enum mode mode;
	uint32_t mtu;
	uint32_t frame_size, n_frames, headroom; /* of end a, which sends */
	uint32_t rx_headroom;			 /* of end b */
	uint32_t tx_ring, completion_ring;
	uint32_t tx_budget; /* XDP_MAX_TX_SKB_BUDGET, 0: not set */
	uint32_t part;	    /* descriptors of a submission, wherever that ends; 0: all at once */
	bool is_unaligned, has_hugepages, has_tx_metadata, has_multi_buffer, has_need_wakeup,
		is_poll;
};

struct fuzz_packet {
	uint32_t n;   /* of descs; all but the last have DESC_CONTD */
	bool is_open; /* the last has it, too: nothing ends the packet. The last of its case only */
	struct desc_metadata metadata; /* of the first one, if that has DESC_TX_METADATA */
	struct desc descs[FUZZ_MAX_DESCS];
};

struct fuzz_case {
	struct fuzz_geometry geometry;
	struct fuzz_packet *packets;
	size_t n_packets;
};

/* packets has room for n. A zeroed struct is an empty case. */
void fuzz_case_init(struct fuzz_case *c, size_t n_packets);
void fuzz_case_copy(struct fuzz_case *to, const struct fuzz_case *from);
void fuzz_case_release(struct fuzz_case *c);
uint64_t fuzz_case_descs(const struct fuzz_case *c);

/* ---- the generator (fuzz_gen.c) ---- */

/* Borders that descriptors are put at. */
enum fuzz_addr {
	FUZZ_ADDR_PLAIN, /* somewhere in a frame */
	FUZZ_ADDR_ZERO,
	FUZZ_ADDR_FRAME, /* at the border of frames */
	FUZZ_ADDR_PAGE,	 /* of pages */
	FUZZ_ADDR_END,	 /* at the end of the UMEM */
	FUZZ_ADDR_BEYOND,
	FUZZ_ADDR_OFFSET, /* an offset in the upper 16 bits */
	FUZZ_ADDR_HUGE,
	N_FUZZ_ADDRS,
};
enum fuzz_len {
	FUZZ_LEN_PLAIN,
	FUZZ_LEN_ZERO,
	FUZZ_LEN_SHORT,	 /* around an Ethernet header */
	FUZZ_LEN_MTU,	 /* around what the link carries */
	FUZZ_LEN_ROOM,	 /* around what Tx metadata leaves of a frame */
	FUZZ_LEN_FRAME,	 /* around a frame, or two */
	FUZZ_LEN_BEYOND, /* up to 32 bits */
	N_FUZZ_LENS,
};
enum fuzz_option {
	FUZZ_OPTION_NONE,
	FUZZ_OPTION_UNKNOWN,
	FUZZ_OPTION_METADATA,	  /* good */
	FUZZ_OPTION_BAD_METADATA, /* that the kernel refuses, or that the UMEM has no room for */
	FUZZ_OPTION_IDLE,	  /* not of the first descriptor: nobody looks at it */
	N_FUZZ_OPTIONS,
};
enum fuzz_chain {
	FUZZ_CHAIN_ONE,
	FUZZ_CHAIN_SOME,
	FUZZ_CHAIN_MOST, /* as many as the kernel takes */
	FUZZ_CHAIN_MORE, /* one more */
	FUZZ_CHAIN_MANY, /* several more */
	FUZZ_CHAIN_OPEN, /* nothing ends it */
	N_FUZZ_CHAINS,
};

/* How often each was drawn. */
struct fuzz_coverage {
	uint64_t addr[N_FUZZ_ADDRS], len[N_FUZZ_LENS], option[N_FUZZ_OPTIONS], chain[N_FUZZ_CHAINS];
	uint64_t n_refused_geometries;
};

/*
 * Round number n of a seed: geometry and packets, for a case that has been initialized.
 * Adds to the coverage. The link (mtu) is the same for FUZZ_LINK_ROUNDS rounds in a row.
 */
#define FUZZ_LINK_ROUNDS 16
void fuzz_generate(struct fuzz_case *c, const struct caps *caps, enum mode mode, uint64_t seed,
		   uint64_t n, struct fuzz_coverage *coverage);

/* ---- the predictor (fuzz_model.c) ---- */

enum fuzz_fate {
	FATE_DELIVERED,
	FATE_LOST,    /* sent, and too short or too long for the link */
	FATE_INVALID, /* counted in tx_invalid_descs */
	FATE_REFUSED, /* the send fails (EINVAL) and the descriptors stay in the ring */
	FATE_OPEN,    /* taken, and kept until the packet ends */
};

struct desc_rules fuzz_rules(const struct fuzz_geometry *g, const struct caps *caps);
enum fuzz_fate fuzz_fate(const struct fuzz_geometry *g, const struct caps *caps,
			 const struct fuzz_packet *p);
uint64_t fuzz_packet_len(const struct fuzz_packet *p);

/*
 * How many of n descriptors one kick takes off the ring, with so much budget and so many places
 * on the completion ring.
 */
uint32_t fuzz_kick(const struct desc_rules *rules, const struct desc *descs, uint32_t n,
		   uint32_t budget, uint32_t room);

/* Does the kernel take this UMEM? NULL, or the rule that speaks against it. */
const char *fuzz_geometry_fault(const struct fuzz_geometry *g, const struct caps *caps);

/* Packets that are sent alone: their metadata is written into the UMEM, or they are refused. */
bool fuzz_is_alone(const struct fuzz_geometry *g, const struct caps *caps,
		   const struct fuzz_packet *p);

/*
 * Can a specification say it? Not a packet whose descriptors overlap, nor one that does not fit
 * its rings.
 */
bool fuzz_is_sayable(const struct fuzz_case *c, const struct caps *caps);

/* ---- the shrinker (fuzz_shrink.c) ---- */

/* Does the case still show a difference? */
typedef bool fuzz_oracle(void *ctx, const struct fuzz_case *c);

/*
 * Makes a case that shows a difference smaller, in packets, descriptors, geometry and numbers, as
 * long as the oracle says yes; it is asked max_tries times at most. Returns how often it was.
 */
uint32_t fuzz_shrink(struct fuzz_case *c, const struct caps *caps, uint32_t max_tries,
		     fuzz_oracle *oracle, void *ctx);

/* ---- as a specification (fuzz_spec.c) ---- */

/* A whole test of this name; about: what it shows, or NULL. */
void fuzz_spec(const struct fuzz_case *c, const struct caps *caps, const char *name,
	       const char *about, struct strbuf *out);

#endif
