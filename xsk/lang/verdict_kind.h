/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_VERDICT_KIND_H
#define XSK_LANG_VERDICT_KIND_H

/*
 * Verdicts: bad news about the thing under test. run/verdict.h makes them; a self-test names the
 * one that it has to provoke.
 */
enum verdict_kind {
	VERDICT_MISSING,   /* due packets that never came: pkt..last; expect in it, actual in all */
	VERDICT_ORDER,	   /* came after a later one */
	VERDICT_DUPLICATE, /* came again */
	VERDICT_NOT_DUE,   /* came although it should not have */
	VERDICT_LEN,	   /* expect, actual: bytes */
	VERDICT_HEADER,	   /* differs at byte, inside the headers */
	VERDICT_PAYLOAD,   /* differs at byte, behind them */
	VERDICT_COUNTER,   /* end, socket, counter: expect, actual */
	VERDICT_COMPLETION,	  /* addresses that never came back: expect, actual */
	VERDICT_COMPLETION_ALIEN, /* an address that was not out: actual is the address */
	VERDICT_RX_OFFSET,	  /* packet lies elsewhere in its frame: expect, actual bytes */
	VERDICT_METADATA,	  /* data_meta of a packet: expect, actual */
	VERDICT_TX_STAMP,	  /* a time that cannot be: text says it */
	VERDICT_TX_STAMPS, /* packets that asked for a time: expect, actual those that came back with it */
	VERDICT_RX_META,   /* counter: enum rx_meta_field; text says how it differs */
	VERDICT_EDT,	   /* delivery time of a packet at a checkpoint: text says how it differs */
	VERDICT_EDT_SEEN,  /* how often a checkpoint saw a packet: expect, actual */
	VERDICT_EDT_ERROR, /* what the kernel said to the wish of a packet: text says it */
	VERDICT_ARRIVAL,   /* a packet came at another time: text says when */
	VERDICT_EDT_FIGURE,   /* a percentile of gaps or arrivals: text says it */
	VERDICT_TX_PER_KICK,  /* consumer of the Tx ring after a kick: expect, actual */
	VERDICT_NO_FULL_KICK, /* no kick had more than the budget to send: expect is the budget */
	VERDICT_POLL,	      /* poll() did not time out: actual is what it returned */
	VERDICT_RX_ALIEN, /* a frame arrived that was not on the fill ring: actual is the address */
	VERDICT_FRAMES_LOST, /* free + kernel + held is not all */
	VERDICT_DEADLINE,    /* expect: the deadline in ns */
	VERDICT_NOTHING,     /* packets were due and not one came */
	VERDICT_UNSENT,	     /* the sender stood still and gave up: pkt..last */
	VERDICT_REFUSED, /* unchanged packets: expect as many as were refused, actual those that came */
	VERDICT_STACK,	   /* frames that did not get to the stack of end: expect, actual */
	VERDICT_LOST,	   /* too many packets, or too few: expect, actual; text says of how many */
	VERDICT_SCATTERED, /* what is missing is in actual places, which are no neighbours */
	VERDICT_RECOVERY,  /* time to the next packet after a fault: expect, actual ns */
	VERDICT_KERNEL_LOG,  /* the kernel warned while the case ran: text is the line */
	VERDICT_NO_ERROR,    /* an expected error did not happen */
	VERDICT_NOT_CAUGHT,  /* a verdict that was to be, and was not: text says which */
	VERDICT_OTHER_ERROR, /* another error, or at another step, than expected: text says which */
	N_VERDICTS,
};
extern const char *const verdict_names[N_VERDICTS];

#endif
