// SPDX-License-Identifier: GPL-2.0-only
#include "cmd_probe.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cmd.h"

enum { OPT_NIC, OPT_JSON };

static const struct cmd_option options[] = {
	[OPT_NIC] = { "nic", 0, "IF", "also what this interface tells, read only (repeatable)" },
	[OPT_JSON] = { "json", 0, NULL, "as JSON, for --probe of other commands" },
	{},
};

#define MAX_NICS 64

struct probe_args {
	bool is_json;
	const char *nics[MAX_NICS];
	size_t n_nics;
};

/* ---- columns ---- */

/* Longer values push only their own line's meaning aside. */
#define MAX_COLUMN 40

static int widest(const struct fact *facts, const void *of)
{
	int width = 0;

	for (const struct fact *f = facts; f->name; f++) {
		struct strbuf value = { 0 };

		fact_format(f, of, &value);
		if ((int)value.len > width && value.len <= MAX_COLUMN)
			width = (int)value.len;
		strbuf_release(&value);
	}
	return width;
}

static void print_facts(const char *title, const struct fact *facts, const void *of)
{
	int width = widest(facts, of);

	printf("%s\n", title);
	for (const struct fact *f = facts; f->name; f++) {
		struct strbuf value = { 0 };

		fact_format(f, of, &value);
		printf("  %-18s  %-*s  %s\n", f->name, width, strbuf_text(&value), f->meaning);
		strbuf_release(&value);
	}
	printf("\n");
}

static void print_nic(const struct probe_nic *nic)
{
	char title[32];

	snprintf(title, sizeof(title), "interface %.15s", nic->name);
	print_facts(title, probe_nic_facts, nic);
}

static void print_text(const struct probe_report *r, const struct probe_nic *nics, size_t n_nics)
{
	print_facts("kernel", probe_kernel_facts, &r->kernel);
	print_facts("rights", rights_facts, &r->rights);
	print_facts("system", probe_system_facts, &r->system);
	if (!r->err) {
		print_facts("behaviours", caps_facts, &r->caps);
		print_facts("veth", probe_veth_facts, &r->veth);
	}
	for (size_t k = 0; k < n_nics; k++)
		print_nic(&nics[k]);
}

static void print_json(const struct probe_report *r, const struct probe_nic *nics, size_t n_nics)
{
	char *text = probe_to_json(r, nics, n_nics);

	fputs(text, stdout);
	free(text);
}

/* ---- the command ---- */

static bool read_nics(const struct probe_args *a, struct probe_nic *nics)
{
	for (size_t k = 0; k < a->n_nics; k++) {
		struct errmsg e = { "" };

		if (!probe_read_nic(a->nics[k], &nics[k], &e))
			continue;
		fprintf(stderr, "xskspec: --nic: %s\n", e.text);
		return false;
	}
	return true;
}

static int show(const struct probe_args *a)
{
	struct probe_nic nics[MAX_NICS];
	struct probe_report report;

	if (!read_nics(a, nics))
		return STATUS_USAGE;
	probe_all(&report);
	if (a->is_json)
		print_json(&report, nics, a->n_nics);
	else
		print_text(&report, nics, a->n_nics);
	if (!report.err)
		return STATUS_OK;
	fflush(stdout);
	fprintf(stderr, "xskspec: the behaviours could not be found out: %s\n", report.why.text);
	return STATUS_ERROR;
}

static int probe(const struct cmd *cmd, int argc, char **argv)
{
	struct probe_args a = { .is_json = false };
	const char *value;
	int option;

	while ((option = cmd_getopt(cmd, argc, argv, &value)) != -1) {
		if (option == -2)
			return STATUS_USAGE;
		if (option == OPT_JSON) {
			a.is_json = true;
		} else if (a.n_nics == MAX_NICS) {
			fprintf(stderr, "xskspec: more than %d times --nic\n", MAX_NICS);
			return STATUS_USAGE;
		} else {
			a.nics[a.n_nics++] = value;
		}
	}
	return optind == argc ? show(&a) : cmd_usage(cmd);
}

const struct cmd cmd_probe = {
	.name = "probe",
	.args = "",
	.help = "find out by trying what this machine and its kernel do",
	.options = options,
	.run = probe,
};

/* ---- of other commands ---- */

bool cmd_read_probe(const char *path, bool must_be_fresh, struct caps *caps)
{
	struct errmsg e = { "" };
	size_t len;
	char *text = cmd_read_file(path, &len);
	int err;

	if (!text)
		return false;
	err = probe_from_json(path, text, len, must_be_fresh, caps, &e);
	free(text);
	if (err)
		fprintf(stderr, "xskspec: %s\n", e.text);
	return !err;
}
