/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_OBJECT_LOAD_H
#define XSK_LINK_OBJECT_LOAD_H

#include <stdbool.h>

#include "plan/object.h"

struct errmsg;

/* A user's own program in the kernel, and what belongs to it; attached nowhere. */
struct object_loaded {
	struct bpf_object *obj;
	const char *name, *map_name; /* of the program; of the XSKMAP */
	int prog_fd;
	int map_fd; /* OBJECT_XDP: of the XSKMAP */
	bool has_frags;
};

/*
 * Reads the object (link/object.h), then has the program that is meant verified and loaded, and of the
 * others only those that it may tail-call. Nothing of it is pinned, whatever it asks for. The
 * sentence has the cause: ours where the object does not fit, else the verifier's or libbpf's.
 */
int object_load(struct object_loaded *l, const struct object_plan *plan, struct errmsg *e);

/* Accepts a zeroed struct and leaves one. */
void object_unload(struct object_loaded *l);

#endif
