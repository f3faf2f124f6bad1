/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_FAULTS_H
#define XSK_RUN_FAULTS_H

#include <stdint.h>

#include "base/errmsg.h"
#include "run/traffic.h"

/*
 * What a test does 'at packet N': in a thread of its own, in the order of its statements, each as
 * soon as the first flow has sent so many packets.
 */
struct faults {
	struct worker base;   /* without a port */
	uint64_t recovery_ns; /* the longest, from the end of a fault to the next packet that came */
	int err;
	struct errmsg e;
};

void faults_init(struct faults *f, struct traffic *t);
void *faults_run(void *faults);

/* Losses and recovery of a case that expects something of them. */
void faults_judge(const struct case_plan *c, struct case_result *r);

#endif
