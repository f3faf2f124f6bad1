// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/strbuf.h"
#include "lang/lex.h"
#include "lang/spec.h"

/* The generated part of specs/README.md: all tables of the language as Markdown. */

static void add_range(struct strbuf *out, const struct keyword *kw)
{
	char min[32], max[32];

	if (kw->kind == VALUE_FLAG) {
		strbuf_add(out, "on, off");
		return;
	}
	unit_format(kw->min, kw->dim, min, sizeof(min));
	unit_format(kw->max, kw->dim, max, sizeof(max));
	if (kw->max == INT64_MAX)
		strbuf_add(out, "from %s", min);
	else
		strbuf_add(out, "%s to %s", min, max);
	if (kw->is_pow2)
		strbuf_add(out, ", a power of two");
	if (kw->is_per_packet)
		strbuf_add(out, ", for each packet");
	if (kw->is_loose)
		strbuf_add(out, "; any number, where an error is expected");
}

static void add_default(struct strbuf *out, const struct keyword *kw)
{
	char dflt[32];

	if (kw->kind == VALUE_FLAG) {
		strbuf_add(out, "%s", kw->dflt ? "on" : "off");
	} else if (!kw->has_own_default) {
		unit_format(kw->dflt, kw->dim, dflt, sizeof(dflt));
		strbuf_add(out, "%s", dflt);
	}
}

static void add_keyword(struct strbuf *out, const struct keyword *kw)
{
	strbuf_add(out, "| `%s` | ", kw->name);
	if (kw->setting >= 0)
		add_range(out, kw);
	else if (kw->syntax[0])
		strbuf_add(out, "`%s`", kw->syntax);
	strbuf_add(out, " | ");
	if (kw->setting >= 0)
		add_default(out, kw);
	strbuf_add(out, " | %s%s |\n", kw->help,
		   kw->is_mistake ? " (only where an error is expected)" : "");
}

static void add_scope(struct strbuf *out, enum scope scope)
{
	const struct keyword *kw;
	size_t n = keyword_list(&kw);
	bool is_first = true;

	for (; n--; kw++) {
		if (kw->scope != scope)
			continue;
		if (is_first)
			strbuf_add(out,
				   "### In %s\n\n"
				   "| word | value | default | meaning |\n|---|---|---|---|\n",
				   scope_name(scope));
		is_first = false;
		add_keyword(out, kw);
	}
	if (!is_first)
		strbuf_add(out, "\n");
}

static void add_fields(struct strbuf *out)
{
	static const char *const kinds[] = {
		[FIELD_NUMBER] = "",
		[FIELD_MAC] = "MAC address",
		[FIELD_IP4] = "IPv4 address, for each packet",
		[FIELD_IP6] = "IPv6 address",
	};

	strbuf_add(out, "### Headers\n\n| header | field | value | meaning |\n|---|---|---|---|\n");
	for (int i = 0; i < N_FIELDS; i++) {
		const struct field_info *f = &field_infos[i];

		strbuf_add(out, "| `%s` | `%s` | ", header_names[f->header], f->name);
		if (f->kind == FIELD_NUMBER)
			strbuf_add(out, "0 to %llu, for each packet", (1ull << f->bits) - 1);
		strbuf_add(out, "%s | %s |\n", kinds[f->kind], f->help);
	}
	strbuf_add(out, "\n");
}

static void add_programs(struct strbuf *out)
{
	strbuf_add(out, "### Programs\n\n| program | meaning |\n|---|---|\n");
	for (int i = 0; i < N_PROGRAMS; i++) {
		const struct program_info *info = &program_infos[i];

		strbuf_add(out, "| `%s%s%s` | %s |\n", info->name, info->arg ? " " : "",
			   info->arg ? info->arg : "", info->help);
	}
	strbuf_add(out, "\n");
}

static void add_sabotage(struct strbuf *out)
{
	static const char *const who[] = {
		[SABOTEUR_TC] = "a tc program at fwd's ingress",
		[SABOTEUR_XDP] = "the XDP program at b",
		[SABOTEUR_RING] = "whoever reads the ring",
	};

	strbuf_add(out, "### Sabotage\n\n| kind | done by | meaning |\n|---|---|---|\n");
	for (int i = 0; i < N_SABOTAGES; i++) {
		const struct sabotage_info *info = &sabotage_infos[i];

		strbuf_add(out, "| `%s%s%s` | %s | %s |\n", info->name, info->arg ? " " : "",
			   info->arg ? info->arg : "", who[info->who], info->help);
	}
	strbuf_add(out, "\n");
}

static void add_verdicts(struct strbuf *out)
{
	strbuf_add(out, "### Verdicts\n\n");
	for (int i = 0; i < N_VERDICTS; i++) {
		strbuf_add(out, "%s`", i ? ", " : "");
		for (const char *p = verdict_names[i]; *p; p++)
			strbuf_add(out, "%c", *p == '-' ? '_' : *p);
		strbuf_add(out, "`");
	}
	strbuf_add(out, "\n\n");
}

static void add_names(struct strbuf *out, const char *title, const char *const *names, size_t n)
{
	strbuf_add(out, "### %s\n\n", title);
	for (size_t i = 0; i < n; i++)
		strbuf_add(out, "%s`%s`", i ? ", " : "", names[i]);
	strbuf_add(out, "\n\n");
}

static void add_units(struct strbuf *out)
{
	strbuf_add(out, "### Units\n\n");
	for (enum dim dim = DIM_BYTES; dim < DIM_BOOL; dim++)
		strbuf_add(out, "- %s\n", dim_name(dim));
}

void keyword_reference(struct strbuf *out)
{
	for (enum scope scope = 0; scope < N_SCOPES; scope++)
		add_scope(out, scope);
	add_fields(out);
	add_programs(out);
	add_sabotage(out);
	add_verdicts(out);
	add_names(out, "Counters", counter_names, N_COUNTERS);
	strbuf_add(
		out, "%s",
		"They follow an end or a socket (`a.rx_dropped == 0`, `b[1].rx_ring_full >= 1`), as do:\n\n"
		"- `tx_per_kick`: how far one kick moves the consumer of the Tx ring, whenever more than its\n"
		"  budget waits there (`a.tx_per_kick == tx_budget`)\n"
		"- `pollin timeout`, `pollout timeout`: poll() on the sockets finds nothing to read, no room to\n"
		"  send, and times out (50 ms)\n"
		"- `rx_hash`, `rx_timestamp`, `rx_vlan`, each followed by `valid`, by `any` or by the name of an\n"
		"  error: what the driver says of each packet to `program rx_metadata`\n\n");
	add_names(out, "Variables of expressions", var_names, N_FIXED_VARS);
	add_units(out);
}
