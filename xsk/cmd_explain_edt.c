// SPDX-License-Identifier: GPL-2.0-only
#include "cmd_explain.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/errmsg.h"
#include "run/verdict_figures.h"

static void print_type(int type)
{
	if (type >= 256)
		printf(", type %d", type - 256);
	else if (type >= 0)
		printf(", type %s", edt_type_names[type]);
}

/* A time that begins with the stream is told from there. */
static void print_time(const struct expr *e, const struct env *env, uint64_t i)
{
	printf("%s%" PRId64 " ns", expr_reads(e, VAR_NOW) ? "now + " : "",
	       expr_eval(e, env, i, NULL));
}

void explain_wish(const struct flow_plan *f, uint64_t i)
{
	if (!f->stream.spec->edt)
		return;
	printf(", edt ");
	print_time(f->stream.spec->edt, f->env, i);
}

static void print_site(const struct edt_site *site, uint32_t n_hops)
{
	const char *direction = site->is_egress ? "egress" : "ingress";

	if (!site->node || site->node == n_hops)
		printf("%c.%s", end_names[site->node ? END_B : END_A], direction);
	else if (site->node == 1)
		printf("fwd.%s", direction);
	else
		printf("fwd%u.%s", site->node, direction);
}

static void print_setter(const struct case_plan *c)
{
	printf("    delivery times are set at ");
	print_site(&c->edt.setter_at, c->link.n_hops);
	printf(" by %s", edt_setter_names[c->edt.setter]);
}

void explain_wishes(const struct case_plan *c, const struct flow_plan *f)
{
	const struct stream_spec *spec = f->stream.spec;

	if (!spec->edt)
		return;
	if (spec->edt_by == EDT_BY_TC)
		print_setter(c);
	else
		printf("    delivery times are set by the sender (%s)", edt_by_names[spec->edt_by]);
	/* One that writes the time itself cannot say a type. */
	if (spec->edt_by != EDT_BY_TC ||
	    (c->edt.setter != EDT_SET_DIRECT && c->edt.setter != EDT_SET_BLIND))
		print_type(spec->edt_type);
	if (spec->edt_before) {
		printf("; before that ");
		print_time(spec->edt_before, f->env, 0);
		print_type(EDT_MONO);
	}
	printf("\n");
}

static void print_value(const struct case_plan *c, const struct expect_stmt *e)
{
	int64_t value;

	if (expr_reads(e->value, VAR_SET))
		printf(" %s as set", cmp_names[e->op]);
	else if (expr_reads(e->value, VAR_BEFORE))
		printf(" %s as before", cmp_names[e->op]);
	else
		printf(" %s", cmp_names[e->op]);
	value = expr_eval(e->value, &c->env, 0, NULL); /* with 'set' and 'before' 0 */
	if (!expr_reads(e->value, VAR_SET) && !expr_reads(e->value, VAR_BEFORE))
		printf(" %" PRId64 " ns", value);
	else if (value)
		printf(" %+" PRId64 " ns", value);
	if (expr_reads(e->value, VAR_I))
		printf(" for packet 0");
}

static void print_seen(const struct case_plan *c, const struct expect_stmt *e)
{
	switch (e->edt_seen) {
	case EDT_SEEN_NONE:
		printf(" %s none", cmp_names[e->op]);
		break;
	case EDT_SEEN_RECEIVED:
		printf(" the time of receiving it");
		break;
	case EDT_SEEN_NOTHING:
		printf(" not a packet");
		break;
	case EDT_SEEN_TIME:
		print_value(c, e);
		break;
	default:
		break;
	}
	print_type(e->edt_type);
}

static void print_expect(const struct case_plan *c, const struct edt_expect *expect)
{
	const struct expect_stmt *e = expect->stmt;
	char name[FIGURES_NAME];

	printf("  expect %s", e->kind == EXPECT_EDT	? "edt" :
			      e->kind == EXPECT_EDT_GAP ? "edt gap" :
			      e->is_difference		? "arrival - set" :
							  "arrival");
	if (e->is_of_stream)
		printf(" of %s", c->test->streams[e->stream].name);
	printf(" at ");
	print_site(&c->edt.sites[expect->site], c->link.n_hops);
	if (e->percentile)
		printf(" %s", figures_name(e->percentile, name));
	if (e->kind == EXPECT_EDT)
		print_seen(c, e);
	else
		print_value(c, e);
	printf("\n");
}

static void print_error(const struct case_plan *c, const struct expect_stmt *e)
{
	printf("  expect every edt");
	if (e->is_of_stream)
		printf(" of %s", c->test->streams[e->stream].name);
	printf(" to be refused: %s\n", errno_name(e->err));
}

void explain_edt(const struct case_plan *c)
{
	const struct edt_plan *edt = &c->edt;

	for (size_t k = 0; k < c->link.n_qdiscs; k++)
		printf("  qdisc %s at %s\n", qdisc_names[c->link.qdiscs[k].kind],
		       c->test->qdiscs[k].site);
	for (size_t k = 0; k < edt->n_files; k++) {
		printf("  tc at %s: file", edt->files[k].stmt->site);
		explain_object(&edt->files[k].object);
		printf("\n");
	}
	for (size_t k = 0; k < edt->n_expects; k++)
		print_expect(c, &edt->expects[k]);
	for (size_t k = 0; k < edt->n_errors; k++)
		print_error(c, edt->errors[k]);
	if (edt->has_wish && !edt->enforcer)
		printf("  nothing on the link enforces delivery times\n");
}
