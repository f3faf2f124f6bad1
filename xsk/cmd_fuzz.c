// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "base/strbuf.h"
#include "cmd.h"
#include "link/link.h"
#include "link/probe.h"
#include "run/fuzz.h"

enum { OPT_SEED, OPT_DESCS, OPT_MODE, OPT_MAX_DIFFERENCES, OPT_PROBE };

static const struct cmd_option options[] = {
	[OPT_SEED] = { "seed", 0, "N", "the same descriptors again (default: from the clock)" },
	[OPT_DESCS] = { "descs", 0, "N", "descriptors in each mode (default 100000)" },
	[OPT_MODE] = { "mode", 0, "MODE", "only this mode: skb or drv" },
	[OPT_MAX_DIFFERENCES] = { "max-differences", 0, "N", "end after so many (default 5)" },
	[OPT_PROBE] = { "probe", 0, "FILE", CMD_PROBE_HELP },
	{},
};

struct fuzz_cmd {
	struct fuzz_options opts;
	const char *probe;
	bool shows_progress;
	uint64_t shown_ns;
	uint32_t n_found;
};

static volatile sig_atomic_t is_stopped;

static void stop(int signal)
{
	is_stopped = signal;
}

static void clear_progress(const struct fuzz_cmd *f)
{
	if (f->shows_progress)
		fprintf(stderr, "\r\033[K");
}

#define PROGRESS_NS 200000000ull

static void progress(void *ctx, enum mode mode, uint64_t n_descs)
{
	struct fuzz_cmd *f = ctx;

	if (!f->shows_progress || clock_ns() - f->shown_ns < PROGRESS_NS)
		return;
	f->shown_ns = clock_ns();
	fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64 " descriptors, %u differences",
		mode_names[mode], n_descs, f->opts.n_descs, f->n_found);
}

static void found(void *ctx, const struct fuzz_case *c, const struct fuzz_answer *answer,
		  uint64_t round)
{
	struct fuzz_cmd *f = ctx;
	struct strbuf sb = {};
	char name[32];

	clear_progress(f);
	snprintf(name, sizeof(name), "difference_%u", ++f->n_found);
	fuzz_spec(c, f->opts.caps, name, answer->text, &sb);
	printf("# seed %" PRIu64 ", mode %s, round %" PRIu64 ": %s\n", f->opts.seed,
	       mode_names[c->geometry.mode], round, answer->text);
	if (answer->is_once)
		printf("# seen once: these packets alone did not show it again\n");
	printf("%s\n", strbuf_text(&sb));
	fflush(stdout);
	strbuf_release(&sb);
}

static void print_result(const struct fuzz_cmd *f, const struct fuzz_result *r)
{
	for (enum mode mode = 0; mode < N_MODES; mode++) {
		double s = (double)r->modes[mode].ns / 1e9;

		if (!(f->opts.modes >> mode & 1))
			continue;
		printf("# %s: %" PRIu64 " descriptors on %" PRIu64
		       " geometries, %.0f descriptors per second\n",
		       mode_names[mode], r->modes[mode].n_descs, r->modes[mode].n_rounds,
		       s > 0 ? (double)r->modes[mode].n_descs / s : 0);
	}
	printf("# %" PRIu64 " kicks took exactly the descriptors that they should\n", r->n_kicks);
	if (r->n_cleared)
		printf("# %" PRIu64
		       " odd addresses came back with bit 0 cleared (see 'Odd addresses' in "
		       "specs/README.md)\n",
		       r->n_cleared);
	printf("# seed %" PRIu64 ": %u differences%s\n", f->opts.seed, r->n_differences,
	       is_stopped ? ", interrupted" : "");
}

static int fuzz_all(struct fuzz_cmd *f, struct errmsg *e)
{
	const struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	struct fuzz_result result;
	int err;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	f->shows_progress = isatty(STDERR_FILENO);
	printf("# xskspec fuzz --seed %" PRIu64 " --descs %" PRIu64 "\n", f->opts.seed,
	       f->opts.n_descs);
	fflush(stdout);
	err = fuzz_run(&f->opts, &result, e);
	clear_progress(f);
	print_result(f, &result);
	if (err)
		return STATUS_ERROR;
	if (result.n_differences)
		return STATUS_FAILED;
	return is_stopped ? 128 + is_stopped : STATUS_OK;
}

static bool parse_mode(struct fuzz_cmd *f, const char *value)
{
	for (enum mode mode = MODE_SKB; mode <= MODE_DRV; mode++)
		if (!strcmp(value, mode_names[mode])) {
			f->opts.modes = 1u << mode;
			return true;
		}
	fprintf(stderr, "xskspec: --mode '%s': fuzz knows skb and drv\n", value);
	return false;
}

static bool parse_option(struct fuzz_cmd *f, int option, const char *value)
{
	uint64_t n = 0;

	switch (option) {
	case OPT_SEED:
		return cmd_number("--seed", value, 0, UINT64_MAX, &f->opts.seed);
	case OPT_DESCS:
		return cmd_number("--descs", value, 1, 1ull << 40, &f->opts.n_descs);
	case OPT_MODE:
		return parse_mode(f, value);
	case OPT_MAX_DIFFERENCES:
		if (!cmd_number("--max-differences", value, 1, 1000, &n))
			return false;
		f->opts.max_differences = (uint32_t)n;
		return true;
	case OPT_PROBE:
		f->probe = value;
		return true;
	default:
		return false;
	}
}

static int fuzz(const struct cmd *cmd, int argc, char **argv)
{
	struct caps caps;
	struct fuzz_cmd f = {
		.opts = { .caps = &caps,
			  .seed = clock_ns_of(CLOCK_REALTIME) / 1000 % 1000000000,
			  .n_descs = 100000,
			  .modes = 1u << MODE_SKB | 1u << MODE_DRV,
			  .max_differences = 5,
			  .is_stopped = &is_stopped,
			  .found = found,
			  .progress = progress },
	};
	struct errmsg e = {};
	const char *value;
	char rights[128];
	int option, status = STATUS_ERROR;

	f.opts.ctx = &f;
	while ((option = cmd_getopt(cmd, argc, argv, &value)) != -1)
		if (!parse_option(&f, option, value))
			return STATUS_USAGE;
	if (optind != argc)
		return cmd_usage(cmd);
	link_missing_rights(rights, sizeof(rights));
	if (rights[0])
		errmsg_set(&e, 0, "fuzz needs %s: run it as root", rights);
	else if (f.probe && !cmd_read_probe(f.probe, true, &caps))
		return STATUS_USAGE;
	else if (f.probe || !probe_caps(&caps, &e))
		status = fuzz_all(&f, &e);
	if (status == STATUS_ERROR)
		fprintf(stderr, "xskspec: %s\n", e.text);
	return status;
}

const struct cmd cmd_fuzz = {
	.name = "fuzz",
	.args = "",
	.help = "random descriptors: does the kernel do what the model says?",
	.options = options,
	.run = fuzz,
};
