// SPDX-License-Identifier: GPL-2.0-only
#include "run/fuzz.h"

#include <string.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "ring/hugepages.h"

#define ROUND_PACKETS 1200
#define WAIT_MS 500 /* a busy machine can keep a softirq waiting */
#define SHRINK_WAIT_MS 250
#define SHRINK_TRIES 600
#define SHRINK_NS 30000000000ull
/* For as long as the kernel has not let go of those of the round before. */
#define HUGEPAGES 4

struct fuzz {
	const struct fuzz_options *opts;
	struct caps caps;
	struct fuzz_bed *bed;
	struct fuzz_result *result;
	struct errmsg *e;
};

struct doubt {
	struct fuzz *f;
	struct fuzz_answer answer; /* of the smallest case so far */
	uint64_t deadline_ns;
};

static bool is_stopped(const struct fuzz *f)
{
	return f->opts->is_stopped && *f->opts->is_stopped;
}

/* The same kind of difference; what the environment refuses shows nothing. */
static bool still_differs(void *ctx, const struct fuzz_case *c)
{
	struct doubt *d = ctx;
	struct fuzz_answer answer;
	struct errmsg e;

	if (clock_ns() > d->deadline_ns || is_stopped(d->f))
		return false;
	if (fuzz_ask(d->f->bed, c, SHRINK_WAIT_MS, &answer, &e) ||
	    answer.finding != d->answer.finding)
		return false;
	d->answer = answer;
	return true;
}

/* Only the packets from first to end. */
static void cut(struct fuzz_case *c, size_t first, size_t end)
{
	memmove(c->packets, c->packets + first, (end - first) * sizeof(*c->packets));
	c->n_packets = end - first;
}

/* Packets that cannot be written down are not what is looked for, as long as others show it. */
static bool try_part(struct doubt *d, struct fuzz_case *c, size_t first, size_t end)
{
	struct fuzz_case part;
	bool differs;

	fuzz_case_copy(&part, c);
	cut(&part, first, end);
	differs = still_differs(d, &part);
	if (differs)
		cut(c, first, end);
	fuzz_case_release(&part);
	return differs;
}

/* The packets among which it showed may do it alone; else those before them are needed, too. */
static void shrink(struct fuzz *f, struct fuzz_case *c, struct fuzz_answer *answer)
{
	struct doubt d = { .f = f, .answer = *answer, .deadline_ns = clock_ns() + SHRINK_NS };

	if (try_part(&d, c, answer->first, answer->end) || try_part(&d, c, 0, answer->end)) {
		fuzz_shrink(c, &f->caps, SHRINK_TRIES, still_differs, &d);
	} else {
		d.answer.is_once = true;
		cut(c, answer->first, answer->end);
	}
	*answer = d.answer;
}

static int one_round(struct fuzz *f, enum mode mode, uint64_t round, uint64_t n_left)
{
	size_t n = n_left / 2 + 1 < ROUND_PACKETS ? (size_t)n_left / 2 + 1 : ROUND_PACKETS;
	struct fuzz_result *r = f->result;
	struct fuzz_answer answer;
	struct fuzz_case c;
	int err;

	fuzz_case_init(&c, n);
	fuzz_generate(&c, &f->caps, mode, f->opts->seed, round, &r->coverage);
	err = fuzz_ask(f->bed, &c, WAIT_MS, &answer, f->e);
	r->modes[mode].n_rounds++;
	r->modes[mode].n_descs += answer.n_descs;
	r->n_cleared += answer.n_cleared;
	r->n_kicks += answer.n_kicks;
	if (!err && answer.finding) {
		r->n_differences++;
		shrink(f, &c, &answer);
		f->opts->found(f->opts->ctx, &c, &answer, round);
	}
	fuzz_case_release(&c);
	return err;
}

static int run_mode(struct fuzz *f, enum mode mode)
{
	uint64_t start_ns = clock_ns(), n_descs = f->opts->n_descs;
	struct fuzz_result *r = f->result;
	int err = 0;

	for (uint64_t round = 0; !err && r->modes[mode].n_descs < n_descs && !is_stopped(f) &&
				 r->n_differences < f->opts->max_differences;
	     round++) {
		err = one_round(f, mode, round, n_descs - r->modes[mode].n_descs);
		if (f->opts->progress)
			f->opts->progress(f->opts->ctx, mode, r->modes[mode].n_descs);
	}
	r->modes[mode].ns = clock_ns() - start_ns;
	return err;
}

int fuzz_run(const struct fuzz_options *opts, struct fuzz_result *result, struct errmsg *e)
{
	struct fuzz f = { .opts = opts, .caps = *opts->caps, .result = result, .e = e };
	struct hugepages hugepages = {};
	int err = 0;

	*result = (struct fuzz_result){};
	if (f.caps.has_hugepages && hugepages_reserve(&hugepages, HUGEPAGES, e))
		f.caps.has_hugepages = false;
	f.bed = fuzz_bed_new(&f.caps);
	for (enum mode mode = 0; mode < N_MODES && !err; mode++)
		if (opts->modes >> mode & 1)
			err = run_mode(&f, mode);
	fuzz_bed_free(f.bed);
	hugepages_give_back(&hugepages);
	return err;
}
