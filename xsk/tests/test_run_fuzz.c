// SPDX-License-Identifier: GPL-2.0-only
/* The kernel does what the model says; and a model that is wrong is found out. Needs root. */
#include "run/fuzz.h"

#include "base/clock.h"
#include "base/errmsg.h"
#include "base/strbuf.h"
#include "link/probe.h"
#include "run/result.h"
#include "run/traffic.h"
#include "run/world.h"
#include "tests/planned.h"
#include "tests/test.h"

#define N_DESCS 2000
#define DEADLINE_NS 20000000000ull

static struct caps caps;

/* What was found last. */
struct findings {
	uint32_t n;
	size_t n_packets;
	uint64_t n_descs;
	struct fuzz_answer answer;
	const struct caps *caps;
	struct strbuf spec;
};

static void found(void *ctx, const struct fuzz_case *c, const struct fuzz_answer *answer,
		  uint64_t round)
{
	struct findings *f = ctx;

	(void)round;
	f->n++;
	f->n_packets = c->n_packets;
	f->n_descs = fuzz_case_descs(c);
	f->answer = *answer;
	strbuf_release(&f->spec);
	fuzz_spec(c, f->caps, "difference", answer->text, &f->spec);
}

static struct fuzz_result fuzz(struct findings *f, const struct caps *believed, uint32_t modes)
{
	const struct fuzz_options opts = {
		.caps = believed,
		.seed = 1,
		.n_descs = N_DESCS,
		.modes = modes,
		.max_differences = 1,
		.found = found,
		.ctx = f,
	};
	struct fuzz_result result;
	struct errmsg e = { "" };

	*f = (struct findings){ .caps = believed };
	CHECK(!fuzz_run(&opts, &result, &e), "%s", e.text);
	return result;
}

static void test_caps(void)
{
	struct errmsg e = { "" };

	CHECK(!probe_caps(&caps, &e), "%s", e.text);
}

static void test_agrees(void)
{
	struct fuzz_result r;
	struct findings f;

	r = fuzz(&f, &caps, 1u << MODE_SKB | 1u << MODE_DRV);
	/* Another test, or another program, may be what the kernel speaks of. */
	if (f.answer.finding == FUZZ_SPLAT && f.answer.is_once)
		SKIP("the kernel log has something of somebody else");
	CHECK(!r.n_differences, "%s\n%s", f.answer.text, strbuf_text(&f.spec));
	CHECK(r.modes[MODE_SKB].n_descs >= N_DESCS, "%d", (int)r.modes[MODE_SKB].n_descs);
	CHECK(r.modes[MODE_DRV].n_descs >= N_DESCS, "%d", (int)r.modes[MODE_DRV].n_descs);
	CHECK(r.n_kicks || !caps.has_tx_budget || !caps.completes_invalid, "kicks");
	strbuf_release(&f.spec);
}

/* The printed specification, planned by the same wrong belief and run: is its verdict this one? */
static bool shows(const struct findings *f, enum verdict_kind kind)
{
	static const struct traffic_options opts = { .scrutiny = SCRUTINY_EVERY_BYTE };
	static const struct prog *const loaded[N_ENDS];
	struct case_result *r = calloc(1, sizeof(*r));
	struct errmsg e = { "" };
	struct planned p;
	struct world w = {};
	bool is_shown = false;
	int err;

	planned_init(&p, strbuf_text(&f->spec), f->caps);
	CHECK(r && !p.diags.n && p.plan.n_cases == 1, "%s: %s", planned_diag(&p),
	      strbuf_text(&f->spec));
	if (r && p.plan.n_cases == 1) {
		err = world_create(&w, p.plan.cases, loaded, &e);
		if (!err)
			err = world_open(&w, &e);
		if (!err)
			err = traffic_run(&w, &p.plan.cases[0].groups[0].phases[0],
					  clock_ns() + DEADLINE_NS, &opts, r, &e);
		CHECK(!err, "%s", e.text);
		for (uint32_t k = 0; k < r->verdicts.n; k++)
			is_shown |= r->verdicts.v[k].kind == kind;
		world_destroy(&w);
	}
	planned_release(&p);
	free(r);
	return is_shown;
}

/* An address that nobody waits for, of one descriptor. */
static void test_wrong_completion(void)
{
	struct caps wrong = caps;
	struct findings f;

	wrong.completes_invalid = !caps.completes_invalid;
	fuzz(&f, &wrong, 1u << MODE_SKB);
	CHECK_EQ(1, f.n);
	CHECK(f.answer.finding == (caps.completes_invalid ? FUZZ_COMPLETION : FUZZ_UNCOMPLETED),
	      "%s", f.answer.text);
	CHECK_EQ(1, f.n_packets);
	CHECK_EQ(1, f.n_descs);
	CHECK(shows(&f, caps.completes_invalid ? VERDICT_COMPLETION_ALIEN : VERDICT_COMPLETION) ||
		      shows(&f, VERDICT_COMPLETION),
	      "%s", strbuf_text(&f.spec));
	strbuf_release(&f.spec);
}

/* A packet that is sent although it has too many fragments: one packet, and no fragment more. */
static void test_wrong_limit(void)
{
	struct caps wrong = caps;
	struct findings f;

	if (!caps.has_multi_buffer)
		SKIP("no multi-buffer");
	wrong.max_frags = 1;
	fuzz(&f, &wrong, 1u << MODE_DRV);
	CHECK_EQ(1, f.n);
	CHECK_EQ(1, f.n_packets);
	CHECK_EQ(2, f.n_descs);
	strbuf_release(&f.spec);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_caps);
	RUN(test_agrees);
	RUN(test_wrong_completion);
	RUN(test_wrong_limit);
	return test_end();
}
