/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_TESTS_PARSED_H
#define XSK_TESTS_PARSED_H

#include <stdlib.h>

#include "lang/spec.h"

/* A text and what the parser made of it. */
struct parsed {
	char *text; /* NULL, or what parsed_release() frees */
	struct source src;
	struct diags ds;
	struct spec spec;
};

static inline void parse_text(struct parsed *p, const char *path, const char *text, size_t len)
{
	p->src = (struct source){ .path = path, .text = text, .len = len };
	p->ds = (struct diags){};
	spec_parse(&p->spec, &p->src, "good", &p->ds);
}

static inline void parsed_release(struct parsed *p)
{
	spec_release(&p->spec);
	diags_release(&p->ds);
	free(p->text);
}

#endif
