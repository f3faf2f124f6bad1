/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_EVIDENCE_H
#define XSK_RUN_EVIDENCE_H

#include "run/result.h"
#include "run/traffic.h"
#include "run/world.h"

/*
 * What can be seen of a failed case before it is taken down: packets by queue, devices and their
 * counters, rings, reasons of drops. One line each into result->evidence; moves the
 * calling thread between namespaces.
 */
void evidence_gather(struct world *w, const struct traffic_options *opts,
		     struct case_result *result);

#endif
