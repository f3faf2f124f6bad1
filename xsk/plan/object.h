/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_OBJECT_H
#define XSK_PLAN_OBJECT_H

#include <stddef.h>
#include <stdint.h>

/* Folders, besides that of the specification, that objects are looked for in. */
#define PLAN_OBJECT_FOLDERS 2

/* What a user's own BPF object is for. */
enum object_kind { OBJECT_XDP, OBJECT_TC, N_OBJECT_KINDS };

/* A user's own program: the ELF file that it is in, and which of what is in there is meant. */
struct object_plan {
	enum object_kind kind;
	const char *file;			    /* as written */
	const char *paths[PLAN_OBJECT_FOLDERS + 2]; /* where it can be; the last one is NULL */
	const char *section; /* of the program, or its function's name; NULL: the only one */
	const char *map;     /* OBJECT_XDP: the XSKMAP; NULL: the only one */
	uint32_t n_keys;     /* OBJECT_XDP: sockets are entered into it below this number */
};

#endif
