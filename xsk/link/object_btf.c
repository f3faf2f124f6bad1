// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps by their BTF: the section .maps is a DATASEC with a variable for each, whose type is a
 * struct; a number is the length of an array that a member points to (__uint() of bpf_helpers.h).
 * Nothing in there is trusted: every offset and every type number may be wrong.
 */
#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/object.h"

/* Linux 6.0; Debian 12 has it, others may not. */
#define KIND_ENUM64 19

/* Typedefs and qualifiers in a row; compilers need a few. */
#define MAX_DEPTH 32

struct btf_view {
	const char *types, *strings;
	size_t types_len, strings_len;
	uint32_t *offsets; /* of type n in types, from 1 */
	uint32_t n_types;
};

static bool is_within(size_t off, size_t len, size_t size)
{
	return off <= size && len <= size - off;
}

static bool open_view(struct btf_view *v, const char *btf, size_t size)
{
	struct btf_header h;

	if (size < sizeof(h))
		return false;
	memcpy(&h, btf, sizeof(h));
	if (h.magic != BTF_MAGIC || h.hdr_len < sizeof(h) || h.hdr_len > size)
		return false;
	size -= h.hdr_len;
	if (!is_within(h.type_off, h.type_len, size) || !is_within(h.str_off, h.str_len, size) ||
	    !h.str_len || btf[h.hdr_len + h.str_off + h.str_len - 1])
		return false;
	*v = (struct btf_view){
		.types = btf + h.hdr_len + h.type_off,
		.strings = btf + h.hdr_len + h.str_off,
		.types_len = h.type_len,
		.strings_len = h.str_len,
	};
	return true;
}

/* Bytes behind a struct btf_type; -1 for a kind that is not known here. */
static long extra_bytes(const struct btf_type *t)
{
	long vlen = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return vlen * (long)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return vlen * (long)sizeof(struct btf_enum);
	case KIND_ENUM64:
		return vlen * 12;
	case BTF_KIND_FUNC_PROTO:
		return vlen * (long)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return vlen * (long)sizeof(struct btf_var_secinfo);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

/* Types are of different lengths: where each begins. What follows an unknown kind is not found. */
static bool index_types(struct btf_view *v)
{
	struct btf_type t;
	size_t off = 0;
	long extra;

	v->offsets = mem_realloc(NULL, (v->types_len / sizeof(t) + 1) * sizeof(*v->offsets));
	while (off < v->types_len) {
		if (!is_within(off, sizeof(t), v->types_len))
			return false;
		memcpy(&t, v->types + off, sizeof(t));
		extra = extra_bytes(&t);
		if (extra < 0 || !is_within(off + sizeof(t), (size_t)extra, v->types_len))
			return false;
		v->offsets[++v->n_types] = (uint32_t)off;
		off += sizeof(t) + (size_t)extra;
	}
	return true;
}

/* ---- what libbpf takes for granted ---- */

/* Where types of other types stand behind a struct btf_type: n times, each step bytes apart. */
struct refs {
	long first, step, n;
};

static struct refs refs_of(const struct btf_type *t)
{
	long vlen = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_ARRAY:
		return (struct refs){ 0, 4, 2 }; /* elements and index */
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return (struct refs){ 4, sizeof(struct btf_member), vlen };
	case BTF_KIND_FUNC_PROTO:
		return (struct refs){ 4, sizeof(struct btf_param), vlen };
	case BTF_KIND_DATASEC:
		return (struct refs){ 0, sizeof(struct btf_var_secinfo), vlen };
	default:
		return (struct refs){ 0, 0, 0 };
	}
}

static bool has_type(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FUNC_PROTO:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
		return true;
	default:
		return false;
	}
}

static const char *read_type(const struct btf_view *v, uint32_t id, struct btf_type *t);

/* Typedefs and qualifiers that lead back to themselves have no end. */
static bool has_end(const struct btf_view *v, uint32_t id)
{
	struct btf_type t;

	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		if (!read_type(v, id, &t) || (!btf_is_mod(&t) && !btf_is_typedef(&t)))
			return true;
		id = t.type;
	}
	return false;
}

/* libbpf before 1.7 follows any number; it would crash, or never come back. */
static bool is_sane(const struct btf_view *v, uint32_t id)
{
	struct btf_type t;
	const char *extra = read_type(v, id, &t);
	struct refs refs = refs_of(&t);

	if (t.name_off >= v->strings_len || (has_type(&t) && t.type > v->n_types) ||
	    !has_end(v, id))
		return false;
	for (long k = 0; k < refs.n; k++) {
		uint32_t ref;

		memcpy(&ref, extra + refs.first + k * refs.step, sizeof(ref));
		if (ref > v->n_types)
			return false;
	}
	return true;
}

static bool are_sane(const struct btf_view *v)
{
	for (uint32_t id = 1; id <= v->n_types; id++)
		if (!is_sane(v, id))
			return false;
	return true;
}

/* ---- looking ---- */

static const char *string_at(const struct btf_view *v, uint32_t off)
{
	return off < v->strings_len ? v->strings + off : "";
}

/* Copies type id, and yields what is behind it; NULL: there is none. */
static const char *read_type(const struct btf_view *v, uint32_t id, struct btf_type *t)
{
	if (!id || id > v->n_types)
		return NULL;
	memcpy(t, v->types + v->offsets[id], sizeof(*t));
	return v->types + v->offsets[id] + sizeof(*t);
}

/* The same of what is behind typedefs and qualifiers; a cycle of them has an end as well. */
static const char *resolve(const struct btf_view *v, uint32_t id, struct btf_type *t)
{
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		const char *extra = read_type(v, id, t);

		if (!extra || (!btf_is_mod(t) && !btf_is_typedef(t)))
			return extra;
		id = t->type;
	}
	return NULL;
}

/* __uint(name, N) */
static uint32_t number_of(const struct btf_view *v, uint32_t id)
{
	struct btf_array array;
	struct btf_type t;
	const char *extra;

	if (!resolve(v, id, &t) || !btf_is_ptr(&t))
		return 0;
	extra = resolve(v, t.type, &t);
	if (!extra || !btf_is_array(&t))
		return 0;
	memcpy(&array, extra, sizeof(array));
	return array.nelems;
}

static bool read_map(const struct btf_view *v, uint32_t var_id, struct object_map *map)
{
	struct btf_type var, def;
	const char *members;

	if (!read_type(v, var_id, &var) || btf_kind(&var) != BTF_KIND_VAR)
		return false;
	*map = (struct object_map){ .name = string_at(v, var.name_off) };
	members = resolve(v, var.type, &def);
	if (!members || !btf_is_struct(&def))
		return false;
	for (size_t k = 0; k < btf_vlen(&def); k++) {
		struct btf_member m;
		const char *name;

		memcpy(&m, members + k * sizeof(m), sizeof(m));
		name = string_at(v, m.name_off);
		if (!strcmp(name, "type"))
			map->type = number_of(v, m.type);
		else if (!strcmp(name, "max_entries"))
			map->max_entries = number_of(v, m.type);
	}
	return true;
}

static bool read_datasec(struct object *o, const struct btf_view *v, const struct btf_type *sec,
			 const char *vars)
{
	size_t n = btf_vlen(sec);

	o->maps = mem_realloc(o->maps, (o->n_maps + n + 1) * sizeof(*o->maps));
	for (size_t k = 0; k < n; k++) {
		struct btf_var_secinfo var;

		memcpy(&var, vars + k * sizeof(var), sizeof(var));
		if (!read_map(v, var.type, &o->maps[o->n_maps]))
			return false;
		o->n_maps++;
	}
	return true;
}

bool object_read_maps(struct object *o, const void *btf, size_t size)
{
	struct btf_view v = { 0 };
	bool is_ok = open_view(&v, btf, size) && index_types(&v) && are_sane(&v);
	struct btf_type t;

	for (uint32_t id = 1; is_ok && id <= v.n_types; id++) {
		const char *extra = read_type(&v, id, &t);

		if (btf_is_datasec(&t) && !strcmp(string_at(&v, t.name_off), ".maps"))
			is_ok = read_datasec(o, &v, &t, extra);
	}
	free(v.offsets);
	return is_ok;
}
