// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

#ifndef XSKSPEC_VERSION
#define XSKSPEC_VERSION "unknown"
#endif

const struct cmd *const cmds[] = {
	&cmd_run,  &cmd_list,  &cmd_check, &cmd_explain, &cmd_bench,
	&cmd_fuzz, &cmd_probe, &cmd_help,  NULL,
};

#define MAX_OPTIONS 24

static size_t build_options(const struct cmd *cmd, struct option *longs, char *shorts)
{
	size_t n = 0;

	*shorts = '\0';
	for (const struct cmd_option *o = cmd->options; o && o->name; o++, n++) {
		longs[n] = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL,
					    256 + (int)n };
		if (o->letter) {
			size_t len = strlen(shorts);

			shorts[len] = o->letter;
			shorts[len + 1] = o->arg ? ':' : '\0';
			shorts[len + 2] = '\0';
		}
	}
	longs[n] = (struct option){};
	return n;
}

int cmd_getopt(const struct cmd *cmd, int argc, char **argv, const char **value)
{
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 2];
	size_t n = build_options(cmd, longs, shorts);
	int c = getopt_long(argc, argv, shorts, longs, NULL);

	*value = optarg;
	if (c == -1)
		return -1;
	if (c >= 256)
		return c - 256;
	for (size_t k = 0; k < n; k++)
		if (cmd->options[k].letter == c)
			return (int)k;
	fprintf(stderr, "xskspec: 'xskspec %s --help' lists the options\n", cmd->name);
	return -2;
}

bool cmd_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	if (!errno && end != text && !*end && *text != '-' && *value >= min && *value <= max)
		return true;
	fprintf(stderr, "xskspec: %s '%s': a whole number from %llu to %llu is expected\n", option,
		text, (unsigned long long)min, (unsigned long long)max);
	return false;
}

int cmd_usage(const struct cmd *cmd)
{
	fprintf(stderr, "usage: xskspec %s%s %s\n", cmd->name, cmd->options ? " [options]" : "",
		cmd->args);
	return STATUS_USAGE;
}

static const struct cmd *find_cmd(const char *name)
{
	for (const struct cmd *const *c = cmds; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

static int unknown_cmd(const char *name)
{
	const char *names[16], *nearest;
	size_t n = 0;

	for (const struct cmd *const *c = cmds; *c; c++)
		names[n++] = (*c)->name;
	nearest = diag_nearest(name, strlen(name), names, n);
	fprintf(stderr, "xskspec: '%s' is no command", name);
	if (nearest)
		fprintf(stderr, " (did you mean '%s'?)", nearest);
	fprintf(stderr, "; 'xskspec help' lists them\n");
	return STATUS_USAGE;
}

static int dispatch(int argc, char **argv)
{
	const struct cmd *cmd;

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return argc < 2 ? cmd_help.run(&cmd_help, 0, NULL),
		       STATUS_USAGE : cmd_help.run(&cmd_help, 0, NULL);
	if (!strcmp(argv[1], "--version")) {
		puts("xskspec " XSKSPEC_VERSION);
		return STATUS_OK;
	}
	cmd = find_cmd(argv[1]);
	if (!cmd)
		return unknown_cmd(argv[1]);
	for (int k = 2; k < argc && strcmp(argv[k], "--"); k++)
		if (!strcmp(argv[k], "--help") || !strcmp(argv[k], "-h"))
			return cmd_help.run(cmd, 0, NULL); /* its row says whose help it is */
	return cmd->run(cmd, argc - 1, argv + 1);
}

/* Out of memory, or a bug: either has said so. A status of our own tells scripts more than a signal. */
static void on_abort(int signal)
{
	(void)signal;
	_exit(STATUS_ERROR);
}

int main(int argc, char **argv)
{
	int status;

	/* A reader that goes away shows as an error of the last flush. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGABRT, on_abort);
	status = dispatch(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "xskspec: cannot write to stdout: %s\n", strerror(errno));
		if (status == STATUS_OK)
			status = STATUS_ERROR;
	}
	return status;
}
