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

enum { OPT_PACKETS, OPT_LEN, OPT_ROUNDS, OPT_MODE };

static const struct cmd_option options[] = {
	[OPT_PACKETS] = { "packets", 0, "N", "packets of a run (default 2000000)" },
	[OPT_LEN] = { "len", 0, "BYTES", "their length (default 64)" },
	[OPT_ROUNDS] = { "rounds", 0, "N",
			 "rounds of runs, one for each way of looking (default 5)" },
	[OPT_MODE] = { "mode", 0, "MODE", "only this mode: skb or drv" },
	{},
};

#define MAX_ROUNDS 101

struct bench {
	uint64_t n_pkts, len, n_rounds;
	const char *mode;
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

static void print_rates(enum mode mode, double pps[N_SCRUTINIES][MAX_ROUNDS], size_t n)
{
	double one = median_ratio(pps[SCRUTINY_EVERY_BYTE], pps[SCRUTINY_ONE_BYTE], n);
	double none = median_ratio(pps[SCRUTINY_EVERY_BYTE], pps[SCRUTINY_LENGTH], n);

	printf("%-4s %6.3f Mpps every byte verified", mode_names[mode],
	       median(pps[SCRUTINY_EVERY_BYTE], n) / 1e6);
	printf("   %6.3f one byte read (ratio %.3f)   %6.3f lengths only (ratio %.3f)\n",
	       median(pps[SCRUTINY_ONE_BYTE], n) / 1e6, one, median(pps[SCRUTINY_LENGTH], n) / 1e6,
	       none);
	fflush(stdout);
}

/* Round by round, each in another order, so that what else the machine does meets all alike. */
static bool bench_case(struct bench *b, struct case_plan *c)
{
	double pps[N_SCRUTINIES][MAX_ROUNDS];
	struct plan one = { .cases = c, .n_cases = 1 };

	for (size_t k = 0; k < b->n_rounds; k++)
		for (size_t turn = 0; turn < N_SCRUTINIES; turn++) {
			enum scrutiny scrutiny = (enum scrutiny)((turn + k) % N_SCRUTINIES);

			if (!run_once(b, &one, scrutiny))
				return false;
			pps[scrutiny][k] = b->pps;
		}
	print_rates(c->mode, pps, b->n_rounds);
	return true;
}

/* The stream is a specification like any other. */
static int bench_plan(struct bench *b, const struct caps *caps)
{
	const struct plan_options opts = { .seed = 1 };
	struct source src = { .path = "bench" };
	struct spec spec = {};
	struct plan plan = {};
	struct diags ds = {};
	int status = STATUS_OK;
	char text[512];

	snprintf(
		text, sizeof(text),
		"test throughput {\n\tmode %s\n\twakeup softirq\n\tdeadline 10min\n\tlink { mtu 9000 }\n"
		"\tsocket { multi_buffer off }\n\tsend stream { packets %" PRIu64 "; len %" PRIu64
		" }\n}\n",
		b->mode ? b->mode : "skb, drv", b->n_pkts, b->len);
	src.text = text;
	src.len = strlen(text);
	spec_parse(&spec, &src, "bench", &ds);
	if (!ds.n)
		plan_spec(&plan, &spec, caps, &opts, &ds);
	for (size_t k = 0; k < ds.n; k++)
		fprintf(stderr, "xskspec: bench: %s\n", ds.v[k].text);
	if (ds.n)
		status = STATUS_USAGE;
	for (size_t k = 0; k < plan.n_cases && !status; k++)
		status = bench_case(b, &plan.cases[k]) ? STATUS_OK : STATUS_ERROR;
	plan_release(&plan);
	spec_release(&spec);
	diags_release(&ds);
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
	struct bench b = { .n_pkts = 2000000, .len = 64, .n_rounds = 5 };
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
	return bench_plan(&b, &caps);
}

const struct cmd cmd_bench = {
	.name = "bench",
	.args = "",
	.help = "packets per second over veth, with and without verification, side by side",
	.options = options,
	.run = bench,
};
