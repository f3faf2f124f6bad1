// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>

#include "cmd.h"

static void print_case(const struct case_plan *c)
{
	printf("%s", c->id);
	if (c->skip)
		printf("  # SKIP %s", c->skip);
	printf("\n");
}

static int list(const struct cmd *cmd, int argc, char **argv)
{
	const struct plan_options opts = { .seed = 1 };
	struct loaded l = {};
	struct plan plan = {};
	const char *value;
	size_t n_skipped = 0;
	int status;

	if (cmd_getopt(cmd, argc, argv, &value) != -1)
		return STATUS_USAGE;
	if (optind == argc)
		return cmd_usage(cmd);
	status = load_specs(&l, argv + optind, (size_t)(argc - optind));
	if (!status)
		status = load_plan(&plan, &l, &caps_assumed, &opts);
	for (size_t k = 0; k < plan.n_cases && !status; k++) {
		print_case(&plan.cases[k]);
		n_skipped += plan.cases[k].skip != NULL;
	}
	if (!status)
		printf("# %zu cases, %zu of them skipped\n", plan.n_cases, n_skipped);
	plan_release(&plan);
	loaded_release(&l);
	return status;
}

const struct cmd cmd_list = {
	.name = "list",
	.args = "SPEC|DIR...",
	.help = "list all cases, with the reason behind every skip; needs no privileges",
	.run = list,
};
