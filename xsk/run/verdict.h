/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_VERDICT_H
#define XSK_RUN_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

/* Pure data and pure functions; a thread collects its own, they are joined afterwards. */

#define VERDICT_MORE 8	 /* numbers of further packets that are kept */
#define VERDICTS_MAX 16	 /* different ones that are kept, with their position */
#define VERDICT_FRAMES 2 /* pairs of packets that are kept whole */

struct verdict {
	enum verdict_kind kind;
	struct srcpos pos;
	uint32_t flow; /* index into case_plan.flows, where packets are concerned */
	uint64_t pkt;  /* index in its stream */
	uint64_t last; /* of a range */
	int64_t expect, actual;
	enum end end;
	int socket;
	uint32_t counter; /* enum counter, or enum audit_fault */
	enum cmp_op op;
	uint32_t byte; /* of the frame */
	uint32_t frag,
		frag_byte; /* the same place in its fragment, both from 0; frag counts from 0 */
	uint32_t n_frags;
	int frame; /* index into verdicts.frames, -1: not kept */
	uint64_t n_more;
	uint64_t more[VERDICT_MORE]; /* packets of the same verdict */
	char text[480]; /* what the environment said, where that is part of the verdict */
};

/* The packet that was due and the one that came, whole. */
struct verdict_frame {
	uint32_t expect_len, actual_len;
	uint8_t expect[STREAM_MAX_LEN], actual[STREAM_MAX_LEN];
};

/* A zeroed struct is an empty list. */
struct verdicts {
	uint32_t n;	 /* of v */
	uint32_t n_lost; /* different ones for which there was no room */
	uint32_t n_frames;
	struct verdict v[VERDICTS_MAX];
	struct verdict_frame frames[VERDICT_FRAMES];
};

/*
 * Notes a verdict. One of the same kind about the same flow, end and counter
 * only adds to the first one's list of further packets. Returns the new entry
 * when it is the first of its kind, else NULL.
 */
struct verdict *verdict_add(struct verdicts *vs, const struct verdict *v);

/* Adds all of from to vs. */
void verdicts_join(struct verdicts *vs, const struct verdicts *from);

/* One sentence for it, as house style wants it: expect before actual; no position, no newline. */
struct strbuf;
void verdict_format(const struct verdict *v, const struct case_plan *c, struct strbuf *out);

/* Judges the counters of one end against the plan: sums for socket -1, else one socket's. */
void verdict_counters(struct verdicts *vs, const struct case_plan *c, enum end end, int socket,
		      const uint64_t counters[N_COUNTERS]);
/* The same question without a verdict: are they all as expected by now? */
bool verdict_counters_settled(const struct case_plan *c, enum end end, int socket,
			      const uint64_t counters[N_COUNTERS]);

#endif
