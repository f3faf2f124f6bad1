// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>

#include "cmd.h"

enum { OPT_PROBE, OPT_OBJECTS };

static const struct cmd_option options[] = {
	[OPT_PROBE] = { "probe", 0, "FILE", CMD_PROBE_HELP },
	[OPT_OBJECTS] = { "objects", 0, "DIR", CMD_OBJECTS_HELP },
	{},
};

static int print_sums(const struct loaded *l, struct plan *plan, void *ctx)
{
	size_t n_tests = 0;
	int status = check_objects(l, plan);

	(void)ctx;
	if (status)
		return status;
	for (size_t k = 0; k < l->n; k++)
		n_tests += l->specs[k].n_tests;
	printf("%zu file%s, %zu test%s, %zu case%s: no mistakes\n", l->n, l->n == 1 ? "" : "s",
	       n_tests, n_tests == 1 ? "" : "s", plan->n_cases, plan->n_cases == 1 ? "" : "s");
	return STATUS_OK;
}

static int check(const struct cmd *cmd, int argc, char **argv)
{
	struct plan_options opts = { .seed = 1 };
	const char *value, *probe = NULL, *objects = NULL;
	int option;

	while ((option = cmd_getopt(cmd, argc, argv, &value)) != -1) {
		if (option == OPT_PROBE)
			probe = value;
		else if (option == OPT_OBJECTS)
			objects = value;
		else
			return STATUS_USAGE;
	}
	if (optind == argc)
		return cmd_usage(cmd);
	cmd_objects(&opts, objects);
	return with_plan(argv + optind, (size_t)(argc - optind), &opts, probe, print_sums, NULL);
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "SPEC|DIR...",
	.help = "find all mistakes of specifications; needs no privileges",
	.options = options,
	.run = check,
};
