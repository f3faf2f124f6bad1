// SPDX-License-Identifier: GPL-2.0-only
/* Users' own programs as planned: where their files can be, and what the link needs for them. */
#include "tests/planned.h"
#include "tests/test.h"

static void test_own_program(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv",
			"socket b { queue 2 }\n link { queues 4 }\n"
			"program b file \"x.o\" section \"s\" map \"m\"\n send stream { }");
	CHECK(!c->skip && c->ends[END_B].program == PROGRAM_FILE, "%s", c->skip);
	CHECK_EQ(OBJECT_XDP, c->ends[END_B].object.kind);
	CHECK_STR("x.o", c->ends[END_B].object.paths[0]); /* test.spec is in this folder */
	CHECK(!c->ends[END_B].object.paths[1], "no other folders");
	CHECK_STR("s", c->ends[END_B].object.section);
	CHECK_STR("m", c->ends[END_B].object.map);
	CHECK_EQ(3, c->ends[END_B].object.n_keys);
	CHECK(c->flows[0].has_receiver, "as with a program of ours");
	planned_release(&p);
}

/* Beside the specification, then in the folders of the command. */
static void test_own_program_paths(void)
{
	static const char text[] = "test t { program a file \"../x.o\"\n program b file \"/y.o\"\n"
				   " send stream { } }";
	const struct source src = { .path = "specs/fam/s.spec", .text = text, .len = strlen(text) };
	const struct plan_options opts = { .objects = { "out", "/usr/lib" } };
	const struct end_plan *ends;
	struct planned p = {};

	spec_parse(&p.spec, &src, "fam", &p.diags);
	plan_spec(&p.plan, &p.spec, &caps_assumed, &opts, &p.diags);
	CHECK(!p.diags.n && p.plan.n_cases, "planned");
	ends = p.plan.cases[0].ends;
	CHECK_STR("specs/fam/../x.o", ends[END_A].object.paths[0]);
	CHECK_STR("out/../x.o", ends[END_A].object.paths[1]);
	CHECK_STR("/usr/lib/../x.o", ends[END_A].object.paths[2]);
	CHECK(!ends[END_A].object.paths[3], "the last one");
	CHECK_STR("/y.o", ends[END_B].object.paths[0]);
	CHECK(!ends[END_B].object.paths[1], "where it says");
	planned_release(&p);
}

/* Where programs of files are, and what the link needs for them. */
static void test_files(void)
{
	static const struct {
		const char *text;
		size_t n_files;
		bool expect_a, expect_b;
		uint32_t expect_hubs;
	} files[] = {
		{ "send stream { }", 0, false, false, 0 },
		{ "tc a.egress file \"x.o\"\n send stream { }", 1, true, false, 0 },
		{ "tc a.egress file \"x.o\"\n send stream { sender packet; headers eth }", 1, false,
		  false, 0 },
		{ "tc b.ingress file \"x.o\"\n send stream { }", 1, false, true, 0 },
		{ "tc b.ingress file \"x.o\"\n program b none\n send stream { }", 1, false, false,
		  0 },
		{ "link { hops 4 }\n tc fwd.ingress file \"x.o\"\n tc fwd.ingress file \"y.o\"\n"
		  "tc fwd2.egress file \"x.o\"\n tc fwd3.ingress file \"x.o\" section \"tc\"\n"
		  "send stream { }",
		  4, false, false, 1 << 1 | 1 << 3 },
	};

	for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
		struct planned p;
		const struct case_plan *c = planned_one(&p, "drv", files[k].text);

		CHECK_EQ(files[k].n_files, c->edt.n_files);
		CHECK(c->link.has_inner[END_A] == files[k].expect_a, "row %zu", k);
		CHECK(c->link.has_inner[END_B] == files[k].expect_b, "row %zu", k);
		CHECK_EQ(files[k].expect_hubs, c->link.hub_mask);
		CHECK(!c->edt.setter && !c->edt.n_sites, "row %zu", k);
		for (size_t n = 0; n < c->edt.n_files; n++)
			CHECK_EQ(OBJECT_TC, c->edt.files[n].object.kind);
		planned_release(&p);
	}
}

/* Beside the one that sets times, wherever it is said. */
static void test_files_and_setter(void)
{
	struct planned p;
	const struct case_plan *c = planned_one(
		&p, "drv",
		"link { hops 3 }\n tc fwd.ingress file \"x.o\" section \"s\"\n tc fwd2.ingress set_tstamp\n"
		"tc fwd2.egress file \"y.o\"\n send stream { headers eth, ipv4; edt now }");

	CHECK_EQ(EDT_SET_TSTAMP, c->edt.setter);
	CHECK_EQ(2, c->edt.setter_at.node);
	CHECK_EQ(2, c->edt.n_files);
	CHECK_STR("s", c->edt.files[0].object.section);
	CHECK(!c->edt.files[1].object.section && c->edt.files[1].at.is_egress, "the second");
	planned_release(&p);
}

int main(void)
{
	RUN(test_own_program);
	RUN(test_own_program_paths);
	RUN(test_files);
	RUN(test_files_and_setter);
	return test_end();
}
