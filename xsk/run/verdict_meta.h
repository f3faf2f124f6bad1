/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_VERDICT_META_H
#define XSK_RUN_VERDICT_META_H

#include "run/verdict_rx.h"

/*
 * What is wrong with what the driver said of packet j->pkt (j->rx_meta), by the expectation e, as a
 * phrase in v->text; false: nothing is, or e is about another socket. Remembers hash and timestamp
 * for the packets that follow.
 */
bool verdict_rx_meta(struct judge *j, struct judge_flow *f, const struct expect_stmt *e,
		     struct verdict *v);

#endif
