// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "cmd.h"
#include "link/drops.h"
#include "link/spares.h"
#include "link/link.h"
#include "link/probe.h"
#include "out/progress.h"
#include "out/tap.h"
#include "ring/hugepages.h"
#include "run/kernel_log.h"
#include "run/pool.h"
#include "run/signals.h"

enum { OPT_JOBS, OPT_MODE, OPT_CASE, OPT_SEED, OPT_TAP, OPT_PROBE, OPT_OBJECTS };

static const struct cmd_option options[] = {
	[OPT_JOBS] = { "jobs", 'j', "N", "cases to run at the same time (default 1)" },
	[OPT_MODE] = { "mode", 0, "MODE", "only cases of this mode: skb, drv or zc" },
	[OPT_CASE] = { "case", 0, "ID", "only this case: its id, or words of it (repeatable)" },
	[OPT_SEED] = { "seed", 0, "N", "seed of random lengths and payloads (default 1)" },
	[OPT_TAP] = { "tap", 0, NULL, "report as TAP version 13 (the default)" },
	[OPT_PROBE] = { "probe", 0, "FILE", CMD_PROBE_HELP },
	[OPT_OBJECTS] = { "objects", 0, "DIR", CMD_OBJECTS_HELP },
	{},
};

#define MAX_PATTERNS 64

struct run_args {
	struct pool_options pool;
	struct plan_options plan;
	const char *patterns[MAX_PATTERNS];
	size_t n_patterns;
	const char *probe;   /* file with the caps; NULL: find them out */
	const char *objects; /* folder; NULL: not said */
};

static bool parse_mode(const char *text, uint32_t *modes)
{
	for (enum mode m = 0; m < N_MODES; m++)
		if (!strcmp(text, mode_names[m])) {
			*modes |= 1u << m;
			return true;
		}
	fprintf(stderr, "xskspec: --mode '%s': it is skb, drv or zc\n", text);
	return false;
}

static bool parse_option(struct run_args *a, int option, const char *value)
{
	uint64_t n = 1;

	switch (option) {
	case OPT_JOBS:
		if (!cmd_number("--jobs", value, 1, 128, &n))
			return false;
		a->pool.n_jobs = (uint32_t)n;
		return true;
	case OPT_MODE:
		return parse_mode(value, &a->plan.modes);
	case OPT_CASE:
		if (a->n_patterns == MAX_PATTERNS) {
			fprintf(stderr, "xskspec: more than %d times --case\n", MAX_PATTERNS);
			return false;
		}
		a->patterns[a->n_patterns++] = value;
		return true;
	case OPT_SEED:
		return cmd_number("--seed", value, 0, INT64_MAX, &a->plan.seed);
	case OPT_PROBE:
		a->probe = value;
		return true;
	case OPT_OBJECTS:
		a->objects = value;
		return true;
	default:
		return true;
	}
}

/* What the run needs to know when it ends. */
struct tally {
	struct tap tap;
	struct progress progress;
	size_t n[OUTCOME_BUG + 1];
	size_t n_stray; /* lines of the kernel's log that no case is to blame for */
};

static void on_finished(void *ctx, const struct case_plan *c, const struct case_result *r,
			const char *output)
{
	struct tally *t = ctx;

	progress_clear(&t->progress);
	tap_case(&t->tap, c, r, output);
	t->n[r->outcome]++;
}

/* The kernel is the thing under test: what it says when no case runs fails the run. */
static void on_stray_log(void *ctx, const char *line)
{
	struct tally *t = ctx;

	progress_clear(&t->progress);
	fprintf(t->tap.to, "# kernel log, of no case that runs: %s\n", line);
	t->n_stray++;
}

static void on_progress(void *ctx, size_t n_finished, size_t n_cases, const char *id)
{
	struct tally *t = ctx;

	progress_show(&t->progress, n_finished, n_cases, id);
}

static int status_of(const struct tally *t)
{
	if (t->n[OUTCOME_FAIL] || t->n_stray)
		return STATUS_FAILED;
	if (t->n[OUTCOME_ERROR] || t->n[OUTCOME_BUG] || t->n[OUTCOME_UNKNOWN])
		return STATUS_ERROR;
	return t->n[OUTCOME_PASS] ? STATUS_OK : STATUS_SKIPPED;
}

static int bail_out(struct tally *t, const char *why)
{
	tap_bail_out(&t->tap, why);
	return STATUS_ERROR;
}

/* As many as can be in use at a time; none where a case or two would not get their making back. */
static size_t spares_worth(const struct plan *plan, const struct pool_options *opts)
{
	size_t n = opts->n_jobs + opts->n_ending + 2;

	if (plan->n_cases <= n)
		return 0;
	return n < SPARES_MAX ? n : SPARES_MAX;
}

static int run_plan(struct plan *plan, const struct run_args *a)
{
	struct tally t = {};
	struct pool_listener listener = { on_finished, on_stray_log, on_progress, &t };
	struct pool_options opts = a->pool;
	struct kernel_log_line line;
	struct spares spares = {};
	struct kernel_log log;
	struct drops drops;
	struct errmsg e = {};
	int err;

	hugepages_recover(); /* what a run that was killed could not */
	progress_init(&t.progress);
	tap_begin(&t.tap, stdout, plan->n_cases);
	signals_tap_began();
	t.tap.probe = a->probe;
	t.tap.objects = a->objects;
	spares.n_at_most = spares_worth(plan, &opts);
	opts.spares = &spares;
	if (kernel_log_open(&log, &e))
		printf("# kernel log: not watched: %s\n", e.text);
	opts.log = &log;
	drops_open(&drops);
	opts.traffic.drops = &drops;
	err = pool_run(plan, &opts, &listener, &e);
	drops_close(&drops);
	spares_release(&spares);
	while (kernel_log_next(&log, &line))
		on_stray_log(&t, line.text);
	kernel_log_close(&log);
	progress_clear(&t.progress);
	if (err > 0) {
		errmsg_set(&e, 0, "interrupted by SIG%s", sigabbrev_np(err));
		bail_out(&t, e.text);
		return 128 + err; /* as a shell reports it */
	}
	if (err)
		return bail_out(&t, e.text);
	printf("# %zu passed, %zu failed, %zu errors, %zu skipped\n", t.n[OUTCOME_PASS],
	       t.n[OUTCOME_FAIL], t.n[OUTCOME_ERROR] + t.n[OUTCOME_BUG] + t.n[OUTCOME_UNKNOWN],
	       t.n[OUTCOME_SKIP]);
	return status_of(&t);
}

/* Rights first: without them every other message would only be a consequence. */
static int find_caps(const char *probe, struct caps *caps)
{
	struct tap tap = { .to = stdout };
	struct errmsg e = {};
	char rights[128];

	if (probe && !cmd_read_probe(probe, true, caps))
		return STATUS_USAGE;
	link_missing_rights(rights, sizeof(rights));
	if (rights[0]) {
		errmsg_set(&e, 0, "xskspec run needs %s: run it as root", rights);
	} else if (probe || !probe_caps(caps, &e)) {
		return STATUS_OK;
	}
	fprintf(tap.to, "TAP version 13\n");
	tap_bail_out(&tap, e.text);
	return STATUS_ERROR;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct run_args a = { .pool = { .n_jobs = 1, .n_ending = 8 }, .plan = { .seed = 1 } };
	struct loaded l = {};
	struct plan plan = {};
	struct caps caps;
	const char *value;
	int option, status;

	while ((option = cmd_getopt(cmd, argc, argv, &value)) != -1)
		if (option == -2 || !parse_option(&a, option, value))
			return STATUS_USAGE;
	if (optind == argc)
		return cmd_usage(cmd);
	signals_catch();
	cmd_objects(&a.plan, a.objects);
	status = load_specs(&l, argv + optind, (size_t)(argc - optind));
	if (!status)
		status = find_caps(a.probe, &caps);
	if (!status)
		status = load_plan(&plan, &l, &caps, &a.plan);
	if (!status)
		status = select_cases(&plan, a.patterns, a.n_patterns);
	if (!status)
		status = run_plan(&plan, &a);
	plan_release(&plan);
	loaded_release(&l);
	return status;
}

const struct cmd cmd_run = {
	.name = "run",
	.args = "SPEC|DIR...",
	.help = "run the cases and report a verdict for each",
	.options = options,
	.run = run,
};
