/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_FUZZ_H
#define XSK_RUN_FUZZ_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan/fuzz.h"

struct errmsg;
struct fuzz_bed;

/* ---- one case (fuzz_ask.c) ---- */

/* How kernel and model can differ. */
enum fuzz_finding {
	FUZZ_AGREES,
	FUZZ_REGISTERS,	  /* a UMEM that should be refused, or the other way round */
	FUZZ_STANDS,	  /* descriptors that the kernel does not take */
	FUZZ_TAKES,	  /* descriptors that it should refuse */
	FUZZ_KICK,	  /* how many it takes at once */
	FUZZ_ERROR,	  /* what send() says */
	FUZZ_PACKET,	  /* a packet that is not the one that is due */
	FUZZ_MISSING,	  /* packets that never come */
	FUZZ_COMPLETION,  /* an address that was not due back */
	FUZZ_UNCOMPLETED, /* addresses that never come back */
	FUZZ_COUNTER,
	FUZZ_SPLAT, /* what the kernel logs, for whatever on the machine it does */
	N_FUZZ_FINDINGS,
};

struct fuzz_answer {
	enum fuzz_finding finding;
	size_t first, end;  /* packets among which it showed */
	uint64_t n_descs;   /* that agreed */
	uint64_t n_kicks;   /* whose way was predicted to the descriptor */
	uint64_t n_cleared; /* odd addresses that came back with bit 0 cleared */
	bool is_once;	    /* fuzz_run(): the same packets did not show it again */
	char text[320];	    /* expect before actual */
};

/*
 * A private link and what is on it; case after case has sockets of its own there. Moves the
 * calling thread into the namespaces of its links.
 */
struct fuzz_bed *fuzz_bed_new(const struct caps *caps);
void fuzz_bed_free(struct fuzz_bed *bed);

/*
 * Has the kernel send the packets of a case, and compares with what the model says. Sentence and
 * negative errno where the environment refuses; a wait ends after wait_ms without any movement.
 */
int fuzz_ask(struct fuzz_bed *bed, const struct fuzz_case *c, uint32_t wait_ms,
	     struct fuzz_answer *answer, struct errmsg *e);

/* ---- many (fuzz.c) ---- */

struct fuzz_options {
	const struct caps *caps; /* what the model believes */
	uint64_t seed, n_descs;	 /* of each mode */
	uint32_t modes;		 /* bit per enum mode */
	uint32_t max_differences;
	const volatile sig_atomic_t *is_stopped; /* NULL: nobody stops it */
	/* A difference: the smallest case that shows it. */
	void (*found)(void *ctx, const struct fuzz_case *c, const struct fuzz_answer *answer,
		      uint64_t round);
	void (*progress)(void *ctx, enum mode mode, uint64_t n_descs); /* NULL: none */
	void *ctx;
};

struct fuzz_result {
	struct {
		uint64_t n_rounds, n_descs, ns;
	} modes[N_MODES];
	uint64_t n_kicks, n_cleared;
	uint32_t n_differences;
	struct fuzz_coverage coverage;
};

/* Ends by itself: after so many descriptors or differences, or when it is stopped. */
int fuzz_run(const struct fuzz_options *opts, struct fuzz_result *result, struct errmsg *e);

#endif
