// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>

#include "cmd.h"

enum { OPT_PROBE };

static const struct cmd_option options[] = {
	[OPT_PROBE] = { "probe", 0, "FILE", CMD_PROBE_HELP },
	{},
};

static int print_cases(const struct loaded *l, struct plan *plan, void *ctx)
{
	size_t n_skipped = 0;

	(void)l;
	(void)ctx;
	for (size_t k = 0; k < plan->n_cases; k++) {
		const struct case_plan *c = &plan->cases[k];

		printf(c->skip ? "%s  # SKIP %s\n" : "%s\n", c->id, c->skip);
		n_skipped += c->skip != NULL;
	}
	printf("# %zu cases, %zu of them skipped\n", plan->n_cases, n_skipped);
	return STATUS_OK;
}

static int list(const struct cmd *cmd, int argc, char **argv)
{
	const struct plan_options opts = { .seed = 1 };
	const char *value, *probe = NULL;
	int option;

	while ((option = cmd_getopt(cmd, argc, argv, &value)) != -1) {
		if (option != OPT_PROBE)
			return STATUS_USAGE;
		probe = value;
	}
	if (optind == argc)
		return cmd_usage(cmd);
	return with_plan(argv + optind, (size_t)(argc - optind), &opts, probe, print_cases, NULL);
}

const struct cmd cmd_list = {
	.name = "list",
	.args = "SPEC|DIR...",
	.help = "list all cases, with the reason behind every skip; needs no privileges",
	.options = options,
	.run = list,
};
