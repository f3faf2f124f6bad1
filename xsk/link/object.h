/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_OBJECT_H
#define XSK_LINK_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/object.h"

struct errmsg;

/*
 * What is in a user's BPF object, read before the kernel or libbpf see anything of it. The
 * file may be anything, whole or not; no rights are needed but to read it. Names are those of the
 * file, and may have any bytes.
 */

/* A global function in a section of its own: what libbpf takes for a program. */
struct object_prog {
	const char *name, *section;
};

struct object_map {
	const char *name;
	uint32_t type;	      /* enum bpf_map_type */
	uint32_t max_entries; /* 0: not said, to be set before it is loaded */
};

struct object {
	char *path; /* that it was found at */
	char *file; /* all of its bytes */
	size_t size;
	struct Elf *elf; /* names point into what this keeps */
	struct object_prog *progs;
	size_t n_progs;
	struct object_map *maps; /* those of the section .maps */
	size_t n_maps;
	const char *license; /* NULL: it has none */
	bool has_btf;
};

/*
 * Finds, reads and checks: it is a BPF object of this machine, whole, with at least one program. Sentence
 * and negative errno on failure (ENOENT, EACCES, EISDIR, ENOEXEC: no such object, ...), nothing
 * is left then.
 */
int object_read(struct object *o, const struct object_plan *plan, struct errmsg *e);

/* Accepts a zeroed struct and leaves one. */
void object_release(struct object *o);

/* "XDP", "tc" */
extern const char *const object_kind_names[N_OBJECT_KINDS];

/*
 * What the plan means: the program, and of an XDP program the XSKMAP. -ENOENT: there is none, or none
 * of this name; -ENOTUNIQ: there are several; -EINVAL: it is something else; -E2BIG: the map is too small.
 * Sentences tell what there is instead.
 */
int object_choose(const struct object *o, const struct object_plan *plan,
		  const struct object_prog **prog, const struct object_map **map, struct errmsg *e);

/* Is a section of this name for such programs, by the names that libbpf gives a meaning? */
bool object_is_of_kind(const char *section, enum object_kind kind);

/* Does the section say that the program takes packets of several buffers (xdp.frags)? */
bool object_has_frags(const struct object_prog *prog);

/* object_btf.c: the maps of .maps as the BTF describes them; false if it cannot be read. */
bool object_read_maps(struct object *o, const void *btf, size_t size);

#endif
