// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "plan/planner.h"

/* The folder that a specification lies in, with the slash behind it; 0: the current one. */
static int folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

/* Beside the specification, then in the folders of the command; a whole path is where it says. */
struct object_plan plan_object(struct planner *pl, enum object_kind kind, const char *file,
			       const char *section)
{
	struct object_plan object = { .kind = kind, .file = file, .section = section };
	struct arena *arena = &pl->plan->arena;
	const char *spec = pl->spec->source.path;
	size_t n = 0;

	if (file[0] == '/') {
		object.paths[0] = file;
		return object;
	}
	object.paths[n++] = arena_printf(arena, "%.*s%s", folder_len(spec), spec, file);
	for (size_t k = 0; k < PLAN_OBJECT_FOLDERS; k++)
		if (pl->opts->objects[k])
			object.paths[n++] =
				arena_printf(arena, "%s/%s", pl->opts->objects[k], file);
	return object;
}
