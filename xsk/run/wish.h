/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_WISH_H
#define XSK_RUN_WISH_H

#include <stdint.h>
#include <time.h>

#include "plan/plan.h"
#include "run/world.h"

/* The delivery times that a flow asks for, packet by packet. A zeroed struct asks for none. */
struct wish {
	const struct expr *time; /* NULL: none */
	struct env env;		 /* with the start of the stream as 'now' */
	uint64_t *wishes;	 /* of packet 0, where a program reads them; NULL: none does */
};

/*
 * To be called when the stream starts, before its first packet is sent: 'now' is the time of the
 * clock that its delivery times are of. Tells the programs of the link what depends on it, and
 * leaves it in world->starts for the verdicts.
 */
void wish_begin(struct wish *w, struct world *world, uint32_t flow);

/* The clock of a stream's delivery times. */
clockid_t wish_clock(const struct stream_spec *spec);

/* The time of packet i, in ns; where a program is to read it, it can from now on. */
static inline uint64_t wish_make(struct wish *w, uint64_t i)
{
	uint64_t time = (uint64_t)expr_eval(w->time, &w->env, i, NULL);

	if (w->wishes)
		w->wishes[i] = time;
	return time;
}

#endif
