/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_OUT_TAP_H
#define XSK_OUT_TAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plan/plan.h"
#include "run/result.h"

/*
 * TAP version 13 without subtests, as kernel CI parses it best: every line
 * that is no version, plan, point or bail-out starts with "# ". Nothing is
 * coloured or wrapped.
 */
struct tap {
	FILE *to;
	size_t n_points; /* written so far */
	/* Options of the command that repeats a case; NULL: not said */
	const char *probe, *objects;
};

void tap_begin(struct tap *tap, FILE *to, size_t n_cases);

/* The point of one case and all that explains it. output: what its process wrote by itself. */
void tap_case(struct tap *tap, const struct case_plan *c, const struct case_result *r,
	      const char *output);

/* "Bail out! ..." in one line: nothing more will come. */
void tap_bail_out(struct tap *tap, const char *why);

#endif
