/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_EXPR_H
#define XSK_LANG_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/source.h"

/*
 * Expressions: C's operators on signed 64-bit numbers over packet index, axes
 * and geometry, compiled to postfix so that evaluating one for each packet
 * costs a few nanoseconds and no memory.
 */

/* What a value measures. Adding or comparing needs the same one on both sides. */
enum dim {
	DIM_NONE,    /* a bare number; goes with DIM_BYTES too */
	DIM_BYTES,   /* B, KiB, MiB, GiB, kB, MB, GB */
	DIM_TIME,    /* ns, us, ms, s, min; value in ns */
	DIM_RATE,    /* pps, kpps, Mpps; value in packets per second */
	DIM_PERCENT, /* %; value in hundredths of a percent, so that 0.5% is a number too */
	DIM_BOOL,    /* on, off, a comparison */
	N_DIMS,
};

const char *dim_name(enum dim dim); /* "a time (ns, us, ms, s, min)", ... */

/* Slots of the environment that an expression reads. Axes follow the fixed ones. */
enum var {
	VAR_I,		/* index of the packet in its stream, from 0 */
	VAR_UMEM_SIZE,	/* bytes, of the end that sends */
	VAR_FRAME_SIZE, /* bytes */
	VAR_HEADROOM,	/* bytes */
	VAR_MTU,	/* bytes */
	VAR_QUEUES,	/* queues of the link */
	VAR_UNALIGNED,	/* bool */
	VAR_RX_ROOM,	/* bytes of a frame for a received packet, of the end that receives */
	/* What the probe found of this kernel. */
	VAR_MAX_FRAGS,	  /* descriptors of a packet */
	VAR_MAX_HEADROOM, /* bytes, of the frame size that was said */
	VAR_TX_BUDGET,	  /* packets that one kick sends */
	VAR_NIC_RING_MAX, /* descriptors of a NIC's own rings, 0: it has none to set */
	VAR_NOW,	  /* ns, CLOCK_MONOTONIC when the stream starts */
	VAR_SENT,	  /* expect only: the value as sent */
	VAR_SET,	  /* expect only: the delivery time as set */
	VAR_BEFORE,	  /* expect only: the delivery time that packets had before */
	N_FIXED_VARS,
	VAR_AXIS0 = N_FIXED_VARS, /* value of the n-th axis of the test: VAR_AXIS0 + n */
	MAX_AXES = 16,
	N_VARS = VAR_AXIS0 + MAX_AXES,
};

extern const char *const var_names[N_FIXED_VARS]; /* i, umem_size, ... */

struct env {
	int64_t v[N_VARS]; /* VAR_I is ignored: the index is a parameter of its own */
	uint64_t seed;	   /* of random() and imix; printed with the case */
};

/* clang-format off */
enum expr_op {
	EXPR_CONST, /* push value */
	EXPR_VAR,   /* push env->v[value] */
	EXPR_NEG, EXPR_NOT, EXPR_BITNOT,
	EXPR_MUL, EXPR_DIV, EXPR_MOD, EXPR_ADD, EXPR_SUB, EXPR_SHL, EXPR_SHR,
	EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE, EXPR_EQ, EXPR_NE,
	EXPR_AND, EXPR_XOR, EXPR_OR,
	EXPR_JUMP,	   /* pc += value */
	EXPR_JUMP_IF_ZERO, /* pop; if it was 0: pc += value. With EXPR_JUMP: ?: && || */
	EXPR_BOOL,	   /* top = top != 0 */
	EXPR_MIN, EXPR_MAX,
	EXPR_RANDOM, /* pop hi, lo; push lo + hash64(seed ^ value, i) % (hi - lo + 1) */
	EXPR_SWEEP,  /* pop hi, lo; push lo + i % (hi - lo + 1) */
	EXPR_IMIX,   /* push 60, 566 or 1514 in the proportion 7 : 4 : 1, by i */
};
/* clang-format on */

struct expr_ins {
	uint32_t op; /* enum expr_op */
	int64_t value;
};

/* Deep enough for any tree that the parser lets through (it counts). */
#define EXPR_MAX_DEPTH 32

/* An expression as compiled; lives in the arena of its spec. */
struct expr {
	const struct expr_ins *code;
	uint32_t n_code;
	uint32_t var_mask; /* bit VAR_x: reads that variable; random, sweep and imix read VAR_I */
	enum dim dim;
	bool is_const; /* reads nothing: code is one EXPR_CONST */
	struct srcpos pos;
};

/* Ways in which an evaluation can go wrong; the value is then 0. */
enum expr_fault {
	EXPR_OK,
	EXPR_OVERFLOW,
	EXPR_DIVISION, /* by zero; also random(9..1) and sweep(9..1): an empty range */
};

/* The value for packet i. fault may be NULL; it is only ever set, never cleared. */
int64_t expr_eval(const struct expr *e, const struct env *env, uint64_t i, enum expr_fault *fault);

static inline bool expr_reads(const struct expr *e, unsigned int var)
{
	return e->var_mask >> var & 1;
}

#endif
