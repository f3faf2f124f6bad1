// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "lang/diag.h"
#include "link/object.h"

const char *const object_kind_names[N_OBJECT_KINDS] = { "XDP", "tc" };

/* So many things are listed; more nobody reads, nor has a sentence room for. */
#define MAX_LISTED 5

/* ---- what a section says ---- */

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* A part of its own: "tc" and "tc/ingress", not "tcx". */
static bool is_in(const char *section, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(section, name, len) && (!section[len] || section[len] == '/');
}

/* Programs of maps of devices and CPUs run behind a redirect, and are attached nowhere. */
static bool is_xdp(const char *section)
{
	return begins(section, "xdp") && !strstr(section, "devmap") && !strstr(section, "cpumap");
}

static bool is_tc(const char *section)
{
	return is_in(section, "tc") || is_in(section, "tcx") || is_in(section, "classifier");
}

bool object_is_of_kind(const char *section, enum object_kind kind)
{
	return kind == OBJECT_XDP ? is_xdp(section) : is_tc(section);
}

bool object_has_frags(const struct object_prog *prog)
{
	return begins(prog->section, "xdp.frags");
}

/* ---- lists ---- */

#define SHOWN 64

/* A name as it can be printed: it may have any bytes and any length. */
static const char *shown(const char *name, char out[SHOWN])
{
	size_t n = strnlen(name, SHOWN - 4), k;

	for (k = 0; k < n; k++)
		out[k] = name[k] >= ' ' && name[k] <= '~' ? name[k] : '?';
	snprintf(out + n, SHOWN - n, "%s", name[n] ? "..." : "");
	return out;
}

static void add_name(const char *name, struct strbuf *out)
{
	char text[SHOWN];

	strbuf_add(out, "'%s'", shown(name, text));
}

static void add_prog(const struct object_prog *prog, struct strbuf *out)
{
	add_name(prog->name, out);
	strbuf_add(out, " in section ");
	add_name(prog->section, out);
}

static const char *map_type_name(uint32_t type)
{
	const char *name = type ? libbpf_bpf_map_type_str((enum bpf_map_type)type) : NULL;

	return name ? name : "unknown";
}

static void add_map(const struct object_map *map, struct strbuf *out)
{
	add_name(map->name, out);
	strbuf_add(out, " of type %s", map_type_name(map->type));
}

static bool goes_on(struct strbuf *out, size_t n)
{
	if (n == MAX_LISTED)
		strbuf_add(out, ", ...");
	else if (n < MAX_LISTED)
		strbuf_add(out, "%s", n ? ", " : "it has ");
	return n < MAX_LISTED;
}

static void list_progs(const struct object *o, struct strbuf *out)
{
	size_t n = 0;

	for (size_t k = 0; k < o->n_progs; k++)
		if (goes_on(out, n++))
			add_prog(&o->progs[k], out);
}

static void list_of_kind(const struct object *o, enum object_kind kind, struct strbuf *out)
{
	size_t n = 0;

	for (size_t k = 0; k < o->n_progs; k++)
		if (object_is_of_kind(o->progs[k].section, kind) && goes_on(out, n++))
			add_prog(&o->progs[k], out);
}

static void list_of_section(const struct object *o, const char *section, struct strbuf *out)
{
	size_t n = 0;

	for (size_t k = 0; k < o->n_progs; k++)
		if (!strcmp(o->progs[k].section, section) && goes_on(out, n++))
			add_name(o->progs[k].name, out);
}

static void list_maps(const struct object *o, int type, struct strbuf *out)
{
	size_t n = 0;

	for (size_t k = 0; k < o->n_maps; k++)
		if ((type < 0 || o->maps[k].type == (uint32_t)type) && goes_on(out, n++))
			add_map(&o->maps[k], out);
	if (!o->n_maps)
		strbuf_add(out, "it has no maps");
}

/* ---- programs ---- */

static void add_nearest(const struct object *o, const char *word, struct strbuf *out)
{
	const char **names = mem_realloc(NULL, (2 * o->n_progs + 1) * sizeof(*names)), *nearest;

	for (size_t k = 0; k < o->n_progs; k++) {
		names[2 * k] = o->progs[k].section;
		names[2 * k + 1] = o->progs[k].name;
	}
	nearest = diag_nearest(word, strlen(word), names, 2 * o->n_progs);
	if (nearest) {
		strbuf_add(out, "did you mean ");
		add_name(nearest, out);
		strbuf_add(out, "? ");
	}
	free(names);
}

/* By section, else by function: how many there are, and the first one. */
static size_t find_named(const struct object *o, const char *name, const struct object_prog **found)
{
	size_t n = 0;

	for (int by_function = 0; by_function < 2 && !n; by_function++)
		for (size_t k = 0; k < o->n_progs; k++) {
			const struct object_prog *p = &o->progs[k];

			if (strcmp(by_function ? p->name : p->section, name))
				continue;
			*found = n++ ? *found : p;
		}
	return n;
}

static size_t find_of_kind(const struct object *o, enum object_kind kind,
			   const struct object_prog **found)
{
	size_t n = 0;

	for (size_t k = 0; k < o->n_progs; k++)
		if (object_is_of_kind(o->progs[k].section, kind)) {
			*found = n++ ? *found : &o->progs[k];
		}
	return n;
}

static int say(struct errmsg *e, int err, struct strbuf *why)
{
	errmsg_hint(e, "%s", strbuf_text(why));
	strbuf_release(why);
	return err;
}

static int choose_named(const struct object *o, const struct object_plan *plan,
			const struct object_prog **prog, struct errmsg *e)
{
	enum object_kind other = plan->kind == OBJECT_XDP ? OBJECT_TC : OBJECT_XDP;
	size_t n = find_named(o, plan->section, prog);
	struct strbuf why = { 0 };
	char name[SHOWN];
	int err;

	if (n == 1 && !object_is_of_kind((*prog)->section, other))
		return 0;
	err = errmsg_set(e,
			 !n    ? ENOENT :
			 n > 1 ? ENOTUNIQ :
				 EINVAL,
			 "object: '%s': program '%s'", o->path, shown(plan->section, name));
	if (!n) {
		add_nearest(o, plan->section, &why);
		list_progs(o, &why);
	} else if (n > 1) {
		list_of_section(o, plan->section, &why);
		strbuf_add(&why, ": say which function ('section \"%s\"')",
			   shown((*prog)->name, name));
	} else {
		add_prog(*prog, &why);
		strbuf_add(&why, " is for %s, not for %s", object_kind_names[other],
			   object_kind_names[plan->kind]);
	}
	return say(e, err, &why);
}

static int choose_only(const struct object *o, const struct object_plan *plan,
		       const struct object_prog **prog, struct errmsg *e)
{
	size_t n = find_of_kind(o, plan->kind, prog);
	struct strbuf why = { 0 };
	char name[SHOWN];
	int err;

	if (n == 1)
		return 0;
	err = errmsg_set(e, n ? ENOTUNIQ : ENOENT, "object: '%s': find %s program", o->path,
			 n			  ? "the" :
			 plan->kind == OBJECT_XDP ? "an XDP" :
						    "a tc");
	if (n) {
		list_of_kind(o, plan->kind, &why);
		strbuf_add(&why, ": say which ('section \"%s\"')", shown((*prog)->name, name));
	} else {
		list_progs(o, &why);
	}
	return say(e, err, &why);
}

/* ---- maps ---- */

static int choose_map(const struct object *o, const struct object_plan *plan,
		      const struct object_map **map, struct errmsg *e)
{
	struct strbuf why = { 0 };
	char name[SHOWN];
	size_t n = 0;
	int err;

	for (size_t k = 0; k < o->n_maps; k++)
		if (plan->map ? !strcmp(o->maps[k].name, plan->map) :
				o->maps[k].type == BPF_MAP_TYPE_XSKMAP) {
			*map = n++ ? *map : &o->maps[k];
		}
	if (n == 1 && (*map)->type == BPF_MAP_TYPE_XSKMAP)
		return 0;
	err = plan->map ? errmsg_set(e, n ? EINVAL : ENOENT, "object: '%s': map '%s'", o->path,
				     shown(plan->map, name)) :
			  errmsg_set(e, n ? ENOTUNIQ : ENOENT, "object: '%s': find %s XSKMAP",
				     o->path, n ? "the" : "an");
	if (plan->map && n)
		strbuf_add(&why, "its type is %s: sockets go into an xskmap",
			   map_type_name((*map)->type));
	else
		list_maps(o, n ? BPF_MAP_TYPE_XSKMAP : -1, &why);
	if (!plan->map && n)
		strbuf_add(&why, ": say which ('map \"%s\"')", shown((*map)->name, name));
	return say(e, err, &why);
}

static int check_size(const struct object *o, const struct object_plan *plan,
		      const struct object_map *map, struct errmsg *e)
{
	char name[SHOWN];
	int err;

	if (!map->max_entries || map->max_entries >= plan->n_keys)
		return 0;
	err = errmsg_set(e, E2BIG, "object: '%s': map '%s': enter a socket at %u", o->path,
			 shown(map->name, name), plan->n_keys - 1);
	errmsg_hint(e, "it has %u entr%s, and sockets are on queues up to %u: max_entries %u",
		    map->max_entries, map->max_entries == 1 ? "y" : "ies", plan->n_keys - 1,
		    plan->n_keys);
	return err;
}

int object_choose(const struct object *o, const struct object_plan *plan,
		  const struct object_prog **prog, const struct object_map **map, struct errmsg *e)
{
	int err;

	*prog = NULL;
	*map = NULL;
	err = plan->section ? choose_named(o, plan, prog, e) : choose_only(o, plan, prog, e);
	if (err || plan->kind != OBJECT_XDP)
		return err;
	err = choose_map(o, plan, map, e);
	return err ? err : check_size(o, plan, *map, e);
}
