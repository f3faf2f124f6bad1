// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "cmd_probe.h"

/* Changes with the meaning of a field; that of a file's fields changed is seen without it. */
#define FORMAT 1
#define FORMAT_FIELD "xskspec_probe"
#define HASH_FIELD "content_hash64"
#define WHY_FIELD "incomplete"
#define NICS_FIELD "interfaces"

/* The groups of facts that a file has besides its devices. */
static const struct group {
	const char *name;
	const struct fact *facts;
	size_t offset;	 /* in struct probe_report */
	bool needs_link; /* null if that could not be had */
} groups[] = {
	{ "kernel", probe_kernel_facts, offsetof(struct probe_report, kernel), false },
	{ "rights", rights_facts, offsetof(struct probe_report, rights), false },
	{ "system", probe_system_facts, offsetof(struct probe_report, system), false },
	{ "behaviours", caps_facts, offsetof(struct probe_report, caps), true },
	{ "veth", probe_veth_facts, offsetof(struct probe_report, veth), true },
};
#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

/* Not against anybody who means it: the hash of this program's random streams, over all the text. */
static void hash_content(struct json_object *file, char out[17])
{
	const char *text = json_object_to_json_string_ext(file, JSON_C_TO_STRING_PLAIN);
	uint64_t hash = 0;

	for (; *text; text++)
		hash = hash64(hash, (uint8_t)*text);
	snprintf(out, 17, "%016" PRIx64, hash);
}

/* ---- writing ---- */

static struct json_object *value_of(const struct fact *f, const void *of)
{
	if (f->kind == FACT_TEXT)
		return json_object_new_string(fact_text(f, of));
	if (f->kind == FACT_BOOL)
		return json_object_new_boolean(fact_number(f, of) != 0);
	return json_object_new_int64((int64_t)fact_number(f, of));
}

static struct json_object *write_facts(const struct fact *facts, const void *of)
{
	struct json_object *o = json_object_new_object();

	for (const struct fact *f = facts; f->name; f++)
		json_object_object_add(o, f->name, value_of(f, of));
	return o;
}

char *probe_to_json(const struct probe_report *report, const struct probe_nic *nics, size_t n_nics)
{
	struct json_object *file = json_object_new_object(), *array = json_object_new_array();
	struct strbuf out = { 0 };
	char hash[17];

	json_object_object_add(file, FORMAT_FIELD, json_object_new_int(FORMAT));
	json_object_object_add(file, WHY_FIELD, json_object_new_string(report->why.text));
	for (const struct group *g = groups; g < groups + N_GROUPS; g++)
		json_object_object_add(file, g->name,
				       g->needs_link && report->err ?
					       NULL :
					       write_facts(g->facts,
							   (const char *)report + g->offset));
	for (size_t k = 0; k < n_nics; k++)
		json_object_array_add(array, write_facts(probe_nic_facts, &nics[k]));
	json_object_object_add(file, NICS_FIELD, array);
	hash_content(file, hash);
	json_object_object_add(file, HASH_FIELD, json_object_new_string(hash));
	strbuf_add(&out, "%s\n",
		   json_object_to_json_string_ext(file, JSON_C_TO_STRING_PRETTY |
								JSON_C_TO_STRING_SPACED |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(file);
	return out.text;
}

/* ---- reading: text -> tree ---- */

/* A sentence about a file needs its place as editors show it. */
static int refuse_syntax(const char *path, const char *text, size_t at, const char *why,
			 struct errmsg *e)
{
	unsigned int line = 1, col = 1;

	for (size_t k = 0; k < at; k++) {
		col = text[k] == '\n' ? 1 : col + 1;
		line += text[k] == '\n';
	}
	return errmsg_set(e, 0, "%s:%u:%u: no answers of 'xskspec probe --json': %s", path, line,
			  col, why);
}

/* The terminating NUL is given to the parser too: it tells a truncated text from one that goes on. */
static int parse(const char *path, const char *text, size_t len, struct json_object **file,
		 struct errmsg *e)
{
	struct json_tokener *tok = json_tokener_new();
	enum json_tokener_error jerr;
	size_t end;
	int err = 0;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*file = json_tokener_parse_ex(tok, text, (int)len + 1);
	jerr = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	if (jerr != json_tokener_success)
		err = refuse_syntax(path, text, end, json_tokener_error_desc(jerr), e);
	else if (end < len)
		err = refuse_syntax(path, text, end, "there is more behind it", e);
	else if (!json_object_is_type(*file, json_type_object))
		err = refuse_syntax(path, text, 0, "no object", e);
	json_tokener_free(tok);
	return err;
}

/* ---- reading: tree -> facts ---- */

/* Where a field is, for sentences. */
struct place {
	const char *path, *group;
};

static int refuse_field(const struct place *at, const char *name, const char *what,
			struct errmsg *e)
{
	return errmsg_set(e, 0, "%s: field '%s%s%s' %s", at->path, at->group, *at->group ? "." : "",
			  name, what);
}

static int read_text(const struct place *at, const struct fact *f, struct json_object *value,
		     void *of, struct errmsg *e)
{
	char *to = (char *)of + f->offset;

	if (!json_object_is_type(value, json_type_string))
		return refuse_field(at, f->name, "is no text", e);
	if ((size_t)json_object_get_string_len(value) >= f->size)
		return refuse_field(at, f->name, "is too long", e);
	snprintf(to, f->size, "%s", json_object_get_string(value));
	return 0;
}

static int read_number(const struct place *at, const struct fact *f, struct json_object *value,
		       void *of, struct errmsg *e)
{
	int64_t max = f->kind == FACT_U32 ? UINT32_MAX : INT64_MAX - 1;
	int64_t n;

	if (!json_object_is_type(value, json_type_int))
		return refuse_field(at, f->name, "is no whole number", e);
	n = json_object_get_int64(value); /* what is above comes as the largest */
	if (n < 0 || n > max)
		return refuse_field(at, f->name, "is out of range", e);
	fact_set_number(f, of, (uint64_t)n);
	return 0;
}

static int read_fact(const struct place *at, const struct fact *f, struct json_object *group,
		     void *of, struct errmsg *e)
{
	struct json_object *value;

	if (!json_object_object_get_ex(group, f->name, &value))
		return refuse_field(at, f->name, "is missing", e);
	if (f->kind == FACT_TEXT)
		return read_text(at, f, value, of, e);
	if (f->kind != FACT_BOOL)
		return read_number(at, f, value, of, e);
	if (!json_object_is_type(value, json_type_boolean))
		return refuse_field(at, f->name, "is neither true nor false", e);
	fact_set_number(f, of, (uint64_t)json_object_get_boolean(value));
	return 0;
}

static bool is_fact(const struct fact *facts, const char *name)
{
	for (const struct fact *f = facts; f->name; f++)
		if (!strcmp(f->name, name))
			return true;
	return false;
}

static int read_facts(const struct place *at, const struct fact *facts, struct json_object *group,
		      void *of, struct errmsg *e)
{
	if (!json_object_is_type(group, json_type_object))
		return errmsg_set(e, 0, "%s: field '%s' is no object", at->path, at->group);
	for (const struct fact *f = facts; f->name; f++) {
		int err = read_fact(at, f, group, of, e);

		if (err)
			return err;
	}
	json_object_object_foreach(group, name, value)
	{
		(void)value;
		if (!is_fact(facts, name))
			return refuse_field(at, name, "is unknown", e);
	}
	return 0;
}

static int read_group(const struct place *top, const struct group *g, struct json_object *file,
		      struct probe_report *report, struct errmsg *e)
{
	const struct place at = { top->path, g->name };
	struct json_object *group;

	if (!json_object_object_get_ex(file, g->name, &group))
		return refuse_field(top, g->name, "is missing", e);
	if (g->needs_link && !group)
		return 0;
	return read_facts(&at, g->facts, group, (char *)report + g->offset, e);
}

static int read_nics(const struct place *top, struct json_object *file, struct errmsg *e)
{
	const struct place at = { top->path, NICS_FIELD };
	struct json_object *nics;
	struct probe_nic nic;
	int err = 0;

	if (!json_object_object_get_ex(file, NICS_FIELD, &nics))
		return refuse_field(top, NICS_FIELD, "is missing", e);
	if (!json_object_is_type(nics, json_type_array))
		return refuse_field(top, NICS_FIELD, "is no array", e);
	for (size_t k = 0; k < json_object_array_length(nics) && !err; k++)
		err = read_facts(&at, probe_nic_facts, json_object_array_get_idx(nics, k), &nic, e);
	return err;
}

/* ---- reading: the whole file ---- */

static bool is_top_field(const char *name)
{
	static const char *const others[] = { FORMAT_FIELD, HASH_FIELD, WHY_FIELD, NICS_FIELD };

	for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
		if (!strcmp(name, others[k]))
			return true;
	for (const struct group *g = groups; g < groups + N_GROUPS; g++)
		if (!strcmp(name, g->name))
			return true;
	return false;
}

static int check_top(const struct place *top, struct json_object *file, struct errmsg *e)
{
	struct json_object *format, *why;

	if (!json_object_object_get_ex(file, FORMAT_FIELD, &format))
		return refuse_field(top, FORMAT_FIELD, "is missing", e);
	if (!json_object_is_type(format, json_type_int) || json_object_get_int(format) != FORMAT)
		return refuse_field(top, FORMAT_FIELD,
				    "is that of another version of xskspec: probe again", e);
	if (!json_object_object_get_ex(file, WHY_FIELD, &why))
		return refuse_field(top, WHY_FIELD, "is missing", e);
	if (!json_object_is_type(why, json_type_string))
		return refuse_field(top, WHY_FIELD, "is no text", e);
	json_object_object_foreach(file, name, value)
	{
		(void)value;
		if (!is_top_field(name))
			return refuse_field(top, name, "is unknown", e);
	}
	return 0;
}

/* Without its own field the text is that which was hashed when it was written. */
static int check_hash(const struct place *top, struct json_object *file, struct errmsg *e)
{
	struct json_object *field;
	char expect[17], actual[17];

	if (!json_object_object_get_ex(file, HASH_FIELD, &field))
		return refuse_field(top, HASH_FIELD, "is missing", e);
	if (!json_object_is_type(field, json_type_string))
		return refuse_field(top, HASH_FIELD, "is no text", e);
	snprintf(expect, sizeof(expect), "%s", json_object_get_string(field));
	json_object_object_del(file, HASH_FIELD);
	hash_content(file, actual);
	if (!strcmp(expect, actual))
		return 0;
	return errmsg_set(e, 0,
			  "%s: edited: the content has the hash %s, its field " HASH_FIELD
			  " says %s: probe again",
			  top->path, actual, expect);
}

static int check_fresh(const char *path, const struct probe_kernel *then, struct errmsg *e)
{
	struct probe_kernel now;

	probe_read_kernel(&now);
	if (strcmp(then->release, now.release) || strcmp(then->version, now.version))
		return errmsg_set(e, 0, "%s: stale: made on %s %s, this is %s %s: probe again",
				  path, then->release, then->version, now.release, now.version);
	if (strcmp(then->boot_id, now.boot_id))
		return errmsg_set(e, 0,
				  "%s: stale: made on %s in boot %s, this is boot %s: probe again",
				  path, then->release, then->boot_id, now.boot_id);
	return 0;
}

static int read_file(const struct place *top, struct json_object *file, struct probe_report *report,
		     struct errmsg *e)
{
	struct json_object *why;
	int err = check_top(top, file, e);

	for (size_t k = 0; k < N_GROUPS && !err; k++)
		err = read_group(top, &groups[k], file, report, e);
	if (!err)
		err = read_nics(top, file, e);
	if (!err)
		err = check_hash(top, file, e);
	if (err)
		return err;
	json_object_object_get_ex(file, WHY_FIELD, &why);
	if (json_object_get_string_len(why))
		return errmsg_set(e, 0, "%s: holds no behaviours: %s", top->path,
				  json_object_get_string(why));
	return 0;
}

int probe_from_json(const char *path, const char *text, size_t len, bool must_be_fresh,
		    struct caps *caps, struct errmsg *e)
{
	const struct place top = { path, "" };
	struct probe_report report = { 0 };
	struct json_object *file = NULL;
	int err = parse(path, text, len, &file, e);

	if (!err)
		err = read_file(&top, file, &report, e);
	if (!err && must_be_fresh)
		err = check_fresh(path, &report.kernel, e);
	if (!err)
		*caps = report.caps;
	json_object_put(file);
	return err;
}
