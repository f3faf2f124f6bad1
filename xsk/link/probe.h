/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_PROBE_H
#define XSK_LINK_PROBE_H

#include "plan/plan.h"

struct errmsg;

/*
 * Finds out by trying, on a private veth pair in namespaces of its own, how
 * this kernel behaves. Runs in a child process, so that the caller's
 * namespaces stay as they are. Returns 0, or a negative errno with a sentence
 * that names what is missing: rights, AF_XDP in the kernel, veth.
 */
int probe_caps(struct caps *caps, struct errmsg *e);

#endif
