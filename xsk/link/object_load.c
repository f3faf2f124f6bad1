// SPDX-License-Identifier: GPL-2.0-only
#include "link/object_load.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/errmsg.h"
#include "link/heard.h"
#include "link/object.h"

/* Numbers of libbpf's own have no names (LIBBPF_ERRNO__FORMAT and behind). */
#define FIRST_OF_LIBBPF 4000

static int kernel_errno(int err)
{
	return -err >= FIRST_OF_LIBBPF ? ENOEXEC : -err;
}

static bool has_prog_array(const struct object *o)
{
	for (size_t k = 0; k < o->n_maps; k++)
		if (o->maps[k].type == BPF_MAP_TYPE_PROG_ARRAY)
			return true;
	return false;
}

/* Can the program that is meant tail-call another one of the object? */
static bool can_call(const struct object *o, const struct object_prog *prog, enum object_kind kind,
		     const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);

	return has_prog_array(o) &&
	       (object_is_of_kind(section, kind) || !strcmp(section, prog->section));
}

/* What the section is called says nothing that the specification has not said. */
static void set_kind(struct bpf_program *p, enum object_kind kind)
{
	if (kind == OBJECT_XDP) {
		bpf_program__set_type(p, BPF_PROG_TYPE_XDP);
		bpf_program__set_expected_attach_type(p, BPF_XDP);
	} else {
		bpf_program__set_type(p, BPF_PROG_TYPE_SCHED_CLS);
		bpf_program__set_expected_attach_type(p, 0);
	}
}

static struct bpf_program *choose_programs(struct bpf_object *obj, const struct object *o,
					   const struct object_prog *prog, enum object_kind kind)
{
	struct bpf_program *p, *chosen = NULL;

	bpf_object__for_each_program(p, obj) {
		bool is_chosen = !strcmp(bpf_program__name(p), prog->name);
		bool is_wanted = is_chosen || can_call(o, prog, kind, p);

		bpf_program__set_autoload(p, is_wanted);
		if (is_wanted)
			set_kind(p, kind);
		if (is_chosen)
			chosen = p;
	}
	return chosen;
}

/*
 * The kernel takes what an array asks for, up to the last page of the machine, and its OOM killer then
 * looks for somebody to end.
 */
#define MAPS_MAX_BYTES (1ull << 30)

static int check_memory(const struct object *o, struct bpf_object *obj, struct errmsg *e)
{
	unsigned long long sum = 0;
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		unsigned long long entry =
			(unsigned long long)bpf_map__key_size(map) + bpf_map__value_size(map);
		unsigned long long bytes = entry * bpf_map__max_entries(map);
		int err;

		if (bytes <= MAPS_MAX_BYTES && sum + bytes <= MAPS_MAX_BYTES) {
			sum += bytes;
			continue;
		}
		err = errmsg_set(e, ENOMEM, "object: '%s': map '%.32s': memory", o->path,
				 bpf_map__name(map));
		errmsg_hint(e, "%u entries of %llu bytes, and no more than %llu MiB for all maps",
			    bpf_map__max_entries(map), entry, MAPS_MAX_BYTES >> 20);
		return err;
	}
	return 0;
}

/* A name in the file system would stay, and what another run has left there is not for this one. */
static int prepare_maps(struct bpf_object *obj, const struct object_plan *plan,
			const struct object_map *xsks)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, obj) {
		bpf_map__set_pin_path(map, NULL);
		if (xsks && !xsks->max_entries && !strcmp(bpf_map__name(map), xsks->name))
			err = bpf_map__set_max_entries(map, plan->n_keys ? plan->n_keys : 1);
	}
	return err;
}

static void find_map(struct object_loaded *l, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(l->obj, name);

	l->map_fd = map ? bpf_map__fd(map) : -1;
	l->map_name = map ? bpf_map__name(map) : "";
}

static int load(struct object_loaded *l, const struct object *o, const struct object_plan *plan,
		struct errmsg *e)
{
	DECLARE_LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "xskspec_user");
	const struct object_prog *prog;
	const struct object_map *map;
	struct bpf_program *chosen;
	int err = object_choose(o, plan, &prog, &map, e);

	if (err)
		return err;
	l->obj = bpf_object__open_mem(o->file, o->size, &opts);
	if (!l->obj)
		return errmsg_set(e, kernel_errno(-errno), "object: '%s': open", o->path);
	chosen = choose_programs(l->obj, o, prog, plan->kind);
	if (!chosen)
		return errmsg_set(e, ENOEXEC, "object: '%s': find what libbpf makes of '%.48s'",
				  o->path, prog->name);
	err = check_memory(o, l->obj, e);
	if (err)
		return err;
	err = prepare_maps(l->obj, plan, map);
	if (!err)
		err = bpf_object__load(l->obj);
	if (err)
		return errmsg_set(e, kernel_errno(err), "object: '%s': load '%.48s'", o->path,
				  prog->name);
	l->name = bpf_program__name(chosen);
	l->prog_fd = bpf_program__fd(chosen);
	if (map)
		find_map(l, map->name);
	l->has_frags = object_has_frags(prog);
	return 0;
}

/* The verifier only says that the license is not compatible. */
static void hint_license(const struct object *o, struct errmsg *e)
{
	if (!strstr(e->text, "GPL"))
		return;
	if (o->license)
		errmsg_hint(e, "the license of the object is '%.32s'", o->license);
	else
		errmsg_hint(e, "the object has no license: SEC(\"license\")");
}

int object_load(struct object_loaded *l, const struct object_plan *plan, struct errmsg *e)
{
	struct errmsg own = { "" };
	struct heard heard;
	struct object o;
	int err;

	*l = (struct object_loaded){ 0 };
	e = e ? e : &own;
	err = object_read(&o, plan, e);
	if (err)
		return err;
	heard_begin(&heard);
	err = load(l, &o, plan, e);
	heard_end(&heard, err ? e : NULL);
	if (err) {
		hint_license(&o, e);
		object_unload(l);
	}
	object_release(&o);
	return err;
}

void object_unload(struct object_loaded *l)
{
	bpf_object__close(l->obj);
	*l = (struct object_loaded){ 0 };
}
