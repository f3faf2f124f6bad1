// SPDX-License-Identifier: GPL-2.0-only
/* Cases that have to get verdicts: these, and no others. */
#include <string.h>

#include "run/verdict_expected.h"
#include "tests/planned.h"
#include "tests/test.h"

#define TEXT                                                                                       \
	"link { hops 2 }\nstream s { packets 100; headers eth, ipv4, udp }\nsend s\n"              \
	"sabotage flip 60 at packet 7\nexpect verdict payload packet 7 byte 60\n"                  \
	"expect verdict missing packet 9 count 3"

static const struct verdict payload = { .kind = VERDICT_PAYLOAD, .pkt = 7, .byte = 60 };
static const struct verdict missing = {
	.kind = VERDICT_MISSING, .pkt = 9, .last = 11, .expect = 3, .actual = 3
};

static bool judge(const struct verdict *v, size_t n, struct verdicts *vs)
{
	struct planned p;
	const struct case_plan *c = planned_one(&p, "drv", TEXT);
	bool is_good;

	*vs = (struct verdicts){};
	for (size_t k = 0; k < n; k++)
		verdict_add(vs, &v[k]);
	is_good = verdicts_are_expected(vs, c);
	planned_release(&p);
	return is_good;
}

static void test_caught(void)
{
	static struct verdicts vs;

	CHECK(judge((struct verdict[]){ missing, payload }, 2, &vs), "both, in any order");
	CHECK_EQ(2, vs.n);
}

static void test_not_caught(void)
{
	static struct verdicts vs;

	CHECK(!judge(NULL, 0, &vs), "nothing");
	CHECK_EQ(2, vs.n);
	CHECK_EQ(VERDICT_NOT_CAUGHT, vs.v[0].kind);
	CHECK_STR("expect verdict payload packet 7 byte 60 count 1, actual: no such verdict",
		  vs.v[0].text);
	CHECK(!judge(&payload, 1, &vs), "one of two");
	CHECK_EQ(2, vs.n);
	CHECK(strstr(vs.v[1].text, "missing packet 9 count 3"), "%s", vs.v[1].text);
}

/* Close is not enough. */
static void test_others(void)
{
	struct verdict others[] = { payload, payload, payload, missing, payload };
	static struct verdicts vs;

	others[0].pkt = 8;
	others[1].byte = 61;
	others[2].kind = VERDICT_HEADER;
	others[3].actual = 4;
	for (size_t k = 0; k < 4; k++) {
		bool is_missing = others[k].kind == VERDICT_MISSING;

		CHECK(!judge((struct verdict[]){ others[k], is_missing ? payload : missing }, 2,
			     &vs),
		      "row %zu", k);
		CHECK_EQ(3, vs.n);
	}
	/* One too many, of the same kind or of another. */
	CHECK(!judge((struct verdict[]){ payload, payload, missing }, 3, &vs), "twice");
	CHECK(!judge((struct verdict[]){ payload, missing, others[2] }, 3, &vs), "and a header");
	CHECK_EQ(3, vs.n);
}

static void test_contradictions(void)
{
#define FLIP(what) "link { hops 2 }; send stream { packets 9; headers eth, ipv4, udp }\n" what
	static const struct planned_row rows[] = {
		{ "missing", 3, FLIP("sabotage flip 60 at packet 7") },
		{ "range", 3, FLIP("sabotage flip 60 at packet 9; expect verdict payload") },
		{ "conflict", 3, FLIP("sabotage meta at packet 1; expect verdict metadata") },
		{ "conflict", 3,
		  "send stream { packets 9 }\nsabotage drop at packet 7; expect verdict missing" },
		{ "conflict", 3,
		  "link { hops 2 }; send stream { packets 9 }\nsabotage csum at packet 7; expect "
		  "verdict header" },
		{ "conflict", 3,
		  "link { hops 2 }; send stream { len imix }\nsabotage delay at packet 7; expect "
		  "verdict order" },
		{ "conflict", 3,
		  "link { hops 2 }; send stream { seq 7 }\nsabotage drop at packet 7; expect "
		  "verdict order" },
		{ "conflict", 3,
		  "link { hops 2 }; stream s { }; send s from b to a\nsabotage drop at packet 7; "
		  "expect verdict missing" },
		{ "", 0, FLIP("sabotage flip 60 at packet 8; expect verdict payload") },
	};

	planned_check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	RUN(test_caught);
	RUN(test_not_caught);
	RUN(test_others);
	RUN(test_contradictions);
	return test_end();
}
