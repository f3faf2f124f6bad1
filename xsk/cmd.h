/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_CMD_H
#define XSK_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/spec.h"
#include "plan/plan.h"

/* Exit status of every command. */
enum status {
	STATUS_OK = 0,	    /* all that ran passed and something ran */
	STATUS_FAILED = 1,  /* a verdict */
	STATUS_USAGE = 2,   /* options or specifications */
	STATUS_ERROR = 3,   /* the environment refused, or a bug of ours */
	STATUS_SKIPPED = 4, /* everything was skipped: kselftest's code */
};

/* One option of a command: parsing, --help and the man page's test go by these rows. */
struct cmd_option {
	const char *name; /* long name */
	char letter;	  /* 0: none */
	const char *arg;  /* name of its argument, NULL: a flag */
	const char *help;
};

struct cmd {
	const char *name;
	const char *args;		  /* "SPEC|DIR..." */
	const char *help;		  /* one line */
	const struct cmd_option *options; /* ends with a zeroed row, NULL: none */
	int (*run)(const struct cmd *cmd, int argc, char **argv);
};

extern const struct cmd cmd_run, cmd_list, cmd_check, cmd_explain, cmd_bench, cmd_fuzz, cmd_probe,
	cmd_help;
extern const struct cmd *const cmds[]; /* ends with NULL */

/*
 * The next option of the command: index of its row with *value set, -1 after
 * the last (argv[optind...] are the arguments then), -2 after a mistake that
 * has been said on stderr.
 */
int cmd_getopt(const struct cmd *cmd, int argc, char **argv, const char **value);

/* A whole number with an optional range; false after saying on stderr what is wrong. */
bool cmd_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* Says on stderr how the command is used; returns STATUS_USAGE. */
int cmd_usage(const struct cmd *cmd);

/* The whole of a regular file with a NUL behind it, for free(); NULL after saying on stderr why not. */
char *cmd_read_file(const char *path, size_t *len);

/* ---- what was probed (cmd_probe.c) ---- */

/* How every command that takes it describes --probe. */
#define CMD_PROBE_HELP "what the kernel does: from this file of 'xskspec probe --json'"

/*
 * The caps in a file that 'xskspec probe --json' wrote; false after saying on stderr what is wrong
 * with it. must_be_fresh: found on this kernel since it booted.
 */
bool cmd_read_probe(const char *path, bool must_be_fresh, struct caps *caps);

struct loaded;

/* ---- users' programs (cmd_objects.c) ---- */

#define CMD_OBJECTS_HELP "where objects are that do not lie beside their specification"

/*
 * Where specifications find the objects that they name: in dir (NULL: not said), then among those
 * that were built with xskspec, if there are any. May be called once.
 */
void cmd_objects(struct plan_options *opts, const char *dir);

/*
 * Reads the objects that the cases name and that are there; what does not fit, unless the case
 * expects an error, is said on stderr as a mistake of its specification: STATUS_USAGE. Those that are
 * not there (they may be built later) are named on stdout.
 */
int check_objects(const struct loaded *l, const struct plan *plan);

/* ---- specifications of the command line (cmd_load.c) ---- */

struct loaded {
	struct spec *specs;
	char **paths, **texts;
	size_t n;
	size_t n_diags;
};

/*
 * Reads and parses the files, and all *.spec files below the folders, that
 * paths name. Diagnostics and what cannot be read are said on stderr, all at
 * once; returns STATUS_OK or STATUS_USAGE, and always needs loaded_release().
 */
int load_specs(struct loaded *l, char **paths, size_t n_paths);
void loaded_release(struct loaded *l);

/* Sorts and writes them to stderr, with the lines of the source that they are about. */
void print_diags(struct diags *ds, const struct source *src);

/* Plans all of them; diagnostics on stderr, STATUS_USAGE then. Needs plan_release() in any case. */
int load_plan(struct plan *plan, const struct loaded *l, const struct caps *caps,
	      const struct plan_options *opts);

/*
 * For commands that need no privileges: loads the paths, plans them with
 * what the file probe says (NULL: with caps_assumed) and hands both over. Returns STATUS_USAGE after mistakes, else
 * what use() returns.
 */
int with_plan(char **paths, size_t n_paths, const struct plan_options *opts, const char *probe,
	      int (*use)(const struct loaded *l, struct plan *plan, void *ctx), void *ctx);

/*
 * Keeps the cases that one of the patterns names: a whole id, family/subject,
 * subject, or some of its axes ("mode=drv,wakeup=softirq"). A pattern that
 * names no case is said on stderr: STATUS_USAGE.
 */
int select_cases(struct plan *plan, const char *const *patterns, size_t n_patterns);

#endif
