// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errmsg.h"
#include "base/strbuf.h"
#include "cmd.h"
#include "link/link.h"
#include "link/probe.h"
#include "run/pool.h"

enum { OPT_PACKETS, OPT_LEN, OPT_ROUNDS, OPT_MODE, OPT_EDT };

static const struct cmd_option options[] = {
	[OPT_PACKETS] = { "packets", 0, "N",
			  "packets of a run (default 2000000, with --edt 500000)" },
	[OPT_LEN] = { "len", 0, "BYTES", "their length (default 64)" },
	[OPT_ROUNDS] = { "rounds", 0, "N", "rounds of runs, one for each row (default 5)" },
	[OPT_MODE] = { "mode", 0, "MODE", "only this mode: skb or drv" },
	[OPT_EDT] = { "edt", 0, NULL,
		      "what delivery times cost: over two hops, with and without setting them and "
		      "looking at them" },
	{},
};

#define MAX_ROUNDS 101

/* Runs that are compared: the first row is what the others are measured by. */
struct variant {
	const char *label;
	enum scrutiny scrutiny;
	const char *link, *headers, *stream, *expects; /* of its test */
};

/*
 * How closely the receiver looks. What reading a packet costs at all, its cache lines coming from
 * the sender's CPU, is not the cost of verifying it.
 */
#define PLAIN .link = "mtu 9000", .headers = "eth", .stream = "", .expects = ""
static const struct variant scrutinies[] = {
	{ "every byte verified", SCRUTINY_EVERY_BYTE, PLAIN },
	{ "one byte read", SCRUTINY_ONE_BYTE, PLAIN },
	{ "lengths only", SCRUTINY_LENGTH, PLAIN },
	{},
};

/* On top of forwarding, which a link with hops cannot do without. */
#define HOPS SCRUTINY_EVERY_BYTE, .link = "hops 2", .headers = "eth, ipv4, udp"
#define WISH "edt now + 1ms + i * 1us;"
static const struct variant edts[] = {
	{ "forwarded", HOPS, .stream = "", .expects = "" },
	{ "one checkpoint", HOPS, .stream = "", .expects = "expect edt at fwd.egress == none" },
	{ "two checkpoints", HOPS, .stream = "",
	  .expects = "expect edt at fwd.ingress == none\nexpect edt at fwd.egress == none" },
	{ "set, one checkpoint", HOPS, .stream = WISH,
	  .expects = "expect edt at fwd.egress == set, type mono" },
	{ "set by pattern, one checkpoint", HOPS, .stream = WISH " edt_pattern;",
	  .expects = "expect edt at fwd.egress == set, type mono" },
	{},
};

#define MAX_VARIANTS 8

struct bench {
	uint64_t n_pkts, len, n_rounds;
	const char *mode;
	const struct variant *variants;
	double pps; /* of the run that finished last, 0: it did not pass */
	char why[512];
};

static void on_finished(void *ctx, const struct case_plan *c, const struct case_result *r,
			const char *output)
{
	struct bench *b = ctx;

	struct strbuf sb = {};

	b->pps = 0;
	if (r->outcome == OUTCOME_PASS && r->tx.ns > 0) {
		b->pps = (double)r->tx.n_pkts * 1e9 / (double)r->tx.ns;
		return;
	}
	if (r->verdicts.n)
		verdict_format(&r->verdicts.v[0], c, &sb);
	snprintf(b->why, sizeof(b->why), "%s did not pass: %s%s%s", c->id, strbuf_text(&sb),
		 r->err.text, output);
	strbuf_release(&sb);
}

static bool run_once(struct bench *b, const struct plan *plan, enum scrutiny scrutiny)
{
	const struct pool_options opts = {
		.n_jobs = 1,
		.traffic = { .scrutiny = scrutiny, .is_pinned = true },
	};
	const struct pool_listener listener = { .finished = on_finished, .ctx = b };
	struct errmsg e = {};
	int err = pool_run(plan, &opts, &listener, &e);

	if (!err && b->pps > 0)
		return true;
	fprintf(stderr, "xskspec: bench: %s\n", err ? e.text : b->why);
	return false;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare_doubles);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double median_ratio(const double *a, const double *b, size_t n)
{
	double ratio[MAX_ROUNDS];

	for (size_t k = 0; k < n; k++)
		ratio[k] = a[k] / b[k];
	return median(ratio, n);
}

/* Ratio and difference to the first row, round by round. */
static void print_row(const struct variant *v, enum mode mode, double *pps, const double *first,
		      size_t n)
{
	double ratio = median_ratio(pps, first, n), ns[MAX_ROUNDS];

	for (size_t k = 0; k < n; k++)
		ns[k] = 1e9 / pps[k] - 1e9 / first[k];
	printf("%-4s %-32s %7.3f Mpps", mode_names[mode], v->label, median(pps, n) / 1e6);
	if (pps != first)
		printf("   ratio %.3f   %+.0f ns a packet", ratio, median(ns, n));
	printf("\n");
	fflush(stdout);
}

static size_t count_variants(const struct bench *b)
{
	size_t n = 0;

	while (b->variants[n].label)
		n++;
	return n;
}

/* Round by round, each in another order, so that what else the machine does meets all alike. */
static bool bench_mode(struct bench *b, const struct plan *plans, size_t c)
{
	static double pps[MAX_VARIANTS][MAX_ROUNDS];
	double first[MAX_ROUNDS];
	size_t n = count_variants(b);

	for (size_t k = 0; k < b->n_rounds; k++)
		for (size_t turn = 0; turn < n; turn++) {
			size_t v = (turn + k) % n;
			struct plan one = { .cases = &plans[v].cases[c], .n_cases = 1 };

			if (!run_once(b, &one, b->variants[v].scrutiny))
				return false;
			pps[v][k] = b->pps;
		}
	memcpy(first, pps[0], sizeof(first)); /* median() sorts */
	for (size_t v = 0; v < n; v++)
		print_row(&b->variants[v], plans[0].cases[c].mode, pps[v], v ? first : pps[0],
			  b->n_rounds);
	return true;
}

/* The streams are specifications like any other. */
struct bench_spec {
	char text[512];
	struct source src;
	struct spec spec;
};

static bool plan_variant(const struct bench *b, const struct variant *v, const struct caps *caps,
			 struct bench_spec *s, struct plan *plan)
{
	const struct plan_options opts = { .seed = 1 };
	struct diags ds = {};
	bool is_good;

	snprintf(s->text, sizeof(s->text),
		 "test throughput {\nmode %s\nwakeup softirq\ndeadline 10min\nlink { %s }\n"
		 "socket { multi_buffer off }\n"
		 "send stream { packets %" PRIu64 "; len %" PRIu64 "; headers %s; %s }\n%s\n}\n",
		 b->mode ? b->mode : "skb, drv", v->link, b->n_pkts, b->len, v->headers, v->stream,
		 v->expects);
	s->src = (struct source){ .path = "bench", .text = s->text, .len = strlen(s->text) };
	spec_parse(&s->spec, &s->src, "bench", &ds);
	if (!ds.n)
		plan_spec(plan, &s->spec, caps, &opts, &ds);
	for (size_t k = 0; k < ds.n; k++)
		fprintf(stderr, "xskspec: bench: %s: %s\n", v->label, ds.v[k].text);
	is_good = !ds.n;
	diags_release(&ds);
	return is_good;
}

static int bench_plans(struct bench *b, const struct caps *caps)
{
	struct bench_spec *specs = mem_zalloc(MAX_VARIANTS * sizeof(*specs));
	struct plan plans[MAX_VARIANTS] = {};
	size_t n = count_variants(b);
	int status = specs ? STATUS_OK : STATUS_ERROR;

	for (size_t v = 0; v < n && !status; v++)
		if (!plan_variant(b, &b->variants[v], caps, &specs[v], &plans[v]))
			status = STATUS_USAGE;
	for (size_t c = 0; !status && c < plans[0].n_cases; c++)
		status = bench_mode(b, plans, c) ? STATUS_OK : STATUS_ERROR;
	for (size_t v = 0; v < n && specs; v++) {
		plan_release(&plans[v]);
		spec_release(&specs[v].spec);
	}
	free(specs);
	return status;
}

static bool parse_option(struct bench *b, int option, const char *value)
{
	switch (option) {
	case OPT_PACKETS:
		return cmd_number("--packets", value, 1, 1ull << 40, &b->n_pkts);
	case OPT_LEN:
		return cmd_number("--len", value, 18, 3500, &b->len);
	case OPT_ROUNDS:
		return cmd_number("--rounds", value, 1, MAX_ROUNDS, &b->n_rounds);
	case OPT_EDT:
		b->variants = edts;
		return true;
	case OPT_MODE:
		b->mode = value;
		if (!strcmp(value, "skb") || !strcmp(value, "drv"))
			return true;
		fprintf(stderr, "xskspec: --mode '%s': bench knows skb and drv\n", value);
		return false;
	default:
		return false;
	}
}

static int bench(const struct cmd *cmd, int argc, char **argv)
{
	struct bench b = { .len = 64, .n_rounds = 5, .variants = scrutinies };
	struct errmsg e = {};
	struct caps caps;
	const char *value;
	char rights[128];
	int option;

	while ((option = cmd_getopt(cmd, argc, argv, &value)) != -1)
		if (!parse_option(&b, option, value))
			return STATUS_USAGE;
	if (optind != argc)
		return cmd_usage(cmd);
	link_missing_rights(rights, sizeof(rights));
	if (rights[0])
		errmsg_set(&e, 0, "bench needs %s: run it as root", rights);
	if (rights[0] || probe_caps(&caps, &e)) {
		fprintf(stderr, "xskspec: %s\n", e.text);
		return STATUS_ERROR;
	}
	if (!b.n_pkts)
		b.n_pkts = b.variants == edts ? 500000 : 2000000;
	return bench_plans(&b, &caps);
}

const struct cmd cmd_bench = {
	.name = "bench",
	.args = "",
	.help = "packets per second over veth, what is compared in the same run",
	.options = options,
	.run = bench,
};
