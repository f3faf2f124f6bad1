// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/errmsg.h"
#include "cmd.h"
#include "cmd_explain.h"
#include "run/verdict_rx.h"

enum { OPT_CASE, OPT_PACKETS, OPT_SEED, OPT_PROBE, OPT_OBJECTS };

static const struct cmd_option options[] = {
	[OPT_CASE] = { "case", 0, "ID",
		       "only this case: its id, or words of it (default: the first)" },
	[OPT_PACKETS] = { "packets", 0, "N", "packets of each stream to show (default 8)" },
	[OPT_SEED] = { "seed", 0, "N", "seed of random lengths and payloads (default 1)" },
	[OPT_PROBE] = { "probe", 0, "FILE", CMD_PROBE_HELP },
	[OPT_OBJECTS] = { "objects", 0, "DIR", CMD_OBJECTS_HELP },
	{},
};

/* More is not read by anybody; counting what is due goes on behind them up to this. */
#define MAX_COUNTED (1u << 20)

static void print_umem(const struct end_plan *ep, size_t k)
{
	const struct umem_plan *u = &ep->umems[k];

	printf("    umem %zu: %" PRIu64 " frames of %u bytes%s%s", k, u->n_frames, u->frame_size,
	       u->is_unaligned ? ", unaligned" : "", u->has_hugepages ? ", hugepages" : "");
	if (u->headroom)
		printf(", headroom %u", u->headroom);
	if (u->tx_metadata)
		printf(", %u bytes of Tx metadata%s", u->tx_metadata,
		       u->has_sw_csum ? " (checksums by the kernel)" : "");
	if (u->is_of_a)
		printf(", that of end a");
	printf("\n");
}

static void print_socket(const struct end_plan *ep, size_t k)
{
	const struct socket_plan *s = &ep->sockets[k];
	const struct port_plan *p = &ep->ports[s->port];

	printf("    socket %zu: queue %u, umem %u, rings", k, s->queue, s->umem);
	if (s->does_rx)
		printf(" rx %u", s->rx_ring);
	if (s->does_tx)
		printf(" tx %u", s->tx_ring);
	printf(" fill %u completion %u, batch %u%s%s%s%s", p->fill_ring, p->completion_ring,
	       s->batch, s->is_split ? " (ends in packets)" : "",
	       s->has_need_wakeup ? ", need_wakeup" : "",
	       s->has_multi_buffer ? ", multi-buffer" : "", s->is_poll ? ", poll" : "");
	if (s->has_tx_budget)
		printf(", Tx budget %u", s->tx_budget);
	printf("%s%s%s\n", p->holds_rx ? ", Rx ring never released" : "",
	       p->holds_fill ? ", fill ring never filled" : "",
	       p->holds_completion ? ", completion ring never read" : "");
}

void explain_object(const struct object_plan *o)
{
	printf(" %s, %s", o->file, o->section ? o->section : "its only program");
	if (o->kind == OBJECT_XDP)
		printf(", map %s", o->map ? o->map : "its only XSKMAP");
	for (size_t k = 0; o->paths[k]; k++)
		printf("%s%s", k ? ", or " : " (", o->paths[k]);
	printf(")");
}

static void print_end(const struct case_plan *c, enum end end)
{
	const struct end_plan *ep = &c->ends[end];

	printf("  end %c: program %s", end_names[end], program_infos[ep->program].name);
	if (program_infos[ep->program].arg)
		printf(" %" PRId64, ep->program_arg);
	if (ep->program == PROGRAM_FILE)
		explain_object(&ep->object);
	printf("\n");
	for (size_t k = 0; k < ep->n_umems; k++)
		print_umem(ep, k);
	for (size_t k = 0; k < ep->n_sockets; k++)
		print_socket(ep, k);
}

static void print_descs(const struct flow_plan *f, uint64_t i)
{
	uint32_t n = stream_n_descs(&f->stream, i);
	uint64_t bases[STREAM_MAX_DESCS] = {};
	struct desc descs[STREAM_MAX_DESCS];
	enum desc_fault fault;
	size_t bad = 0;

	if (n > STREAM_MAX_DESCS) {
		printf(", %u descriptors", n);
		return;
	}
	stream_descs(&f->stream, i, bases, descs);
	for (uint32_t k = 0; k < n; k++)
		if (f->is_verbatim || n > 1)
			printf("%s addr %#" PRIx64 " len %u", k ? "," : ":", descs[k].addr,
			       descs[k].len);
	fault = packet_check(&f->rules, descs, n, &bad);
	if (fault && n > 1)
		printf(": invalid, descriptor %zu %s", bad, desc_fault_names[fault]);
	else if (fault)
		printf(": invalid, %s", desc_fault_names[fault]);
}

static void print_packet(const struct flow_plan *f, uint64_t i)
{
	printf("    packet %" PRIu64 ": len %u, seq %" PRIu64, i, stream_len(&f->stream, i),
	       stream_seq(&f->stream, i));
	print_descs(f, i);
	explain_wish(f, i);
	if (f->has_receiver)
		printf("%s", flow_is_due(f, i) ? ", due" : ", not due");
	printf("\n");
}

static void print_due(const struct flow_plan *f)
{
	if (f->sender == SENDER_TCP) {
		printf("    all bytes are due at a TCP socket at %c\n", end_names[f->to_end]);
		return;
	}

	uint64_t n_pkts = f->stream.n_pkts, n = n_pkts < MAX_COUNTED ? n_pkts : MAX_COUNTED,
		 n_due = 0;

	if (!f->has_receiver) {
		printf("    none is due: no program takes frames out of the stack at %c\n",
		       end_names[f->to_end]);
		return;
	}
	for (uint64_t i = 0; i < n; i++)
		n_due += flow_is_due(f, i);
	printf("    due at %c[%u]: %" PRIu64 " of %s%" PRIu64 " packets\n", end_names[f->to_end],
	       f->to_socket, n_due, n < n_pkts ? "the first " : "", n);
}

static void print_flow(const struct case_plan *c, const struct flow_plan *f, uint64_t n_shown)
{
	printf("  send %s: %c[%u] to %c[%u], %" PRIu64 " packets, headers %u bytes, payload %s\n",
	       f->stream.spec->name, end_names[f->from_end], f->from_socket, end_names[f->to_end],
	       f->to_socket, f->stream.n_pkts, f->stream.hdr_len, payload_names[f->stream.payload]);
	if (f->sender != SENDER_XDP)
		printf("    sent by a %s socket of the kernel\n", sender_names[f->sender]);
	explain_wishes(c, f);
	for (uint64_t i = 0; i < f->stream.n_pkts && i < n_shown; i++)
		print_packet(f, i);
	if (f->stream.n_pkts > n_shown)
		printf("    ...\n");
	if (f->window_pkts && f->stream.spec->set[SET_STREAM_WINDOW])
		printf("    at most %u under way\n", f->window_pkts);
	if (f->stream.leaves_csum)
		printf("    checksum requested in the Tx metadata, due %s\n",
		       f->is_csum_completed ? "complete" : "as the sender leaves it");
	if (f->stream.wants_timestamp)
		printf("    time of sending requested in the Tx metadata\n");
	if (f->may_refuse)
		printf("    due as sent where the kernel refuses the program's change\n");
	print_due(f);
}

static void print_measure(const struct case_plan *c, const struct expect_stmt *e)
{
	printf("  expect %c", end_names[e->end]);
	if (e->socket >= 0)
		printf("[%d]", e->socket);
	if (e->kind == EXPECT_TX_PER_KICK)
		printf(".tx_per_kick %s %" PRId64 "\n", cmp_names[e->op],
		       expr_eval(e->value, &c->env, 0, NULL));
	else if (e->kind == EXPECT_RX_META)
		printf(".%s %s\n", rx_meta_names[e->rx_meta],
		       e->err	       ? errno_name(e->err) :
		       e->is_any_value ? "any" :
					 "valid");
	else
		printf(".%s timeout\n", e->is_pollout ? "pollout" : "pollin");
}

static void print_expects(const struct case_plan *c)
{
	for (size_t k = 0; k < c->n_counters; k++) {
		const struct counter_plan *cp = &c->counters[k];

		if (cp->op == CMP_EQ && !cp->value)
			continue;
		printf("  expect %c", end_names[cp->end]);
		if (cp->socket >= 0)
			printf("[%d]", cp->socket);
		printf(".%s %s %" PRId64 "%s\n", counter_names[cp->counter], cmp_names[cp->op],
		       cp->value, cp->pos.line ? "" : " (by the descriptor model)");
	}
	for (size_t k = 0; k < c->n_measures; k++)
		print_measure(c, c->measures[k]);
	explain_edt(c);
	printf("  expect every other counter of struct xdp_statistics to be 0\n");
}

static void explain_case(const struct case_plan *c, uint64_t n_shown)
{
	printf("%s\n", c->id);
	if (c->test->about)
		printf("  %s\n", c->test->about);
	if (c->skip)
		printf("  skipped: %s\n", c->skip);
	if (c->link.n_hops > 1)
		printf("  %u links in a row, programs forward at the nodes between\n",
		       c->link.n_hops);
	printf("  link veth: mtu %u, %u queue%s; seed %" PRIu64 ", deadline %" PRIu64 " ms\n",
	       c->link.mtu, c->link.n_queues, c->link.n_queues > 1 ? "s" : "", c->env.seed,
	       c->deadline_ns / 1000000);
	for (enum end end = 0; end < N_ENDS; end++)
		print_end(c, end);
	for (size_t g = 0; g < c->n_groups; g++) {
		const struct round_plan *group = &c->groups[g];

		if (group->n_rounds > 1)
			printf("  repeat %" PRIu64 " times from scratch:\n", group->n_rounds);
		for (size_t p = 0; p < group->n_phases; p++) {
			if (group->phases[p].n_flows > 1)
				printf("  in parallel:\n");
			for (size_t k = 0; k < group->phases[p].n_flows; k++)
				print_flow(c, &c->flows[group->phases[p].flows[k]], n_shown);
		}
	}
	if (c->expect_error)
		printf("  expect error %s %s\n", failing_step_names[c->expect_error->failing_step],
		       errno_name(c->expect_error->err));
	else
		print_expects(c);
}

struct explain_args {
	struct plan_options plan;
	const char *pattern, *probe, *objects; /* NULL: none */
	uint64_t n_shown;
};

/* Without --case one combination of each test's axes tells enough. */
static int explain_plan(const struct loaded *l, struct plan *plan, void *ctx)
{
	const struct explain_args *a = ctx;
	const struct test *last = NULL;

	(void)l;
	if (a->pattern && select_cases(plan, &a->pattern, 1))
		return STATUS_USAGE;
	for (size_t k = 0; k < plan->n_cases; k++) {
		if (!a->pattern && plan->cases[k].test == last)
			continue;
		last = plan->cases[k].test;
		explain_case(&plan->cases[k], a->n_shown);
	}
	return STATUS_OK;
}

static bool parse_option(struct explain_args *a, int option, const char *value)
{
	switch (option) {
	case OPT_CASE:
		a->pattern = value;
		return true;
	case OPT_PACKETS:
		return cmd_number("--packets", value, 0, INT64_MAX, &a->n_shown);
	case OPT_SEED:
		return cmd_number("--seed", value, 0, INT64_MAX, &a->plan.seed);
	case OPT_PROBE:
		a->probe = value;
		return true;
	case OPT_OBJECTS:
		a->objects = value;
		return true;
	default:
		return false;
	}
}

static int explain(const struct cmd *cmd, int argc, char **argv)
{
	struct explain_args a = { .plan = { .seed = 1 }, .n_shown = 8 };
	const char *value;
	int option;

	while ((option = cmd_getopt(cmd, argc, argv, &value)) != -1)
		if (!parse_option(&a, option, value))
			return STATUS_USAGE;
	if (optind == argc)
		return cmd_usage(cmd);
	cmd_objects(&a.plan, a.objects);
	return with_plan(argv + optind, (size_t)(argc - optind), &a.plan, a.probe, explain_plan,
			 &a);
}

const struct cmd cmd_explain = {
	.name = "explain",
	.args = "SPEC|DIR...",
	.help = "show the packets that will be sent and what is due; needs no privileges",
	.options = options,
	.run = explain,
};
