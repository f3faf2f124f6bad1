// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each bad/NAME.spec has a file NAME.expect beside it with a line
 * 'line:column name' for each diagnostic, in the order of the text. All of them
 * and no other have to be said.
 */
#include <dirent.h>

#include "base/strbuf.h"
#include "lang/spec.h"
#include "tests/test.h"

static const char *dir;
static bool is_name_seen[DIAG_TOO_MANY + 1];

static void check_shown(const struct diag *d, const struct source *src)
{
	struct strbuf shown = {};

	diag_format(d, src, &shown);
	CHECK(strstr(strbuf_text(&shown), diag_name(d->id)), "%s", src->path);
	CHECK(strchr(strbuf_text(&shown), '^'), "%s", src->path);
	for (size_t i = 0; i < shown.len; i++)
		CHECK(shown.text[i] == '\n' || (shown.text[i] >= ' ' && shown.text[i] <= '~'),
		      "%s: byte %zu", src->path, i);
	strbuf_release(&shown);
}

/* The diagnostics of a text as an .expect file has them. */
static void diagnose(const struct source *src, struct strbuf *actual)
{
	struct diags ds = {};
	struct spec spec;

	spec_parse(&spec, src, "bad", &ds);
	for (size_t i = 0; i < ds.n; i++) {
		const struct diag *d = &ds.v[i];

		strbuf_add(actual, "%u:%u %s\n", d->pos.line, d->pos.col, diag_name(d->id));
		is_name_seen[d->id] = true;
		check_shown(d, src);
	}
	spec_release(&spec);
	diags_release(&ds);
}

static void check_file(const char *name, int len)
{
	struct strbuf actual = {};
	char path[300], expect_path[300];
	struct source src = { .path = path };
	char *text, *expect;
	size_t n;

	snprintf(path, sizeof(path), "%s/bad/%s", dir, name);
	snprintf(expect_path, sizeof(expect_path), "%s/bad/%.*s.expect", dir, len, name);
	src.text = text = test_read_file(path, &src.len);
	expect = test_read_file(expect_path, &n);
	CHECK(text && expect, "%s", path);
	if (text && expect) {
		diagnose(&src, &actual);
		CHECK(!strcmp(expect, strbuf_text(&actual)), "%s: expect\n%s, actual\n%s", path,
		      expect, strbuf_text(&actual));
	}
	strbuf_release(&actual);
	free(text);
	free(expect);
}

static int n_files;

static void test_bad_specs(void)
{
	char path[300];
	struct dirent *entry;
	DIR *files;

	snprintf(path, sizeof(path), "%s/bad", dir);
	files = opendir(path);
	CHECK(files, "%s cannot be read", path);
	while (files && (entry = readdir(files))) {
		const char *suffix = strstr(entry->d_name, ".spec");

		if (!suffix)
			continue;
		check_file(entry->d_name, (int)(suffix - entry->d_name));
		n_files++;
	}
	if (files)
		closedir(files);
	CHECK(n_files >= 40, "only %d files", n_files);
}

/* Every name that parsing can give has a bad spec; the others are the plan's, or the command's. */
static void test_all_names_are_seen(void)
{
	for (enum diag_id id = 0; id <= DIAG_TOO_MANY; id++) {
		bool is_of_plan = id == DIAG_CONTRADICTION || id == DIAG_UNEXPECTED_INVALID ||
				  id == DIAG_DEADLINE || id == DIAG_OBJECT;

		CHECK(is_name_seen[id] != is_of_plan, "%s", diag_name(id));
	}
}

int main(int argc, char **argv)
{
	const char *env = getenv("XSK_TESTS_DIR");

	dir = argc > 1 ? argv[1] : env ? env : "xsk/tests";
	RUN(test_bad_specs);
	RUN(test_all_names_are_seen);
	return test_end();
}
