// SPDX-License-Identifier: GPL-2.0-only
/* Which packets have delivery times, and which ones checkpoints know. */
#include "plan/plan.h"
#include "tests/planned.h"
#include "tests/test.h"

/* What tc will take a packet for, and whether checkpoints will know it. */
static void test_protocols(void)
{
	static const struct planned_row packets[] = {
		{ "conflict", 2, "link { hops 2 }; send stream { edt now }" },
		{ "conflict", 2,
		  "link { hops 2 }; send stream { headers eth(type 0x88b5), ipv4, udp; edt now }" },
		{ "conflict", 2,
		  "link { hops 2 }; send stream { headers eth, vlan(tpid 0x9100), ipv4; edt now }" },
		{ "conflict", 2,
		  "link { hops 2 }; send stream { headers eth, vlan, vlan, ipv4; edt now }" },
		{ "", 0, "link { hops 2 }; send stream { headers eth, vlan, ipv6; edt now }" },
		{ "", 0, "link { hops 2 }; send stream { headers eth(type 0x86dd); edt now }" },
		{ "", 0, "link { hops 2 }; send stream { edt now }; expect edt error EOPNOTSUPP" },
		{ "conflict", 2,
		  "link { hops 2 }; send stream { headers eth(src 02:00:00:00:00:01), ipv4; edt now }" },
		{ "conflict", 3,
		  "send stream { headers eth(src 02:00:00:00:00:01), ipv4 }\nexpect edt at a.egress "
		  "unseen" },
		{ "conflict", 3,
		  "send stream { headers eth(type 0x8100) }\nexpect edt at b.ingress unseen" },
	};

	planned_check_rows(packets, sizeof(packets) / sizeof(packets[0]));
}

/* Packets that the kernel refuses are judged by nothing. */
static void test_none_is_valid(void)
{
	static const struct planned_row invalid[] = {
		{ "conflict", 3,
		  "send stream { packets 9; len 9001; headers eth, ipv4 }; expect "
		  "a.tx_invalid_descs == 9\nexpect edt at b.ingress == none" },
		{ "conflict", 3,
		  "send stream { packets 9; len i ? 9001 : 64; headers eth, ipv4 }; expect "
		  "a.tx_invalid_descs == 8\nexpect edt gap at b.ingress > 1us" },
		{ "", 0,
		  "send stream { packets 9; len i ? 9001 : 64; headers eth, ipv4 }; expect "
		  "a.tx_invalid_descs == 8\nexpect edt at b.ingress == none" },
		{ "conflict", 3,
		  "link { hops 2 }; send stream { packets 9; len 9001; headers eth, ipv4; edt now }; "
		  "expect a.tx_invalid_descs == 9\nexpect edt error EINVAL" },
	};

	planned_check_rows(invalid, sizeof(invalid) / sizeof(invalid[0]));
}

/* An error of one stream is not one of the others. */
static void test_error_of(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(&p, "drv",
			"link { hops 2 }\n stream s { headers eth, ipv4; edt 0ns }\n"
			"stream u { headers eth, ipv4; edt 1ns }\n send s\n send u\n"
			"expect edt of s error EINVAL");
	CHECK(edt_error_of(c, &c->flows[0]) && !edt_error_of(c, &c->flows[1]), "of s");
	CHECK_EQ(1, c->edt.n_expects);
	planned_release(&p);
}

int main(void)
{
	RUN(test_protocols);
	RUN(test_none_is_valid);
	RUN(test_error_of);
	return test_end();
}
