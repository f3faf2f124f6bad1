/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_TROUBLE_H
#define XSK_RUN_TROUBLE_H

#include <stdbool.h>

#include "run/result.h"
#include "run/world.h"

/* A case whose sockets are not made to carry traffic, or whose world goes to pieces. */

/* Does each flow of the phase have the rings, and the bound sockets, that it needs? */
bool trouble_can_run(const struct case_plan *c, const struct phase *phase);

/* One send on the socket of each flow, for its error: result->send_err. */
void trouble_try_sends(struct world *w, const struct phase *phase, struct case_result *result);

/* The sentence about result->send_err, with its cause; returns it as a negative errno. */
int trouble_explain_send(struct world *w, const struct case_result *result, struct errmsg *e);

/* -ENODEV and a sentence if the device of an end is gone. Moves the calling thread. */
int trouble_find_gone(struct world *w, struct errmsg *e);

#endif
