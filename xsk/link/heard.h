/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_HEARD_H
#define XSK_LINK_HEARD_H

#include "base/strbuf.h"

struct errmsg;

/*
 * What libbpf and, through it, the verifier say while a program is loaded or attached:
 * nothing of it is printed, and of what went wrong the cause can be kept. Of the calling
 * thread, one at a time.
 */
struct heard {
	struct strbuf words;
};

void heard_begin(struct heard *h);

/* e, unless it is NULL, has the sentence about what failed: adds the cause as its hint. */
void heard_end(struct heard *h, struct errmsg *e);

#endif
