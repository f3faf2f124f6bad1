// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a specification: no crash, no leak, and every diagnostic can be shown. */
#include <stdint.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "lang/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is parsed without a mistake has to be good enough to be evaluated. */
static void evaluate_streams(const struct test *t)
{
	static const struct env env;

	for (size_t s = 0; s < t->n_streams; s++) {
		if (!t->streams[s].is_declared)
			abort();
		for (int id = 0; id < N_SETTINGS; id++) {
			if (t->streams[s].set[id])
				expr_eval(t->streams[s].set[id], &env, 7, NULL);
		}
	}
	for (size_t s = 0; s < t->n_settings; s++)
		expr_eval(t->settings[s].value, &env, 0, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source src = { .path = "fuzz.spec", .text = (const char *)data, .len = size };
	struct strbuf shown = {};
	struct diags ds = {};
	struct spec spec;

	spec_parse(&spec, &src, "fuzz", &ds);
	for (size_t i = 0; i < ds.n; i++)
		diag_format(&ds.v[i], &src, &shown);
	for (size_t t = 0; t < spec.n_tests && !ds.n; t++)
		evaluate_streams(&spec.tests[t]);
	strbuf_release(&shown);
	diags_release(&ds);
	spec_release(&spec);
	return 0;
}
