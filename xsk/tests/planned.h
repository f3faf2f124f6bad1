/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_TESTS_PLANNED_H
#define XSK_TESTS_PLANNED_H

#include <stdio.h>
#include <string.h>

#include "plan/plan.h"
#include "tests/test.h"

/* A text, parsed and planned: what the tests of plan and verdicts start from. */
struct planned {
	struct spec spec;
	struct plan plan;
	struct diags diags;
};

__attribute__((unused)) static void planned_init(struct planned *p, const char *text,
						 const struct caps *caps)
{
	const struct source src = { .path = "test.spec", .text = text, .len = strlen(text) };
	const struct plan_options opts = { .seed = 7 };

	*p = (struct planned){};
	spec_parse(&p->spec, &src, "unit", &p->diags);
	if (!p->diags.n)
		plan_spec(&p->plan, &p->spec, caps, &opts, &p->diags);
}

__attribute__((unused)) static void planned_release(struct planned *p)
{
	plan_release(&p->plan);
	spec_release(&p->spec);
	diags_release(&p->diags);
}

/* The name of the only diagnostic, "" for none, "many" for more. */
__attribute__((unused)) static const char *planned_diag(const struct planned *p)
{
	return !p->diags.n ? "" : p->diags.n > 1 ? "many" : diag_name(p->diags.v[0].id);
}

/* Of a test with this text, in one mode: its only case, or the first, without diagnostics. */
__attribute__((unused)) static const struct case_plan *
planned_one(struct planned *p, const char *mode, const char *text)
{
	char filled[1200];

	snprintf(filled, sizeof(filled), "test t { mode %s; wakeup softirq\n%s\n}", mode, text);
	planned_init(p, filled, &caps_assumed);
	CHECK(!p->diags.n, "%s: %s (%s)", text, planned_diag(p), p->diags.v[0].text);
	return p->plan.cases;
}

/* The text of a test, the name of the only diagnostic that planning it gives, and its line. */
struct planned_row {
	const char *expect;
	uint32_t line; /* the text begins in line 2 */
	const char *text;
};

__attribute__((unused)) static void planned_check_rows(const struct planned_row *rows, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		char filled[600];
		struct planned p;

		snprintf(filled, sizeof(filled), "test t { mode drv; wakeup softirq\n%s\n}",
			 rows[k].text);
		planned_init(&p, filled, &caps_assumed);
		CHECK(!strcmp(rows[k].expect, planned_diag(&p)),
		      "%s: expect '%s', actual '%s' (%s)", rows[k].text, rows[k].expect,
		      planned_diag(&p), p.diags.n ? p.diags.v[0].text : "");
		if (p.diags.n == 1)
			CHECK(rows[k].line == p.diags.v[0].pos.line,
			      "%s: expect line %u, actual %u", rows[k].text, rows[k].line,
			      p.diags.v[0].pos.line);
		planned_release(&p);
	}
}

#endif
