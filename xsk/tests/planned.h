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

#endif
