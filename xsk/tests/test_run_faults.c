// SPDX-License-Identifier: GPL-2.0-only
/* What may be lost, in how many places, and how soon packets arrive again. */
#include <string.h>

#include "base/strbuf.h"
#include "run/faults.h"
#include "tests/planned.h"
#include "tests/test.h"

#define TEXT                                                                                       \
	"stream s { packets 100; pace 1kpps }\nsend s\n"                                           \
	"at packet 50 { link b down; wait 1ms; link b up }\n"

static struct case_result result;

/* The verdicts on a loss, in the words that they are told in. */
static const char *judge(const char *expects, uint64_t n_lost, uint64_t n_places,
			 uint64_t recovery_ns)
{
	static char words[500];
	struct strbuf sb = {};
	const struct case_plan *c;
	struct planned p;
	char text[400];

	snprintf(text, sizeof(text), TEXT "%s", expects);
	c = planned_one(&p, "drv", text);
	result.verdicts.n = 0;
	result.rx.n_due = 100 - n_lost;
	result.rx.n_lost = n_lost;
	result.rx.n_lost_places = n_places;
	result.recovery_ns = recovery_ns;
	faults_judge(c, &result);
	for (uint32_t k = 0; k < result.verdicts.n; k++) {
		strbuf_add(&sb, "%s", k ? "; " : "");
		verdict_format(&result.verdicts.v[k], c, &sb);
	}
	snprintf(words, sizeof(words), "%s", strbuf_text(&sb));
	strbuf_release(&sb);
	planned_release(&p);
	return words;
}

static void test_lost(void)
{
	CHECK_STR("", judge("expect lost < 20%", 19, 1, 0));
	CHECK_STR("lost: expect < 20%, actual 20 of 100 packets",
		  judge("expect lost < 20%", 20, 1, 0));
	CHECK_STR("lost: expect <= 12.5%, actual 13 of 100 packets",
		  judge("expect lost <= 12.5%", 13, 1, 0));
	CHECK_STR("", judge("expect lost == 3", 3, 2, 0));
	CHECK_STR("lost: expect == 3, actual 4 of 100 packets", judge("expect lost == 3", 4, 1, 0));
	CHECK_STR("lost: expect > 0, actual 0 of 100 packets", judge("expect lost > 0", 0, 0, 0));
}

static void test_contiguous(void)
{
	CHECK_STR("", judge("expect any_loss_contiguous", 0, 0, 0));
	CHECK_STR("", judge("expect any_loss_contiguous", 7, 1, 0));
	CHECK_STR("packets are missing in 2 places, which are no neighbours",
		  judge("expect any_loss_contiguous", 7, 2, 0));
}

static void test_recovery(void)
{
	CHECK_STR("", judge("expect recovery < 10ms", 7, 1, 9999999));
	CHECK_STR("recovery: expect < 10000000 ns, actual 10000000",
		  judge("expect recovery < 10ms", 7, 1, 10000000));
}

/* What is counted is no verdict of its own, and what happens has to happen. */
static void test_plan(void)
{
	static const struct planned_row rows[] = {
		{ "missing", 3, "stream s { packets 9 }\nsend s; expect recovery < 1ms" },
		{ "range", 3, "send stream { packets 9 }\nat packet 9 { wait 1ms }" },
		{ "conflict", 3, "program b pass; send stream { packets 9 }\nexpect lost < 1" },
		{ "", 0, "send stream { packets 9 }\nat packet 8 { wait 1ms }" },
	};
	const struct case_plan *c;
	struct planned p;

	planned_check_rows(rows, sizeof(rows) / sizeof(rows[0]));
	c = planned_one(&p, "drv", TEXT "expect lost < 20%");
	CHECK(c->flows[0].may_lose && c->flows[0].window_pkts, "counted, and not without bounds");
	CHECK_EQ(1, c->n_losses);
	planned_release(&p);
	c = planned_one(&p, "drv", TEXT);
	CHECK(!c->flows[0].may_lose, "each that is missing is a verdict");
	planned_release(&p);
}

int main(void)
{
	RUN(test_lost);
	RUN(test_contiguous);
	RUN(test_recovery);
	RUN(test_plan);
	return test_end();
}
