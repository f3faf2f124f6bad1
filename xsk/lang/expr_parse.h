/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_EXPR_PARSE_H
#define XSK_LANG_EXPR_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/expr.h"

struct keyword;
struct parser;

/* Fixed variables that a value may read; axes it always may. */
#define VAR_BIT(var) (1u << (var))
/* Known before anything is planned. */
#define VARS_KERNEL (VAR_BIT(VAR_MAX_FRAGS) | VAR_BIT(VAR_TX_BUDGET) | VAR_BIT(VAR_NIC_RING_MAX))
#define VARS_GEOMETRY                                                                              \
	(VARS_KERNEL | VAR_BIT(VAR_UMEM_SIZE) | VAR_BIT(VAR_FRAME_SIZE) | VAR_BIT(VAR_HEADROOM) |  \
	 VAR_BIT(VAR_MTU) | VAR_BIT(VAR_QUEUES) | VAR_BIT(VAR_UNALIGNED) | VAR_BIT(VAR_RX_ROOM) |  \
	 VAR_BIT(VAR_MAX_HEADROOM))
#define VARS_PACKET (VARS_GEOMETRY | VAR_BIT(VAR_I))

/* What a statement asks of a value. */
struct value_rule {
	const char *name; /* of the value, for messages: "len" */
	enum dim dim;	  /* N_DIMS: any */
	int64_t min, max; /* checked where the value is constant */
	bool is_pow2;
	uint32_t vars;
};

#define ANY_VALUE .min = INT64_MIN, .max = INT64_MAX

/* A value that is true or false; bare numbers and sizes are, too. */
static inline struct value_rule condition_rule(const char *name, uint32_t vars)
{
	return (struct value_rule){ .name = name, .dim = DIM_BOOL, ANY_VALUE, .vars = vars };
}

/*
 * Compiles the expression at the parser's token and checks it against the
 * rule. NULL after a diagnostic; the parser is lost only if it was about syntax.
 */
const struct expr *expr_parse(struct parser *p, const struct value_rule *rule);

/* lo..hi, not empty; false after a diagnostic */
bool expr_parse_range(struct parser *p, const struct value_rule *rule, const struct expr **lo,
		      const struct expr **hi);

/* A constant of the parser's own making. */
const struct expr *expr_constant(struct parser *p, int64_t value, enum dim dim, struct srcpos pos);

/* True for a constant, *value is it; false for others and for NULL. */
bool expr_is_constant(const struct expr *e, int64_t *value);

#endif
