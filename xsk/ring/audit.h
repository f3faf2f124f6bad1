/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RING_AUDIT_H
#define XSK_RING_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The book-keeping of frames: who owns which one, checked at every hand-over.
 * The set of addresses that come back on the completion ring must be the set
 * that was submitted; a frame that arrives must be one that was put on the
 * fill ring. At the end free + fill + rx + tx + completion = all frames.
 *
 * A book covers the frames [frame0, frame0 + n_frames) of a UMEM and belongs
 * to one thread. Pure, O(1) and a few nanoseconds per frame.
 */
enum frame_owner { FRAME_FREE, FRAME_KERNEL, FRAME_HELD };

enum audit_fault {
	AUDIT_OK,
	AUDIT_STRANGER,	 /* an address outside the UMEM or of no frame of this book */
	AUDIT_DUPLICATE, /* came back although it was not out */
	AUDIT_SHIFTED,	 /* inside a frame that is out, but not the address that was handed out */
};

struct audit {
	uint8_t *owner; /* enum frame_owner, n_frames of them */
	uint64_t *addr; /* the address handed out for the frame, Tx books only (else NULL) */
	uint64_t frame0, n_frames;
	uint32_t frame_size;
	uint64_t n_out;		      /* frames with the kernel now */
	uint64_t n_given, n_returned; /* hand-overs since the start */
	uint64_t n_faults[4];	      /* by enum audit_fault */
	uint64_t first_fault_addr;    /* of the first one that was not AUDIT_OK */
	enum audit_fault first_fault;
};

/* Memory for the book; has_addrs for a Tx book. Aborts when there is none (base/mem.h). */
void audit_init(struct audit *a, uint64_t frame0, uint64_t n_frames, uint32_t frame_size,
		bool has_addrs);
void audit_release(struct audit *a);

/* A frame goes to the kernel with this address in its descriptor. It must be free: a bug else. */
void audit_give(struct audit *a, uint64_t frame, uint64_t addr);

/*
 * The kernel hands an address back. Without has_addrs any address inside the
 * frame is right (Rx adds the headroom; unaligned mode keeps it in the upper
 * 16 bits, which are folded in first). On AUDIT_OK *frame is free again.
 */
enum audit_fault audit_return(struct audit *a, uint64_t addr, uint64_t *frame);

/* Counts owners afresh: false when the frames do not add up (a frame lost or doubled). */
bool audit_is_conserved(const struct audit *a);

extern const char *const audit_fault_names[4];

#endif
