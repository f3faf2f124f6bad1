// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text that parses, planned for any kernel, and looked at as 'explain' does. What follows a NUL
 * in the input makes the kernel: without it, the one that is assumed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "plan/plan.h"
#include "run/verdict_rx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_PACKETS 4

/* Mostly what kernels have; now and then any number that a probe's file may hold. */
static uint32_t number_of(uint64_t hash, uint32_t usual)
{
	static const uint32_t edges[] = { 0,   1,   2,	  17,	18,    63,	  64,	     65,
					  255, 256, 4095, 4096, 65536, INT32_MAX, UINT32_MAX };

	return hash % 3 ? usual : edges[hash / 3 % (sizeof(edges) / sizeof(edges[0]))];
}

static void make_caps(struct caps *caps, const uint8_t *data, size_t size)
{
	uint64_t hash = 0, k = 0;

	*caps = caps_assumed;
	if (!size)
		return;
	while (size--)
		hash = hash64(hash, *data++);
	for (const struct fact *f = caps_facts; f->name; f++) {
		uint64_t here = hash64(hash, k++);

		fact_set_number(f, caps,
				f->kind == FACT_BOOL ?
					here % 4 != 0 :
					number_of(here, (uint32_t)fact_number(f, caps)));
	}
}

/* As long as it is, no byte more: the sanitizer sees one that is written behind it. */
static void write_packet(const struct flow_plan *f, uint64_t i)
{
	uint32_t len = stream_len(&f->stream, i);
	uint8_t *frame;
	uint64_t seq;

	if (len > STREAM_MAX_LEN)
		return;
	frame = malloc(len ? len : 1);
	stream_write(&f->stream, i, frame, len);
	if (stream_read_seq(&f->stream, frame, len, &seq) && seq != stream_seq(&f->stream, i))
		abort();
	stream_owns(&f->stream, frame, len);
	free(frame);
}

static void look_at(const struct flow_plan *f, uint64_t i)
{
	uint32_t n = stream_n_descs(&f->stream, i);
	uint64_t bases[STREAM_MAX_DESCS] = {};
	struct desc *descs;
	size_t bad = 0;

	flow_is_due(f, i);
	if (!f->is_verbatim && f->sender != SENDER_TCP)
		write_packet(f, i);
	if (!n || n > STREAM_MAX_DESCS)
		return;
	descs = malloc(n * sizeof(*descs));
	stream_descs(&f->stream, i, bases, descs);
	packet_check(&f->rules, descs, n, &bad);
	free(descs);
}

static void look_at_case(const struct case_plan *c)
{
	if (!c->id || !c->axes || c->deadline_ns == 0)
		abort();
	for (size_t g = 0; g < c->n_groups; g++)
		for (size_t p = 0; p < c->groups[g].n_phases; p++)
			for (size_t k = 0; k < c->groups[g].phases[p].n_flows; k++)
				if (c->groups[g].phases[p].flows[k] >= c->n_flows)
					abort();
	for (size_t k = 0; k < c->n_flows; k++) {
		const struct flow_plan *f = &c->flows[k];
		uint64_t n = f->stream.n_pkts;

		for (uint64_t i = 0; i < n && i < N_PACKETS; i++)
			look_at(f, i);
		if (n > N_PACKETS)
			look_at(f, n - 1);
		plan_rounds_of(c, k);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, 0, size);
	struct source src = { .path = "fuzz.spec", .text = (const char *)data };
	struct plan_options opts = { .seed = 1 };
	struct strbuf shown = {};
	struct diags ds = {};
	struct plan plan = {};
	struct caps caps;
	struct spec spec;

	src.len = nul ? (size_t)(nul - data) : size;
	make_caps(&caps, data + src.len, size - src.len);
	spec_parse(&spec, &src, "fuzz", &ds);
	if (!ds.n)
		plan_spec(&plan, &spec, &caps, &opts, &ds);
	for (size_t k = 0; k < ds.n; k++)
		diag_format(&ds.v[k], &src, &shown);
	for (size_t k = 0; k < plan.n_cases && k < 64 && !ds.n; k++)
		look_at_case(&plan.cases[k]);
	caps_format(&caps, &shown);
	strbuf_release(&shown);
	plan_release(&plan);
	diags_release(&ds);
	spec_release(&spec);
	return 0;
}
