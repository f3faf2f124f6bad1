// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge, at packets that are late, damaged, cut, torn into fragments or never were ours. What is
 * delivered whole and in order has no verdict; what is damaged has one. All verdicts can be shown.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/tap.h"
#include "plan/plan.h"
#include "run/verdict_meta.h"
#include "run/verdict_rx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEST(text) "test t { mode drv; wakeup softirq\n" text "\n}"

static const char *const specs[] = {
	TEST("send stream { packets 20 }"),
	TEST("send stream { packets 20; len i % 2 ? 64 : 1500 }"),
	TEST("send stream { packets 20; len random(60..1514); seq 1000 + 3 * i }"),
	TEST("send stream { packets 20; payload random }"),
	TEST("send stream { packets 20; payload zero; len 60 }"),
	TEST("stream s { packets 20 }; send s; expect deliver s where i % 3 == 0"),
	TEST("program b adjust_tail -4; stream s { packets 20; len 100 }; send s\n"
	     "expect len == sent - 4 unless refused"),
	TEST("send stream { packets 20; headers eth, vlan, ipv4, udp; len 200 }"),
	TEST("send stream { packets 20; headers eth, ipv6, udp; len max(imix, 70) }"),
	TEST("stream s { packets 10 }; stream t { packets 10; len 80 }\nparallel { send s; send t }"),
	TEST("link { mtu 9000 }; socket { multi_buffer on }; send stream { packets 3; len 9000 }"),
	TEST("link { mtu 65535 }; socket { multi_buffer on }; send stream { packets 2; len 65000 }"),
	TEST("program b metadata; send stream { packets 20 }"),
	TEST("program b rx_metadata; send stream { packets 20 }; expect b.rx_hash valid"),
	TEST("descriptors s { addr 0, len 64; addr 4096, len 100; addr umem_size, len 64 invalid }\n"
	     "send s"),
};
#define N_SPECS (sizeof(specs) / sizeof(specs[0]))

struct bench {
	struct diags ds;
	struct spec spec;
	struct plan plan;
	bool is_planned;
};

/* Each is planned once. */
static const struct case_plan *bench_of(size_t which)
{
	static struct bench benches[N_SPECS];
	struct bench *b = &benches[which];
	struct source src = { .path = "fuzz.spec",
			      .text = specs[which],
			      .len = strlen(specs[which]) };
	struct plan_options opts = { .seed = 1 };

	if (!b->is_planned) {
		spec_parse(&b->spec, &src, "fuzz", &b->ds);
		if (!b->ds.n)
			plan_spec(&b->plan, &b->spec, &caps_assumed, &opts, &b->ds);
		if (b->ds.n) {
			fprintf(stderr, "%s\n%s\n", specs[which], b->ds.v[0].text);
			abort();
		}
		b->is_planned = true;
	}
	return &b->plan.cases[0];
}

struct input {
	const uint8_t *data;
	size_t size;
};

static uint32_t take(struct input *in, uint32_t below)
{
	uint32_t n = 0;

	for (uint32_t max = below; max > 1 && in->size; max >>= 8) {
		n = n << 8 | *in->data++;
		in->size--;
	}
	return below ? n % below : 0;
}

/* Hands it over in fragments, each in memory of its own that ends with it. */
static void deliver(struct judge *j, struct input *in, const uint8_t *frame, uint32_t len)
{
	struct iovec frags[20];
	uint32_t n = 0, at = 0;

	do {
		uint32_t part = len - at;

		if (n + 1 < sizeof(frags) / sizeof(frags[0]) && take(in, 4) == 1)
			part = take(in, part + 1);
		frags[n].iov_base = malloc(part ? part : 1);
		memcpy(frags[n].iov_base, frame + at, part);
		frags[n++].iov_len = part;
		at += part;
	} while (at < len);
	judge_packet(j, frags, n);
	while (n--)
		free(frags[n].iov_base);
}

/* As packet i of the flow is due at the receiver; its length. */
static uint32_t make_due(const struct judge_flow *f, uint64_t i, uint8_t *frame)
{
	uint32_t sent = stream_len(&f->plan->stream, i), len = sent;

	stream_write(&f->due, i, frame, sent);
	if (f->plan->rx_len) {
		struct env env = *f->plan->env;

		env.v[VAR_SENT] = sent;
		len = (uint32_t)expr_eval(f->plan->rx_len, &env, i, NULL);
		memset(frame + sent, 0, len > sent ? len - sent : 0);
	}
	return len;
}

static void around(struct judge *j, struct input *in, bool is_good)
{
	j->offset = is_good ? 256 : take(in, 4096);
	j->meta = is_good ? j->due_meta : take(in, 8);
	if (!is_good) {
		uint8_t *meta = (uint8_t *)&j->rx_meta;

		for (size_t k = 0; k < sizeof(j->rx_meta) && in->size; k++)
			meta[k] = (uint8_t)take(in, 256);
	}
}

/* One packet of the input's choice. */
static void step(struct judge *j, struct input *in, uint8_t *frame)
{
	struct judge_flow *f = &j->flows[take(in, j->n_flows)];
	uint64_t n_pkts = f->plan->stream.n_pkts;
	uint32_t n_before = j->verdicts->n, what = take(in, 8), len;
	uint64_t i = what < 4 ? f->next : take(in, (uint32_t)n_pkts + 1);
	bool is_due = i < n_pkts && i == f->next && j->n_flows == 1;

	if (i >= n_pkts)
		i = n_pkts - 1;
	len = make_due(f, i, frame);
	around(j, in, what < 6);
	if (what == 7) { /* a stranger, or something like one */
		len = take(in, 2) ? take(in, len + 1) : take(in, STREAM_MAX_LEN + 4096);
		for (uint32_t k = take(in, 64); k < len && in->size; k++)
			frame[k] = (uint8_t)take(in, 256);
	} else if (what == 3 && len) {
		frame[take(in, len)] ^= (uint8_t)(1 + take(in, 255));
	}
	deliver(j, in, frame, len);
	if (what < 3 && is_due && !j->c->n_measures && j->verdicts->n != n_before)
		abort(); /* whole, and the next one */
	if (what == 3 && is_due && len && !j->verdicts->n && j->n_strangers == 0 &&
	    !f->plan->may_refuse)
		abort(); /* damaged, and nobody says so */
}

static void show(const struct case_plan *c, struct judge *j)
{
	static struct case_result result;
	static FILE *null;
	struct tap tap = { .to = null };

	if (!null)
		tap.to = null = fopen("/dev/null", "we");
	result.outcome = OUTCOME_FAIL;
	result.rx.n_strangers = j->n_strangers;
	result.rx.stranger_len = j->stranger_len;
	memcpy(result.rx.stranger, j->stranger, sizeof(j->stranger));
	result.verdicts.n = result.verdicts.n_frames = result.verdicts.n_lost = 0;
	verdicts_join(&result.verdicts, j->verdicts);
	tap_case(&tap, c, &result, "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t frame[STREAM_MAX_LEN + 8192];
	struct input in = { data, size };
	const struct case_plan *c = bench_of(take(&in, N_SPECS));
	uint32_t flows[8];
	struct judge j;

	for (uint32_t k = 0; k < c->n_flows; k++)
		flows[k] = k;
	judge_init(&j, c, flows, (uint32_t)c->n_flows);
	j.due_offset = 256;
	j.has_meta = c->ends[END_B].program == PROGRAM_METADATA ||
		     c->ends[END_B].program == PROGRAM_RX_METADATA;
	j.scrutiny = SCRUTINY_EVERY_BYTE;
	for (int k = 0; k < 64 && in.size; k++)
		step(&j, &in, frame);
	judge_is_done(&j);
	judge_finish(&j);
	show(c, &j);
	judge_release(&j);
	return 0;
}
