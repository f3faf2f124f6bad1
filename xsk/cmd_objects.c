// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "cmd.h"
#include "link/object.h"

/* The folder programs beside the program that runs; NULL: there is none, as where it is installed. */
static const char *built_with_us(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	char *slash;

	if (n <= 0 || n == (ssize_t)sizeof(path))
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	n = slash + 1 - path;
	snprintf(path + n, sizeof(path) - (size_t)n, "programs");
	return access(path, X_OK) ? NULL : path;
}

void cmd_objects(struct plan_options *opts, const char *dir)
{
	opts->objects[0] = dir;
	opts->objects[1] = built_with_us();
}

/* ---- what can be said of them before they are run ---- */

static bool is_said(const struct diags *ds, struct srcpos pos)
{
	for (size_t k = 0; k < ds->n; k++)
		if (ds->v[k].pos.line == pos.line && ds->v[k].pos.col == pos.col)
			return true;
	return false;
}

static bool is_there(const struct object_plan *plan)
{
	for (size_t k = 0; plan->paths[k]; k++)
		if (!access(plan->paths[k], F_OK))
			return true;
	return false;
}

static void check_object(const struct object_plan *plan, struct srcpos pos,
			 const struct source *src, struct diags *ds, struct diags *absent)
{
	const struct object_prog *prog;
	const struct object_map *map;
	struct errmsg e = {};
	struct object o;
	int err;

	if (is_said(ds, pos) || is_said(absent, pos))
		return;
	if (!is_there(plan)) {
		printf("%s:%u: '%s' is not there: not looked at\n", src->path, pos.line,
		       plan->file);
		diag_add(absent, DIAG_OBJECT, pos, "not there");
		return;
	}
	err = object_read(&o, plan, &e);
	if (!err) {
		err = object_choose(&o, plan, &prog, &map, &e);
		object_release(&o);
	}
	if (err)
		diag_add(ds, DIAG_OBJECT, pos, "%s", e.text);
}

static void check_case(const struct case_plan *c, struct diags *ds, struct diags *absent)
{
	for (enum end end = 0; end < N_ENDS && !c->expect_error; end++)
		if (c->ends[end].program == PROGRAM_FILE)
			check_object(&c->ends[end].object, c->ends[end].program_stmt->pos,
				     &c->spec->source, ds, absent);
	for (size_t k = 0; k < c->edt.n_files && !c->expect_error; k++)
		check_object(&c->edt.files[k].object, c->edt.files[k].stmt->pos, &c->spec->source,
			     ds, absent);
}

int check_objects(const struct loaded *l, const struct plan *plan)
{
	int status = STATUS_OK;

	for (size_t k = 0; k < l->n; k++) {
		struct diags ds = {}, absent = {};

		for (size_t i = 0; i < plan->n_cases; i++)
			if (plan->cases[i].spec == &l->specs[k])
				check_case(&plan->cases[i], &ds, &absent);
		print_diags(&ds, &l->specs[k].source);
		if (ds.n)
			status = STATUS_USAGE;
		diags_release(&ds);
		diags_release(&absent);
	}
	return status;
}
