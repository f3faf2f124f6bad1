// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "cmd.h"
#include "lang/keyword.h"

static const char status_help[] =
	"Exit status: 0 all that ran passed and something ran; 1 a verdict failed; 2 usage or\n"
	"specification errors; 3 the environment refused something, or a bug of xskspec;\n"
	"4 everything was skipped; 128 + N ended by signal N.\n";

static void print_options(const struct cmd *cmd)
{
	for (const struct cmd_option *o = cmd->options; o && o->name; o++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%c%s--%s%s%s", o->letter ? "-" : " ",
			 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
			 o->arg ? " " : "", o->arg ? o->arg : "");
		printf("  %-24s %s\n", left, o->help);
	}
}

static void print_all(void)
{
	printf("xskspec - packet test harness for AF_XDP\n\n");
	for (const struct cmd *const *c = cmds; *c; c++)
		printf("  xskspec %-8s %-14s %s\n", (*c)->name, (*c)->args, (*c)->help);
	printf("\n'xskspec COMMAND --help' lists the options of a command. specs/README.md is the\n"
	       "reference of the specification language.\n\n%s",
	       status_help);
}

static void print_one(const struct cmd *cmd)
{
	printf("xskspec %s%s %s\n\n%s\n\n", cmd->name, cmd->options ? " [options]" : "", cmd->args,
	       cmd->help);
	print_options(cmd);
	printf("\n%s", status_help);
}

/* Also what every other command's --help calls, with its own row. */
static int help(const struct cmd *cmd, int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "keywords")) {
		struct strbuf sb = {};

		keyword_reference(&sb);
		fputs(strbuf_text(&sb), stdout);
		strbuf_release(&sb);
		return STATUS_OK;
	}
	for (const struct cmd *const *c = cmds; *c && argc > 1; c++)
		if (!strcmp((*c)->name, argv[1])) {
			print_one(*c);
			return STATUS_OK;
		}
	if (argc > 1) {
		fprintf(stderr, "xskspec: there is no help about '%s'\n", argv[1]);
		return STATUS_USAGE;
	}
	if (cmd == &cmd_help)
		print_all();
	else
		print_one(cmd);
	return STATUS_OK;
}

const struct cmd cmd_help = {
	.name = "help",
	.args = "[COMMAND|keywords]",
	.help = "show this, the options of a command, or the keywords of the language",
	.run = help,
};
