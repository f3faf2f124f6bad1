// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "run/fuzz.h"
#include "run/fuzz_batch.h"
#include "run/kernel_log.h"
#include "run/traffic.h"

/* ---- plans: sockets are made as the printed specification would have them ---- */

struct fuzz_plan {
	struct strbuf text;
	struct source src;
	struct spec spec;
	struct plan plan;
};

struct fuzz_bed {
	const struct caps *caps;
	struct world world;
	struct fuzz_plan link; /* whose link and programs the world has */
	struct fuzz_plan sockets;
	struct fuzz_geometry geometry; /* of the link: mode and mtu count */
	bool has_link;
	struct kernel_log log;
};

static void plan_end(struct fuzz_plan *p)
{
	plan_release(&p->plan);
	spec_release(&p->spec);
	strbuf_release(&p->text);
	*p = (struct fuzz_plan){};
}

static int plan_begin(struct fuzz_plan *p, const struct fuzz_geometry *g, const struct caps *caps,
		      struct errmsg *e)
{
	const struct fuzz_case empty = { .geometry = *g };
	const struct plan_options opts = { .seed = 1 };
	struct diags ds = {};
	int err = 0;

	*p = (struct fuzz_plan){};
	fuzz_spec(&empty, caps, "fuzz", NULL, &p->text);
	p->src = (struct source){ .path = "fuzz",
				  .text = strbuf_text(&p->text),
				  .len = p->text.len };
	spec_parse(&p->spec, &p->src, "fuzz", &ds);
	if (!ds.n)
		plan_spec(&p->plan, &p->spec, caps, &opts, &ds);
	if (ds.n || p->plan.n_cases != 1)
		err = errmsg_set(e, 0, "fuzz: its own specification: %s",
				 ds.n ? ds.v[0].text : "no case");
	else if (p->plan.cases[0].skip)
		err = errmsg_set(e, EOPNOTSUPP, "fuzz: %s", p->plan.cases[0].skip);
	diags_release(&ds);
	if (err)
		plan_end(p);
	return err;
}

/* ---- link and sockets ---- */

struct fuzz_bed *fuzz_bed_new(const struct caps *caps)
{
	struct fuzz_bed *bed = mem_zalloc(sizeof(*bed));

	bed->caps = caps;
	kernel_log_open(&bed->log, NULL); /* one that cannot be read stays empty */
	return bed;
}

static void drop_link(struct fuzz_bed *bed)
{
	if (!bed->has_link)
		return;
	world_destroy(&bed->world);
	plan_end(&bed->link);
	bed->has_link = false;
}

void fuzz_bed_free(struct fuzz_bed *bed)
{
	drop_link(bed);
	kernel_log_close(&bed->log);
	free(bed);
}

/* The UMEM does not matter to the link, but has to be one. */
static int need_link(struct fuzz_bed *bed, const struct fuzz_geometry *g, struct errmsg *e)
{
	static const struct prog *const loaded[N_ENDS];
	const struct fuzz_geometry plain = { .mode = g->mode,
					     .mtu = g->mtu,
					     .frame_size = 4096,
					     .n_frames = 64,
					     .tx_ring = 64,
					     .completion_ring = 64 };
	int err;

	if (bed->has_link && bed->geometry.mode == g->mode && bed->geometry.mtu == g->mtu)
		return 0;
	drop_link(bed);
	err = plan_begin(&bed->link, &plain, bed->caps, e);
	if (err)
		return err;
	err = world_create(&bed->world, bed->link.plan.cases, loaded, e);
	if (err)
		plan_end(&bed->link);
	bed->has_link = !err;
	bed->geometry = plain;
	return err;
}

static void close_sockets(struct fuzz_bed *bed)
{
	world_close(&bed->world);
	bed->world.c = bed->link.plan.cases;
	plan_end(&bed->sockets);
}

/* A packet is what lies in the UMEM where its descriptors point to: every place is different. */
static void fill_umem(const struct umem *umem)
{
	uint64_t *words = (uint64_t *)(void *)umem->mem;

	for (size_t k = 0; k < umem->mapped_size / sizeof(*words); k++)
		words[k] = hash64(umem->plan->frame_size, k);
}

static void judge_registration(struct fuzz_answer *a, const char *fault, const char *said)
{
	a->finding = FUZZ_REGISTERS;
	snprintf(a->text, sizeof(a->text), "UMEM: expect %s%s%s, actual %s",
		 fault ? "EINVAL (" : "", fault ? fault : "registered", fault ? ")" : "", said);
}

static int open_sockets(struct fuzz_bed *bed, const struct fuzz_geometry *g, struct fuzz_answer *a,
			struct errmsg *e)
{
	const char *fault = fuzz_geometry_fault(g, bed->caps);
	int err = plan_begin(&bed->sockets, g, bed->caps, e);

	if (err)
		return err;
	bed->world.c = bed->sockets.plan.cases;
	err = world_open(&bed->world, e);
	if (!err && !fault)
		return 0;
	if (err == -EINVAL && bed->world.failing_step == FAIL_UMEM) {
		err = 0;
		if (!fault)
			judge_registration(a, fault, "EINVAL");
	} else if (!err) {
		judge_registration(a, fault, "registered");
	}
	close_sockets(bed);
	return err ? err : 1;
}

/* The log is the machine's: another may be to blame, and then it does not show again. */
static void read_log(struct fuzz_bed *bed, const struct fuzz_batch *b)
{
	struct fuzz_answer *a = b->answer;
	struct kernel_log_line line;

	while (kernel_log_next(&bed->log, &line)) {
		if (a->finding || !line.is_first || line.is_late)
			continue;
		a->finding = FUZZ_SPLAT;
		a->first = 0;
		a->end = b->end;
		snprintf(a->text, sizeof(a->text), "kernel log: %s", line.text);
	}
}

int fuzz_ask(struct fuzz_bed *bed, const struct fuzz_case *c, uint32_t wait_ms,
	     struct fuzz_answer *answer, struct errmsg *e)
{
	struct fuzz_batch b = { .c = c,
				.caps = bed->caps,
				.world = &bed->world,
				.answer = answer,
				.wait_ns = wait_ms * 1000000ull };
	int err;

	*answer = (struct fuzz_answer){};
	err = need_link(bed, &c->geometry, e);
	if (!err)
		err = open_sockets(bed, &c->geometry, answer, e);
	if (err)
		return err < 0 ? err : 0;
	fill_umem(&bed->world.ends[END_A].umems[0]);
	rx_port_fill(&bed->world.ends[END_B].ports[0]);
	while (!err && b.end < c->n_packets && !answer->finding)
		err = fuzz_batch_next(&b, e);
	close_sockets(bed);
	read_log(bed, &b);
	return err;
}
