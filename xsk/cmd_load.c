// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "cmd.h"

/* Larger than any specification by hand; keeps a wrong name from eating all memory. */
#define MAX_SPEC_BYTES (64u << 20)

/* Up to the end, whatever stat() says of the size: in /proc that is 0. NULL: errno says why. */
static char *read_whole(int fd, size_t *len)
{
	size_t size = 64 << 10;
	char *text = mem_realloc(NULL, size);
	ssize_t n;

	*len = 0;
	while ((n = read(fd, text + *len, size - *len - 1)) > 0) {
		*len += (size_t)n;
		if (*len > MAX_SPEC_BYTES) {
			errno = EFBIG;
			n = -1;
			break;
		}
		if (size - *len == 1)
			text = mem_realloc(text, size *= 2);
	}
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

char *cmd_read_file(const char *path, size_t *len)
{
	/* Without O_NONBLOCK a pipe would wait for its writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool is_odd = false;
	struct stat st;
	char *text = NULL;

	if (fd >= 0 && !fstat(fd, &st)) {
		is_odd = !S_ISREG(st.st_mode);
		text = is_odd ? NULL : read_whole(fd, len);
	}
	if (is_odd)
		fprintf(stderr, "xskspec: '%s' is no regular file\n", path);
	else if (!text && errno == EFBIG)
		fprintf(stderr, "xskspec: '%s' is larger than 64 MiB\n", path);
	else if (!text)
		fprintf(stderr, "xskspec: cannot read '%s': %s\n", path, errno_name(errno));
	if (fd >= 0)
		close(fd);
	return text;
}

/* The name of the folder that a file lies in: the first half of its tests' ids. */
static char *family_of(const char *path)
{
	char whole[PATH_MAX], *slash, *name;

	if (!realpath(path, whole))
		return mem_strdup("spec");
	slash = strrchr(whole, '/');
	*slash = '\0';
	name = strrchr(whole, '/');
	return mem_strdup(name && name[1] ? name + 1 : "spec");
}

void print_diags(struct diags *ds, const struct source *src)
{
	struct strbuf sb = {};

	diags_sort(ds);
	for (size_t k = 0; k < ds->n; k++)
		diag_format(&ds->v[k], src, &sb);
	fputs(strbuf_text(&sb), stderr);
	strbuf_release(&sb);
}

/* The files and folders read so far, by their whole names: none is read twice. */
struct loader {
	struct loaded *l;
	char **seen;
	size_t n_seen;
};

/* False, and said, for what was read before, be it by another name. */
static bool is_named_once(struct loader *ld, const char *path)
{
	char *whole = realpath(path, NULL);

	if (!whole)
		return true; /* reading it says why */
	for (size_t k = 0; k < ld->n_seen; k++) {
		if (strcmp(ld->seen[k], whole))
			continue;
		fprintf(stderr, "xskspec: '%s' is named twice\n", path);
		free(whole);
		return false;
	}
	ld->seen = mem_realloc(ld->seen, (ld->n_seen + 1) * sizeof(*ld->seen));
	ld->seen[ld->n_seen++] = whole;
	return true;
}

/* The test of an id in one of the first n files, NULL: there is none. */
static const struct test *find_test(const struct loaded *l, size_t n, const char *family,
				    const char *name, const char **path)
{
	for (size_t k = 0; k < n; k++) {
		const struct spec *spec = &l->specs[k];

		*path = spec->source.path;
		if (strcmp(spec->family, family))
			continue;
		for (size_t i = 0; i < spec->n_tests; i++) {
			if (!strcmp(spec->tests[i].name, name))
				return &spec->tests[i];
		}
	}
	return NULL;
}

/* Two tests with one id: the second one is the mistake. In one file the parser has said it. */
static void check_ids(const struct loaded *l, struct diags *ds)
{
	const struct spec *spec = &l->specs[l->n - 1];
	const struct test *first;
	const char *path;

	for (size_t k = 0; k < spec->n_tests; k++) {
		const struct test *t = &spec->tests[k];

		first = find_test(l, l->n - 1, spec->family, t->name, &path);
		if (first)
			diag_hint(ds,
				  diag_add(ds, DIAG_DUPLICATE, t->pos,
					   "there is a test '%s/%s' already", spec->family,
					   t->name),
				  "the first one is in %s, line %u", path, first->pos.line);
	}
}

static bool load_file(struct loader *ld, const char *path)
{
	struct loaded *l = ld->l;
	struct diags ds = {};
	struct source src = {};
	char *text, *family;

	if (!is_named_once(ld, path))
		return false;
	text = cmd_read_file(path, &src.len);
	if (!text)
		return false;
	l->specs = mem_realloc(l->specs, (l->n + 1) * sizeof(*l->specs));
	l->paths = mem_realloc(l->paths, (l->n + 1) * sizeof(*l->paths));
	l->texts = mem_realloc(l->texts, (l->n + 1) * sizeof(*l->texts));
	src.text = l->texts[l->n] = text;
	src.path = l->paths[l->n] = mem_strdup(path);
	family = family_of(path);
	spec_parse(&l->specs[l->n++], &src, family, &ds);
	free(family);
	check_ids(l, &ds);
	print_diags(&ds, &src);
	l->n_diags += ds.n;
	diags_release(&ds);
	return true;
}

static int compare_entries(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_spec_name(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && !strcmp(name + len - 5, ".spec");
}

/* All specifications below a folder, in the order of their names. */
static bool load_folder(struct loader *ld, char *path)
{
	char *paths[] = { path, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, compare_entries);
	size_t n_before = ld->l->n;
	bool is_ok = fts;

	for (FTSENT *f; fts && (f = fts_read(fts));) {
		if (f->fts_info == FTS_F && is_spec_name(f->fts_name)) {
			is_ok &= load_file(ld, f->fts_path);
		} else if (f->fts_info == FTS_D && !is_named_once(ld, f->fts_path)) {
			fts_set(fts, f, FTS_SKIP);
			is_ok = false;
		} else if (f->fts_info == FTS_DNR || f->fts_info == FTS_ERR) {
			fprintf(stderr, "xskspec: cannot read '%s': %s\n", f->fts_path,
				errno_name(f->fts_errno));
			is_ok = false;
		}
	}
	if (fts)
		fts_close(fts);
	if (is_ok && ld->l->n == n_before) {
		fprintf(stderr, "xskspec: no specification (*.spec) below '%s'\n", path);
		return false;
	}
	return is_ok;
}

int load_specs(struct loaded *l, char **paths, size_t n_paths)
{
	struct loader ld = { .l = l };
	bool is_ok = true;

	*l = (struct loaded){};
	for (size_t k = 0; k < n_paths; k++) {
		struct stat st;

		if (!stat(paths[k], &st) && S_ISDIR(st.st_mode))
			is_ok &= load_folder(&ld, paths[k]);
		else
			is_ok &= load_file(&ld, paths[k]);
	}
	while (ld.n_seen)
		free(ld.seen[--ld.n_seen]);
	free(ld.seen);
	if (l->n_diags)
		fprintf(stderr, "xskspec: %zu mistake%s in %zu file%s\n", l->n_diags,
			l->n_diags > 1 ? "s" : "", l->n, l->n > 1 ? "s" : "");
	return is_ok && !l->n_diags ? STATUS_OK : STATUS_USAGE;
}

void loaded_release(struct loaded *l)
{
	for (size_t k = 0; k < l->n; k++) {
		spec_release(&l->specs[k]);
		free(l->paths[k]);
		free(l->texts[k]);
	}
	free(l->specs);
	free(l->paths);
	free(l->texts);
	*l = (struct loaded){};
}

int load_plan(struct plan *plan, const struct loaded *l, const struct caps *caps,
	      const struct plan_options *opts)
{
	size_t n_diags = 0;

	*plan = (struct plan){};
	for (size_t k = 0; k < l->n; k++) {
		struct diags ds = {};

		plan_spec(plan, &l->specs[k], caps, opts, &ds);
		print_diags(&ds, &l->specs[k].source);
		n_diags += ds.n;
		diags_release(&ds);
	}
	if (n_diags)
		fprintf(stderr, "xskspec: %zu mistake%s\n", n_diags, n_diags > 1 ? "s" : "");
	return n_diags ? STATUS_USAGE : STATUS_OK;
}

int with_plan(char **paths, size_t n_paths, const struct plan_options *opts, const char *probe,
	      int (*use)(const struct loaded *l, struct plan *plan, void *ctx), void *ctx)
{
	struct caps caps = caps_assumed;
	struct plan plan = {};
	struct loaded l;
	int status = load_specs(&l, paths, n_paths);

	if (!status && probe && !cmd_read_probe(probe, false, &caps))
		status = STATUS_USAGE;
	if (!status)
		status = load_plan(&plan, &l, &caps, opts);
	if (!status)
		status = use(&l, &plan, ctx);
	plan_release(&plan);
	loaded_release(&l);
	return status;
}

/* Is "key=value" one of the case's axes? */
static bool has_axis(const char *axes, const char *pair, size_t len)
{
	while (*axes) {
		size_t n = strcspn(axes, ",");

		if (n == len && !memcmp(axes, pair, len))
			return true;
		axes += n + (axes[n] == ',');
	}
	return false;
}

static bool has_axes(const char *axes, const char *wanted, size_t len)
{
	const char *end = wanted + len;

	while (wanted < end) {
		size_t n = strcspn(wanted, ",]");

		if (!has_axis(axes, wanted, n))
			return false;
		wanted += n + 1;
	}
	return true;
}

static bool matches(const struct case_plan *c, const char *pattern)
{
	size_t name_len = strcspn(pattern, "["), family_len = strlen(c->spec->family);
	const char *name = pattern;

	if (!strcmp(pattern, c->id))
		return true;
	if (!strpbrk(pattern, "[/") && strchr(pattern, '='))
		return has_axes(c->axes, pattern, strlen(pattern));
	if (!strncmp(pattern, c->spec->family, family_len) && pattern[family_len] == '/') {
		name += family_len + 1;
		name_len -= family_len + 1;
	}
	if (strlen(c->test->name) != name_len || memcmp(c->test->name, name, name_len))
		return false;
	name += name_len;
	return !*name || has_axes(c->axes, name + 1, strcspn(name + 1, "]"));
}

static int say_unmatched(const struct plan *plan, const char *pattern)
{
	const char **ids = mem_realloc(NULL, (plan->n_cases + 1) * sizeof(*ids)), *nearest;

	for (size_t k = 0; k < plan->n_cases; k++)
		ids[k] = plan->cases[k].id;
	nearest = diag_nearest(pattern, strlen(pattern), ids, plan->n_cases);
	fprintf(stderr, "xskspec: --case '%s': there is no such case", pattern);
	if (nearest)
		fprintf(stderr, " (did you mean '%s'?)", nearest);
	fprintf(stderr, "\n");
	free(ids);
	return STATUS_USAGE;
}

int select_cases(struct plan *plan, const char *const *patterns, size_t n_patterns)
{
	bool *wanted = mem_zalloc(plan->n_cases);
	int status = STATUS_OK;
	size_t n = 0;

	for (size_t p = 0; p < n_patterns; p++) {
		bool is_used = false;

		for (size_t k = 0; k < plan->n_cases; k++)
			if (matches(&plan->cases[k], patterns[p]))
				wanted[k] = is_used = true;
		if (!is_used)
			status = say_unmatched(plan, patterns[p]);
	}
	for (size_t k = 0; k < plan->n_cases && n_patterns; k++)
		if (wanted[k])
			plan->cases[n++] = plan->cases[k];
	if (n_patterns)
		plan->n_cases = n;
	free(wanted);
	return status;
}
