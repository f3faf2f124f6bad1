// SPDX-License-Identifier: GPL-2.0-only
/* What sockets of the kernel need to send a stream, and which streams they cannot send. */
#include "plan/plan.h"

#include <sys/socket.h>

#include "tests/planned.h"

static void test_udp(void)
{
	static const uint8_t v4[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	const struct case_plan *c;
	struct planned p;

	c = planned_one(
		&p, "drv",
		"stream x { }\n stream u { len 100; sender udp\n"
		"headers eth, ipv4(src 10.0.0.1, dst 10.0.0.2), udp(dport 9) }\n send x\n send u");
	CHECK_EQ(AF_INET, c->link.stack.family);
	CHECK(!memcmp(c->link.stack.addr[END_A], v4[0], 4), "src");
	CHECK(!memcmp(c->link.stack.addr[END_B], v4[1], 4), "dst");
	CHECK_EQ(2, c->link.stack.mac[END_A]);
	CHECK_EQ(SENDER_UDP, c->flows[1].sender);
	CHECK(c->flows[1].has_receiver, "AF_XDP receives it");
	planned_release(&p);
	c = planned_one(
		&p, "drv",
		"send stream { len 100; sender udp; headers eth, ipv6(src fd00::1, dst fd00::2), "
		"udp } from b to a");
	CHECK_EQ(AF_INET6, c->link.stack.family);
	CHECK_EQ(1, c->link.stack.addr[END_B][15]);
	CHECK_EQ(2, c->link.stack.addr[END_A][15]);
	CHECK_EQ(0xfd, c->link.stack.addr[END_A][0]);
	CHECK_EQ(1, c->link.stack.mac[END_B]);
	planned_release(&p);
}

/* A TCP socket receives what one sends: nothing at b is for AF_XDP, and tc sees all of it. */
static void test_tcp(void)
{
	const struct case_plan *c;
	struct planned p;

	c = planned_one(
		&p, "skb",
		"link { hops 2 }\n send stream { len 100; sender tcp; headers eth, ipv4, tcp }\n"
		"expect edt gap at b.ingress >= 0ns");
	CHECK_EQ(PROGRAM_NONE, c->ends[END_B].program);
	CHECK(!c->flows[0].has_receiver, "no AF_XDP");
	CHECK(!c->link.has_inner[END_B], "no XDP");
	CHECK_EQ(14 + 20 + 20, c->edt.flows[0].hdr_len);
	CHECK_EQ(AF_INET, c->link.stack.family);
	planned_release(&p);
	c = planned_one(&p, "drv",
			"stream x { }\n stream t { len 100; sender tcp; headers eth, ipv4, tcp }\n"
			"program b pass\nsend x\n send t");
	CHECK(!c->flows[0].has_receiver && !c->flows[1].has_receiver, "the stack has all");
	planned_release(&p);
}

#define UDP(headers) "stream u { len 100; sender udp; headers " headers " }\nsend u"

static const struct planned_row rows[] = {
	{ "", 0, UDP("eth, ipv4, udp") },
	{ "conflict", 2, UDP("eth, ipv4, udp(csum i)") },
	{ "conflict", 2, UDP("eth, ipv4, udp(sport i)") },
	{ "conflict", 2, UDP("eth, ipv4, udp(dport i)") },
	{ "conflict", 2, UDP("eth, ipv4(src 10.0.0.0 + i), udp") },
	{ "conflict", 2, UDP("eth, ipv6(hlim 60 + i % 4), udp") },
	{ "conflict", 2, UDP("eth, ipv4, udp") "\nsend u" },
	{ "", 0, "send stream { len 100; sender tcp; headers eth, ipv4, tcp }" },
	{ "conflict", 4,
	  "stream x { }\nstream t { len 100; sender tcp; headers eth, ipv4, tcp }\nsend x; send t" },
	{ "", 0, "send stream { len 100 + i % 2; sender tcp; headers eth, ipv4, tcp }" },
	{ "", 0, "send stream { len 100 + i % 2; sender udp; headers eth, ipv4, udp }" },
	{ "", 0, "stream p { sender packet }\nsend p\nsend p" },
};

static void test_contradictions(void)
{
	planned_check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	RUN(test_udp);
	RUN(test_tcp);
	RUN(test_contradictions);
	return test_end();
}
