/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_PROG_DIAGNOSE_H
#define XSK_LINK_PROG_DIAGNOSE_H

#include <stdbool.h>

#include "lang/spec.h"

struct errmsg;
struct link_end;

/* How a program takes packets that do not fit one buffer. */
enum prog_buffers {
	PROG_MULTI_BUFFER,
	PROG_SINGLE_BUFFER,	/* PROGRAM_SINGLE_BUFFER: without BPF_F_XDP_HAS_FRAGS */
	PROG_OWN_SINGLE_BUFFER, /* a user's own, without it */
};

/* An XDP program that could not be attached. */
struct prog_refusal {
	const struct link_end *end; /* whose device refused; the caller is in its namespace */
	int prog_fd;
	enum mode mode;
	enum prog_buffers buffers;
	int err; /* positive errno of bpf_link_create() */
};

/*
 * Adds to the sentence in e why and what helps, from what can be seen now: programs that are
 * attached and who keeps them, queues and MTU of both halves of a veth, features
 * of the driver, and the kernel's own words, which a bpf_link does not carry.
 */
void prog_diagnose(const struct prog_refusal *r, struct errmsg *e);

#endif
